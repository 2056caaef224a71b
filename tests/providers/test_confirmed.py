"""What seems to be missing or critical is read once more in each cloud, whose lists may be late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import load
from drift.errors import CellError
from drift.live import collect
from drift.live.estate import Estate
from drift.model import Resource
from drift.redaction import Redactor
from drift.resumption import Resumption
from drift.scan import Run
from drift.task import Confirms, Wanted
from providers.aws.loopback import environment
from providers.aws.provider import AwsProvider
from providers.aws.settings import Settings as AwsSettings
from providers.azure import AzureProvider
from providers.azure.loopback import cloud as azure
from providers.gcp import GcpProvider
from providers.gcp.loopback import cloud as gcp
from providers.kubernetes import KubernetesProvider
from providers.kubernetes.loopback import cluster
from tests.conftest import client, declare_queue, report_validator
from tests.faulty import Call, Weather, faulty
from tests.providers.azure import live_reading as of_azure
from tests.providers.gcp import live_reading as of_gcp
from tests.providers.kubernetes import helpers as of_kubernetes

#: A list without a member, as SQS answers it.
NONE = 200, b"{}", {"Content-Type": "application/x-amz-json-1.0"}


def read(provider: Any, settings: Any, *types: str) -> tuple[Estate, Any, Callable[[Resource], Any]]:
    """The estate, the connection, and what the connection confirms, as it is kept."""
    estate, redactor, name = Estate({provider.name: provider}), Redactor("k"), provider.name
    wanted = {name: Wanted(frozenset(types))}
    (live,) = collect.from_clouds(estate, {name: settings}, wanted, redactor, 4).values()
    assert isinstance(live, Confirms)
    arrived = collect.arriving(estate, redactor)

    def confirmed(resource: Resource) -> Resource | None:
        found = live.confirm(resource.but(attributes={}))
        return None if found is None else arrived(found)

    return estate, live, confirmed


def same(estate: Estate, confirmed: Callable[[Resource], Any]) -> int:
    """How many resources there are, each of which a second reading finds as the first did."""
    for one in estate:
        again = confirmed(one)
        assert again is not None, one
        assert (again.id, again.cell) == (one.id, one.cell)
        assert again.attributes == one.attributes, one.type
    return len(estate)


def test_kubernetes() -> None:
    bodies = list(yaml.safe_load_all(Path(of_kubernetes.__file__).with_name("estate.yaml").read_text()))
    with cluster(bodies) as server:
        estate, _, confirmed = read(KubernetesProvider(), of_kubernetes.of(server.kubeconfig))
        assert same(estate, confirmed) > 20
        deployment = next(one for one in estate if one.type == "apps/v1/Deployment")
        server.store.delete("apps/Deployment", str(deployment.id))
        assert confirmed(deployment) is None
        with pytest.raises(CellError, match="does not serve"):
            confirmed(deployment.but(type="apps/v9/Nothing"))


def test_azure() -> None:
    bodies = [
        of_azure.subscription(of_azure.ONE, "shop"),
        *(of_azure.body(of_azure.VNET, name, properties={"n": name}) for name in ("v", "w")),
        {"id": of_azure.group(), "location": "westeurope"},
        site := of_azure.body("Microsoft.Web/sites", "shop"),
        of_azure.body("Microsoft.Web/sites/config", "shop/web"),
    ]
    with azure(bodies) as server:
        settings = f"{site['id']}/config/appsettings"
        server.store.settings[settings.lower()] = {"STAGE": "prod"}
        types = of_azure.VNET, "Microsoft.Web/sites", "Microsoft.Web/sites/config"
        estate, _, confirmed = read(AzureProvider(), of_azure.settings(server), *types)
        assert same(estate, confirmed) >= 6
        told = next(one for one in estate if one.id == settings.lower())
        assert confirmed(told.but(id=settings.replace("/shop/", "/gone/").lower())) is None
        gone = next(one for one in estate if one.name == "w")
        server.store.remove(str(bodies[2]["id"]))
        assert confirmed(gone) is None
        server.store.add(of_azure.body(of_azure.VNET, "late"))
        late = confirmed(gone.but(id=str(gone.id).replace("/w", "/late"), name="late"))
        assert late.name == "late"


def test_gcp() -> None:
    topic = of_gcp.topic("acme-shop", "late")
    documents = [
        of_gcp.project("acme-shop", 1, iamPolicy=of_gcp.policy("roles/owner", "user:ada@acme.example")),
        of_gcp.topic("acme-shop", "orders"),
    ]
    with gcp(documents) as server:
        given = of_gcp.settings(server, projects=["acme-shop"])
        estate, _, confirmed = read(GcpProvider(), given, of_gcp.TOPIC)
        assert same(estate, confirmed) >= 2
        orders = next(one for one in estate if one.name == "orders")
        wanted = orders.but(id=topic["name"], name="late")
        assert confirmed(wanted) is None
        server.store.add(topic)
        assert confirmed(wanted).name == "late"


@pytest.fixture
def shop(fresh_aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Weather]]:
    """An AWS of one queue that is declared, behind a proxy."""
    client(fresh_aws, "sqs").create_queue(QueueName="orders")
    declare_queue(tmp_path)
    with faulty(fresh_aws) as (url, weather):
        for name, value in environment(url, "us-east-1").items():
            monkeypatch.setenv(name, value)
        yield url, weather


def scanned(folder: Path, more: str = "", **said: Any) -> dict[str, Any]:
    (folder / "drift.yaml").write_text(
        "version: 1\ndeclared: [{path: declared.jsonl}]\nattribution: {calls: 0}\n"
        f'live: {{aws: {{regions: [us-east-1], include: ["AWS::SQS::Queue"], max_attempts: 1}}}}\n{more}'
    )
    report = Run(load(folder / "drift.yaml"), **said).scan().report
    report_validator().validate(report)
    return report


def first(weather: Weather, *faults: Any) -> None:
    """The first lists of queues are answered so; None lets one through."""
    left = list(faults)

    def fault(call: Call) -> Any:
        return left.pop(0) if call.operation == "ListQueues" and left else None

    weather.fault = fault


def test_what_was_late_is_no_finding(shop: tuple[str, Weather], tmp_path: Path) -> None:
    first(shop[1], NONE)
    report = scanned(tmp_path)
    assert report["findings"] == [] and report["summary"]["in_sync"] == 1
    assert report["run"]["confirmed"] == {"asked": 1, "confirmed": 0, "otherwise": 1, "untold": 0}
    assert [row["resources"] for row in report["compared"]] == [1]


def test_what_is_missing_twice_is_missing(shop: tuple[str, Weather], tmp_path: Path) -> None:
    first(shop[1], NONE, NONE)
    (finding,) = scanned(tmp_path)["findings"]
    assert finding["kind"] == "missing" and "note" not in finding


def test_of_what_nobody_can_tell_it_is_said(shop: tuple[str, Weather], tmp_path: Path) -> None:
    first(shop[1], NONE, "denied")
    report = scanned(tmp_path)
    (finding,) = report["findings"]
    assert finding["kind"] == "missing"
    assert finding["note"].startswith("not confirmed by a second reading: sqs:ListQueues")
    assert report["run"]["confirmed"]["untold"] == 1


def test_beyond_the_budget_nothing_is_asked(shop: tuple[str, Weather], tmp_path: Path) -> None:
    first(shop[1], NONE)
    (finding,) = scanned(tmp_path, "confirm: {findings: 0}\n")["findings"]
    assert finding["kind"] == "missing" and "note" not in finding
    assert len([one for one in shop[1].calls if one.operation == "ListQueues"]) == 1


def resumed(folder: Path, asked: str | None = None) -> dict[str, Any]:
    """A run that keeps what it reads, or goes on with one that did."""
    config = load(folder / "drift.yaml")
    run = Run(config)
    run.resumption = Resumption(folder / "runs", config, asked)
    report = run.scan().report
    run.resumption.end(whole=False)
    report_validator().validate(report)
    return report


def test_what_was_made_since_an_earlier_reading_is_not_missing(
    shop: tuple[str, Weather], tmp_path: Path
) -> None:
    assert scanned(tmp_path, "redaction: {key: k}\n")["findings"] == []
    assert resumed(tmp_path)["findings"] == []
    client(shop[0], "sqs").create_queue(QueueName="bills")
    declared = (tmp_path / "declared.jsonl").read_text()
    (tmp_path / "declared.jsonl").write_text(declared + declared.replace("orders", "bills"))
    shop[1].fault = lambda call: "denied" if call.operation == "ListQueues" else None
    report = resumed(tmp_path, "latest")
    (line,) = report["unverifiable"]
    assert "by an earlier run, and it could not be asked for since" in line["reason"]
    assert report["findings"] == []
    shop[1].fault = lambda _: None
    report = resumed(tmp_path, "latest")
    assert report["findings"] == [] and report["summary"]["in_sync"] == 2
    assert report["run"]["confirmed"]["otherwise"] == 1


def test_aws_finds_each_resource_again(shop: tuple[str, Weather]) -> None:
    url = shop[0]
    client(url, "sns").create_topic(Name="bills")
    client(url, "s3").create_bucket(Bucket="acme-shop")
    client(url, "iam").create_role(RoleName="deploy", AssumeRolePolicyDocument="{}")
    include = ["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::EC2::VPC"]
    settings = AwsSettings.model_validate({"regions": ["us-east-1"], "include": include, "endpoint": url})
    estate, live, confirmed = read(AwsProvider(), settings)
    assert same(estate, confirmed) >= 5
    queue = next(one for one in estate if one.type == "AWS::SQS::Queue")
    assert confirmed(queue.but(id=str(queue.id).replace("orders", "bills"), name="bills")) is None
    with pytest.raises(CellError, match="the account 111111111111 was not entered"):
        live.confirm(queue.but(scope="111111111111"))
