"""Nested stacks, transforms, macros and loops: what is not in the template itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .support import NESTED, PARENT, QUEUE, REGION, Live, declared, load, queue_url, stack, types_of


def nested_stacks() -> list[dict[str, Any]]:
    child = stack(
        "child", resources={"Q": ("AWS::SQS::Queue", queue_url("q"))}, outputs={"Url": queue_url("q")}
    )
    members = {"Child": ("AWS::CloudFormation::Stack", child["id"]), "User": ("AWS::New::Thing", "u")}
    parent = stack("parent", resources=members)
    return [parent, {**child, "parent": parent["id"]}]


def test_a_nested_template_is_read_where_it_lies(tmp_path: Path) -> None:
    load(tmp_path, NESTED, "nested/q.yaml")
    templates = load(tmp_path, PARENT.replace("WHERE", "./nested/q.yaml"), stack="parent")
    resources, unverifiable, problems = declared(templates, Live(nested_stacks()))
    assert (unverifiable, problems) == ({}, [])
    queue = resources["Child/Q"]
    assert (queue.id, queue.attributes) == (queue_url("q"), {"DelaySeconds": 5})
    assert queue.origin is not None
    assert (queue.origin.file, queue.origin.line) == ("nested/q.yaml", 2)
    assert resources["User"].attributes == {"Q": queue_url("q")}
    assert ("aws", "AWS::SQS::Queue") in templates.types()


def test_a_nested_template_elsewhere_leaves_its_members_unverified(tmp_path: Path) -> None:
    templates = load(tmp_path, PARENT.replace("WHERE", "https://x.s3.amazonaws.com/q.yaml"), stack="parent")
    resources, unverifiable, _ = declared(templates, Live(nested_stacks()))
    assert "not a local file" in unverifiable["Child"].reason
    assert "in the nested stack Child" in unverifiable["Child/Q"].reason
    assert (resources["Child/Q"].id, resources["Child/Q"].partial) == (queue_url("q"), True)


def test_a_template_that_nests_itself_ends(tmp_path: Path) -> None:
    templates = load(tmp_path, PARENT.replace("WHERE", "template.yaml"), region=REGION)
    _, unverifiable, _ = declared(templates)
    assert any("in a circle" in one.reason for one in unverifiable.values())
    assert templates.types()


SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Fn}}
"""


def test_what_sam_makes_is_unverifiable_and_plain_resources_are_judged(tmp_path: Path) -> None:
    members = {
        "Fn": ("AWS::Lambda::Function", "s-Fn-1"),
        "FnRole": ("AWS::IAM::Role", "s-FnRole-1"),
        "Jobs": ("AWS::SQS::Queue", queue_url("jobs")),
    }
    resources, unverifiable, _ = declared(load(tmp_path, SAM), Live([stack(resources=members)]))
    assert resources["Jobs"].attributes == {"QueueName": "s-Fn-1"}
    assert (unverifiable["Fn"].type, unverifiable["Fn"].resource_id) == ("AWS::Lambda::Function", "s-Fn-1")
    assert "made by AWS::Serverless-2016-10-31" in unverifiable["FnRole"].reason
    _, unverifiable, _ = declared(load(tmp_path, SAM, region=REGION))
    assert "expanded by a transform" in unverifiable["Fn"].reason


def test_a_macro_may_have_rewritten_everything(tmp_path: Path) -> None:
    text = "Transform: [Mine]\n" + QUEUE
    live = Live([stack(resources={"Jobs": ("AWS::SQS::Queue", queue_url("q"))})])
    resources, unverifiable, _ = declared(load(tmp_path, text), live)
    assert "Mine may rewrite the template" in unverifiable["Jobs"].reason
    assert (resources["Jobs"].id, resources["Jobs"].attributes) == (queue_url("q"), {})


def test_loops_declare_what_they_make(tmp_path: Path) -> None:
    text = """\
    Transform: AWS::LanguageExtensions
    Parameters: {Names: {Type: CommaDelimitedList, Default: 'a,b'}}
    Resources:
      Fn::ForEach::Queues:
      - N
      - !Ref Names
      - 'Q${N}': {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref N}}
    """
    templates = load(tmp_path, text, region=REGION)
    assert {name: one.name for name, one in declared(templates)[0].items()} == {"Qa": "a", "Qb": "b"}
    assert types_of(templates) == {"AWS::SQS::Queue"}
    _, unverifiable, _ = declared(load(tmp_path, text.replace(", Default: 'a,b'", ""), region=REGION))
    assert "the parameter Names has no value" in unverifiable["Fn::ForEach::Queues"].reason


def test_a_security_group_outside_of_a_vpc_is_known_by_name(tmp_path: Path) -> None:
    text = "Resources:\n  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}\n"
    live = Live([stack(resources={"G": ("AWS::EC2::SecurityGroup", "s-G-1")})])
    group = declared(load(tmp_path, text), live)[0]["G"]
    assert (group.id, group.name) == (None, "s-G-1")
