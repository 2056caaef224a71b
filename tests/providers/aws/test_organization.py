"""A whole organisation: which accounts are read and in which regions, and what of it can't be read is one row
each, while all others are read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic import ValidationError

from drift.config.model import parse
from drift.errors import CellError
from drift.model import Coverage, Resource
from drift.scan import Run
from drift.task import Wanted
from providers.aws import bounded
from providers.aws.accounts import Entered, entered, places
from providers.aws.live import AwsLive
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.partitions import partition_of
from providers.aws.permissions import permissions
from providers.aws.session import Clients, Refused
from providers.aws.settings import Settings
from tests.faulty import Call
from tests.providers.aws.organization_estate import (
    REGION,
    ROLE,
    Estate,
    answer,
    denied,
    organisation,
    role_in,
)

#: What AWS answers where a service control policy denies:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
SCP = (
    "User: arn:aws:sts::{account}:assumed-role/drift-read/drift is not authorized to perform: sqs:ListQueues "
    "on resource: * with an explicit deny in a service control policy"
)


@pytest.fixture(scope="module")
def made() -> Iterator[Estate]:
    with organisation() as found:
        yield found


@pytest.fixture
def estate(made: Estate, monkeypatch: pytest.MonkeyPatch) -> Estate:
    return made.at_rest(monkeypatch)


# Which accounts


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, "data master old play shop toys"),
        ({"units": ["Workloads"]}, "data old shop"),
        ({"units": ["Workloads/Prod"]}, "data shop"),
        ({"units": ["Prod", "Sandbox"], "exclude": ["toys"]}, "data play shop"),
        ({"units": ["Work*"], "include": ["s*", "play"]}, "shop"),
        ({"tags": {"env": "prod*"}}, "data old shop"),
        ({"tags": {"env": ["prod", "dev"], "team": "*"}}, "shop"),
        ({"units": ["Sandbox"], "tags": {"env": "dev"}}, "play"),
    ],
    ids=str,
)
def test_accounts_are_told_by_unit_tag_and_glob(estate: Estate, said: dict[str, Any], found: str) -> None:
    assert estate.names(estate.entered(**said)) == set(found.split())


def test_units_are_named_by_their_ids_too(estate: Estate) -> None:
    workloads, sandbox = estate.units["Workloads"], estate.units["Sandbox"]
    assert estate.names(estate.entered(units=[workloads])) == {"shop", "data", "old"}
    assert "ListRoots" not in {call.operation for call in estate.weather.calls}
    assert estate.names(estate.entered(units=[workloads, "Workloads/Prod", sandbox])) == {
        *("shop", "data", "old", "play", "toys"),
    }
    assert len(estate.entered(units=[estate.root])) == 6


def test_a_unit_that_is_not_there_is_told(estate: Estate) -> None:
    one, *others = estate.entered(units=["Prod", "Prud"])
    assert isinstance(one, Refused) and (one.account, one.error.status) == ("*", "failed")
    assert "no organizational unit Prud" in one.error.message
    assert estate.names(others) == {"shop", "data"}


def test_an_id_of_a_unit_that_is_not_there_is_told_and_hides_no_other_unit(estate: Estate) -> None:
    wrong = "ou-zzzz-99999999"
    one, *others = estate.entered(units=[wrong, estate.units["Prod"]])
    assert isinstance(one, Refused) and (one.account, one.error.status) == ("*", "failed")
    assert f"no organizational unit {wrong}" in one.error.message
    assert estate.names(others) == {"shop", "data"}
    (alone,) = estate.entered(units=[wrong])
    assert isinstance(alone, Refused) and "no organizational unit" in alone.error.message


@pytest.mark.parametrize(
    ("said", "told", "found"),
    [
        ({"include": ["s*", "nobody-*"]}, ("failed", "include: there is no account nobody-*"), "shop"),
        ({"exclude": ["*"]}, ("failed", "no account is left by include and exclude, of 6"), ""),
        ({"tags": {"env": "nowhere"}}, ("failed", "no account is left by include and tags, of 6"), ""),
        ({"units": ["Prod"], "include": ["play"]}, ("failed", "no account is left by include, of 2"), ""),
        (
            {
                "tags": {"env": "prod"},
                "overrides": [{"accounts": ["shop", "dta-*"], "regions": ["eu-west-2"]}],
            },
            ("skipped", "overrides: there is no account dta-*"),
            "old shop",
        ),
    ],
)
def test_what_means_no_account_is_told(
    estate: Estate, said: dict[str, Any], told: tuple[str, str], found: str
) -> None:
    one, *others = estate.entered(**said)
    assert isinstance(one, Refused) and (one.account, one.error.status) == ("*", told[0])
    assert told[1] in one.error.message
    assert estate.names(others) == set(found.split())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"accounts": [{"id": "1" * 12, "role": "one"}, {"id": "1" * 12, "role": "other"}]}, "1" * 12),
        ({"regions": ["all", "eu-west-1"]}, "regions: all"),
        ({"organization": {"role": "arn:aws:iam::111111111111:role/reader"}}, "a name"),
        ({"organization": {"overrides": [{"accounts": ["*"], "role": "/audit/reader"}]}}, "a name"),
        ({"accounts": [{"id": "1" * 12, "regions": ["all"]}]}, "regions: all"),
        ({"types": ["AWS::MediaLive::*", "AWS::MediLive::*"]}, "did you mean 'AWS::MediaLive::\\*'"),
        ({"types": ["aws::appconfig::application"]}, "did you mean 'AWS::AppConfig::Application'"),
        ({"types": ["AWS::Foo::*"]}, "no type that can be read fits 'AWS::Foo::\\*'"),
    ],
)
def test_what_could_be_meant_in_two_ways_is_asked_back(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings.model_validate(said)


def test_a_closed_account_is_skipped_with_its_state(estate: Estate) -> None:
    (one,) = estate.entered(include=["old"])
    assert isinstance(one, Refused) and one.error.status == "skipped"
    assert one.error.message.startswith("the account is SUSPENDED")


def test_roles_and_regions_of_members_are_overridden(estate: Estate) -> None:
    found = estate.entered(
        role="drift-read",
        external_id="ours",
        include=["shop", "data", "master"],
        overrides=[
            {"accounts": ["sh*"], "role": "audit/reader", "external_id": "theirs", "regions": ["us-east-1"]},
            {"accounts": ["*"], "regions": "all"},
        ],
    )
    told = {one.place.account: one for one in found if isinstance(one, Entered)}
    shop, data, master = (told[estate.accounts[name]] for name in ("shop", "data", "master"))
    assert shop.place.role == f"arn:aws:iam::{estate.accounts['shop']}:role/audit/reader"
    ids = [one.place.external_id for one in (shop, data)]
    assert [one and one.get_secret_value() for one in ids] == ["theirs", "ours"]
    assert shop.regions == ("us-east-1",)
    assert data.place.role == f"arn:aws:iam::{estate.accounts['data']}:role/drift-read"
    assert {"us-east-1", REGION} < set(data.regions)
    assert master.place.role is None  # the caller's own
    bodies = [call.body.decode() for call in estate.weather.calls if call.operation == "AssumeRole"]
    assert sorted(one.partition("ExternalId=")[2].split("&")[0] for one in bodies) == ["ours", "theirs"]


@pytest.mark.parametrize(("partition", "region"), [("aws-us-gov", "us-gov-east-1"), ("aws-cn", "cn-north-1")])
def test_an_organisation_lies_in_its_partition(estate: Estate, partition: str, region: str) -> None:
    shop = estate.accounts["shop"]
    arn = f"arn:{partition}:organizations::{ACCOUNT}:account/o-acme/{shop}"
    body = json.dumps({"Accounts": [{"Id": shop, "Arn": arn, "Name": "shop", "State": "ACTIVE"}]}).encode()
    estate.weather.fault = lambda call: (200, body, {}) if call.operation == "ListAccounts" else None
    settings = estate.settings(include=["shop"]).model_copy(update={"regions": [region]})
    clients = Clients(settings)
    (one,) = entered(clients)
    assert isinstance(one, Entered)
    assert one.place.role == f"arn:{partition}:iam::{shop}:role/{ROLE}"
    home = {"aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}[partition]
    assert clients.client(None, "organizations", home).meta.region_name == home
    policy, _ = json.JSONDecoder().raw_decode(permissions(settings, Wanted(frozenset()), []).text)
    assert policy["Statement"][1]["Resource"] == [f"arn:{partition}:iam::*:role/{ROLE}"]


@pytest.mark.parametrize(
    ("region", "hosts"),
    [
        ("eu-west-1", {"organizations.us-east-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"}),
        ("us-gov-east-1", {"organizations.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"}),
        (
            "cn-north-1",
            {"organizations.cn-northwest-1.amazonaws.com.cn", "sts.cn-northwest-1.amazonaws.com.cn"},
        ),
    ],
)
def test_a_partition_is_asked_at_its_own_addresses(
    estate: Estate, region: str, hosts: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    clients = Clients(Settings(regions=[region]))
    home = partition_of(clients.home).home
    asked = (clients.client(None, "organizations", home), clients.client(None, "sts", clients.home))
    assert {urlsplit(one.meta.endpoint_url).hostname for one in asked} == hosts


# What can't be read


def test_what_can_not_be_read_is_a_row_each_and_the_others_are_read(estate: Estate) -> None:
    shop, data, toys = (estate.accounts[name] for name in ("shop", "data", "toys"))

    def fault(call: Call) -> Any:
        if role_in(call) == toys:
            return denied(f"User: x is not authorized to perform: sts:AssumeRole on resource: {toys}")
        if call.operation == "ListQueues" and call.access_key == keys.get(data):
            return answer("AccessDeniedException", SCP.format(account=data))
        return None

    estate.weather.fault = fault
    live = AwsLive(estate.settings())
    tasks = list(live.tasks(Wanted(frozenset(), lambda type_: type_ == "AWS::SQS::Queue")))
    keys = {account: _key(live.clients, account) for account in (shop, data)}
    rows = {one.cell.scope: one for one in tasks if isinstance(one, Coverage) and one.cell.type == "*"}
    assert set(rows) == {toys, estate.accounts["old"]}
    assert rows[toys].status == "denied" and "sts:AssumeRole" in str(rows[toys].message)
    told: dict[str, str] = {}
    for task in tasks:
        if isinstance(task, Coverage) or task.cells[0].type != "AWS::SQS::Queue":
            continue
        try:
            told[task.cells[0].scope] = str(list(task.read()))
        except CellError as error:
            told[task.cells[0].scope] = str(error)
    assert set(told) == {ACCOUNT, shop, data, estate.accounts["play"]}
    assert {account for account, text in told.items() if text != "[]"} == {data}
    assert SCP.format(account=data) in told[data]
    assert "no grant to the role helps" in told[data]


def test_a_scan_of_an_organisation_calls_nothing_missing_that_was_not_read(
    estate: Estate, tmp_path: Path
) -> None:
    """Each account declares a queue that is not there; where it was read, it is missing."""
    toys, data, old = (estate.accounts[name] for name in ("toys", "data", "old"))

    def fault(call: Call) -> Any:
        if role_in(call) == toys:
            return denied("User: x is not authorized to perform: sts:AssumeRole")
        if call.operation == "ListQueues" and estate.account_of(call.access_key) == data:
            return answer("AccessDeniedException", SCP.format(account=data))
        return None

    estate.weather.fault = fault
    records = [
        Resource("aws", account, "AWS::SQS::Queue", f"arn:aws:sqs:{REGION}:{account}:{name}", {}, REGION)
        for name, account in estate.accounts.items()
    ]
    lines = [json.dumps(one.record()) for one in records]
    (tmp_path / "base.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    live = {
        "regions": [REGION],
        "include": ["AWS::SQS::Queue"],
        "max_attempts": 1,
        "organization": {"units": ["*"]},
    }
    document = {"version": 1, "declared": [{"path": "base.jsonl"}], "live": {"aws": live}}
    report = Run(parse(yaml.safe_dump(document), "drift.yaml", tmp_path, None, {})).scan().report
    found = {(one["kind"], one["scope"]) for one in report["findings"]}
    assert found == {("missing", estate.accounts[name]) for name in ("shop", "play")}
    unread = {one["scope"]: one["reason"] for one in report["unverifiable"]}
    assert unread.keys() == {toys, data, old, ACCOUNT}
    assert "sts:AssumeRole" in unread[toys] and "explicit deny in a service control policy" in unread[data]
    assert "the account is SUSPENDED" in unread[old]
    rows = [row for row in report["coverage"] if row["scope"] == toys]
    assert [(row["region"], row["type"], row["status"]) for row in rows] == [("*", "*", "denied")]


def test_a_region_that_a_policy_of_the_organisation_closes_is_one_row(estate: Estate, tmp_path: Path) -> None:
    """What is declared there is not missing, and another account tells the same types one by one."""
    data, shop = estate.accounts["data"], estate.accounts["shop"]

    def fault(call: Call) -> Any:
        if call.operation.startswith("Assume") or estate.account_of(call.access_key) != data:
            return None
        return answer("AccessDeniedException", SCP.format(account=data))

    estate.weather.fault = fault
    queue = Resource("aws", data, "AWS::SQS::Queue", f"arn:aws:sqs:{REGION}:{data}:q", {}, REGION)
    (tmp_path / "base.jsonl").write_text(json.dumps(queue.record()) + "\n", encoding="utf-8")
    names = ("SQS::Queue", "Logs::LogGroup", "KMS::Alias", "ECR::Repository")
    live = {
        "regions": [REGION],
        "include": [f"AWS::{name}" for name in names],
        "exclude": ["AWS::CloudFormation::Stack"],
        "max_attempts": 1,
        "inventory": "none",
        "organization": {"units": ["Workloads/Prod"]},
    }
    document = {"version": 1, "declared": [{"path": "base.jsonl"}], "live": {"aws": live}}
    report = Run(parse(yaml.safe_dump(document), "drift.yaml", tmp_path, None, {})).scan().report
    asked = [row for row in report["coverage"] if row["status"] != "skipped" and row["region"] == REGION]
    (row,) = (row for row in asked if row["scope"] == data)
    assert (row["type"], row["status"], row["declared"]) == ("*", "denied", 1)
    assert "all 4 types" in row["message"] and "explicit deny in a service control policy" in row["message"]
    assert len([row for row in asked if row["scope"] == shop and row["status"] == "checked"]) == 4
    assert report["findings"] == []
    (one,) = report["unverifiable"]
    assert "explicit deny in a service control policy" in one["reason"]


def _key(clients: Clients, account: str) -> str:
    found = next(iter(places(clients, {account})))
    return str(clients.client(found, "sqs", REGION)._request_signer._credentials.access_key)


def test_the_management_account_asks_for_a_role_of_its_own(estate: Estate) -> None:
    """As a delegated administrator is answered: it is a member itself, and may enter all others but this."""
    shop = estate.accounts["shop"]
    result = f"<Arn>a</Arn><UserId>u</UserId><Account>{shop}</Account>"
    body = f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
    own = f"<GetCallerIdentityResponse>{body}</GetCallerIdentityResponse>".encode()

    def fault(call: Call) -> Any:
        if call.operation == "GetCallerIdentity" and call.access_key == environment("")["AWS_ACCESS_KEY_ID"]:
            return 200, own, {"Content-Type": "text/xml"}
        return denied("User: x is not authorized to perform: sts:AssumeRole") if role_in(call) else None

    estate.weather.fault = fault
    one, other = estate.entered(include=["shop", "master"])
    first, second = (other, one) if isinstance(one, Refused) else (one, other)
    assert isinstance(first, Entered) and (first.place.account, first.place.role) == (shop, None)
    assert isinstance(second, Refused) and second.account == ACCOUNT
    assert "the organisation's management account" in second.error.message


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            ("AccessDeniedException", "You don't have permissions to access this resource."),
            "only the management account and delegated administrators",
        ),
        (
            ("AccessDeniedException", "User: x is not authorized to perform: organizations:ListAccounts"),
            "not authorized to perform: organizations:ListAccounts",
        ),
        (
            ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."),
            "name live.aws.accounts instead",
        ),
    ],
)
def test_an_organisation_that_is_not_told_says_why(estate: Estate, said: tuple[str, str], told: str) -> None:
    estate.weather.fault = lambda call: answer(*said) if call.operation == "ListAccounts" else None
    (one,) = estate.entered()
    assert isinstance(one, Refused) and one.account == "*" and told in one.error.message
    assert ("delegated" in one.error.message) is ("delegated" in told)


def test_an_account_whose_tags_are_refused_is_unread_and_not_left_out(estate: Estate) -> None:
    shop = estate.accounts["shop"]
    estate.weather.fault = lambda call: (
        answer("AccessDeniedException", "User: x is not authorized to perform: it")
        if call.operation == "ListTagsForResource" and shop.encode() in call.body
        else None
    )
    found = estate.entered(tags={"env": "prod*"}, exclude=["old"])
    assert estate.names(found) == {"shop", "data"}
    (refused,) = (one for one in found if isinstance(one, Refused))
    assert refused.account == shop and "tags of live.aws.organization" in refused.error.message


def test_a_region_that_an_account_has_not_opted_into_is_one_row(estate: Estate) -> None:
    regions = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
        for name, status in ((REGION, "opt-in-not-required"), ("eu-south-1", "not-opted-in"))
    )
    body = f"<DescribeRegionsResponse><regionInfo>{regions}</regionInfo></DescribeRegionsResponse>".encode()
    estate.weather.fault = lambda call: (
        (200, body, {"Content-Type": "text/xml"}) if call.operation == "DescribeRegions" else None
    )
    overrides = [{"accounts": ["shop"], "regions": ["eu-south-1", REGION, "ireland"]}]
    live = AwsLive(estate.settings(include=["shop", "play"], overrides=overrides))
    tasks = list(live.tasks(Wanted(frozenset())))
    rows = [one for one in tasks if isinstance(one, Coverage) and one.cell.type == "*"]
    assert [(one.cell.scope, one.cell.region, one.status) for one in rows] == [
        (estate.accounts["shop"], "eu-south-1", "skipped"),
        (estate.accounts["shop"], "ireland", "failed"),
    ]
    assert "not opted into" in str(rows[0].message)
    assert "there is no region ireland" in str(rows[1].message)
    assert {cell.region for one in tasks if not isinstance(one, Coverage) for cell in one.cells} == {REGION}
    asked = [call for call in estate.weather.calls if call.operation == "DescribeRegions"]
    assert len(asked) == 1  # who reads only what every account has asks nobody


# How accounts are entered


def test_few_are_entered_at_once_in_order_and_only_as_they_are_taken() -> None:
    lock, running, most, begun = threading.Lock(), 0, 0, 0
    gate = threading.Barrier(4)

    def enter(number: int) -> int | None:
        nonlocal running, most, begun
        with lock:
            running, begun = running + 1, begun + 1
            most = max(most, running)
        if number < 4:
            gate.wait(60)  # four are in at once, or this breaks
        with lock:
            running -= 1
        return None if number == 5 else number

    found = bounded.together(enter, iter(range(1000)), most=4)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    del found
    assert most == 4 and begun <= 8 + 3
    assert list(bounded.together(lambda n: None if n == 5 else n, range(9), most=4)) == [*range(5), 6, 7, 8]


def test_to_enter_an_account_takes_one_call_and_shows_which_it_is(estate: Estate) -> None:
    shop, data = estate.accounts["shop"], estate.accounts["data"]
    accounts = [{"id": shop, "role": ROLE}, {"id": data, "role": f"arn:aws:iam::{shop}:role/{ROLE}"}]
    one, other = entered(Clients(Settings.model_validate({"regions": [REGION], "accounts": accounts})))
    assert isinstance(one, Entered) and one.place.account == shop
    assert isinstance(other, Refused) and f"belong to account {shop}" in other.error.message
    assert [call.operation for call in estate.weather.calls] == ["AssumeRole"]  # a role is assumed once


def test_only_the_accounts_that_are_asked_of_are_entered(estate: Estate) -> None:
    data = estate.accounts["data"]
    assert [one.account for one in places(Clients(estate.settings()), {data})] == [data]
    assert [role_in(call) for call in estate.weather.calls if call.operation == "AssumeRole"] == [data]
