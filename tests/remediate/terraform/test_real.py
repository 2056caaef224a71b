"""The best judge: after a real `terraform apply` people change the cloud by hand, all is adopted, and
Terraform's own plan finds nothing to change."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.live.write_snapshot import write
from drift.scan import Run
from providers.aws.loopback import ACCOUNT, environment, moto
from tests.conftest import client
from tests.providers.aws.terraform import Terraform, find
from tests.remediate.harness import Outcome, adopted, repository

found = find()
pytestmark = [
    pytest.mark.terraform,
    pytest.mark.long,
    pytest.mark.skipif(isinstance(found, str), reason=f"real Terraform: {found}"),
]
MAIN = (Path(__file__).parent / "real.tf").read_text()
CONFIG = f"""\
version: 1
declared:
  - {{path: ../work/terraform.tfstate, configuration: infra, scope: "{ACCOUNT}", region: us-east-1}}
live:
  aws: {{regions: [us-east-1]}}
"""


@dataclass(slots=True)
class Real:
    """``plan`` is what Terraform says of the edited files; ``formatted`` whether it would lay them out
    otherwise."""

    outcome: Outcome
    plan: dict[str, Any]
    text: str
    formatted: bool

    def actions(self) -> dict[str, Any]:
        """What a plan would do to each resource, with the arguments that it would change."""
        return {
            one["address"]: told
            for one in self.plan["resource_changes"]
            if (told := _told(one["change"])) != ["no-op"]
        }


def _told(change: dict[str, Any]) -> list[Any]:
    before, after = change["before"] or {}, change["after"] or {}
    differs = {name: (before.get(name), item) for name, item in after.items() if before.get(name) != item}
    done = [*(["import"] if change.get("importing") else []), *change["actions"]]
    return [*done, differs] if differs and "update" in done else done


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    assert isinstance(found, Terraform)
    top = tmp_path_factory.mktemp("real")
    work = top / "work"
    work.mkdir()
    (work / "main.tf").write_text(MAIN)
    with moto() as url:
        before = dict(os.environ)
        env = environment(url)
        os.environ.update(env)
        try:
            found.apply(work, env, ())
            by_hand(url)
            folder = repository(top / "infra", {"infra/main.tf": MAIN, "drift.yaml": CONFIG})
            run = Run(load(folder / "drift.yaml", None, {}))
            estate, _ = run.snapshot()
            live = top / "live.jsonl"
            write(live, estate, run.redactor)
            outcome = adopted(folder, live)
            text = outcome.files.get("infra/main.tf") or MAIN
            (work / "main.tf").write_text(text)
            plan = json.loads(planned(work, env))
            formatted = found.run(work, env, "fmt", "-check", "-no-color", ok=(0, 3)) == ""
            yield Real(outcome, plan, text, formatted)
        finally:
            os.environ.clear()
            os.environ.update(before)
            shutil.rmtree(work / ".terraform", ignore_errors=True)


def planned(work: Path, env: dict[str, str]) -> str:
    assert isinstance(found, Terraform)
    found.run(work, env, "plan", "-no-color", "-input=false", "-out=plan")
    return found.run(work, env, "show", "-json", "plan")


def by_hand(url: str) -> None:
    """One change of each type, and two resources that come and go."""
    sqs, ec2, iam = client(url, "sqs"), client(url, "ec2"), client(url, "iam")
    urls = {one.rpartition("/")[2]: one for one in sqs.list_queues()["QueueUrls"]}
    sqs.set_queue_attributes(QueueUrl=urls["real-orders"], Attributes={"DelaySeconds": "9"})
    sqs.tag_queue(QueueUrl=urls["real-mails"], Tags={"Owner": "${carol}"})
    sqs.delete_queue(QueueUrl=urls["real-doomed"])
    sqs.create_queue(
        QueueName="by-hand",
        Attributes={"VisibilityTimeout": "77", "MaximumMessageSize": "262144"},
        tags={"ManagedBy": "terraform", "A": "b"},
    )
    topics = client(url, "sns")
    arn = topics.list_topics()["Topics"][0]["TopicArn"]
    topics.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue='The "shop"')
    client(url, "s3").put_bucket_versioning(
        Bucket="real-acme-logs", VersioningConfiguration={"Status": "Suspended"}
    )
    role = json.loads(json.dumps(iam.get_role(RoleName="real-worker")["Role"]["AssumeRolePolicyDocument"]))
    role["Statement"][0]["Principal"]["Service"] = ["ec2.amazonaws.com", "lambda.amazonaws.com"]
    iam.update_assume_role_policy(RoleName="real-worker", PolicyDocument=json.dumps(role))
    table = client(url, "dynamodb")
    arn = table.describe_table(TableName="real-orders")["Table"]["TableArn"]
    table.tag_resource(ResourceArn=arn, Tags=[{"Key": "Cost", "Value": "42"}])
    client(url, "logs").put_retention_policy(logGroupName="/real/app", retentionInDays=30)
    alarms = client(url, "cloudwatch")
    alarm = alarms.describe_alarms(AlarmNames=["real-depth"])["MetricAlarms"][0]
    keys = (
        "AlarmName", "ComparisonOperator", "EvaluationPeriods", "MetricName", "Namespace", "Period",
        "Statistic", "Dimensions",
    )  # fmt: skip
    alarms.put_metric_alarm(**{key: alarm[key] for key in keys}, Threshold=250.0)
    client(url, "ssm").put_parameter(
        Name="/real/region", Value="eu-west-1", Type="String", Description="Where it ran", Overwrite=True
    )
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["real-web"]}])
    ec2.authorize_security_group_ingress(
        GroupId=group["SecurityGroups"][0]["GroupId"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 8443,
                "ToPort": 8443,
                "IpRanges": [{"CidrIp": "10.1.0.0/16", "Description": "by hand"}],
            }
        ],
    )
    client(url, "ecr").put_image_tag_mutability(repositoryName="real-api", imageTagMutability="IMMUTABLE")


def test_all_that_was_changed_is_adopted(real: Real) -> None:
    assert real.outcome.described == {}


def test_terraform_finds_nothing_to_change(real: Real) -> None:
    assert real.actions() == {
        "aws_sqs_queue.by_hand": ["import", "no-op"],
        "aws_sqs_queue.doomed": ["forget"],
    }


def test_the_file_stays_laid_out_as_terraform_does(real: Real) -> None:
    assert real.formatted, real.text
