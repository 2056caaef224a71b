"""A realistic report document, and small ones at the edges, for tests and previews of every format."""

from __future__ import annotations

import copy
import json
from typing import Any

PROD, SHARED = "111122223333", "444455556666"
SECRET_VALUE = "hunter2-correct-horse"
_COMMIT = "9f31c0de5b7a4e21b8d0c6a2f4e7d9b1a3c5e7f9"
_REPO = "https://git.example.org/platform/infra"


def _finding(number: int, kind: str, cell: tuple[str, str, str], name: str, **members: Any) -> dict[str, Any]:
    scope, region, type_ = cell
    identity = f"f{number:02d}{'7c1e94ab03d5':>s}"
    finding = {
        "id": identity,
        "kind": kind,
        "provider": "aws",
        "scope": scope,
        "region": region,
        "type": type_,
        "resource_id": f"arn:aws:{type_.split('::')[1].lower()}:{region}:{scope}:{name}",
        "name": name,
        "severity": "medium",
        "owner": "platform",
        "status": "recurring",
        "first_seen": "2025-11-19T06:00:11Z",
        "declared_at": None,
        "changes": [],
        "attribution": None,
        "links": {"console": f"https://{region}.console.aws.amazon.com/go/view?arn={name}", "declared": None},
    }
    finding.update(members)
    for position, change in enumerate(finding["changes"]):
        change.setdefault("undeclared", False)
        change.setdefault("sensitive", False)
        change.setdefault("id", f"{identity}.{position}")
    return finding


def _at(file: str, line: int, address: str, source: str = "terraform-state") -> dict[str, Any]:
    return {"source": source, "file": file, "line": line, "address": address, "commit": _COMMIT}


def _link(file: str, line: int, console: str = "https://console.aws.amazon.com/") -> dict[str, str]:
    return {"console": console, "declared": f"{_REPO}/blob/{_COMMIT}/{file}#L{line}"}


def _by(actor: str, time: str, event: str) -> dict[str, str]:
    return {
        "actor": actor,
        "time": time,
        "event": event,
        "evidence": "cloudtrail:5d1f7c3e-88aa-4c0e-9b1f-0c2a9e51d777",
    }


