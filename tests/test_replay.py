"""Recorded and replayed: `drift diff` of a snapshot says byte for byte what `drift scan` said when it was
taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.aws import loopback
from providers.kubernetes.loopback import cluster
from tests import forked_aws
from tests.conftest import Ran, client, start_drift
from tests.planting import LiveAws, objects, write
from tests.secrets_planted import secrets

pytestmark = pytest.mark.long


KEY = {"DRIFT_REDACTION_KEY": "a key for tests"}
STACK = {
    "Parameters": {"Wait": {"Type": "Number", "Default": 30}, "Hidden": {"Type": "String", "NoEcho": True}},
    "Resources": {
        "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": {"Ref": "Wait"}}},
        "News": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"DisplayName": {"Fn::GetAtt": ["Jobs", "QueueName"]}},
        },
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Jobs"}],
                "PolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "sns.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]},
                        }
                    ]
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with drift.yaml and everything declared, and the URL of the AWS that it speaks of."""
    folder = tmp_path_factory.mktemp("replay")
    with forked_aws.moto() as url, cluster() as server:
        aws = LiveAws(url)
        places = [name for name, value in vars(LiveAws).items() if callable(value) and name[0] != "_"]
        for n, one in enumerate(secrets(1)):
            getattr(aws, places[n % len(places)])(n, one)
            for body in objects(n, one)[: 1 + n % 4]:
                server.store.create(body, manager="kubectl-client-side-apply")
        write(folder / "declared", dict(enumerate(secrets(2))), "loopback")
        parameters = [{"ParameterKey": "Hidden", "ParameterValue": "hush-hush"}]
        formation = client(url, "cloudformation")
        formation.create_stack(StackName="web", TemplateBody=json.dumps(STACK), Parameters=parameters)
        jobs = formation.describe_stack_resource(StackName="web", LogicalResourceId="Jobs")
        queue = jobs["StackResourceDetail"]["PhysicalResourceId"]
        client(url, "sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "31"})
        (folder / "declared/web.json").write_text(json.dumps(STACK))
        config = {
            "version": 1,
            "environments": {"prod": {}},
            "declared": [
                {"path": "declared/app.tfstate", "region": "us-east-1"},
                {
                    "path": "declared/web.json",
                    "scope": loopback.ACCOUNT,
                    "region": "us-east-1",
                    "stack": "web",
                },
                {"path": "declared/base.yaml"},
                {"path": "declared/objects.yaml", "scope": "loopback"},
            ],
            "confirm": {"findings": 0},  # a snapshot can't be asked again
            "live": {"aws": {"regions": ["us-east-1"]}, "kubernetes": {"kubeconfig": str(server.kubeconfig)}},
        }
        (folder / "drift.yaml").write_text(json.dumps(config))
        yield folder, url


def undecided(reason: str) -> bool:
    """Whether a line says what two keys make of an equal secret, also of one that only the state holds."""
    return "another key" in reason or "only the state says /Value" in reason


def told(ran: Ran, *, secrets: bool = True) -> dict[str, Any]:
    """What must be the same of a report; ``secrets`` False: but for what only the redaction key decides."""
    report = ran.report
    hidden = (
        set()
        if secrets
        else {one["resource_id"] for one in report["unverifiable"] if undecided(one["reason"])}
    )
    assert secrets or hidden
    findings = [
        {
            name: value
            for name, value in one.items()
            if name not in ("status", "first_seen", "read_at", "attribution")
        }
        for one in report["findings"]
    ]
    return {
        "findings": findings,
        "unverifiable": [one for one in report["unverifiable"] if not undecided(one["reason"])],
        "coverage": [
            {name: value for name, value in row.items() if name != "read_at"} for row in report["coverage"]
        ],
        "summary": report["summary"],
        "problems": report["problems"],
        "hidden": hidden,
    }


def run(folder: Path, url: str, env: dict[str, str], name: str, *options: str) -> tuple[Ran, Ran]:
    """(a scan, a diff of a snapshot that was taken right after it)."""
    declared = []
    for entry in json.loads((folder / "drift.yaml").read_bytes())["declared"]:
        path = entry.pop("path")
        declared += ["--declared", ",".join([path, *(f"{key}={value}" for key, value in entry.items())])]
    scan = start_drift(folder, "scan", *options, "-o", f"{name}-scan", endpoint=url, env=env)
    live = f"{name}.jsonl.zst"
    taken = start_drift(folder, "snapshot", *options, "-o", live, endpoint=url, env=env)
    assert taken.code in (0, 3), taken.stderr
    diff = start_drift(folder, "diff", "--live", live, *declared, "-o", f"{name}-diff", env=env)
    return scan, diff


@pytest.mark.parametrize("options", [(), ("--env", "prod")])
def test_with_a_key_everything_is_the_same(estate: tuple[Path, str], options: tuple[str, ...]) -> None:
    scan, diff = run(*estate, KEY, "key" + "".join(options[1:]), *options)
    one, other = told(scan), told(diff)
    assert one.pop("hidden") == other.pop("hidden")
    assert scan.code == diff.code
    assert {(f["kind"], f["provider"]) for f in one["findings"]} >= {
        (kind, provider) for kind in ("changed", "missing") for provider in ("aws", "kubernetes")
    }
    for part in one:
        assert json.dumps(one[part], indent=1) == json.dumps(other[part], indent=1), part


def test_without_a_key_only_secrets_are_left_open(estate: tuple[Path, str]) -> None:
    """Two random keys: what was a changed secret is unverifiable; nothing else differs, and nothing new is
    drift."""
    scan, diff = run(*estate, {}, "no-key")
    one, other = told(scan), told(diff, secrets=False)
    assert one["coverage"] == other["coverage"]
    assert one["unverifiable"] == other["unverifiable"]
    before = {f["id"]: f for f in one["findings"]}
    after = {f["id"]: f for f in other["findings"]}
    assert after.keys() <= before.keys()
    for id_, finding in before.items():
        open_secrets = [change for change in finding["changes"] if change["sensitive"]]
        left = after.get(id_, {"changes": []})["changes"]
        assert [change for change in finding["changes"] if change not in open_secrets] == [
            change for change in left if change not in open_secrets
        ]
        if finding["kind"] != "changed":
            assert after[id_] == finding
