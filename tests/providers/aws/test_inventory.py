"""What nobody declares is counted of every type, by an inventory that is whole, or the ledger says why
not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
import yaml

from drift.config.model import parse
from drift.history.place import place
from drift.model import Resource
from drift.scan import Run
from providers.aws.beyond import AwsHooks
from providers.aws.facts import catalogue
from providers.aws.inventory import INVENTORY, NAMED
from providers.aws.inventory_types import Names, own_id, read_with
from providers.aws.loopback import ACCOUNT
from providers.aws.owned import stack_of
from providers.aws.system import made_by_aws, needs_reading
from tests import forked_aws
from tests.conftest import client
from tests.providers.aws.inventory_estate import ACCESS, KEY, OTHER, REGIONS, Front, expected, items

#: Read by their own calls, alone: so a run takes no time.
READ = ("AWS::SQS::Queue", "AWS::IAM::User", "AWS::ECS::Service")
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:declared"
SHARE = f"arn:aws:ram:us-east-1:{ACCOUNT}:resource-share/r"
#: What CloudFormation writes, and what anybody may copy.
FORGED = "aws:cloudformation:stack-name"
ONE = ("us-east-1",)
Scan = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with forked_aws.moto() as url:
        client(url, "sqs").create_queue(QueueName="declared")
        client(url, "sqs").create_queue(QueueName="extra", tags={FORGED: "payments"})
        body = {"Resources": {"Orders": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "stacked"}}}}
        client(url, "cloudformation").create_stack(StackName="payments", TemplateBody=json.dumps(body))
        client(url, "iam").create_user(UserName="somebody")
        yield url


@pytest.fixture
def front(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    entries = {type_: catalogue().entries[type_] for type_ in READ}
    monkeypatch.setattr("providers.aws.live.catalogue", lambda: SimpleNamespace(entries=entries))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "loopback")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with closing(Front(aws, items())) as here:
        yield here


def declared(*records: dict[str, Any]) -> str:
    place = {"provider": "aws", "scope": ACCOUNT, "region": "us-east-1"}
    return yaml.safe_dump_all([{**place, **one} for one in records])


@pytest.fixture
def scan(front: Front, tmp_path: Path) -> Scan:
    def run(
        inventory: str = "auto",
        *,
        regions: tuple[str, ...] = REGIONS,
        only: tuple[str, ...] = (),
        more: str = "",
        said: Mapping[str, Any] = MappingProxyType({}),
        history: bool = False,
        **live: Any,
    ) -> dict[str, Any]:
        queue = {"type": "AWS::SQS::Queue", "id": QUEUE, "attributes": {"QueueName": "declared"}}
        (tmp_path / "base.yaml").write_text(declared(queue) + more)
        aws = {"regions": [*regions], "endpoint": front.url, "inventory": inventory}
        document = {
            "version": 1,
            "declared": [{"path": "base.yaml"}],
            "live": {"aws": {**aws, "max_attempts": 1, **live}},
            **said,
        }
        text = yaml.safe_dump(document)
        remembered = place("history.db", tmp_path) if history else None
        config = parse(text, "drift.yaml", tmp_path, None, {})
        return Run(config, only=only, remembered=remembered).scan().report

    return run


def counted(report: dict[str, Any]) -> Counter[tuple[str, str]]:
    return Counter({(one["type"], one["region"]): one["resources"] for one in report["unmanaged_not_listed"]})


def rows(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The ledger's rows on inventories, by region."""
    return {one["region"]: one for one in report["coverage"] if one["type"] == INVENTORY}


def listed(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["type"], one["resource_id"]) for one in report["findings"] if one["kind"] == "unmanaged"}


ALL_LISTED = {
    *((type_, f"arn:aws:{form.format(account=ACCOUNT)}") for type_, form in ACCESS.items()),
    ("AWS::SQS::Queue", QUEUE.replace("declared", "extra")),
    ("AWS::SQS::Queue", QUEUE.replace("declared", "stacked")),
    ("AWS::IAM::User", f"arn:aws:iam::{ACCOUNT}:user/somebody"),
}