_POLICY_DECLARED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "ReadArtifacts",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::acme-artifacts", "arn:aws:s3:::acme-artifacts/*"],
        },
        {
            "Sid": "Decrypt",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [f"arn:aws:kms:eu-west-1:{PROD}:key/5e1d44a2-2f2a-4a9e-9a51-0b8a5f7d2c11"],
            "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        },
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:eu-west-1:{PROD}:log-group:/ci/*"],
        },
    ],
}


def _policy_live() -> dict[str, Any]:
    policy = copy.deepcopy(_POLICY_DECLARED)
    policy["Statement"][0]["Action"] = ["s3:*"]
    policy["Statement"][0]["Resource"] = ["*"]
    policy["Statement"][1]["Condition"]["StringEquals"]["kms:ViaService"] = "s3.us-east-1.amazonaws.com"
    return policy


_USER_DATA = """#!/bin/bash
set -euo pipefail
dnf install -y docker amazon-ssm-agent
systemctl enable --now docker
aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin \\
  registry.acme.example
docker run -d --restart=always --name api -p 8080:8080 registry.acme.example/api:2.14.0
echo "ready" > /var/run/api.ready
"""

FINDINGS = [
    _finding(
        1,
        "changed",
        (PROD, "eu-west-1", "AWS::EC2::SecurityGroup"),
        "api-public",
        severity="critical",
        severity_reason="A port that is not 80 or 443 is open to the whole internet.",
        owner="payments",
        status="new",
        first_seen="2025-11-23T06:00:11Z",
        declared_at=_at("stacks/prod/network.tf", 118, "module.api.aws_security_group.public"),
        attribution=_by(
            "arn:aws:sts::111122223333:assumed-role/BreakGlass/m.okafor",
            "2025-11-22T23:47:09Z",
            "AuthorizeSecurityGroupIngress",
        ),
        links=_link("stacks/prod/network.tf", 118),
        changes=[
            {
                "path": "/SecurityGroupIngress",
                "live": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}],
                "declared": [],
            },
            {"path": "/Tags/Owner", "declared": "payments", "live": "mokafor-test"},
        ],
    ),
    _finding(
        2,
        "unmanaged",
        (PROD, "global", "AWS::IAM::AccessKey"),
        "AKIAIOSFODNN7EXAMPLE",
        severity="critical",
        severity_reason="A long-lived key that nobody declares gives access to the account.",
        owner="security",
        status="new",
        first_seen="2025-11-23T06:00:11Z",
        attribution=_by(
            "arn:aws:iam::111122223333:user/ci-legacy", "2025-11-22T14:02:51Z", "CreateAccessKey"
        ),
    ),
    _finding(
        3,
        "changed",
        (PROD, "global", "AWS::IAM::Role"),
        "ci-deploy",
        severity="high",
        severity_reason="The policy now allows every S3 action on every bucket.",
        owner="platform",
        declared_at=_at("stacks/prod/iam.tf", 42, "aws_iam_role.ci_deploy"),
        attribution=_by(
            "arn:aws:sts::111122223333:assumed-role/Admin/j.lindqvist",
            "2025-11-18T15:20:33Z",
            "PutRolePolicy",
        ),
        links=_link("stacks/prod/iam.tf", 42),
        changes=[
            {"path": "/Policies/deploy/PolicyDocument", "declared": _POLICY_DECLARED, "live": _policy_live()},
            {"path": "/MaxSessionDuration", "declared": 3600, "live": 43200},
        ],
    ),
    _finding(
        4,
        "missing",
        (SHARED, "eu-west-1", "AWS::CloudTrail::Trail"),
        "org-audit",
        severity="high",
        severity_reason="A trail that is declared records nothing.",
        owner="security",
        status="new",
        first_seen="2025-11-23T06:00:11Z",
        declared_at=_at("stacks/shared/audit.yaml", 9, "AuditTrail", "cloudformation"),
        attribution=_by(
            "arn:aws:sts::444455556666:assumed-role/Admin/k.moreau", "2025-11-22T16:40:00Z", "DeleteTrail"
        ),
        links=_link("stacks/shared/audit.yaml", 9),
    ),
    _finding(
        5,
        "changed",
        (PROD, "eu-west-1", "AWS::RDS::DBInstance"),
        "orders-primary",
        severity="high",
        owner="orders",
        status="flapping",
        first_seen="2025-10-02T06:00:09Z",
        declared_at=_at("stacks/prod/data.tf", 203, "module.orders.aws_db_instance.primary"),
        links=_link("stacks/prod/data.tf", 203),
        changes=[
            {"path": "/MasterUserPassword", "sensitive": True},
            {"path": "/BackupRetentionPeriod", "declared": 14, "live": 1},
            {"path": "/DeletionProtection", "declared": True, "live": False},
            {
                "path": "/PreferredMaintenanceWindow",
                "declared": "sun:03:00-sun:04:00",
                "live": "sun:03:00-sun:05:30",
            },
        ],
    ),
    _finding(
        6,
        "changed",
        (PROD, "eu-west-1", "AWS::S3::Bucket"),
        "acme-invoices-prod",
        severity="medium",
        owner="payments",
        first_seen="2025-11-11T06:00:10Z",
        declared_at=_at("stacks/prod/storage.tf", 77, "aws_s3_bucket.invoices"),
        links=_link("stacks/prod/storage.tf", 77),
        changes=[
            {"path": "/VersioningConfiguration/Status", "declared": "Enabled", "live": "Suspended"},
            {
                "path": "/LifecycleConfiguration/Rules/expire-tmp",
                "declared": {
                    "Id": "expire-tmp",
                    "Prefix": "tmp/",
                    "Status": "Enabled",
                    "ExpirationInDays": 7,
                },
            },
            {
                "path": "/CorsConfiguration/CorsRules",
                "declared": ["https://app.acme.example"],
                "live": ["https://app.acme.example.attacker.test", "http://localhost:3000"],
            },
        ],
    ),
    _finding(
        7,
        "changed",
        (PROD, "us-east-1", "AWS::Lambda::Function"),
        "thumbnailer",
        severity="medium",
        owner="media",
        first_seen="2025-11-21T06:00:13Z",
        declared_at=_at("stacks/edge/functions.tf", 31, 'aws_lambda_function.worker["thumbnailer"]'),
        attribution=_by(
            "arn:aws:iam::111122223333:user/d.tanaka",
            "2025-11-20T10:11:12Z",
            "UpdateFunctionConfiguration20150331v2",
        ),
        links=_link("stacks/edge/functions.tf", 31),
        changes=[
            {"path": "/Timeout", "declared": 30, "live": 900},
            {"path": "/MemorySize", "declared": 512, "live": 3008},
            {"path": "/Environment/Variables/API_TOKEN", "sensitive": True, "undeclared": True},
            {"path": "/Environment/Variables/LOG_LEVEL", "live": "debug", "undeclared": True},
        ],
    ),
    _finding(
        8,
        "changed",
        (PROD, "eu-west-1", "AWS::EC2::LaunchTemplate"),
        "api-workers",
        severity="medium",
        owner="payments",
        declared_at=_at("stacks/prod/compute.tf", 12, "aws_launch_template.api"),
        links=_link("stacks/prod/compute.tf", 12),
        changes=[
            {
                "path": "/LaunchTemplateData/UserData",
                "declared": _USER_DATA,
                "live": _USER_DATA.replace("2.14.0", "2.15.0-rc1").replace("set -euo pipefail\n", ""),
            },
            {
                "path": "/LaunchTemplateData/ImageId",
                "declared": "ami-0a1b2c3d4e5f60718",
                "live": "ami-0ffee00112233abcd",
            },
        ],
    ),
    _finding(
        9,
        "missing",
        (PROD, "us-east-1", "AWS::CloudWatch::Alarm"),
        "thumbnailer-errors",
        severity="medium",
        owner="media",
        first_seen="2025-11-21T06:00:13Z",
        declared_at=_at("stacks/edge/alarms.tf", 58, "aws_cloudwatch_metric_alarm.errors"),
        links=_link("stacks/edge/alarms.tf", 58),
    ),
    _finding(
        10,
        "unmanaged",
        (PROD, "eu-west-1", "AWS::SQS::Queue"),
        "orders-replay-tmp",
        severity="low",
        owner="orders",
        first_seen="2025-11-14T06:00:10Z",
        attribution=_by(
            "arn:aws:sts::111122223333:assumed-role/Developer/s.abara", "2025-11-13T17:31:40Z", "CreateQueue"
        ),
    ),
    _finding(
        11,
        "changed",
        (PROD, "eu-west-1", "AWS::SQS::Queue"),
        "orders",
        severity="low",
        owner="orders",
        declared_at=_at("stacks/queues.yaml", 14, "OrdersQueue", "cloudformation"),
        links=_link("stacks/queues.yaml", 14),
        changes=[
            {"path": "/VisibilityTimeout", "declared": 30, "live": 120},
            {
                "path": "/RedrivePolicy",
                "declared": {
                    "deadLetterTargetArn": f"arn:aws:sqs:eu-west-1:{PROD}:orders-dlq",
                    "maxReceiveCount": 5,
                },
                "live": {
                    "deadLetterTargetArn": f"arn:aws:sqs:eu-west-1:{PROD}:orders-dlq",
                    "maxReceiveCount": 50,
                },
            },
        ],
    ),
    _finding(
        12,
        "changed",
        (SHARED, "eu-west-1", "AWS::ECR::Repository"),
        "api",
        severity="low",
        owner="platform",
        declared_at=_at("stacks/shared/registry.tf", 5, "aws_ecr_repository.api"),
        links=_link("stacks/shared/registry.tf", 5),
        changes=[
            {"path": "/ImageTagMutability", "declared": "IMMUTABLE", "live": "MUTABLE"},
            {"path": "/ImageScanningConfiguration/ScanOnPush", "declared": True, "live": False},
        ],
    ),
    _finding(
        13,
        "unmanaged",
        (SHARED, "us-east-1", "AWS::SNS::Topic"),
        "test-alerts-2",
        severity="info",
        owner=None,
        first_seen="2025-09-30T06:00:10Z",
    ),
    _finding(
        14,
        "changed",
        (SHARED, "us-east-1", "AWS::Logs::LogGroup"),
        "/aws/lambda/cert-rotation",
        severity="info",
        owner=None,
        status="new",
        first_seen="2025-11-23T06:00:11Z",
        declared_at=_at("stacks/shared/logs.tf", 88, "aws_cloudwatch_log_group.cert"),
        links=_link("stacks/shared/logs.tf", 88),
        changes=[
            {"path": "/RetentionInDays", "declared": 30, "live": 365},
            {"path": "/Tags/cost-center", "declared": "4711", "live": 4711},
            {"path": "/Tags/aws-exception", "live": "INC-20817", "undeclared": True},
        ],
    ),
    _finding(
        15,
        "changed",
        (PROD, "us-east-1", "AWS::CloudFront::Distribution"),
        "E2QWRUHEXAMPLE",
        severity="low",
        owner="media",
        status="pending",
        first_seen="2025-11-23T06:00:11Z",
        declared_at=_at("stacks/edge/cdn.tf", 20, "aws_cloudfront_distribution.cdn"),
        links=_link("stacks/edge/cdn.tf", 20),
        changes=[
            {"path": "/DistributionConfig/PriceClass", "declared": "PriceClass_200", "live": "PriceClass_100"}
        ],
    ),
]

_REGIONAL = [
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::ECR::Repository",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
]
_GLOBAL = ["AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::Role"]
_DENIED = "AccessDenied: not authorized to perform rds:DescribeDBInstances; grant it to role drift-reader"
_TROUBLE = {
    (SHARED, "eu-west-1", "AWS::RDS::DBInstance"): ("denied", _DENIED),
    (SHARED, "us-east-1", "AWS::RDS::DBInstance"): ("denied", _DENIED),
    (SHARED, "global", "AWS::IAM::AccessKey"): (
        "denied",
        "AccessDenied: not authorized to perform iam:ListAccessKeys",
    ),
    (SHARED, "global", "AWS::IAM::Policy"): (
        "denied",
        "AccessDenied: not authorized to perform iam:ListPolicies",
    ),
    (PROD, "us-east-1", "AWS::DynamoDB::Table"): (
        "throttled",
        "ThrottlingException after 8 attempts in 95 s; run again, or lower `live.aws.concurrency`",
    ),
    (PROD, "us-east-1", "AWS::EC2::VPC"): (
        "failed",
        "Could not connect to ec2.us-east-1.amazonaws.com: timed out",
    ),
    (PROD, "us-east-1", "AWS::EC2::Subnet"): (
        "failed",
        "Could not connect to ec2.us-east-1.amazonaws.com: timed out",
    ),
    (SHARED, "us-east-1", "AWS::EC2::LaunchTemplate"): (
        "skipped",
        "Excluded by `live.aws.skip` in drift.yaml",
    ),
}


def _coverage() -> list[dict[str, Any]]:
    rows = []
    for scope in (PROD, SHARED):
        cells = [("global", type_) for type_ in _GLOBAL]
        cells += [(region, type_) for region in ("eu-west-1", "us-east-1") for type_ in _REGIONAL]
        for position, (region, type_) in enumerate(cells):
            status, message = _TROUBLE.get((scope, region, type_), ("checked", ""))
            rows.append(_cell(scope, region, type_, status, message, (position * 7 + len(type_)) % 40))
    unsupported = "drift has no reader for this type yet; 3 declared resources are not compared"
    rows.append(_cell(PROD, "eu-west-1", "AWS::Glue::Job", "unsupported", unsupported, 0))
    rows.append(_cell(PROD, "us-east-1", "AWS::CloudFront::Distribution", "checked", "", 2))
    rows.append(_cell(SHARED, "eu-west-1", "AWS::CloudTrail::Trail", "checked", "", 0))
    return rows


def _cell(scope: str, region: str, type_: str, status: str, message: str, resources: int) -> dict[str, Any]:
    return {
        "provider": "aws",
        "scope": scope,
        "region": region,
        "type": type_,
        "status": status,
        "resources": resources if status == "checked" else 0,
        "message": message,
    }


def _summary(findings: list[dict[str, Any]]) -> dict[str, Any]:
    def counted(key: str) -> dict[str, int]:
        names = [finding[key] for finding in findings if finding[key]]
        return {name: names.count(name) for name in dict.fromkeys(names)}

    kinds = [finding["kind"] for finding in findings]
    return {
        "declared": 412,
        "live": 655,
        "in_sync": 401 - kinds.count("changed") if findings else 412,
        "changed": kinds.count("changed"),
        "missing": kinds.count("missing"),
        "unmanaged": kinds.count("unmanaged"),
        "unverifiable": 0,
        "suppressed": 0,
        "folded": 1204,
        "by_severity": counted("severity"),
        "by_owner": counted("owner"),
    }


def _run() -> dict[str, Any]:
    return {
        "id": "20251123T060011Z-7f3a",
        "started_at": "2025-11-23T06:00:11Z",
        "finished_at": "2025-11-23T06:02:25Z",
        "version": "0.1.0",
        "environment": "production",
        "declared": [
            {
                "source": "terraform-state",
                "location": "stacks/prod/terraform.tfstate",
                "ref": "main",
                "commit": _COMMIT,
            },
            {"source": "cloudformation", "location": "stacks/queues.yaml", "ref": "main", "commit": _COMMIT},
        ],
        "exit_code": 2,
        "duration_seconds": 134.2,
    }


def sample_report() -> dict[str, Any]:
    """Two accounts, two regions, every kind, severity, status and coverage state."""
    report = {
        "schema": "drift-report/1",
        "run": _run(),
        "summary": _summary(FINDINGS),
        "coverage": _coverage(),
        "findings": FINDINGS,
        "resolved": [
            {
                "id": "f99aa",
                "kind": "changed",
                "provider": "aws",
                "scope": PROD,
                "region": "eu-west-1",
                "type": "AWS::SNS::Topic",
                "name": "billing-events",
            },
            {"id": "f98bb"},
        ],
        "unverifiable": [
            {
                "provider": "aws",
                "scope": PROD,
                "type": "AWS::Lambda::Function",
                "resource_id": "thumbnailer",
                "path": "/Code/S3Key",
                "reason": "computed at apply time",
            },
            {
                "provider": "aws",
                "scope": PROD,
                "type": "AWS::SQS::Queue",
                "resource_id": "module.replay.aws_sqs_queue.this",
                "path": "",
                "reason": "module that cannot be fetched: git::https://git.example.org/modules/queue.git",
            },
            {
                "provider": "aws",
                "scope": SHARED,
                "type": "AWS::SSM::Parameter",
                "resource_id": "/prod/db/password",
                "path": "/Value",
                "reason": "redacted with another key",
            },
        ],
        "suppressed": [
            {
                "id": "f70",
                "provider": "aws",
                "scope": PROD,
                "type": "AWS::AutoScaling::AutoScalingGroup",
                "resource_id": "api-workers",
                "rule": "ignore: autoscaled capacity",
                "path": "/DesiredCapacity",
            },
            {
                "id": "f71",
                "provider": "aws",
                "scope": SHARED,
                "type": "AWS::ECR::Repository",
                "resource_id": "cache",
                "rule": "ignore: pull-through caches",
            },
        ],
        "unmanaged_not_listed": [
            {
                "provider": "aws",
                "scope": PROD,
                "region": "eu-west-1",
                "type": "AWS::EC2::Snapshot",
                "resources": 188,
            },
            {
                "provider": "aws",
                "scope": SHARED,
                "region": "eu-west-1",
                "type": "AWS::Logs::LogGroup",
                "resources": 64,
            },
        ],
        "problems": [
            {"source": "snapshots/shared.jsonl:812", "message": "not a resource record: `type` is missing"}
        ],
    }
    report["summary"] |= {"unverifiable": 3, "suppressed": 2}
    return copy.deepcopy(report)


def clean_report() -> dict[str, Any]:
    """Everything was read and nothing differs."""
    report = sample_report()
    report |= {name: [] for name in ("findings", "resolved", "unverifiable", "suppressed", "problems")}
    report["summary"] = _summary([])
    report["coverage"] = [dict(row, status="checked", message="") for row in report["coverage"]]
    report["unmanaged_not_listed"] = []
    report["run"]["exit_code"] = 0
    return report


def partial_report(unread: int = 3) -> dict[str, Any]:
    """No finding, but ``unread`` cells could not be read."""
    report = clean_report()
    for row in report["coverage"][:unread]:
        row |= {"status": "denied", "message": "AccessDenied"}
    report["run"]["exit_code"] = 3
    return report


def blind_report() -> dict[str, Any]:
    """Every cell was denied."""
    report = partial_report(unread=10_000)
    report["summary"] |= {"live": 0, "in_sync": 0, "folded": 0}
    return report


def large_report(findings: int) -> dict[str, Any]:
    """``findings`` findings, each different from the others, made from those of the sample."""
    report = sample_report()
    made = []
    for number in range(findings):
        finding = json.loads(json.dumps(FINDINGS[number % len(FINDINGS)]))
        name = f"{finding['name']}-{number:05d}"
        finding |= {
            "id": f"{number:016x}",
            "name": name,
            "resource_id": f"{finding['resource_id']}-{number:05d}",
        }
        finding["owner"] = f"team-{number % 37:02d}"
        finding["changes"].append(
            {
                "path": "/Description",
                "declared": f"made for {number}",
                "live": f"{number * 7919 % 99991} by hand",
            }
        )
        made.append(finding)
    report["findings"] = made
    summary = _summary(made)
    summary["declared"] = summary["live"] = 3 * findings
    summary["in_sync"] = summary["declared"] - summary["changed"] - summary["missing"]
    report["summary"] = summary
    return report
