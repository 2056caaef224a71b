"""Which files are templates, folders of them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.model import Resource
from drift.source import Loader, Location
from providers.aws.cloudformation import CloudFormation

from .support import NESTED, PARENT, QUEUE, REGION, Live, declared, load, open_at, stack


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (QUEUE, True),
        ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n", True),
        ("Resources:\n  A:\n    Type: Custom::Thing\n", True),
        ('"Resources":\n  "A":\n    "Type": "Alexa::ASK::Skill"\n', True),
        ("AWSTemplateFormatVersion: '2010-09-09'\nResources: [broken", True),
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}', True),
        ('{"Resources": {"A": {"Type": "AWS::S3::Bucket"', True),
        ('{"x": {"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}}', False),
        ('{"body": "{\\"AWSTemplateFormatVersion\\": 1}"}', False),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  t: |\n    AWSTemplateFormatVersion: 1\n", False),
        ("provider: aws\ntype: AWS::S3::Bucket\nid: x\n", False),
        ("Resources: {A: {Type: AWS::S3::Bucket}}", True),
        ("Resources:\n  A: {Condition: C, Type: AWS::S3::Bucket}\n", True),
        ("Resources:\n  - a\n", False),
        ("", False),
        ("\x00\xff", False),
    ],
)
def test_recognises_by_content(tmp_path: Path, text: str, expected: bool) -> None:
    assert CloudFormation().recognises(tmp_path / "f", text.encode()) is expected


def test_recognises_a_folder_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "notes.yaml").write_text("a: 1\n")
    assert not CloudFormation().recognises(tmp_path, b"")
    (tmp_path / "deep" / "q.template").write_text(QUEUE)
    assert CloudFormation().recognises(tmp_path, b"")
    assert not CloudFormation().recognises(tmp_path / "nowhere", b"")


def test_a_folder_holds_templates_among_other_files(tmp_path: Path) -> None:
    load(tmp_path, PARENT.replace("WHERE", "nested/q.yaml"), "parent.yaml")
    load(tmp_path, NESTED, "nested/q.yaml")
    load(tmp_path, QUEUE, "more/jobs.template")
    (tmp_path / "values.json").write_text("{}")
    (tmp_path / "more" / "broken.yml").write_text("Resources:\n  A:\n    Type: AWS::S3::Bucket\n   b: [\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "t.yaml").write_text(QUEUE)
    templates = open_at(tmp_path, region=REGION)
    assert [one.template.file.split("/", 1)[1] for one in templates.deployments] == [
        "more/jobs.template",
        "parent.yaml",
    ]
    resources, _, problems = declared(templates)
    assert {"Jobs", "Child/Q", "User"} <= set(resources)
    assert len(problems) == 1
    assert "more/broken.yml:4" in problems[0].message
    with pytest.raises(DeclaredError, match="give each its own entry"):
        open_at(tmp_path, stack="s")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "expected a mapping with Resources"),
        ("AWSTemplateFormatVersion: '2010-09-09'\n", "the section Resources is missing"),
        ("Parameters: {}\nResources: []\n", "template.yaml:2: Resources must be a mapping"),
        ("Resources:\n  A: {\n", "template.yaml:3: is not valid YAML"),
    ],
)
def test_what_is_no_template_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DeclaredError, match=message):
        load(tmp_path, text)


def test_odd_members_do_not_hide_the_rest(tmp_path: Path) -> None:
    text = """\
    Resources:
      A: just text
      B: {Properties: {}}
      C: {Type: AWS::SNS::Topic, Properties: [1]}
      D: {Type: AWS::SNS::Topic, Properties: {Fn::Transform: {Name: X}, TopicName: t}}
      E: {Type: AWS::SNS::Topic, Condition: [x]}
      F: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
    """
    resources, unverifiable, problems = declared(load(tmp_path, text, region=REGION))
    assert set(resources) == {"F"}
    assert set(unverifiable) == {"C", "D", "E"}
    assert [problem.message for problem in problems] == [
        "template.yaml:2: the resource A needs a Type",
        "template.yaml:3: the resource B needs a Type",
    ]


def test_global_types_have_no_region(tmp_path: Path) -> None:
    from providers.aws.facts import catalogue

    entries = [entry for entry in catalogue().entries.values() if not entry.regional]
    if not entries:
        pytest.skip("no global type is known yet")
    resources, _, _ = declared(load(tmp_path, f"Resources:\n  A: {{Type: {entries[0].type}}}\n"))
    assert isinstance(resources["A"], Resource)
    assert resources["A"].region is None


OUT = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Rain::Embed ../../secret.yaml
      RedrivePolicy: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ../../secret.yaml}}}
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../../secret.yaml}}
"""


def test_no_file_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("Resources: {Theirs: {Type: AWS::SQS::Queue}}\n")
    template = tmp_path / "repository" / "stacks" / "out.yaml"
    template.parent.mkdir(parents=True)
    template.write_text(OUT)
    for path in (template, template.parent):
        location = Location(path=path, display=path.name, options={}, root=tmp_path / "repository")
        resources, unverifiable, _ = declared(
            CloudFormation().load(location, Loader({})), Live([stack("out")])
        )
        told = f"{resources} {unverifiable}"
        assert "Theirs" not in told
        assert "../../secret.yaml leads out of the repository" in told
        assert set(unverifiable) >= {"Child"}
