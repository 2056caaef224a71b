"""A snapshot for a bug report: nothing of the names is left, and what differs and what does not stays so."""

from __future__ import annotations

import ipaddress
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from drift import plugins
from drift.live.anonymise import Anonymiser
from providers.aws import loopback
from providers.kubernetes.loopback import cluster
from tests import forked_aws
from tests.conftest import client, start_drift

pytestmark = pytest.mark.long


KEY = {"DRIFT_ANONYMISE_KEY": "a key", "DRIFT_REDACTION_KEY": "another key"}
NAMES = ("larkspur", "invoices", "quince", "platypus", "10.77.", "203.0.113.", loopback.ACCOUNT, "widgetry")
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "LarkspurRead",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "sqs:*"],
            "Resource": [f"arn:aws:sqs:us-east-1:{loopback.ACCOUNT}:larkspur-invoices*", "*"],
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        }
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
OBJECTS: list[dict[str, Any]] = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "larkspur"}},
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "invoices",
            "namespace": "larkspur",
            "annotations": {"larkspur.example/owner": "quince@larkspur.example"},
        },
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "invoices"}},
            "template": {
                "metadata": {"labels": {"app": "invoices"}},
                "spec": {
                    "containers": [
                        {
                            "name": "invoices",
                            "image": "registry.larkspur.example/invoices:1.2.3",
                            "ports": [{"containerPort": 8080}],
                            "env": [{"name": "PLATYPUS", "value": "quince"}],
                            "resources": {"limits": {"memory": "512Mi"}},
                        }
                    ]
                },
            },
        },
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "quince", "namespace": "larkspur"},
        "data": {"platypus.conf": "host=invoices.larkspur.svc.cluster.local\nport=5432\n"},
    },
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "invoices", "namespace": "larkspur"},
        "stringData": {"quince": "hush"},
    },
    {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "platypuses.larkspur.example"},
        "spec": {
            "group": "larkspur.example",
            "scope": "Namespaced",
            "names": {
                "plural": "platypuses",
                "singular": "platypus",
                "kind": "Platypus",
                "listKind": "PlatypusList",
            },
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {
                                "spec": {"type": "object", "properties": {"widgetry": {"type": "string"}}}
                            },
                        }
                    },
                }
            ],
        },
    },
    {
        "apiVersion": "larkspur.example/v1",
        "kind": "Platypus",
        "metadata": {"name": "quince", "namespace": "larkspur"},
        "spec": {"widgetry": "invoices"},
    },
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``before.jsonl`` as it was read, and ``after.jsonl``, in which a few things are
    different."""
    folder = tmp_path_factory.mktemp("anonymise")
    with forked_aws.moto() as url, cluster(OBJECTS, name="larkspur-prod") as server:
        ec2, iam = client(url, "ec2"), client(url, "iam")
        vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.1.0/24")
        group = ec2.create_security_group(GroupName="larkspur-invoices", Description="Of quince", VpcId=vpc)[
            "GroupId"
        ]
        ranges = [{"CidrIp": "203.0.113.7/32", "Description": "platypus"}, {"CidrIp": "10.77.1.0/24"}]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}],
        )
        for name in ("invoices", "quince"):
            client(url, "sqs").create_queue(
                QueueName=f"larkspur-{name}", tags={"owner": f"{name}@larkspur.example"}
            )
        iam.create_role(
            RoleName="larkspur-invoices", AssumeRolePolicyDocument=json.dumps(TRUST), Path="/quince/"
        )
        iam.put_role_policy(
            RoleName="larkspur-invoices", PolicyName="platypus", PolicyDocument=json.dumps(POLICY)
        )
        client(url, "dynamodb").create_table(
            TableName="larkspur-invoices",
            KeySchema=[{"AttributeName": "quince", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "quince", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        config = {
            "version": 1,
            "live": {"aws": {"regions": ["us-east-1"]}, "kubernetes": {"kubeconfig": str(server.kubeconfig)}},
        }
        (folder / "drift.yaml").write_text(json.dumps(config))
        ran = start_drift(folder, "snapshot", "-o", "before.jsonl", endpoint=url, env=KEY)
        assert ran.code in (0, 3), ran.stderr
    lines = (folder / "before.jsonl").read_text().splitlines()
    (folder / "after.jsonl").write_text("\n".join([lines[0], *map(json.dumps, changed(lines[1:]))]) + "\n")
    return folder


def changed(lines: list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        one = json.loads(line)
        text = json.dumps(one["attributes"])
        match one["type"]:
            case "AWS::SQS::Queue" if "quince" in one["id"]:
                one["id"], one["name"] = one["id"] + "-two", one["name"] + "-two"
            case "AWS::IAM::Role":
                one["attributes"] = json.loads(text.replace("larkspur-invoices*", "larkspur-*"))
            case "AWS::EC2::SecurityGroup":
                one["attributes"] = json.loads(
                    text.replace("203.0.113.7/32", "203.0.113.8/32").replace("443", "22")
                )
            case "apps/v1/Deployment":
                one["attributes"] = json.loads(
                    text.replace("invoices:1.2.3", "invoices:1.2.4").replace('"quince"', '"other"')
                )
            case "v1/Secret" if "invoices" in one["id"]:
                one["attributes"] = json.loads(text.replace('"hmac": "', '"hmac": "0'))
            case "larkspur.example/v1/Platypus":
                one["attributes"]["spec"]["widgetry"] = "quince"
        yield one


def anonymous(folder: Path, name: str, env: dict[str, str] = KEY) -> Path:
    ran = start_drift(
        folder, "snapshot", "--live", f"{name}.jsonl", "--anonymise", "-o", f"{name}-x.jsonl.zst", env=env
    )
    assert ran.code in (0, 3), ran.stderr
    return folder / f"{name}-x.jsonl.zst"


def kinds(folder: Path, live: str, declared: str, out: str) -> Any:
    ran = start_drift(folder, "diff", "--live", live, "--declared", declared, "-o", out, env=KEY)
    report = ran.report
    assert not report["problems"]
    found = Counter(
        (
            one["kind"],
            "custom" if ".example/" in one["type"] else one["type"],
            one["severity"],
            len(one["changes"]),
        )
        for one in report["findings"]
    )
    summary = {**report["summary"], "by_owner": sorted(report["summary"]["by_owner"].values())}
    return found, summary


def unpacked(path: Path) -> str:
    return zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().decode()


def test_nothing_of_the_names_is_left(recorded: Path) -> None:
    plain = (recorded / "before.jsonl").read_text().lower()
    assert all(name in plain for name in NAMES)
    text = unpacked(anonymous(recorded, "before")).lower()
    assert {name: text[text.index(name) - 80 :][:160] for name in NAMES if name in text} == {}
    for kept in (
        "pay_per_request",
        "8080",
        "512mi",
        "aws::sqs::queue",
        "us-east-1",
        "apps/v1/deployment",
        "s3:getobject",
        "2012-10-17",
    ):
        assert kept in text, kept


def test_the_same_differs(recorded: Path) -> None:
    plain, summary = kinds(recorded, "after.jsonl", "before.jsonl", "plain")
    assert len(plain) >= 7, plain
    anonymous(recorded, "before")
    anonymous(recorded, "after")
    assert kinds(recorded, "after-x.jsonl.zst", "before-x.jsonl.zst", "anonymous") == (plain, summary)
    assert not kinds(recorded, "before-x.jsonl.zst", "before-x.jsonl.zst", "same")[0]


def test_a_baseline_goes_with_it(recorded: Path) -> None:
    anonymous(recorded, "after")
    for options, out in (((), "base"), (("--anonymise",), "base-x")):
        ran = start_drift(recorded, "baseline", "--live", "before.jsonl", *options, "-o", out, env=KEY)
        assert ran.code == 0, ran.stderr
    text = "".join(f"{path}\n{path.read_text()}" for path in (recorded / "base-x").rglob("*.yaml")).lower()
    text = text.replace(str(recorded).lower(), "")
    assert [name for name in NAMES if name in text] == []
    plain = kinds(recorded, "after.jsonl", "base", "plain-base")
    assert kinds(recorded, "after-x.jsonl.zst", "base-x", "anonymous-base") == plain


def test_another_run_has_another_key(recorded: Path) -> None:
    assert unpacked(anonymous(recorded, "before", {})) != unpacked(anonymous(recorded, "before", {}))


@cache
def one_run() -> Anonymiser:
    return Anonymiser(plugins.providers().values(), "k")


WORDS = st.text("abcdefghXYZ0189-_./:", min_size=1, max_size=24)


@given(WORDS, WORDS)
def test_what_is_different_stays_different(one: str, other: str) -> None:
    assert (one_run().text(one) == one_run().text(other)) is (one == other)


@given(st.ip_addresses(v=4), st.integers(8, 32))
def test_an_address_stays_in_its_network(address: Any, length: int) -> None:
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    other = ipaddress.ip_network(one_run().text(str(network)))
    assert ipaddress.ip_address(one_run().text(str(address))) in other
    assert other.prefixlen == length
    assert other.is_private == network.is_private or network.is_global is False


def test_a_name_is_the_same_in_every_longer_text() -> None:
    new = one_run().text("larkspur")
    assert new in one_run().text(f"arn:aws:s3:::larkspur/{{}}/*?x=larkspur.example&y={new}")
    assert one_run().text("Larkspur").lower() == new
    account = one_run().text("210987654321")
    assert len(account) == 12
    assert account.isdigit()
    assert one_run().text("arn:aws:iam::210987654321:role/x").split(":")[4] == account


PROVIDERS = [plugins.provider(name) for name in ("aws", "azure", "gcp", "kubernetes")]


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("jane.doe@acme.com", ("jane", "doe", "acme")),
        ("a@b.co", ("a@b",)),
        ("https://login.acme.example/", ("acme",)),
        ("db01.prod.acme.internal", ("db01", "acme")),
        ("v2acmecorp", ("acme",)),
        ("v3rysecret", ("v3ry",)),
        ("00:1A:2B:3C:4D:5E", ("1A:2B",)),
        ("00-1a-2b-3c-4d-5e", ("1a-2b",)),
        ("11111111-2222-3333-4444-555555555555", ("2222", "3333", "5555")),
        ("3f2a9c1e-0b1c-4d2e-8f30-a1b2c3d4e5f6", ("0b1c", "4d2e")),
        ("日本", ("日本",)),
    ],
)
def test_what_has_a_form_is_replaced_as_a_whole(text: str, gone: tuple[str, ...]) -> None:
    made = Anonymiser(PROVIDERS, "k").text(text)
    assert not any(part in made for part in gone)
    assert Anonymiser(PROVIDERS, "k").text(f"user {text}, {text}") == f"user {made}, {made}"


@pytest.mark.parametrize(
    "text",
    [
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Storage/storageAccounts/{}",
        "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "projects/{}/zones/europe-west1-b/instances/{}",
        "projects/{}/locations/us-east4/clusters/{}",
        "West Europe",
        "westeurope",
        "v1beta1",
        "compute.googleapis.com/v1p1beta1",
    ],
)
def test_what_is_structure_stays(text: str) -> None:
    given = text.replace("{}", "larkspurquince")
    made = Anonymiser(PROVIDERS, "k").text(given)
    assert made.replace(Anonymiser(PROVIDERS, "k").text("larkspurquince"), "larkspurquince") == given