@pytest.mark.parametrize("typed", [True, False])
def test_every_type_is_counted_by_an_aggregator_index(front: Front, scan: Scan, typed: bool) -> None:
    front.indexes()
    front.explorer.typed = typed
    report = scan()
    assert counted(report) == expected()
    assert listed(report) == ALL_LISTED
    row = rows(report)["global"]
    assert row["status"] == "checked"
    assert "aggregator index in us-east-1" in row["message"]
    assert row["resources"] == sum(expected().values()) + len(ACCESS)
    assert "without 2 that AWS makes by itself" in row["message"]
    assert "of 3 AWS::EC2::NetworkInterface only reading them tells what AWS made" in row["message"]
    assert len(rows(report)) == 1
    asked = front.explorer.faults.asked
    assert not asked["Search"]
    assert asked["ListResources"] == 1
    assert sum(asked.values()) <= 2 + 6  # two of them turn it on
    assert report["run"]["exit_code"] == 2


def test_pages_are_read_to_the_end(front: Front, scan: Scan) -> None:
    front.indexes()
    thing = "arn:aws:iot:us-east-1:{}:thing/more-{}"
    front.estate += [
        one._replace(arn=thing.format(ACCOUNT, number))
        for one in front.estate
        if one.arn.endswith(":thing/t0") and one.region == "us-east-1"
        for number in range(2_100)
    ]
    report = scan(regions=ONE)
    assert counted(report)[("AWS::IoT::Thing", "us-east-1")] == 2_111
    assert front.explorer.faults.asked["ListResources"] == 3


def test_local_indexes_tell_of_their_own_regions(front: Front, scan: Scan) -> None:
    front.indexes(None, ("us-east-1",))
    report = scan()
    assert counted(report) == expected(["us-east-1"])
    assert rows(report)["eu-west-1"]["status"] == "skipped"
    assert "no index in eu-west-1" in rows(report)["eu-west-1"]["message"]
    front.indexes(None, REGIONS)
    assert counted(scan()) == expected()


def test_no_inventory_is_said_and_forgiven_unless_one_is_asked_for(front: Front, scan: Scan) -> None:
    front.estate.clear()
    report = scan()
    assert not counted(report)
    (row,) = rows(report).values()
    assert row["status"] == "skipped"
    assert "Resource Explorer has no index" in row["message"]
    assert "AWS Config records nothing" in row["message"]
    assert "turn on Resource Explorer" in row["message"]
    assert not front.explorer.faults.asked["ListResources"]  # a search in a region without an index makes it
    for name in ("explorer", "config"):
        (row,) = rows(scan(name, regions=ONE)).values()
        assert row["status"] == "failed"


def test_what_is_refused_is_forgiven_unless_it_is_asked_for(front: Front, scan: Scan) -> None:
    front.indexes()
    front.explorer.faults.denied = {"ListIndexes"}
    front.config.faults.denied = {"DescribeConfigurationRecorders"}
    (row,) = rows(scan(regions=ONE)).values()
    assert row["status"] == "skipped"
    assert "ListIndexes" in row["message"]
    (row,) = rows(scan("explorer", regions=ONE)).values()
    assert row["status"] == "denied"


def test_a_view_with_a_filter_is_no_whole_inventory(front: Front, scan: Scan) -> None:
    front.indexes()
    front.view("us-east-1", "some", "service:sagemaker")
    report = scan()  # another view of the index leaves nothing out
    assert counted(report) == expected()
    front.explorer.views = {
        arn: view for arn, view in front.explorer.views.items() if view["Filters"]["FilterString"]
    }
    report = scan()
    notebooks = {key: count for key, count in expected().items() if "SageMaker" in key[0]}
    assert counted(report) == Counter(notebooks)
    for region in REGIONS:
        assert rows(report)[region]["status"] == "skipped"
        assert "filter 'service:sagemaker'" in rows(report)[region]["message"]
    assert {one["status"] for one in rows(scan("explorer")).values()} == {"failed", "checked"}
    front.explorer.views.clear()
    front.explorer.defaults.clear()
    messages = [one["message"] for one in rows(scan()).values()]
    assert any("the index in us-east-1 has no view" in one for one in messages), messages


def test_a_view_of_an_organisation_tells_of_each_account_its_own(front: Front, scan: Scan) -> None:
    front.estate += items(OTHER)
    front.explorer.indexes[(OTHER, "us-east-1")] = "LOCAL"
    front.indexes()
    front.view("us-east-1", "everybody", "", scope="arn:aws:organizations::1:organization/o-1")
    assert counted(scan()) == expected()
    front.view("us-east-1", "unit", "", scope="arn:aws:organizations::1:ou/o-1/ou-1")
    front.explorer.views = {
        arn: view for arn, view in front.explorer.views.items() if view["ViewName"] == "unit"
    }
    assert "ou-1" in rows(scan())["us-east-1"]["message"]


