"""What macros, modules and inclusions make of a template, as far as the stack or a file tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.live.estate import Estate
from drift.live.write_snapshot import header
from drift.redaction import Redactor
from providers.aws.asked import Asked
from providers.aws.cloudformation import recorded
from providers.aws.cloudformation.alike import alike
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import read

from .support import Live, declared, load, queue_url, stack

MACRO = """\
Transform: [Acme::Defaults]
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: 5
"""
MODULE = """\
Resources:
  Jobs: {Type: 'Acme::Queues::Standard::MODULE', Properties: {Delay: 5}}
"""


def plain(text: str) -> Any:
    return json.loads(json.dumps(parse(text.encode(), "t")))


def deployed(text: str, processed: dict[str, Any] | None, **resources: tuple[str, str]) -> Live:
    more = {} if processed is None else {"processed": processed}
    return Live([stack(resources=resources, template=plain(text), **more)])


JOBS = ("AWS::SQS::Queue", queue_url("jobs"))


def test_a_macro_is_known_by_the_processed_template_of_the_stack(tmp_path: Path) -> None:
    made = {
        "Resources": {
            "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5, "KmsMasterKeyId": "k"}},
            "JobsDead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}},
        }
    }
    live = deployed(MACRO, made, Jobs=JOBS, JobsDead=("AWS::SQS::Queue", queue_url("dead")))
    resources, unverifiable, _ = declared(load(tmp_path, MACRO, stack="s"), live)
    assert unverifiable == {}
    assert resources["Jobs"].attributes == {"DelaySeconds": 5, "KmsMasterKeyId": "k"}
    origin = resources["Jobs"].origin
    assert origin is not None
    assert (origin.line, origin.lines["/DelaySeconds"]) == (3, 6)
    assert resources["JobsDead"].origin is not None
    assert resources["JobsDead"].origin.line == 3


def test_a_macro_is_not_known_where_another_template_was_deployed(tmp_path: Path) -> None:
    live = deployed(MACRO, plain(MACRO), Jobs=JOBS)
    resources, unverifiable, _ = declared(load(tmp_path, MACRO.replace("5", "6"), stack="s"), live)
    assert resources["Jobs"].attributes == {}
    assert "pending: the stack was deployed with another template" in unverifiable["Jobs"].reason


def test_why_a_template_could_not_be_read_is_said(tmp_path: Path) -> None:
    live = Live([stack(resources={"Jobs": JOBS}, template_unread="cloudformation:GetTemplate: AccessDenied")])
    _, unverifiable, _ = declared(load(tmp_path, MACRO, stack="s"), live)
    assert "GetTemplate: AccessDenied" in unverifiable["Jobs"].reason


def test_a_module_is_known_by_the_processed_template_of_the_stack(tmp_path: Path) -> None:
    made = {"Resources": {"JobsQueue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}}}
    live = deployed(MODULE, made, JobsQueue=JOBS)
    resources, unverifiable, _ = declared(load(tmp_path, MODULE, stack="s"), live)
    assert unverifiable == {}
    assert resources["JobsQueue"].attributes == {"DelaySeconds": 5}
    assert resources["JobsQueue"].origin is not None
    assert resources["JobsQueue"].origin.line == 2


INCLUDING = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: 5
      Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: %s}}
"""


@pytest.mark.parametrize("where", ["more.yaml", "s3://snippets/more.yaml"])
def test_what_is_included_is_put_in(tmp_path: Path, where: str) -> None:
    (tmp_path / "more.yaml").write_text("VisibilityTimeout: !Ref Wait\nDelaySeconds: 9\n")
    text = "Parameters: {Wait: {Type: Number, Default: 30}}\n" + INCLUDING % where
    included = {"VisibilityTimeout": {"Ref": "Wait"}, "DelaySeconds": 9}
    live = Live(
        [stack(resources={"Jobs": JOBS})], objects={"s3://snippets/more.yaml": {"template": included}}
    )
    templates = load(tmp_path, text, stack="s")
    resources, unverifiable, _ = declared(templates, live)
    assert unverifiable == {}
    assert resources["Jobs"].attributes == {"DelaySeconds": 5, "VisibilityTimeout": 30}
    asked = {word for _, word in templates.asks()}
    assert ("object s3://snippets/more.yaml" in asked) is where.startswith("s3:")


def test_what_is_included_and_not_known_is_unverifiable(tmp_path: Path) -> None:
    text = INCLUDING % "s3://snippets/none.yaml"
    _, unverifiable, _ = declared(load(tmp_path, text, stack="s"), Live([stack(resources={"Jobs": JOBS})]))
    assert "Fn::Transform" in unverifiable["Jobs"].reason


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (MACRO.replace("DelaySeconds: 5", "DelaySeconds: '5'"), True),
        (MACRO.replace("[Acme::Defaults]", "Acme::Defaults"), True),
        (MACRO.replace("    Properties", "    Metadata: {a: 1}\n    Properties"), True),
        (MACRO.replace("Acme", "Other"), False),
        (MACRO.replace("Jobs", "Work"), False),
    ],
)
def test_templates_are_the_same_by_what_they_deploy(tmp_path: Path, other: str, *, same: bool) -> None:
    (tmp_path / "t.yaml").write_text(MACRO)
    assert alike(read(tmp_path / "t.yaml", "t.yaml"), plain(other)) is same


