"""Terraform state: what is read, what is refused, where a resource is, and what is secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.config.entry import DeclaredEntry
from drift.declared import load, locate, recognise
from drift.errors import DriftError
from drift.finding import Unverifiable
from drift.live.estate import Estate
from drift.model import Problem, Resource, Sensitive
from drift.source import Loader, Location
from providers.aws.facts import catalogue
from tests import shared
from tests.conftest import Drift, client
from tests.rules import support

RECORDING = "recordings/terraform-state"
ACCOUNT = "123456789012"
LOCAL = 'provider["registry.terraform.io/hashicorp/random"]'
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'


def queue(name: str, region: str = "eu-west-1", **more: Any) -> dict[str, Any]:
    return {"arn": f"arn:aws:sqs:{region}:{ACCOUNT}:{name}", "name": name, "policy": "", **more}


def state(*resources: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 4, "terraform_version": "1.9.0", "lineage": "l", "resources": list(resources), **more}


def managed(type_: str, name: str, *instances: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider": PROVIDER,
        "instances": list(instances),
        **more,
    }


def instance(attributes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema_version": 0, "attributes": attributes, **more}


def read(path: Path, content: Any, **options: Any) -> list[Any]:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    location = Location(path, path.name, options=options)
    providers = plugins.providers()
    declaration = recognise(location)[0].load(location, Loader(providers))
    return list(declaration.resources(Estate(providers)))


def complaint(path: Path, content: Any) -> str:
    with pytest.raises(DriftError) as error:
        read(path, content)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prod.tfstate"


def test_a_resource_knows_its_address_account_and_region(file: Path) -> None:
    (found,) = read(
        file, state(managed("aws_sqs_queue", "jobs", instance(queue("jobs")), module="module.a[0]"))
    )
    assert (found.type, found.scope, found.region, found.name) == (
        "AWS::SQS::Queue",
        ACCOUNT,
        "eu-west-1",
        "jobs",
    )
    assert str(found.origin) == "prod.tfstate (module.a[0].aws_sqs_queue.jobs)"


def test_addresses_of_count_and_for_each(file: Path) -> None:
    counted = managed("aws_sqs_queue", "a", *(instance(queue(f"a{n}"), index_key=n) for n in range(2)))
    each = managed("aws_sqs_queue", "b", instance(queue("b"), index_key="x.y"))
    found = read(file, state(counted, each))
    assert [one.origin.address for one in found] == [
        "aws_sqs_queue.a[0]",
        "aws_sqs_queue.a[1]",
        'aws_sqs_queue.b["x.y"]',
    ]


def test_keys_are_escaped_as_terraform_does(file: Path) -> None:
    keys = ['x"y', "a\\b", "${c}", "%{d}", "e$f", "g\nh\t", "\x07\u200b", "\U000e0001", "ü ß", ""]
    each = managed("aws_sqs_queue", "b", *(instance(queue("b"), index_key=key) for key in keys))
    each["module"] = 'module.a["x\\"y"]'
    expected = [
        r"x\"y", r"a\\b", "$${c}", "%%{d}", "e$f", r"g\nh\t", r"\u0007\u200b", r"\U000e0001", "ü ß", "",
    ]  # fmt: skip
    assert [one.origin.address for one in read(file, state(each))] == [
        rf'module.a["x\"y"].aws_sqs_queue.b["{key}"]' for key in expected
    ]


def test_a_deposed_instance_is_known_and_never_missing(tmp_path: Path) -> None:
    gone, there = queue("gone"), queue("there")
    declared = managed(
        "aws_sqs_queue",
        "a",
        instance(queue("a")),
        instance(gone, deposed="1a2b3c4d"),
        instance(there, deposed="5e6f7a8b"),
    )
    files: dict[str, Any] = {
        "base.tfstate": json.dumps(state(declared)),
        "live.yaml": [support.queue("a"), support.queue("there")],
    }
    support.write(tmp_path, json.loads(json.dumps(files).replace(ACCOUNT, support.ACCOUNT)))
    report = support.scan(tmp_path, declared="base.tfstate").report
    assert report["findings"] == []
    assert {
        (one["resource_id"].rpartition(":")[2], one["reason"])
        for one in report["unverifiable"]
        if not one["path"]
    } == {
        (name, "deposed: the next apply deletes it, so nothing of it is compared")
        for name in ("gone", "there")
    }


def test_what_declares_nothing_is_left_out(file: Path) -> None:
    found = read(
        file,
        state(
            {**managed("aws_sqs_queue", "b", instance(queue("b"))), "mode": "data"},
            managed("random_id", "c", instance({"id": "x"}), provider=LOCAL),
        ),
    )
    assert found == []


def test_another_publishers_provider_of_a_local_ones_name_stays_visible(file: Path) -> None:
    other = 'provider["registry.terraform.io/acme/random"]'
    (found,) = read(file, state(managed("random_pet", "a", instance({"id": "x"}), provider=other)))
    assert (found.provider, found.type) == ("random", "random_pet")
    builtin = 'provider["terraform.io/builtin/terraform"]'
    assert read(file, state(managed("terraform_data", "a", instance({"id": "x"}), provider=builtin))) == []


def test_a_provider_that_nobody_knows_stays_visible(file: Path) -> None:
    stranger = 'provider["registry.terraform.io/digitalocean/digitalocean"].fra'
    (found,) = read(
        file, state(managed("digitalocean_droplet", "d", instance({"id": "7"}), provider=stranger))
    )
    assert (found.provider, found.type, found.id) == ("digitalocean", "digitalocean_droplet", "7")


def test_an_unsupported_type_stays_visible(file: Path) -> None:
    (found,) = read(file, state(managed("aws_no_such_thing", "a", instance({"id": "x"}))), scope=ACCOUNT)
    assert (found.type, found.id, found.name, found.scope) == (
        "aws_no_such_thing", "x", "aws_no_such_thing.a", ACCOUNT,
    )  # fmt: skip


def test_siblings_of_the_same_provider_lend_account_and_region(file: Path) -> None:
    other = PROVIDER + ".usa"
    found = read(
        file,
        state(
            managed("aws_sqs_queue", "a", instance(queue("a", "eu-west-1"))),
            managed("aws_sqs_queue", "b", instance(queue("b", "us-west-2")), provider=other),
            managed("aws_no_such_thing", "c", instance({"id": "c"})),
            managed("aws_no_such_thing", "d", instance({"id": "d"}), provider=other),
        ),
        region="ap-south-1",
    )
    assert {one.id: (one.scope, one.region) for one in found[2:]} == {
        "c": (ACCOUNT, "eu-west-1"),
        "d": (ACCOUNT, "us-west-2"),
    }


def test_without_siblings_the_entry_tells_account_and_region(file: Path) -> None:
    content = state(managed("aws_no_such_thing", "c", instance({"id": "c"})))
    (found,) = read(file, content, scope="1", region="r")
    assert (found.scope, found.region) == ("1", "r")
    (found,) = read(file, content)
    assert (found.scope, found.region) == ("", None)


def test_sensitive_attributes_are_wrapped_wherever_they_get_to(file: Path) -> None:
    attributes = queue(
        "a", tags_all={"Note": "hunter22-horse", "Long": "is hunter22-horse, yes", "Other": "x"}
    )
    path = [
        {"type": "get_attr", "value": "tags_all"},
        {"type": "index", "value": {"value": "Note", "type": "string"}},
    ]
    (found,) = read(
        file, state(managed("aws_sqs_queue", "a", instance(attributes, sensitive_attributes=[path])))
    )
    values = {tag["Key"]: tag["Value"] for tag in found.attributes["Tags"]}
    assert {key: isinstance(value, Sensitive) for key, value in values.items()} == {
        "Note": True,
        "Long": True,
        "Other": False,
    }


def test_sensitive_numbers_are_hidden_too(file: Path) -> None:
    attributes = queue("a", message_retention_seconds=86413)
    path = [{"type": "get_attr", "value": "message_retention_seconds"}]
    (found,) = read(
        file, state(managed("aws_sqs_queue", "a", instance(attributes, sensitive_attributes=[path])))
    )
    assert found.attributes["MessageRetentionPeriod"] == Sensitive(86413)


def test_odd_marks_of_sensitivity_are_no_error(file: Path) -> None:
    odd = [[], None, [{"type": "get_attr", "value": "nothing"}], [{"type": "index", "value": {"value": 7}}]]
    content = state(managed("aws_sqs_queue", "a", instance(queue("a"), sensitive_attributes=odd)))
    assert len(read(file, content)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            state(version=5) | {"version": 5},
            "prod.tfstate: state version 5 is not supported, only 4; run a newer drift",
        ),
        (
            state() | {"version": 3},
            "prod.tfstate: state version 3 is not supported, only 4; run `terraform apply`",
        ),
        (state() | {"version": "4"}, "prod.tfstate: state version 4 is not supported, only 4; "),
        (
            '{"version": 4,\n "lineage": "l",\n "terraform_version"',
            "prod.tfstate:3: the state is no valid JSON: ",
        ),
        ("", "prod.tfstate: is empty: no apply yet, or cut off"),
        ([], "prod.tfstate: this is no Terraform state: it has no 'version'"),
        ({}, "prod.tfstate: this is no Terraform state: it has no 'version'"),
        (state("x"), "prod.tfstate: this is no Terraform state: its 'resources' are not"),  # type: ignore[arg-type]
        (
            state() | {"resources": {"a": 1}},
            "prod.tfstate: this is no Terraform state: its 'resources' are not",
        ),
        (state({"mode": "managed"}), "prod.tfstate: this is no Terraform state: its 'resources' are not"),
        (state(managed("aws_sqs_queue", "a", "x")), "prod.tfstate: this is no Terraform state: its"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_state(file: Path, content: Any, said: str) -> None:
    assert complaint(file, content).startswith(said)


def test_an_instance_that_can_not_be_translated_is_told_and_the_others_are_read(file: Path) -> None:
    found = read(
        file,
        state(
            managed("aws_sqs_queue", "old", {"schema_version": 0, "attributes_flat": {"a": "b"}}),
            managed("aws_sqs_queue", "odd", instance({**queue("x"), "tags_all": 5})),
            managed("aws_sqs_queue", "good", instance(queue("good"))),
        ),
    )
    problems = [one.message for one in found if isinstance(one, Problem)]
    assert len(problems) == 2
    assert problems[0] == "prod.tfstate: aws_sqs_queue.old: an instance without attributes"
    assert problems[1].startswith("prod.tfstate: aws_sqs_queue.odd: can't be translated: ")
    assert [one.name for one in found if isinstance(one, Resource)] == ["good"]


def test_a_folder_of_states(tmp_path: Path) -> None:
    for name in (
        "a/terraform.tfstate",
        "b/c/prod.tfstate",
        "a/.terraform/terraform.tfstate",
        "a/x.tfstate.backup",
    ):
        (tmp_path / "states" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "states" / name).write_text(
            json.dumps(state(managed("aws_sqs_queue", "q", instance(queue(name)))))
        )
    location = locate(DeclaredEntry(path="states"), tmp_path, {}, {})
    providers = plugins.providers()
    declaration = recognise(location)[0].load(location, Loader(providers))
    files = [one.origin.file for one in declaration.resources(Estate(providers))]
    assert files == ["states/a/terraform.tfstate", "states/b/c/prod.tfstate"]
    assert declaration.types() == {("aws", "AWS::SQS::Queue")}


def test_a_file_that_nothing_recognises(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(DriftError, match=r"x.txt: not recognised as any declared source"):
        load([DeclaredEntry(path="x.txt")], tmp_path, plugins.providers(), {})


def test_from_a_bucket(aws: str, tmp_path: Path, drift: Drift) -> None:
    client(aws, "s3").create_bucket(Bucket="states")
    content = json.dumps(state(managed("aws_sqs_queue", "q", instance(queue("from-s3", "us-east-1")))))
    client(aws, "s3").put_object(Bucket="states", Key="prod/terraform.tfstate", Body=content.encode())
    config = "version: 1\ndeclared: [{path: 's3://states/%s'}]\nlive: {aws: {include: ['AWS::SQS::Queue']}}"
    (tmp_path / "drift.yaml").write_text(config % "prod/terraform.tfstate")
    ran = drift("scan", "-o", "out", "--only", "from-s3", endpoint=aws)
    assert ran.findings() == {("missing", "from-s3"): []}
    assert ran.report["findings"][0]["declared_at"]["file"] == "s3://states/prod/terraform.tfstate"
    (tmp_path / "drift.yaml").write_text(config % "prod/nothing")
    assert (
        "s3://states/prod/nothing: can't be read: s3:GetObject: NoSuchKey"
        in drift("scan", endpoint=aws).complaint
    )


def test_what_lies_below_a_place_in_a_bucket_is_read_as_a_folder(
    aws: str, tmp_path: Path, drift: Drift
) -> None:
    s3 = client(aws, "s3")
    s3.create_bucket(Bucket="below")
    for key in ("shop/default", "env:/staging/shop/default", "web.tfstate", "a/../../b.tfstate"):
        name = key.replace("/", "-").replace(":", "").replace(".", "")
        content = state(managed("aws_sqs_queue", "q", instance(queue(name, "us-east-1"))))
        s3.put_object(Bucket="below", Key=f"team/{key}", Body=json.dumps(content).encode())
    for key in ("team/empty.tfstate", "team/", "team/notes.md", "team/.hidden/x.tfstate", "other/x.tfstate"):
        s3.put_object(Bucket="below", Key=key, Body=b"")
    config = "version: 1\ndeclared: [{path: 's3://below/%s'}]\nlive: {aws: {include: ['AWS::SQS::Queue']}}"
    (tmp_path / "drift.yaml").write_text(config % "team/")
    ran = drift("scan", "-o", "out", "--only", "*[!z]", endpoint=aws)
    assert [one["message"] for one in ran.report["problems"]] == [
        "s3://below/team/empty.tfstate: is empty: no apply yet, or cut off"
    ]
    assert {one["declared_at"]["file"] for one in ran.report["findings"] if one["kind"] == "missing"} == {
        "s3://below/team/shop/default",
        "s3://below/team/env:/staging/shop/default",
        "s3://below/team/web.tfstate",
        "s3://below/team/a/_/_/b.tfstate",
    }
    for place, said in (
        ("nothing/", "s3://below/nothing/: no file below it may be read (0 others are there)"),
        ("other/", "s3://below/other/x.tfstate: is empty: no apply yet, or cut off"),
    ):
        (tmp_path / "drift.yaml").write_text(config % place)
        assert drift("scan", endpoint=aws).complaint == said


@shared.needs(RECORDING)
def test_every_recorded_state_is_read_and_translated() -> None:
    providers = plugins.providers()
    seen = 0
    for path in shared.files(RECORDING, "**/*.tfstate"):
        location = Location(path, path.name, options={"scope": ACCOUNT, "region": "us-east-1"})
        declaration = recognise(location)[0].load(location, Loader(providers))
        found = list(declaration.resources(Estate(providers)))
        unknown = [one for one in found if isinstance(one, Unverifiable)]
        left_out = {one.path for one in unknown if not catalogue().is_by_schema(one.type)}
        # The OpenAPI document of an API makes resources and methods that nobody declares one by one.
        assert left_out <= {"/associate_with_private_ip", "/body", "/filename", "/name"}, path
        found = [one for one in found if not isinstance(one, Unverifiable)]
        assert all(isinstance(one, Resource) for one in found), path
        json.dumps([one.record() for one in found], default=repr)
        seen += len(found)
    assert seen > 50