@pytest.mark.parametrize(
    ("fault", "status"), [("throttled", "throttled"), ("broken", "failed"), ("denied", "skipped")]
)
def test_a_listing_that_breaks_off_is_never_the_whole(
    front: Front, scan: Scan, fault: str, status: str
) -> None:
    front.indexes()
    if fault == "throttled":
        front.explorer.faults.throttled["ListResources"] = -1
    else:
        setattr(front.explorer.faults, fault, {"ListResources"})
    front.estate = [one for one in front.estate if "snapshot" not in one.arn]
    row = rows(scan(regions=ONE))["global"]
    assert row["status"] == status
    assert "ListResources" in row["message"]


def by_config() -> Counter[tuple[str, str]]:
    return Counter({key: count for key, count in expected().items() if key[0].startswith("AWS::")})


def test_config_tells_by_an_aggregator(front: Front, scan: Scan) -> None:
    for region in REGIONS:
        front.records(region)
    aggregator = {
        "ConfigurationAggregatorName": "everything",
        "OrganizationAggregationSource": {"RoleArn": "r", "AllAwsRegions": True},
    }
    front.config.aggregators[(ACCOUNT, "eu-west-1")] = [aggregator]
    report = scan()
    assert counted(report) == by_config()
    assert listed(report) == ALL_LISTED
    assert "aggregator everything in eu-west-1" in rows(report)["global"]["message"]
    asked = front.config.faults.asked
    assert asked["SelectAggregateResourceConfig"] <= 3
    assert not asked["SelectResourceConfig"]
    front.config.sources = [
        {
            "SourceId": ACCOUNT,
            "SourceType": "ACCOUNT",
            "AwsRegion": "us-east-1",
            "LastUpdateStatus": "FAILED",
            "LastErrorCode": "AccessDenied",
        }
    ]
    assert counted(scan("config")) == by_config()
    assert asked["SelectResourceConfig"]  # what the aggregator has no news of is asked for itself


def test_what_config_does_not_record_is_said(front: Front, scan: Scan) -> None:
    front.records("us-east-1", allSupported=False, resourceTypes=["AWS::EKS::Cluster", "AWS::SQS::Queue"])
    front.records("eu-west-1")
    front.config.recorders[(ACCOUNT, "eu-west-1")]["recording"] = False
    report = scan("config")
    assert counted(report) == Counter({("AWS::EKS::Cluster", "us-east-1"): 1})
    said = rows(report)
    assert "records AWS::EKS::Cluster, AWS::SQS::Queue only" in said["us-east-1"]["message"]
    assert "a recorder that is off in eu-west-1" in said["eu-west-1"]["message"]
    assert {said[region]["status"] for region in REGIONS} == {"failed"}
    assert report["run"]["exit_code"] == 2
    front.config.recorders[(ACCOUNT, "us-east-1")]["recordingGroup"] = {
        "allSupported": False,
        "exclusionByResourceTypes": {"resourceTypes": ["AWS::IoT::Thing"]},
        "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
    }
    assert "leaves out AWS::IoT::Thing" in rows(scan("config"))["us-east-1"]["message"]


def test_what_is_named_is_never_compared_nor_missing(front: Front, scan: Scan, tmp_path: Path) -> None:
    """A snapshot that was taken without what declares a type holds of it what an inventory names."""
    front.indexes()
    (tmp_path / "base.yaml").write_text(declared())
    document = {
        "version": 1,
        "live": {"aws": {"regions": [*REGIONS], "endpoint": front.url}},
    }
    config = parse(yaml.safe_dump(document), "drift.yaml", tmp_path, None, {})
    run = Run(config)
    result = run.scan()
    result.live(tmp_path / "live.jsonl")
    type_ = "AWS::IoT::Thing"
    there = own_id(type_, f"arn:aws:iot:us-east-1:{ACCOUNT}:thing/t0")
    thing = {"type": type_, "id": there, "attributes": {"AttributePayload": {"Attributes": {"a": "b"}}}}
    gone = {"type": type_, "id": "gone", "attributes": {}}
    (tmp_path / "base.yaml").write_text(declared(thing, gone))
    offline = {"version": 1, "declared": [{"path": "base.yaml"}]}
    config = parse(yaml.safe_dump(offline), "drift.yaml", tmp_path, None, {})
    report = Run(config, live=[tmp_path / "live.jsonl"]).scan().report
    assert not [one for one in report["findings"] if one["kind"] != "unmanaged"]
    reasons = {one["resource_id"]: one["reason"] for one in report["unverifiable"]}
    assert "only that it is there was read" in reasons[there]
    assert "gone" in reasons
    queues, things = ("AWS::SQS::Queue", "us-east-1"), (type_, "us-east-1")
    assert counted(report) == Counter({**expected(), queues: 3, things: 10})


