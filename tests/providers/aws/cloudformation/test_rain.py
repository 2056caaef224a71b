"""What Rain puts into a template when it packages it."""

from __future__ import annotations

from pathlib import Path

from drift.model import Unresolved

from .support import Live, declared, load, queue_url, stack

TEMPLATE = """\
Rain:
  Constants:
    Name: jobs
    Long: !Sub "${Rain::Name}-long"
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Rain::Constant Name
      KmsMasterKeyId: !Rain::Env KEY
      RedrivePolicy: !Rain::Include redrive.yaml
      Tags: [{Key: a, Value: !Rain::Embed text.txt}, {Key: b, Value: !Rain::Constant Long}]
  Code:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: !Sub "${Rain::Name}-f", Code: !Rain::S3 {Path: src, Zip: true}}
"""


def test_what_files_tell_is_put_in(tmp_path: Path) -> None:
    (tmp_path / "redrive.yaml").write_text("maxReceiveCount: 5\n")
    (tmp_path / "text.txt").write_text("hello\n")
    resources, unverifiable, problems = declared(load(tmp_path, TEMPLATE, region="eu-west-1"))
    assert (unverifiable, problems) == ({}, [])
    jobs, code = resources["Jobs"], resources["Code"].attributes
    assert jobs.attributes["QueueName"] == "jobs"
    assert jobs.attributes["RedrivePolicy"] == {"maxReceiveCount": 5}
    assert [one["Value"] for one in jobs.attributes["Tags"]] == ["hello", "jobs-long"]
    assert code["FunctionName"] == "jobs-f"
    unknown = {"variable KEY": jobs.attributes["KmsMasterKeyId"], "src is uploaded": code["Code"]}
    for word, value in unknown.items():
        assert isinstance(value, Unresolved)
        assert word in value.reason
    assert jobs.origin is not None
    assert jobs.origin.lines["/QueueName"] == 9


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    text = TEMPLATE.replace("Constant Name", "Constant Other")
    resources, _, _ = declared(load(tmp_path, text, region="eu-west-1"))
    reasons = [one.reason for one in resources["Jobs"].attributes.values() if isinstance(one, Unresolved)]
    assert "the template has no constant Other of Rain" in reasons
    assert any("redrive.yaml" in one for one in reasons)


def test_a_constant_of_itself_ends(tmp_path: Path) -> None:
    text = 'Rain: {Constants: {A: "${Rain::B}", B: "${Rain::A}"}}\n' + (
        'Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Rain::A}"}}}\n'
    )
    resources, _, _ = declared(load(tmp_path, text, region="eu-west-1"))
    assert isinstance(resources["Q"].attributes["QueueName"], Unresolved)


def test_what_modules_make_is_neither_missing_nor_removed(tmp_path: Path) -> None:
    text = "Resources: {Jobs: {Type: !Rain::Module ./queue.yaml, Properties: {Delay: 5}}}\n"
    members = {"JobsQueue": ("AWS::SQS::Queue", queue_url("jobs"))}
    packed = {"Resources": {"JobsQueue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}}}
    live = Live([stack(resources=members, template=packed)])
    resources, unverifiable, problems = declared(load(tmp_path, text, stack="s"), live)
    assert problems == []
    assert "of the module ./queue.yaml" in unverifiable["Jobs"].reason
    assert "of the module ./queue.yaml" in unverifiable["JobsQueue"].reason
    assert (resources["JobsQueue"].partial, resources["JobsQueue"].attributes) == (True, {})