def test_what_is_uploaded_when_it_is_packaged_is_the_same(tmp_path: Path) -> None:
    text = "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {Code: %s, Role: r}}}\n"
    (tmp_path / "t.yaml").write_text(text % "./src")
    written = read(tmp_path / "t.yaml", "t.yaml")
    assert alike(written, plain(text % "{S3Bucket: b, S3Key: k}"))
    assert not alike(written, plain((text % "./src").replace("Role: r", "Role: x")))


def test_secrets_of_a_template_stay_where_they_are() -> None:
    text = """\
Parameters: {P: {Type: String, NoEcho: true, Default: hunter2}}
Resources: {D: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: s3cr3t-Pa55word, Port: 5432}}}
"""
    found = recorded.plain(text, "t")
    assert "hunter2" not in repr(found) and "Pa55word" not in repr(found)
    assert found["Resources"]["D"]["Properties"]["Port"] == 5432


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://b.s3.eu-west-1.amazonaws.com/x/t.yaml", ("b", "x/t.yaml")),
        ("https://s3.amazonaws.com/b/x/t.yaml", ("b", "x/t.yaml")),
        ("https://s3-eu-west-1.amazonaws.com/b/t.yaml", ("b", "t.yaml")),
        ("https://b.s3.cn-north-1.amazonaws.com.cn/t.yaml", ("b", "t.yaml")),
        ("https://b.s3.dualstack.eu-west-1.amazonaws.com/t.yaml", ("b", "t.yaml")),
        ("s3://b/t.yaml", ("b", "t.yaml")),
        ("https://example.com/b/t.yaml", None),
        ("./t.yaml", None),
    ],
)
def test_urls_of_s3(url: str, place: tuple[str, str] | None) -> None:
    found = recorded.place_of(url)
    assert (None if found is None else (found["Bucket"], found["Key"])) == place


def test_a_version_of_an_object() -> None:
    found = recorded.place_of("https://b.s3.amazonaws.com/t.yaml?versionId=v1")
    assert found == {"Bucket": "b", "Key": "t.yaml", "VersionId": "v1"}


def test_stacks_that_are_asked_for() -> None:
    def one(name: str, parent: str | None = None, *members: str) -> dict[str, Any]:
        return {"name": name, "id": f"arn:{name}", "parent": parent, "resources": dict.fromkeys(members)}

    stacks = [
        one("a"),
        one("b", "arn:a"),
        one("c", "arn:b"),
        one("d", None, "Jobs"),
        one("e", "arn:d"),
        one("f"),
    ]
    asked = Asked.of({"stack a", "object s3://b/k", "stack-set s"})
    assert [each["name"] for each in asked.deployed(stacks)] == ["a", "b", "c"]
    assert (asked.objects, asked.sets) == ({"s3://b/k"}, {"s"})
    assert [each["name"] for each in Asked.of({"members Jobs,Other"}).deployed(stacks)] == ["d", "e"]


def test_what_an_entry_names_as_a_secret_is_not_kept() -> None:
    entries = [{"Name": "DB_PASSWORD", "Value": "pw12345"}, {"Name": "STAGE", "Value": "prod"}]
    kept = recorded.masked(
        {"Environment": entries, "Parameter": {"Name": "/db/password", "Value": {"Ref": "Pw"}}}
    )
    assert [one["Value"] for one in kept["Environment"]] == ["****", "prod"]
    assert kept["Parameter"]["Value"] == {"Ref": "Pw"}


def test_variables_of_a_kept_template_are_hidden_where_they_leave(tmp_path: Path) -> None:
    """Nothing of a name or a look tells that such a value is no secret; the template is still known again."""
    text = (
        "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
        "      ContainerDefinitions:\n        - Name: web\n"
        "          Environment: [{Name: HMM, Value: xylophone-one}]\n"
        "  Job:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Environment: {Variables: {HMM: xylophone-two, LOG_LEVEL: info}}\n"
    )
    (tmp_path / "t.yaml").write_text(text)
    estate = Estate(plugins.providers())
    estate.contexts["aws"]["stacks"] = [{"name": "s", "template": recorded.plain(text, "t.yaml")}]
    context = header(estate, Redactor("key"))["context"]
    assert "xylophone" not in json.dumps(context) and "info" in json.dumps(context)
    deployed = context["aws"]["stacks"][0]["template"]
    assert alike(read(tmp_path / "t.yaml", "t.yaml"), deployed)
    deployed["Resources"]["Job"]["Properties"]["Environment"]["Variables"]["LOG_LEVEL"] = "debug"
    assert not alike(read(tmp_path / "t.yaml", "t.yaml"), deployed)
