"""Pulumi stacks: what is read and refused, what is no declaration, what can't be known, and other clouds' own
packages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.cli import types_table
from drift.declared import recognise
from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.live.estate import Estate
from drift.model import Problem, Resource, Sensitive, Unresolved
from drift.source import Declaration, Loader, Location
from tests.declared.pulumi.exports import (
    ASSET,
    CIPHER,
    SIGNATURE,
    STACK,
    checkpoint,
    export,
    made,
    provider,
    shown,
    urn,
)

ACCOUNT = "123456789012"
ARN = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"


def queue(
    inputs: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    said = {"name": "jobs", "delaySeconds": 5, **(inputs or {})}
    known = {"arn": ARN, "policy": "", **{key: one for key, one in said.items() if key != "__defaults"}}
    return made("aws:sqs/queue:Queue", "jobs", "https://sqs/jobs", said, {**known, **(outputs or {})}, **more)


def load(folder: Path, content: Any, name: str = "dev.json", **options: Any) -> Declaration:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    location = Location(path, path.name, options=options)
    (source,) = recognise(location)
    assert source.name == "pulumi"
    return source.load(location, Loader(plugins.providers()))


def told(folder: Path, *resources: dict[str, Any], **options: Any) -> list[Any]:
    return list(load(folder, export(*resources), **options).resources(Estate(plugins.providers())))


def one(folder: Path, *resources: dict[str, Any], **options: Any) -> Resource:
    (found,) = (each for each in told(folder, *resources, **options) if isinstance(each, Resource))
    return found


def test_inputs_are_declared_and_outputs_tell_what_it_is(tmp_path: Path) -> None:
    found = one(tmp_path, queue(outputs={"receiveWaitTimeSeconds": 20}))
    assert (found.type, found.scope, found.region, found.id) == ("AWS::SQS::Queue", ACCOUNT, "eu-west-1", ARN)
    assert found.attributes["DelaySeconds"] == 5
    assert found.attributes.get("ReceiveMessageWaitTimeSeconds") is None
    assert found.origin is not None
    assert (found.origin.source, found.origin.file) == ("pulumi", "dev.json")
    assert found.origin.address == urn("aws:sqs/queue:Queue", "jobs")


def test_where_the_program_makes_it_is_told(tmp_path: Path) -> None:
    origin = one(tmp_path, queue(sourcePosition="project:///lib/queues.ts#12,5")).origin
    assert origin is not None
    assert (origin.file, origin.line) == ("lib/queues.ts", 12)


def test_what_the_bridge_sets_is_not_peoples(tmp_path: Path) -> None:
    bridge = {"__defaults": ["delaySeconds"], "delaySeconds": 0}
    assert one(tmp_path, queue(bridge)).attributes.get("DelaySeconds") == 0
    other = queue(bridge, {"delaySeconds": 9})
    assert one(tmp_path, other).attributes.get("DelaySeconds") is None


@pytest.mark.parametrize("form", ["checkpoint", "zipped", "version 4"])
def test_other_forms_of_a_stack(tmp_path: Path, form: str) -> None:
    content: Any = export(queue())
    name = "dev.json"
    if form == "checkpoint":
        content = checkpoint(content)
    elif form == "zipped":
        content, name = gzip.compress(json.dumps(checkpoint(content)).encode()), "dev.json.gz"
    else:
        content = {**content, "version": 4, "features": ["refreshBeforeUpdate"]}
    found = load(tmp_path, content, name).resources(Estate(plugins.providers()))
    assert [each.id for each in found if isinstance(each, Resource)] == [ARN]


def test_a_backends_folder_is_read_without_what_was(tmp_path: Path) -> None:
    for part in ("stacks/shop", "history/shop/dev", "backups/shop/dev", "locks"):
        (tmp_path / part).mkdir(parents=True)
        (tmp_path / part / "dev.json").write_text(json.dumps(checkpoint(export(queue()))))
    (tmp_path / "stacks" / "shop" / "broken.json").write_text('{"version": 3, "deployment": {"manifest": ')
    location = Location(tmp_path, ".pulumi")
    (source,) = recognise(location)
    found = list(source.load(location, Loader(plugins.providers())).resources(Estate(plugins.providers())))
    assert sum(isinstance(each, Resource) for each in found) == 1
    (problem,) = (each for each in found if isinstance(each, Problem))
    assert ".pulumi/stacks/shop/broken.json:1: the export of the stack is no valid JSON" in problem.message


def test_what_is_no_declaration(tmp_path: Path) -> None:
    component = {"urn": urn("my:index:Site", "site"), "custom": False, "type": "my:index:Site"}
    others = [
        component,
        queue(external=True),
        made("random:index/randomId:RandomId", "id", "x", {"byteLength": 4}, {"hex": "00"}),
        {
            "urn": STACK.replace("Stack", "StackReference"),
            "custom": True,
            "type": "pulumi:pulumi:StackReference",
        },
    ]
    assert told(tmp_path, *others) == []


def test_what_is_going_is_not_compared(tmp_path: Path) -> None:
    found = told(tmp_path, queue(delete=True))
    (left,) = (each for each in found if isinstance(each, Resource))
    assert (left.partial, left.attributes) == (True, {})
    (why,) = (each for each in found if isinstance(each, Unverifiable))
    assert why.reason.startswith("deposed")


def test_unknown_packages_and_types_are_counted(tmp_path: Path) -> None:
    strange = made("acme:index/thing:Thing", "t", "t-1", {}, {})
    newer = made("aws:nova/soon:Soon", "s", "s-1", {}, {})
    found = told(tmp_path, strange, newer)
    assert [(each.provider, each.type) for each in found] == [
        ("acme", "acme:index/thing:Thing"),
        ("aws", "aws:nova/soon:Soon"),
    ]


def test_a_secret_is_unverifiable_and_a_shown_one_hidden(tmp_path: Path) -> None:
    found = one(tmp_path, queue({"delaySeconds": CIPHER}, {"delaySeconds": CIPHER}))
    assert isinstance(found.attributes["DelaySeconds"], Unresolved)
    (tmp_path / "more").mkdir()
    token = "not-for-people-9931"
    lambda_arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    said = {"name": "f", "code": ASSET, "environment": {"variables": {"TOKEN": shown(token), "MODE": "a"}}}
    function = made(
        "aws:lambda/function:Function",
        "f",
        "f",
        said,
        {"arn": lambda_arn, **{k: said[k] for k in ("name", "environment")}},
    )
    declaration = load(tmp_path / "more", export(function))
    resources = [
        each for each in declaration.resources(Estate(plugins.providers())) if isinstance(each, Resource)
    ]
    assert resources[0].attributes["Environment"]["Variables"] == {"TOKEN": Sensitive(token), "MODE": "a"}
    assert token in set(declaration.secrets())
    hidden = {"name": "f", "environment": CIPHER}
    whole = one(
        tmp_path, made("aws:lambda/function:Function", "f", "f", hidden, {"arn": lambda_arn, **hidden})
    )
    assert isinstance(whole.attributes["Environment"]["Variables"], Unresolved)


def test_a_value_of_an_unknown_kind_is_not_known(tmp_path: Path) -> None:
    odd = {SIGNATURE: ["what is this"]}
    found = one(tmp_path, queue({"delaySeconds": odd}, {"delaySeconds": odd}))
    assert isinstance(found.attributes["DelaySeconds"], Unresolved)


def test_ignored_changes_are_a_rule(tmp_path: Path) -> None:
    declaration = load(tmp_path, export(queue(ignoreChanges=["delaySeconds", 'tags["a.b"]'])))
    list(declaration.resources(Estate(plugins.providers())))
    (rule,) = declaration.rules()
    assert "Pulumi ignores changes of" in rule.note.reason
    assert rule.said.paths == (("delay_seconds",), ("tags", "a.b"))  # type: ignore[attr-defined]


def test_the_providers_own_options_lend_a_place_and_tags(tmp_path: Path) -> None:
    own = provider("aws", region="eu-central-1", defaultTags='{"tags":{"team":"shop"}}')
    bucket = made(
        "aws:s3/bucket:Bucket",
        "b",
        "b-1",
        {"bucket": "b-1"},
        {"bucket": "b-1", "arn": "arn:aws:s3:::b-1", "tagsAll": {"team": "x"}},
    )
    found = one(tmp_path, own, bucket, scope=ACCOUNT)
    assert found.scope == ACCOUNT
    assert found.attributes["Tags"] == [{"Key": "team", "Value": "shop"}]


def test_blocks_are_lists_again(tmp_path: Path) -> None:
    rules = [{"id": "old", "enabled": True, "expiration": {"days": 30}}]
    said = {
        "bucket": "b",
        "lifecycleRules": rules,
        "versioning": {"enabled": True},
        "tags": {"camelCase": "kept"},
    }
    found = one(tmp_path, made("aws:s3/bucket:Bucket", "b", "b", said, {"arn": "arn:aws:s3:::b", **said}))
    assert found.attributes["VersioningConfiguration"] == {"Status": "Enabled"}
    assert found.attributes["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30
    assert found.attributes["Tags"] == [{"Key": "camelCase", "Value": "kept"}]


def test_native_packages(tmp_path: Path) -> None:
    group = "/subscriptions/s1/resourceGroups/shop"
    account = made(
        "azure-native:storage:StorageAccount",
        "data",
        f"{group}/providers/Microsoft.Storage/storageAccounts/data1",
        {
            "accountName": "data1",
            "resourceGroupName": "shop",
            "location": "westeurope",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "minimumTlsVersion": "TLS1_2",
            "tags": {"a": "b"},
        },
        {"azureApiVersion": "2024-01-01"},
    )
    deployment = made(
        "kubernetes:apps/v1:Deployment",
        "web",
        "shop/web",
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 2}},
        {},
        ignoreChanges=["spec.replicas"],
    )
    bucket = made(
        "google-native:storage/v1:Bucket",
        "b",
        "b",
        {"name": "b", "project": "acme", "location": "EU"},
        {"selfLink": "https://www.googleapis.com/storage/v1/b/b", "name": "b"},
    )
    function = made(
        "aws-native:lambda:Function",
        "f",
        "f",
        {
            "functionName": "f",
            "memorySize": 128,
            "environment": {"variables": {"camelCase": "x"}},
            "vpcConfig": {"subnetIds": ["s"]},
        },
        {"arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"},
    )
    declaration = load(tmp_path, export(account, deployment, bucket, function))
    assert declaration.versions() == {"Microsoft.Storage/storageAccounts": "2024-01-01"}
    found = {
        each.provider: each
        for each in declaration.resources(Estate(plugins.providers()))
        if isinstance(each, Resource)
    }
    assert found["azure"].type == "Microsoft.Storage/storageAccounts"
    assert found["azure"].attributes == {
        "location": "westeurope",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "tags": {"a": "b"},
        "properties": {"minimumTlsVersion": "TLS1_2"},
    }
    assert (found["kubernetes"].type, found["kubernetes"].id) == ("apps/v1/Deployment", "shop/web")
    assert isinstance(found["kubernetes"].attributes["spec"]["replicas"], Unresolved)
    assert (found["gcp"].type, found["gcp"].id) == (
        "storage.googleapis.com/Bucket",
        "//storage.googleapis.com/b",
    )
    assert found["aws"].attributes["Environment"] == {"Variables": {"camelCase": "x"}}
    assert found["aws"].attributes["VpcConfig"] == {"SubnetIds": ["s"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"version": 2, "deployment": {"manifest": {}, "resources": []}}, "version 2 of a stack's export"),
        ({"version": 3, "deployment": {"manifest": {}, "resources": {}}}, "are not as Pulumi writes them"),
        (
            {"version": 3, "deployment": {"manifest": {}, "resources": [{"urn": 1}]}},
            "are not as Pulumi writes",
        ),
        (b'{"version": 3, "deployment": {"manifest": {}', "is no valid JSON"),
        (gzip.compress(b'{"version": 3, "checkpoint": {"stack": "a"}}', mtime=0)[:-9], "can't be unpacked"),
    ],
)
def test_what_is_refused_is_named(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(DeclaredError, match=r"dev\.json") as error:
        load(tmp_path, content)
    assert said in str(error.value)


def test_a_project_without_its_stack_says_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: nodejs\n")
    for path in (tmp_path, tmp_path / "Pulumi.yaml"):
        with pytest.raises(DeclaredError, match="pulumi stack export"):
            recognise(Location(path, "infra"))


def test_what_hung_is_said(tmp_path: Path) -> None:
    content = export(queue(), pending_operations=[{"type": "creating", "resource": {}}])
    assert "1 operations of the stack shop/dev were interrupted" in load(tmp_path, content).notes[0]


def test_how_deeply_each_type_is_compared(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(
        json.dumps(export(queue(), made("acme:index/thing:Thing", "t", "t", {}, {})))
    )
    told = types_table.of_states([tmp_path / "dev.json"])
    assert told.splitlines() == [
        "compared by attribute (1 resource, 1 type)",
        "       1  aws:sqs/queue:Queue                          AWS::SQS::Queue",
        "not compared at all (1 resource, 1 type)",
        "       1  acme:index/thing:Thing",
    ]
