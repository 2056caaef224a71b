"""From a template to declared resources: places, stacks, parameters, nesting, and what can't be known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.errors import DeclaredError
from drift.model import Resource, Sensitive, Unresolved
from drift.plugins import load as plugin
from providers.aws.cloudformation import CloudFormation

from .support import ACCOUNT, REGION, Live, declared, live_resource, load, open_at, stack

QUEUE = """\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Wait: {Type: Number, Default: 30}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    Properties:
      VisibilityTimeout: !Ref Wait
"""


def queue_url(name: str) -> str:
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


def test_it_is_found_by_its_entry_point() -> None:
    assert isinstance(plugin("sources", "cloudformation"), CloudFormation)


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


def test_the_stack_gives_ids_place_and_parameters(tmp_path: Path) -> None:
    templates = load(tmp_path, QUEUE, stack="jobs")
    live = Live(
        [
            stack(
                "jobs",
                resources={"Jobs": ("AWS::SQS::Queue", queue_url("jobs-1"))},
                parameters={"Wait": "90"},
            ),
            stack("other", resources={"Jobs": ("AWS::SQS::Queue", queue_url("other-1"))}),
        ]
    )
    resources, unverifiable, problems = declared(templates, live)
    assert not unverifiable
    assert not problems
    found = resources["Jobs"]
    assert (found.scope, found.region, found.type) == (ACCOUNT, REGION, "AWS::SQS::Queue")
    assert found.id == queue_url("jobs-1")
    assert found.attributes == {"VisibilityTimeout": 90}
    assert found.origin is not None
    assert (found.origin.source, found.origin.file, found.origin.line) == (
        "cloudformation",
        "template.yaml",
        5,
    )
    assert found.origin.lines == {"/VisibilityTimeout": 9}
    assert templates.types() == {("aws", "AWS::SQS::Queue")}


def test_given_parameters_win_and_defaults_come_last(tmp_path: Path) -> None:
    live = Live([stack("jobs", resources={"Jobs": ("AWS::SQS::Queue", "u")}, parameters={"Wait": "90"})])
    given = declared(load(tmp_path, QUEUE, stack="jobs", parameters={"Wait": 10}), live)[0]
    assert given["Jobs"].attributes == {"VisibilityTimeout": 10}
    default = declared(load(tmp_path, QUEUE, region=REGION), Live())[0]
    assert default["Jobs"].attributes == {"VisibilityTimeout": 30}


@pytest.mark.parametrize(
    "content",
    [
        {"Wait": "7"},
        {"Parameters": {"Wait": "7"}},
        [{"ParameterKey": "Wait", "ParameterValue": "7"}],
    ],
)
def test_parameters_may_stand_in_a_file(tmp_path: Path, content: Any) -> None:
    (tmp_path / "p.json").write_text(json.dumps(content))
    resources, _, _ = declared(load(tmp_path, QUEUE, parameters="p.json", region=REGION))
    assert resources["Jobs"].attributes == {"VisibilityTimeout": 7}


def test_an_unknown_parameter_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        DeclaredError, match="template.yaml: the template has no parameter 'Wiat'; it has Wait"
    ):
        load(tmp_path, QUEUE, parameters={"Wiat": 1})
    with pytest.raises(DeclaredError, match=r"parameter file p\.json does not exist"):
        load(tmp_path, QUEUE, parameters="p.json")


def test_a_missing_parameter_is_named(tmp_path: Path) -> None:
    resources, _, _ = declared(load(tmp_path, QUEUE.replace(", Default: 30", ""), region=REGION))
    value = resources["Jobs"].attributes["VisibilityTimeout"]
    assert isinstance(value, Unresolved)
    assert "the parameter Wait has no value" in value.reason


PARAMETERS = """\
Parameters:
  Secret: {Type: String, NoEcho: true, Default: d}
  Ids: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 'a, b'}
  Numbers: {Type: List<Number>, Default: '1,2'}
  Flag: {Type: String, Default: true}
  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /ami}
  Names: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /names}
Resources:
  T:
    Type: AWS::Some::Thing
    Properties: {S: !Ref Secret, I: !Ref Ids, N: !Ref Numbers, F: !Ref Flag, A: !Ref Ami, L: !Ref Names}
