"""What each cloud's tasks have read, and learnt, stands for reading it again in the next run."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from providers.aws.loopback import environment
from providers.aws.provider import AwsProvider
from providers.aws.settings import Settings as AwsSettings
from providers.azure import AzureProvider
from providers.azure.loopback import cloud as azure
from providers.gcp import GcpProvider
from providers.gcp.loopback import cloud as gcp
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.loopback import cluster
from tests.conftest import client
from tests.faulty import faulty
from tests.providers.azure import live_reading as of_azure
from tests.providers.gcp import live_reading as of_gcp
from tests.providers.kubernetes import helpers as of_kubernetes
from tests.resuming import twice

TYPES = [
    *("AWS::SQS::Queue", "AWS::KMS::Alias", "AWS::KMS::Key", "AWS::Route53::HostedZone", "AWS::S3::Bucket"),
    "AWS::SSM::Parameter",
]


def test_aws(fresh_aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(fresh_aws, "sqs").create_queue(QueueName="orders")
    kms = client(fresh_aws, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/shop", TargetKeyId=key)
    client(fresh_aws, "route53").create_hosted_zone(Name="shop.example", CallerReference="1")
    client(fresh_aws, "ssm").put_parameter(Name="password", Value="correct-horse", Type="SecureString")
    client(fresh_aws, "cloudformation").create_stack(
        StackName="s", TemplateBody='{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}'
    )
    with faulty(fresh_aws) as (url, weather):
        for name, value in environment(url, "us-east-1").items():
            monkeypatch.setenv(name, value)
        settings = AwsSettings.model_validate({"regions": ["us-east-1"], "include": TYPES, "endpoint": url})
        found = twice(tmp_path, AwsProvider(), settings, requests=lambda: len(weather.calls))
    for one, two in found.told():
        assert one == two
    assert len(found.first) > 5
    context = found.second.context("aws")
    assert [*context["kms_aliases"].values()] and context["stacks"] and context["hosted_zones"]
    told = weather.calls[found.requests[0] :]
    assert found.requests[0] > 15
    # Who asks; and zones, of which this AWS does not tell all: what failed is read again.
    assert {call.service for call in told} == {"sts", "route53"}
    rows = [(row, found.first.coverage[cell]) for cell, row in found.second.coverage.items()]
    assert {row.by for row, _ in rows if row.cell in found.kept} == {"first"}
    assert {row.read_at == first.read_at for row, first in rows if row.cell.type == TYPES[0]} == {True}


def test_azure(tmp_path: Path) -> None:
    managed = of_azure.group(name="MC_shop")
    bodies = [
        *(of_azure.subscription(one, f"name {one[0]}") for one in (of_azure.ONE, of_azure.TWO)),
        *(of_azure.body(of_azure.VNET, "v", of_azure.group(one)) for one in (of_azure.ONE, of_azure.TWO)),
        {"id": managed, "location": "westeurope", "managedBy": f"{of_azure.group()}/providers/M.C/m/shop"},
    ]
    with azure(bodies) as server:
        given = of_azure.settings(server)
        found = twice(tmp_path, AzureProvider(), given, [of_azure.VNET], requests=lambda: len(server.calls))
        told = server.calls[found.requests[0] :]
    for one, two in found.told():
        assert one == two
    assert len(found.second) >= 3
    assert found.second.context("azure")["managed_groups"]
    assert {path for _, path, _ in told} == {"/subscriptions"}


def test_gcp(tmp_path: Path) -> None:
    account = "shop@acme-shop.iam.gserviceaccount.com"
    full = f"//iam.googleapis.com/projects/acme-shop/serviceAccounts/{account}"
    documents = [
        of_gcp.project("acme-shop", 1),
        {
            "name": full,
            "assetType": "iam.googleapis.com/ServiceAccount",
            "data": {"name": full[len("//iam.googleapis.com/") :], "uniqueId": "117", "email": account},
        },
        *(of_gcp.topic("acme-shop", name) for name in ("orders", "bills")),
    ]
    with gcp(documents) as server:
        given = of_gcp.settings(server, projects=["acme-shop"])
        found = twice(tmp_path, GcpProvider(), given, [of_gcp.TOPIC], requests=lambda: len(server.calls))
        told = {name for name, _ in server.calls[found.requests[0] :]}
    for one, two in found.told():
        assert one == two
    assert len(found.second) >= 3
    assert found.second.context("gcp")["accounts"] == {"117": account}
    assert not any("Asset" in name for name in told), told


def test_kubernetes(tmp_path: Path) -> None:
    estate = Path(of_kubernetes.__file__).with_name("estate.yaml")
    with cluster(list(yaml.safe_load_all(estate.read_text()))) as server:
        given = of_kubernetes.of(server.kubeconfig)
        found = twice(tmp_path, KubernetesProvider(), given, requests=lambda: len(server.requests))
        told = [path for _, path in server.requests[found.requests[0] :]]
    for one, two in found.told():
        assert one == two
    assert len(found.second) > 10
    assert not any("limit=" in path for path in told)
    assert any("openapi" in path for path in told)  # the shapes are all kinds', and read anew
