"""A whole organisation: which accounts are read and in which regions, and what of it can't be read is one row
each, while all others are read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.errors import CellError, CredentialsError
from drift.model import Coverage
from drift.provider import Wanted
from providers.aws import bounded
from providers.aws.accounts import Entered, entered, places
from providers.aws.live import AwsLive
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.permissions import permissions
from providers.aws.session import Clients, Refused
from providers.aws.settings import Settings
from tests import forked_aws
from tests.conftest import client
from tests.faulty import Call, Weather, faulty

REGION = "eu-west-1"
ROLE = "OrganizationAccountAccessRole"
#: What AWS answers where a service control policy denies:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
SCP = (
    "User: arn:aws:sts::{account}:assumed-role/drift-read/drift is not authorized to perform: sqs:ListQueues "
    "on resource: * with an explicit deny in a service control policy"
)


@dataclass(frozen=True)
class Estate:
    url: str
    weather: Weather
    root: str
    units: dict[str, str]
    accounts: dict[str, str]

    def settings(self, **organization: Any) -> Settings:
        section = {"regions": [REGION], "include": ["AWS::SQS::Queue"], "max_attempts": 1}
        return Settings.model_validate({**section, "organization": organization})

    def entered(self, **organization: Any) -> list[Entered | Refused]:
        return list(entered(Clients(self.settings(**organization))))

    def names(self, found: list[Entered | Refused]) -> set[str]:
        known = {account: name for name, account in self.accounts.items()}
        scopes = [one.account if isinstance(one, Refused) else one.place.account for one in found]
        assert scopes == sorted(scopes) and len(scopes) == len(set(scopes))
        return {known[one] for one in scopes}


@pytest.fixture(scope="module")
def made() -> Iterator[Estate]:
    """Six accounts: shop and data in Workloads/Prod, old (closed) in Workloads, play and toys in Sandbox, and
    the management account at the root."""
    with forked_aws.moto() as upstream, faulty(upstream) as (url, weather):
        asked = client(upstream, "organizations")
        asked.create_organization(FeatureSet="ALL")
        root = asked.list_roots()["Roots"][0]["Id"]
        units: dict[str, str] = {}
        for name, above in (("Workloads", root), ("Prod", "Workloads"), ("Sandbox", root)):
            unit = asked.create_organizational_unit(ParentId=units.get(above, above), Name=name)
            units[name] = unit["OrganizationalUnit"]["Id"]
        accounts = {"master": ACCOUNT}
        for name, unit, tags in (
            ("shop", "Prod", {"env": "prod", "team": "web"}),
            ("data", "Prod", {"env": "prod-eu"}),
            ("old", "Workloads", {"env": "prod"}),
            ("play", "Sandbox", {"env": "dev"}),
            ("toys", "Sandbox", {}),
        ):
            said = [{"Key": key, "Value": value} for key, value in tags.items()]
            status = asked.create_account(AccountName=name, Email=f"{name}@acme.example", Tags=said)
            accounts[name] = status["CreateAccountStatus"]["AccountId"]
            asked.move_account(AccountId=accounts[name], SourceParentId=root, DestinationParentId=units[unit])
        asked.close_account(AccountId=accounts["old"])
        yield Estate(url, weather, root, units, accounts)


@pytest.fixture
def estate(made: Estate, monkeypatch: pytest.MonkeyPatch) -> Estate:
    for name, value in environment(made.url, REGION).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    made.weather.fault = lambda _: None
    made.weather.calls.clear()
    return made


def answer(code: str, message: str) -> tuple[int, bytes, dict[str, str]]:
    """An error of a service that speaks JSON."""
    body = json.dumps({"__type": code, "message": message}).encode()
    return 400, body, {"Content-Type": "application/x-amz-json-1.1"}


def denied(message: str) -> tuple[int, bytes, dict[str, str]]:
    """An error of a service that speaks XML."""
    error = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    return 403, f"<ErrorResponse>{error}</ErrorResponse>".encode(), {"Content-Type": "text/xml"}


def role_in(call: Call) -> str:
    """The account whose role is asked for."""
    return call.body.decode().partition("iam%3A%3A")[2][:12] if call.operation == "AssumeRole" else ""


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
    (one,) = estate.entered(units=["Prod", "Prud"])
    assert isinstance(one, Refused) and (one.account, one.error.status) == ("*", "failed")
    assert "no organizational unit Prud" in one.error.message


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
    assert (shop.place.external_id, shop.regions) == ("theirs", ("us-east-1",))
    assert data.place.role == f"arn:aws:iam::{estate.accounts['data']}:role/drift-read"
    assert data.place.external_id == "ours" and {"us-east-1", REGION} < set(data.regions)
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
    overrides = [{"accounts": ["shop"], "regions": ["eu-south-1", REGION]}]
    live = AwsLive(estate.settings(include=["shop", "play"], overrides=overrides))
    tasks = list(live.tasks(Wanted(frozenset())))
    rows = [one for one in tasks if isinstance(one, Coverage) and one.cell.type == "*"]
    assert [(one.cell.scope, one.cell.region, one.status) for one in rows] == [
        (estate.accounts["shop"], "eu-south-1", "skipped")
    ]
    assert "not opted into" in str(rows[0].message)
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
            gate.wait(10)  # four are in at once, or this breaks
        with lock:
            running -= 1
        return None if number == 5 else number

    found = bounded.together(enter, iter(range(1000)), most=4)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    del found
    assert most == 4 and begun <= 8 + 3
    assert list(bounded.together(lambda n: None if n == 5 else n, range(9), most=4)) == [*range(5), 6, 7, 8]


def test_only_the_accounts_that_are_asked_of_are_entered(estate: Estate) -> None:
    data = estate.accounts["data"]
    assert [one.account for one in places(Clients(estate.settings()), {data})] == [data]
    assert [role_in(call) for call in estate.weather.calls if call.operation == "AssumeRole"] == [data]


# Credentials


def test_an_sso_session_that_has_ended_is_told_once_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    common = "sso_account_id = 111122223333\nsso_role_name = read\nregion = eu-west-1\n"
    start = "sso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
    old = f"[profile old]\n{start}{common}"
    config.write_text(
        f"[profile audit]\nsso_session = acme\n{common}[sso-session acme]\n{start}{old}", encoding="utf-8"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for profile in ("audit", "old"):
        with pytest.raises(CredentialsError, match=f"run aws sso login --profile {profile}$"):
            Clients(Settings(profile=profile))


def test_a_profile_may_stand_on_another_and_on_a_token(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``source_profile``, and the token of a pod or of a pipeline's job."""
    shop, play = estate.accounts["shop"], estate.accounts["play"]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    config, token = tmp_path / "config", tmp_path / "token"
    token.write_text("eyJhbGciOiJub25lIn0.e30.", encoding="utf-8")
    config.write_text(
        "[profile base]\naws_access_key_id = AKIALOOPBACKLOOPBACK\naws_secret_access_key = loopback\n"
        f"[profile shop]\nsource_profile = base\nrole_arn = arn:aws:iam::{shop}:role/{ROLE}\n"
        f"[profile play]\nrole_arn = arn:aws:iam::{play}:role/{ROLE}\nweb_identity_token_file = {token}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for profile, account in (("shop", shop), ("play", play)):
        (one,) = entered(Clients(Settings(profile=profile, regions=[REGION])))
        assert isinstance(one, Entered) and one.place.account == account
    estate.weather.fault = lambda call: denied("not to assume") if call.operation == "AssumeRole" else None
    with pytest.raises(CredentialsError, match="not to assume"):
        Clients(Settings(profile="shop", regions=[REGION]))


def test_settings_take_one_glob_or_several() -> None:
    said = yaml.safe_load("{tags: {env: prod, team: [web, shop]}}")
    found = Settings.model_validate({"organization": said}).organization
    assert found is not None and found.tags == {"env": ["prod"], "team": ["web", "shop"]}