"""


def test_parameters_have_the_type_they_say(tmp_path: Path) -> None:
    live = Live(resources=[live_resource("AWS::SSM::Parameter", "/names", Value="x,y")])
    resources, _, _ = declared(load(tmp_path, PARAMETERS, region=REGION), live)
    attributes = resources["T"].attributes
    assert attributes["S"] == Sensitive("d")
    assert attributes["I"] == ["a", "b"]
    assert attributes["N"] == [1, 2]
    assert attributes["F"] == "true"
    assert attributes["L"] == ["x", "y"]
    assert attributes["A"] == Unresolved(
        "the parameter Ami stands for the SSM parameter /ami, which was not read"
    )


def test_recorded_parameters_masked_or_resolved(tmp_path: Path) -> None:
    recorded = stack(
        resources={"T": ("AWS::Some::Thing", "t")},
        parameters={"Secret": "****", "Ami": "/other"},
        resolved_parameters={"Ami": "ami-1"},
    )
    attributes = declared(load(tmp_path, PARAMETERS, stack="s"), Live([recorded]))[0]["T"].attributes
    assert isinstance(attributes["S"], Unresolved)
    assert "NoEcho" in attributes["S"].reason
    assert attributes["A"] == "ami-1"
    given = declared(load(tmp_path, PARAMETERS, stack="s", parameters={"Secret": "x"}), Live([recorded]))[0][
        "T"
    ]
    assert given.attributes["S"] == Sensitive("x")


def test_the_only_stack_with_the_same_members_is_the_templates(tmp_path: Path) -> None:
    same = {"Jobs": ("AWS::SQS::Queue", queue_url("a"))}
    more = {**same, "Dead": ("AWS::SQS::Queue", queue_url("d"))}
    one = Live([stack("a", resources=same), stack("b", resources=more), stack("c", resources={})])
    assert declared(load(tmp_path, QUEUE), one)[0]["Jobs"].id == queue_url("a")
    two = Live([stack("a", resources=same), stack("b", resources=same)])
    assert declared(load(tmp_path, QUEUE), two)[0]["Jobs"].id is None
    other_region = Live([stack("a", resources=same), stack("b", region="us-east-1", resources=same)])
    found = declared(load(tmp_path, QUEUE, region="us-east-1"), other_region)[0]["Jobs"]
    assert (found.id, found.region) == (queue_url("a"), "us-east-1")


def test_a_stack_that_is_not_there_is_a_problem_and_names_still_count(tmp_path: Path) -> None:
    text = QUEUE.replace("VisibilityTimeout: !Ref Wait", "QueueName: jobs")
    resources, _, problems = declared(load(tmp_path, text, stack="gone", region=REGION), Live([]))
    assert "no stack 'gone' was found" in problems[0].message
    assert (resources["Jobs"].id, resources["Jobs"].name) == (None, "jobs")
    resources, _, problems = declared(load(tmp_path, text, stack="gone", region=REGION), Live())
    assert not problems


def test_a_stack_name_in_two_regions_needs_the_region(tmp_path: Path) -> None:
    live = Live([stack("s", resources={}), stack("s", region="us-east-1", resources={})])
    _, _, problems = declared(load(tmp_path, QUEUE, stack="s"), live)
    assert "say which with 'scope' and 'region'" in problems[0].message


def test_without_any_place_names_are_left_to_match(tmp_path: Path) -> None:
    text = QUEUE.replace("VisibilityTimeout: !Ref Wait", "QueueName: jobs")
    resources, unverifiable, _ = declared(load(tmp_path, text), Live(scopes=()))
    queue = resources["Jobs"]
    assert not unverifiable
    assert (queue.scope, queue.region, queue.id, queue.name) == ("", None, None, "jobs")


def test_what_is_attached_needs_the_place_of_its_parent(tmp_path: Path) -> None:
    text = """\
    Resources:
      Policy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [q], PolicyDocument: {}}}
    """
    _, unverifiable, _ = declared(load(tmp_path, text), Live(scopes=()))
    assert "say 'scope'" in unverifiable["Policy"].reason
    _, unverifiable, _ = declared(load(tmp_path, text), Live())
    assert "say 'region'" in unverifiable["Policy"].reason


def test_conditions_decide_what_is_declared(tmp_path: Path) -> None:
    text = """\
    Parameters: {Env: {Type: String}}
    Conditions: {Prod: !Equals [!Ref Env, prod]}
    Resources:
      Always: {Type: AWS::SNS::Topic}
      OnlyProd: {Type: AWS::SQS::Queue, Condition: Prod}
      Undefined: {Type: AWS::SQS::Queue, Condition: Nope}
    """
    prod = declared(load(tmp_path, text, region=REGION, parameters={"Env": "prod"}))
    assert set(prod[0]) == {"Always", "OnlyProd"}
    assert "the condition Nope is not defined" in prod[1]["Undefined"].reason
    test = declared(load(tmp_path, text, region=REGION, parameters={"Env": "test"}))
    assert set(test[0]) == {"Always"}
    unknown = declared(load(tmp_path, text, region=REGION))
    assert "the parameter Env has no value" in unknown[1]["OnlyProd"].reason
    recorded = stack(resources={"Always": ("AWS::SNS::Topic", "t"), "OnlyProd": ("AWS::SQS::Queue", "q")})
    assert "OnlyProd" in declared(load(tmp_path, text, stack="s"), Live([recorded]))[0]


def test_what_the_stack_does_not_hold_is_not_guessed(tmp_path: Path) -> None:
    _, unverifiable, _ = declared(load(tmp_path, QUEUE, stack="s"), Live([stack(resources={})]))
    assert "does not hold it" in unverifiable["Jobs"].reason


def test_what_stands_for_nothing_declares_nothing(tmp_path: Path) -> None:
    text = """\
    Resources:
      A: {Type: AWS::CDK::Metadata}
      B: {Type: 'Custom::Thing'}
      C: {Type: AWS::CloudFormation::WaitConditionHandle}
      D: {Type: AWS::CloudFormation::CustomResource}
    """
    templates = load(tmp_path, text, region=REGION)
    assert declared(templates) == ({}, {}, [])
    assert templates.types() == frozenset()


def test_a_type_that_is_not_supported_is_still_declared(tmp_path: Path) -> None:
    resources, _, _ = declared(load(tmp_path, "Resources:\n  A: {Type: AWS::New::Thing}\n", region=REGION))
    assert resources["A"].type == "AWS::New::Thing"


REFERENCES = """\
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Role: {Type: AWS::IAM::Role, Properties: {Path: /app/, RoleName: worker}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
  Db: {Type: AWS::RDS::DBInstance}
  Answer: {Type: 'Custom::Answer'}
  Off: {Type: AWS::SNS::Topic, Condition: Never}
  User:
    Type: AWS::New::Thing
    Properties:
      Topic: !Ref Topic
      TopicName: !GetAtt Topic.TopicName
      Queue: !Ref Queue
      QueueArn: !GetAtt Queue.Arn
      QueueName: !GetAtt Queue.QueueName
      RoleArn: !GetAtt Role.Arn
      BucketArn: !Sub '${Bucket.Arn}/*'
      Host: !GetAtt Db.Endpoint.Address
      Secret: !GetAtt Db.Password
      Answer: !GetAtt Answer.Value
      Off: !Ref Off
Conditions: {Never: !Equals [a, b]}
"""


def test_references_through_the_stack(tmp_path: Path) -> None:
    members = {
        "Topic": ("AWS::SNS::Topic", f"arn:aws:sns:{REGION}:{ACCOUNT}:s-Topic-1"),
        "Queue": ("AWS::SQS::Queue", queue_url("jobs")),
        "Role": ("AWS::IAM::Role", "worker"),
        "Bucket": ("AWS::S3::Bucket", "data"),
        "Db": ("AWS::RDS::DBInstance", "db1"),
        "Answer": ("Custom::Answer", "x"),
        "User": ("AWS::New::Thing", "u"),
    }
    database = live_resource(
        "AWS::RDS::DBInstance", "db1", Endpoint={"Address": "h"}, Password={"$secret": {}}
    )
    arn_of_db = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:db1"
    live = Live([stack(resources=members)], [database, database.but(id=arn_of_db)])
    attributes = declared(load(tmp_path, REFERENCES), live)[0]["User"].attributes
    answer, off, secret = attributes.pop("Answer"), attributes.pop("Off"), attributes.pop("Secret")
    assert attributes == {
        "Topic": members["Topic"][1],
        "TopicName": "s-Topic-1",
        "Queue": queue_url("jobs"),
        "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs",
        "QueueName": "jobs",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/app/worker",
        "BucketArn": "arn:aws:s3:::data/*",
        "Host": "h",
    }
    assert "custom resource" in answer.reason
    assert "left out by its condition Never" in off.reason
    assert "is a secret" in secret.reason


def test_references_without_a_stack_come_from_names(tmp_path: Path) -> None:
    attributes = declared(load(tmp_path, REFERENCES, region=REGION))[0]["User"].attributes
    assert attributes["Queue"] == queue_url("jobs")
    assert attributes["QueueArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    assert isinstance(attributes["Topic"], Unresolved)
    assert "the id of Topic is not known" in attributes["Topic"].reason


def test_circles_of_attributes_end(tmp_path: Path) -> None:
    text = """\
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !GetAtt B.Value}}
      B: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !GetAtt A.Value}}
    """
    resources, _, _ = declared(load(tmp_path, text, region=REGION))
    assert isinstance(resources["A"].attributes["Value"], Unresolved)


def test_imports_come_from_the_same_region(tmp_path: Path) -> None:
    text = "Resources:\n  A: {Type: AWS::New::Thing, Properties: {V: !ImportValue net}}\n"
    live = Live(
        [stack("far", region="us-east-1", exports={"net": "bad"}), stack("net", exports={"net": "vpc-1"})]
    )
    assert declared(load(tmp_path, text, region=REGION), live)[0]["A"].attributes == {"V": "vpc-1"}


def test_a_policy_is_folded_into_its_queue(tmp_path: Path) -> None:
    text = """\
    Resources:
      Policy:
        Type: AWS::SQS::QueuePolicy
        Properties:
          Queues: [!Ref Queue]
          PolicyDocument: {Statement: []}
      Queue: {Type: AWS::SQS::Queue}
    """
    members = {"Queue": ("AWS::SQS::Queue", queue_url("q")), "Policy": ("AWS::SQS::QueuePolicy", "p")}
    templates = load(tmp_path, text)
    resources, unverifiable, _ = declared(templates, Live([stack(resources=members)]))
    policy = resources["Policy"]
    assert not unverifiable
    assert (policy.type, policy.id, policy.partial) == ("AWS::SQS::Queue", queue_url("q"), True)
    assert policy.attributes == {"PolicyDocument": {"Statement": []}}
    assert policy.origin is not None
    assert policy.origin.lines == {"/PolicyDocument": 6}
    assert templates.types() == {("aws", "AWS::SQS::Queue")}
    _, unverifiable, _ = declared(load(tmp_path, text, region=REGION))
    assert "the id of Queue is not known" in unverifiable["Policy"].reason


NESTED = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref D}}\nParameters: {D: {Type: Number}}\n"
PARENT = """\
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: WHERE, Parameters: {D: 5}}
  User: {Type: AWS::New::Thing, Properties: {Q: !GetAtt Child.Outputs.Url}}
