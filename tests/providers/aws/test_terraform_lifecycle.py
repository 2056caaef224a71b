"""lifecycle.ignore_changes of a real `terraform apply`: what it names is told as ignored, all else is
drift."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import environment
from tests import forked_aws
from tests.conftest import client
from tests.providers.aws.terraform import Terraform, find

found = find()
pytestmark = [
    pytest.mark.terraform,
    pytest.mark.long,
    pytest.mark.skipif(isinstance(found, str), reason=f"real Terraform: {found}"),
]
FILES = Path(__file__).parent / "lifecycle"


@dataclass(slots=True)
class Applied:
    url: str
    folder: Path

    def client(self, service: str) -> Any:
        return client(self.url, service)

    def scan(self, state: str = "terraform.tfstate", **options: str) -> dict[str, Any]:
        more = "".join(f"    {name}: {value}\n" for name, value in options.items())
        text = f"version: 1\ndeclared:\n  - path: {state}\n{more}live:\n  aws: {{regions: [us-east-1]}}\n"
        return Run(parse(text, "drift.yaml", self.folder, None, {})).scan().report


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    assert isinstance(found, Terraform)
    folder = tmp_path_factory.mktemp("terraform") / "root"
    shutil.copytree(FILES, folder)
    with forked_aws.moto() as url:
        env = environment(url)
        before = dict(os.environ)
        os.environ.update(env)
        try:
            found.apply(folder, env, ())
            applied = Applied(url, folder)
            untouched = applied.scan()
            assert untouched["findings"] == []
            assert untouched["suppressed"] == []
            of_module = [one for one in untouched["unverifiable"] if "module.service" in str(one)]
            assert [(one["path"], one["reason"]) for one in of_module] == []
            drift(applied)
            yield applied
        finally:
            os.environ.clear()
            os.environ.update(before)


def drift(applied: Applied) -> None:
    """What people do behind Terraform's back."""
    sqs, s3, ec2, iam = (applied.client(one) for one in ("sqs", "s3", "ec2", "iam"))
    urls = {url.rpartition("/")[2]: url for url in sqs.list_queues()["QueueUrls"]}
    for name, url in urls.items():
        if name == "doomed":
            sqs.delete_queue(QueueUrl=url)
            continue
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "60"})
        sqs.tag_queue(QueueUrl=url, Tags={"Name": "by hand", "Added": "by hand"})
    for bucket in ("lifecycle-merged", "lifecycle-parent"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        tags = [{"Key": "Name", "Value": "by hand"}, {"Key": "ManagedBy", "Value": "terraform"}]
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["lifecycle-inline"]}])
    group_id = group["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group_id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    ec2.create_tags(Resources=[group_id], Tags=[{"Key": "Name", "Value": "by hand"}])
    service = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["service"]}])
    ec2.authorize_security_group_ingress(
        GroupId=service["SecurityGroups"][0]["GroupId"],
        IpProtocol="tcp",
        FromPort=3389,
        ToPort=3389,
        CidrIp="0.0.0.0/0",
    )
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_role_policy(RoleName="service", PolicyArn=administrator)
    applied.client("logs").put_retention_policy(logGroupName="/service/service", retentionInDays=90)
    iam.update_role(RoleName="lifecycle", Description="by hand")
    iam.update_assume_role_policy(
        RoleName="lifecycle",
        PolicyDocument=(
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
            '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
        ),
    )


EVERYWHERE = {"/DelaySeconds", "/Tags/Name", "/Tags/Added"}
#: name → the paths that its block ignores, of those that were changed.
IGNORED = {
    "untagged": {"/Tags/Name", "/Tags/Added"},
    "each-a": {"/DelaySeconds", "/Tags/Name"},
    "each-b": {"/DelaySeconds", "/Tags/Name"},
    "legacy-0": {"/DelaySeconds"},
    "legacy-1": {"/DelaySeconds"},
    "everything": EVERYWHERE,
    "inner": {"/DelaySeconds"},
    "lifecycle-merged": {"/Tags/Name"},
    "lifecycle-parent": {"/VersioningConfiguration/Status"},
    "lifecycle-inline": {"/SecurityGroupIngress"},
    "lifecycle": {"/AssumeRolePolicyDocument/Statement/(no Sid)"},
}
DRIFT = {
    "doomed": {"missing"},
    "untagged": {"/DelaySeconds"},
    "each-a": {"/Tags/Added"},
    "each-b": {"/Tags/Added"},
    "legacy-0": {"/Tags/Name", "/Tags/Added"},
    "legacy-1": {"/Tags/Name", "/Tags/Added"},
    "overridden": EVERYWHERE,
    "inner": {"/Tags/Name", "/Tags/Added"},
    "lifecycle-merged": {"/VersioningConfiguration/Status"},
    "lifecycle-parent": {"/Tags/Name"},
    "lifecycle-inline": {"/Tags/Name"},
    "lifecycle": {"/Description"},
    "service": {"/SecurityGroupIngress", "/ManagedPolicyArns"},
    "/service/service": {"/RetentionInDays"},
}
ORIGINS = {
    "untagged": r"main\.tf:\d+",
    "lifecycle-inline": r"network/main\.tf:\d+",
    "inner": r"queue/queue\.tf\.json:8",
}


def told(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Name → the paths told of it; the kind for a whole resource."""
    found: dict[str, set[str]] = {}
    for row in rows:
        name = re.sub(r"-\d{20,}$", "", row["name"] or row["resource_id"].rpartition(":")[2])
        changes = row.get("changes") or [row.get("change") or {"path": row["kind"]}]
        found.setdefault(name, set()).update(change["path"] for change in changes)
    return found


def test_what_is_ignored_is_told_as_ignored(applied: Applied) -> None:
    report = applied.scan()
    assert told(report["suppressed"]) == IGNORED
    assert told(report["findings"]) == DRIFT
    assert report["problems"] == []
    for name, pattern in ORIGINS.items():
        rules = {row["rule"] for row in report["suppressed"] if name in (row["name"] or row["resource_id"])}
        assert len(rules) == 1, name
        assert re.fullmatch(pattern, rules.pop())
    assert {rule["status"] for rule in report["rules"]} == {"active"}


def test_without_the_configuration_each_is_drift_at_the_same_path(applied: Applied, tmp_path: Path) -> None:
    shutil.copy(applied.folder / "terraform.tfstate", tmp_path)
    report = Applied(applied.url, tmp_path).scan()
    assert report["suppressed"] == []
    names = {*IGNORED, *DRIFT}
    assert told(report["findings"]) == {
        name: IGNORED.get(name, set()) | DRIFT.get(name, set()) for name in names
    }


def test_the_configuration_may_lie_elsewhere(applied: Applied, tmp_path: Path) -> None:
    shutil.copy(applied.folder / "terraform.tfstate", tmp_path)
    report = Applied(applied.url, tmp_path).scan(configuration=str(applied.folder))
    assert told(report["suppressed"]) == IGNORED
