"""What Rain makes of modules when it packages a template, by the rules of its own source."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.source import Loader, Location
from providers.aws.cloudformation import CloudFormation

from .support import Live, declared, load, queue_url, stack

QUEUE = """\
Parameters:
  Name: {Type: String}
  Delay: {Type: Number, Default: 3}
  Tags: {Type: List, Default: []}
  Dead: {Type: String, Default: "no"}
Conditions:
  HasDead: !Equals [!Ref Dead, "yes"]
  InIreland: !Equals [!Ref AWS::Region, eu-west-1]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${Name}-${AWS::Region}"
      DelaySeconds: !Ref Delay
      RedrivePolicy:
        !If [HasDead, {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}, !Ref AWS::NoValue]
      Tags:
        Fn::Merge: [[{Key: app, Value: shop}, {Key: env, Value: dev}], !Ref Tags]
  Dead:
    Type: AWS::SQS::Queue
    Condition: HasDead
    Properties: {QueueName: !Sub "${Name}-dead"}
  Near:
    Type: AWS::SQS::Queue
    Condition: InIreland
    Properties: {QueueName: !Sub "${Name}-near"}
Outputs:
  Arn: {Value: !GetAtt Queue.Arn}
"""
TEMPLATE = """\
Modules:
  Jobs:
    Source: ./modules/queue.yaml
    Properties: {Name: jobs, Dead: "yes", Tags: [{Key: env, Value: prod}]}
    Overrides:
      Queue: {Properties: {VisibilityTimeout: 90}}
  Mails:
    Source: ./modules/queue.yaml
    ForEach: in,out
    Properties: {Name: !Sub "mails-$Identifier", Delay: 7}
Resources:
  Alarm:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: alarms
      DisplayName: !Sub "${Mails[out].Arn}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "queue.yaml").write_text(QUEUE)
    return tmp_path


def test_modules_are_put_in_with_parameters_conditions_loops_and_overrides(folder: Path) -> None:
    templates = load(folder, TEMPLATE, region="eu-west-1")
    resources, unverifiable, problems = declared(templates)
    assert (unverifiable, problems) == ({}, [])
    assert ("aws", "AWS::SQS::Queue") in templates.types()
    names = {address: one.attributes.get("QueueName") for address, one in resources.items()}
    assert names == {
        "Alarm": None,
        "JobsQueue": "jobs-eu-west-1",
        "JobsDead": "jobs-dead",
        "JobsNear": "jobs-near",
        "Mails0Queue": "mails-in-eu-west-1",
        "Mails0Near": "mails-in-near",
        "Mails1Queue": "mails-out-eu-west-1",
        "Mails1Near": "mails-out-near",
    }
    jobs, mails = resources["JobsQueue"], resources["Mails1Queue"]
    assert (jobs.attributes["VisibilityTimeout"], jobs.attributes["DelaySeconds"]) == (90, 3)
    assert jobs.attributes["Tags"] == [{"Key": "app", "Value": "shop"}, {"Key": "env", "Value": "prod"}]
    assert jobs.attributes["RedrivePolicy"]["maxReceiveCount"] == 5
    assert (mails.attributes["DelaySeconds"], "RedrivePolicy" in mails.attributes) == (7, False)
    assert (jobs.origin and jobs.origin.line, mails.origin and mails.origin.line) == (2, 7)


def test_what_only_the_place_tells_is_asked_there(folder: Path) -> None:
    elsewhere, _, _ = declared(load(folder, TEMPLATE, region="us-east-1"))
    assert sorted(elsewhere) == ["Alarm", "JobsDead", "JobsQueue", "Mails0Queue", "Mails1Queue"]


def test_outputs_name_the_resources_of_the_module(folder: Path) -> None:
    live = Live([stack(resources={"Mails1Queue": ("AWS::SQS::Queue", queue_url("mails-out"))})])
    resources, _, _ = declared(load(folder, TEMPLATE, stack="s"), live)
    assert resources["Alarm"].attributes["DisplayName"] == "arn:aws:sqs:eu-west-1:111111111111:mails-out"