def test_what_is_declared_of_a_type_that_nothing_reads_is_nobodys_no_more(front: Front, scan: Scan) -> None:
    front.indexes()
    front.estate.append(front.estate[0]._replace(type="AWS::SSO::Unread", arn=SHARE.replace("ram", "sso")))
    unread = {"type": "AWS::SSO::Unread", "id": SHARE.replace("ram", "sso"), "attributes": {}}
    found = listed(scan(more="---\n" + declared(unread), regions=ONE))
    assert ("AWS::SSO::Unread", unread["id"]) not in found
    assert ("AWS::SSO::Unread", unread["id"]) in listed(scan(regions=ONE))


def test_only_leaves_it_out(front: Front, scan: Scan) -> None:
    front.indexes()
    (row,) = rows(scan(only=("AWS::SQS::*",))).values()
    assert (row["status"], row["message"]) == ("skipped", "left out by --only")


NAMES = {
    ("ec2:instance", ""): "AWS::EC2::Instance",
    ("elasticloadbalancing:loadbalancer", "/app/x/1"): "AWS::ElasticLoadBalancingV2::LoadBalancer",
    ("elasticloadbalancing:loadbalancer", "/x"): "AWS::ElasticLoadBalancing::LoadBalancer",
    ("rds:subgrp", ""): "AWS::RDS::DBSubnetGroup",
    ("states:stateMachine", ""): "AWS::StepFunctions::StateMachine",
    ("ec2:snapshot", ""): "ec2:snapshot",
}


@pytest.mark.parametrize(("name", "rest"), NAMES)
def test_names_of_types(name: str, rest: str) -> None:
    arn = f"arn:aws:{name.split(':')[0]}:eu-west-1:{ACCOUNT}:{name.split(':')[1]}{rest}"
    assert Names().type(name, arn) == NAMES[(name, rest)]


def test_what_the_service_says_of_its_types_names_the_rest() -> None:
    told = {"new:thing": ("AWS::New::Thing",), "two:things": ("AWS::A::B", "AWS::C::D")}
    assert Names(told).type("new:thing", "") == "AWS::New::Thing"
    assert Names(told).type("two:things", "") == "two:things"


def test_rules_over_names_hold_without_reading() -> None:
    place = {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "us-east-1",
        "attributes": {},
        "unread": {"": NAMED},
    }

    def why(type_: str, name: str) -> str | None:
        return made_by_aws(Resource(**place, type=type_, id=name, name=name), {})

    assert why("AWS::ElastiCache::ParameterGroup", "default.redis7")
    assert why("AWS::ElastiCache::ParameterGroup", "ours") is None
    assert why("AWS::EC2::TransitGateway", "tgw-1") is None
    assert needs_reading("AWS::EC2::NetworkInterface")
    assert not needs_reading("AWS::EC2::TransitGateway")


def test_ids_are_those_of_our_own_reading() -> None:
    assert own_id("AWS::EC2::VPC", "arn:aws:ec2:eu-west-1:1:vpc/vpc-1") == "vpc-1"
    assert own_id("AWS::SQS::Queue", QUEUE) == QUEUE
    assert "AWS::S3::Bucket" in read_with("AWS::S3::BucketPolicy")


def test_a_stack_is_told_by_its_own_list_and_never_by_a_tag(front: Front, scan: Scan) -> None:
    """Nor does a rule hide what only claims to belong to one."""
    rule = {"tags": {FORGED: "*"}, "reason": "of a stack", "owner": "me", "until": "2099-01-01"}
    report = scan("none", regions=ONE, said={"ignore": [rule]})
    assert rows(report) == {}
    stacks = {one["name"]: one["content"].get("Stack") for one in report["findings"]}
    assert stacks == {"extra": None, "stacked": "payments in us-east-1, as Orders", "somebody": None}
    assert not report["suppressed"]