"""


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
      Fn::ForEach::Queues: [N, !Ref Names, {'Q${N}': {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref N}}}]
    """
    templates = load(tmp_path, text, region=REGION)
    assert {name: one.name for name, one in declared(templates)[0].items()} == {"Qa": "a", "Qb": "b"}
    assert templates.types() == {("aws", "AWS::SQS::Queue")}
    _, unverifiable, _ = declared(load(tmp_path, text.replace(", Default: 'a,b'", ""), region=REGION))
    assert "the parameter Names has no value" in unverifiable["Fn::ForEach::Queues"].reason


def test_a_security_group_outside_of_a_vpc_is_known_by_name(tmp_path: Path) -> None:
    text = "Resources:\n  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}\n"
    live = Live([stack(resources={"G": ("AWS::EC2::SecurityGroup", "s-G-1")})])
    group = declared(load(tmp_path, text), live)[0]["G"]
    assert (group.id, group.name) == (None, "s-G-1")


def test_a_folder_holds_templates_among_other_files(tmp_path: Path) -> None:
    load(tmp_path, PARENT.replace("WHERE", "nested/q.yaml"), "parent.yaml")
    load(tmp_path, NESTED, "nested/q.yaml")
    load(tmp_path, QUEUE, "more/jobs.template")
    (tmp_path / "values.json").write_text("{}")
    (tmp_path / "more" / "broken.yml").write_text("Resources:\n  A:\n    Type: AWS::S3::Bucket\n   b: [\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "t.yaml").write_text(QUEUE)
    templates = open_at(tmp_path, region=REGION)
    assert [one.file.split("/", 1)[1] for one in templates.templates] == ["more/jobs.template", "parent.yaml"]
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