def test_modules_in_modules_and_at_a_type(folder: Path) -> None:
    (folder / "modules" / "both.yaml").write_text(
        "Parameters: {App: {Type: String}}\n"
        "Modules:\n"
        "  One: {Source: queue.yaml, Properties: {Name: !Sub '${App}-one'}}\n"
        "Resources:\n"
        "  Two:\n"
        "    Type: !Rain::Module queue.yaml\n"
        "    Properties: {Name: !Ref App, Delay: !Rain::Embed delay.txt}\n"
    )
    (folder / "modules" / "delay.txt").write_text("11\n")
    text = "Resources: {My: {Type: !Rain::Module ./modules/both.yaml, Properties: {App: shop}}}\n"
    resources, unverifiable, problems = declared(load(folder, text, region="eu-west-1"))
    assert (unverifiable, problems) == ({}, [])
    assert {one: resources[one].attributes["QueueName"] for one in resources} == {
        "MyOneQueue": "shop-one-eu-west-1",
        "MyOneNear": "shop-one-near",
        "MyTwoQueue": "shop-eu-west-1",
        "MyTwoNear": "shop-near",
    }
    assert resources["MyTwoQueue"].attributes["DelaySeconds"] == "11"


def test_functions_of_rain_and_constants(folder: Path) -> None:
    (folder / "text.txt").write_text("line\n")
    resources, _, _ = declared(
        load(
            folder,
            "Constants: {Team: core, Full: 'x-${Const::Team}', Redrive: {maxReceiveCount: 4}}\n"
            "Packages: {lib: {Source: ./modules}}\n"
            "Modules: {Jobs: {Source: $lib/queue.yaml, Properties: {Name: jobs}}}\n"
            "Resources:\n"
            "  Q:\n"
            "    Type: AWS::SQS::Queue\n"
            "    Properties:\n"
            "      QueueName: !Sub '${Const::Full}'\n"
            "      RedrivePolicy: !Ref Const::Redrive\n"
            "      DelaySeconds: !Select [[5, 6], 1]\n"
            "      Tags:\n"
            "      - {Key: a, Value: !InsertFile text.txt}\n"
            "      - {Key: b, Value: !Invoke [Jobs, {Name: n}, Arn]}\n",
            region="eu-west-1",
        )
    )
    queue = resources["Q"].attributes
    assert (queue["QueueName"], queue["DelaySeconds"]) == ("x-core", 6)
    assert (queue["RedrivePolicy"], queue["Tags"][0]["Value"]) == ({"maxReceiveCount": 4}, "line\n")
    assert "JobsQueue" in resources


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("{Source: https://modules.example/queue.yaml}", "it lies elsewhere, and is not fetched"),
        ("{Source: s3://acme/queue.yaml}", "it lies elsewhere, and is not fetched"),
        ("{Source: ./modules.zip/queue.yaml}", "it is packed, and is not unpacked"),
        ("{Source: ./modules/none.yaml}", "the file is not there"),
        ("{Source: ../outside.yaml}", "leads out of the repository"),
        ("{Source: ./modules/queue.yaml}", "its parameter Name is given no value"),
        ("{Source: ./modules/queue.yaml, Properties: {Name: a}, Overrides: {No: {}}}", "has no resource No"),
        ("{Source: ./template.yaml}", "nested too deeply, or in a circle"),
    ],
)
def test_what_can_not_be_told_is_named_and_its_siblings_stay(folder: Path, said: str, word: str) -> None:
    (folder.parent / "outside.yaml").write_text(QUEUE)
    text = (
        f"Modules:\n  Jobs: {said}\n"
        "Resources:\n"
        "  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${Jobs.Arn}', DelaySeconds: 5}}\n"
    )
    members = {one: ("AWS::SQS::Queue", queue_url(one)) for one in ("JobsQueue", "Q")}
    live = Live([stack(resources=members)])
    path = folder / "template.yaml"
    path.write_text(text)
    location = Location(path=path, display="template.yaml", options={"stack": "s"}, root=folder)
    resources, unverifiable, problems = declared(CloudFormation().load(location, Loader({})), live)
    assert problems == []
    assert word in unverifiable["Jobs"].reason
    assert word in unverifiable["JobsQueue"].reason
    assert (resources["JobsQueue"].partial, resources["JobsQueue"].attributes) == (True, {})
    assert resources["Q"].attributes["DelaySeconds"] == 5


def test_a_folder_with_modules_has_one_template(folder: Path) -> None:
    (folder / "template.yaml").write_text("# comment\nModules:\n  Jobs:\n    Source: ./modules/queue.yaml\n")
    assert CloudFormation().recognises(folder / "template.yaml", (folder / "template.yaml").read_bytes())
    found = CloudFormation().load(Location(path=folder, display="f", options={}), Loader({}))
    assert [one.template.file for one in found.deployments] == ["f/template.yaml"]