def test_tags_that_claim_a_stack_tell_no_rule() -> None:
    tags = [{"Key": FORGED, "Value": "payments"}, {"Key": "team", "Value": "a"}]
    live = Resource("aws", ACCOUNT, "AWS::SQS::Queue", QUEUE, {"Tags": tags}, "us-east-1", "declared")
    assert list(AwsHooks().labels(live)) == [("team", "a")]
    url = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/declared"
    queue = {"type": "AWS::SQS::Queue", "physical_id": url}
    stack = {"scope": ACCOUNT, "region": "us-east-1", "name": "payments", "resources": {"Orders": queue}}
    context = {"stacks": [stack]}
    assert stack_of(live, context) == ("payments", "us-east-1", "Orders")
    assert stack_of(live.but(region="eu-west-1"), context) is None
    assert stack_of(live, {}) is None


def test_an_organisations_view_tells_of_accounts_whose_roles_may_not_ask(front: Front, scan: Scan) -> None:
    front.estate += items(OTHER)
    for region, type_ in (("us-east-1", "AGGREGATOR"), ("eu-west-1", "LOCAL")):
        front.explorer.indexes[(OTHER, region)] = type_
    front.indexes()
    front.refused = {OTHER}
    accounts = [{"id": ACCOUNT}, {"id": OTHER, "role": "read"}]

    def of_other() -> tuple[Counter[tuple[str, str]], list[dict[str, Any]]]:
        report = scan(accounts=accounts)
        cells = [one for one in report["unmanaged_not_listed"] if one["scope"] == OTHER]
        ledger = [one for one in report["coverage"] if one["type"] == INVENTORY and one["scope"] == OTHER]
        return Counter({(one["type"], one["region"]): one["resources"] for one in cells}), ledger

    counts, (row,) = of_other()
    assert not counts
    assert (row["status"], "ListIndexes" in row["message"]) == ("skipped", True)
    front.view("us-east-1", "everybody", "", default=False, scope="arn:aws:organizations::1:organization/o-1")
    counts, (row,) = of_other()
    assert counts == expected()
    assert "the organisation's view in us-east-1" in row["message"]
    front.explorer.indexes[(OTHER, "us-east-1")] = "LOCAL"  # nothing replicates to where the view is
    counts, ledger = of_other()
    assert counts == expected(["us-east-1"])
    assert {one["region"]: one["status"] for one in ledger} == {"global": "checked", "eu-west-1": "skipped"}


def test_what_a_whole_inventory_names_no_more_has_ended(front: Front, scan: Scan, tmp_path: Path) -> None:
    def nights() -> tuple[dict[str, str], dict[str, str]]:
        report = scan(history=True, regions=ONE)
        open_ = {
            one["resource_id"]: one["status"] for one in report["findings"] if "ram" in one["resource_id"]
        }
        return open_, {one["resource_id"]: one["resolution"] for one in report["resolved"]}

    front.indexes()
    assert nights() == ({SHARE: "new"}, {})
    everything = front.estate
    front.estate = [one for one in everything if one.arn != SHARE]
    front.explorer.faults.broken = {"ListResources"}
    assert nights() == ({SHARE: "unknown"}, {})  # the listing broke off
    front.explorer.faults.broken = set()
    assert nights() == ({}, {SHARE: "restored"})


def test_a_type_that_is_read_elsewhere_only_is_counted_here(front: Front, scan: Scan) -> None:
    front.estate += items(OTHER)
    front.explorer.indexes[(OTHER, "us-east-1")] = "LOCAL"
    front.account = OTHER
    front.view("us-east-1", "all", "")
    front.account = ACCOUNT
    front.indexes()
    app = {
        "type": "AWS::Amplify::App",
        "id": f"arn:aws:amplify:us-east-1:{ACCOUNT}:apps/a0",
        "attributes": {},
    }
    accounts = [{"id": ACCOUNT}, {"id": OTHER, "role": "read"}]
    report = scan(regions=ONE, accounts=accounts, more="---\n" + declared(app))
    cells = {
        one["scope"]: one["resources"] for one in report["unmanaged_not_listed"] if "Amplify" in one["type"]
    }
    assert cells == {OTHER: 5}
