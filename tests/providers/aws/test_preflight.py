"""What is looked at in an account before a run: who one is, the clock, and each lacking action with the types
that it blinds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from drift.check import Check
from drift.deadline import Deadline
from drift.errors import CredentialsError
from drift.task import Wanted
from providers.aws import AwsProvider, preflight, simulated
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.permissions import permissions, purposes
from providers.aws.session import Clients
from providers.aws.settings import Settings
from tests.conftest import client

NOTHING = Wanted(frozenset())
ROLE = "tools/preflight"
SAID: dict[str, Any] = {"regions": ["eu-west-1"], "include": ["AWS::SQS::*", "AWS::SNS::Topic"]}


#: What the simulator is asked performs nothing, and a role that is assumed is left as it is.
READING = re.compile(r"(?:Get|List|Describe)\w+|SimulatePrincipalPolicy|AssumeRole")


@pytest.fixture(autouse=True)
def here(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """This AWS; gives the operations that were called, each of which only reads."""
    for name, value in environment(aws, "eu-west-1").items():
        monkeypatch.setenv(name, value)
    called: set[str] = set()
    known = Clients.client

    def watched(self: Clients, *place: Any) -> Any:
        found = known(self, *place)
        found.meta.events.register("before-call", lambda model, **_: called.add(model.name))
        return found

    monkeypatch.setattr(Clients, "client", watched)
    yield called
    assert [one for one in called if not READING.fullmatch(one)] == []


def settings(role: str | None = None, **more: Any) -> Settings:
    accounts = {"accounts": [{"id": ACCOUNT, "role": role}]} if role else {}
    return Settings.model_validate({**SAID, **accounts, **more})


def looked(given: Settings, deadline: Deadline | None = None) -> list[Check]:
    return list(AwsProvider().preflight(given, NOTHING, deadline or Deadline(60)))


def made(url: str, path: str, name: str, *, without: frozenset[str] = frozenset()) -> None:
    """A role with what `drift permissions aws` prints, less some actions."""
    iam = client(url, "iam", "us-east-1")
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
    text = permissions(settings(f"{path.strip('/')}/{name}"), NOTHING, []).text
    decoder, number = json.JSONDecoder(), 0
    while text := text.strip():
        document, end = decoder.raw_decode(text)
        text, number = text[end:], number + 1
        for one in document["Statement"]:
            one["Action"] = [each for each in one["Action"] if each not in without]
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=json.dumps(document))


def test_what_drift_permissions_prints_is_enough(aws: str) -> None:
    made(aws, "/tools/", "preflight")
    found = looked(settings(ROLE))
    assert {one.status for one in found} <= {"well", "note"}
    (identity,) = [one for one in found if one.what == "identity"]
    assert "assumed-role/preflight" in identity.message and "is renewed" in identity.message
    (told,) = [one for one in found if one.what == "simulated"]
    count = len(purposes(settings(ROLE), NOTHING))
    assert told.message.startswith(f"{count} of {count} actions are allowed")
    assert "resource-based policies" in told.message


def test_each_lacking_action_blinds_its_types(aws: str) -> None:
    lacking = frozenset(
        {"sqs:ListQueues", "cloudtrail:LookupEvents", "tag:GetResources", "cloudformation:DescribeStacks"}
    )
    made(aws, "/", "preflight-less", without=lacking)
    found = {one.what: one for one in looked(settings("preflight-less")) if one.area == "permission"}
    assert {what for what in found if ":" in what} == lacking
    assert {what for what, one in found.items() if one.status == "blind"} == {
        "sqs:ListQueues",
        "cloudformation:DescribeStacks",
    }
    asked = purposes(settings("preflight-less"), NOTHING)
    assert {cell.type for cell in found["sqs:ListQueues"].blinds} == asked["sqs:ListQueues"]
    assert "AWS::SQS::Queue" in asked["sqs:ListQueues"]
    assert [cell.type for cell in found["cloudformation:DescribeStacks"].blinds] == [
        "AWS::CloudFormation::Stack"
    ]
    assert "who did" in found["cloudtrail:LookupEvents"].message


def test_an_account_that_can_not_be_entered_hides_no_other(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(
        accounts=[{"id": "111122223333"}, {"id": ACCOUNT}],
    )
    found = looked(given)
    assert [one.blinds[0].scope for one in found if one.status == "blind"] == ["111122223333"]
    assert any(one.where == ACCOUNT and one.area == "permission" for one in found)


def test_where_the_simulator_does_not_tell_the_calls_are_tried(aws: str) -> None:
    """moto's own caller is a user without policies of the name root, whom no simulator knows."""
    found = looked(settings())
    (told,) = [one for one in found if one.what == "listing"]
    assert "was not tried" in told.message and "SimulatePrincipalPolicy" in told.message
    assert not [one for one in found if one.status == "blind"]


def test_a_call_that_is_refused_blinds_its_types(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.client import BaseClient

    known = BaseClient._make_api_call

    def refusing(self: Any, operation: str, parameters: Any) -> Any:
        if operation == "ListTopics":
            raise ClientError({"Error": {"Code": "AuthorizationError", "Message": "no"}}, operation)
        return known(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", refusing)
    found = [one for one in looked(settings()) if one.status == "blind"]
    assert [(one.what, one.blinds[0].region, one.blinds[0].type) for one in found] == [
        ("sns:ListTopics", "eu-west-1", "AWS::SNS::Topic")
    ]
    assert found[0].message == "AuthorizationError: no"  # the call itself is said once, before it


def test_a_clock_that_is_wrong_is_said(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from drift import check

    now = datetime.now(UTC).timestamp()
    for seconds, status in ((0, "well"), (120, "note"), (-1000, "blind")):
        monkeypatch.setattr(check.time, "time", lambda at=now + seconds: at)
        (one,) = [one for one in looked(settings()) if one.area == "clock"]
        assert one.status == status
        assert ("behind" in one.message) is (seconds < 0)


@pytest.mark.parametrize(
    ("regions", "include", "told"),
    [
        (["eu-west-1", "ap-east-1"], "AWS::SQS::*", [("note", ())]),
        (["eu-west-1", "xx-none-1"], "AWS::SQS::*", [("blind", ("xx-none-1",))]),
        (["xx-none-1"], "AWS::IAM::*", [("blind", ("xx-none-1",))]),
        (["ap-east-1"], "AWS::SQS::*", [("blind", ("*",))]),
    ],
)
def test_regions_that_are_not_there_are_told_as_a_run_tells_them(
    aws: str, regions: list[str], include: str, told: list[tuple[str, tuple[str, ...]]]
) -> None:
    """One that an account has not opted into loses nothing, unless nothing else is to be read."""
    found = looked(Settings(regions=regions, include=[include]))
    assert [
        (one.status, tuple(cell.region for cell in one.blinds)) for one in found if one.what in regions
    ] == told


def test_nobody_to_be_stops_it(aws: str) -> None:
    with pytest.raises(CredentialsError, match="nobody"):
        looked(settings(profile="nobody"))


@pytest.mark.parametrize(
    ("arn", "role", "expected"),
    [
        ("arn:aws:iam::1:user/a/b", None, "arn:aws:iam::1:user/a/b"),
        ("arn:aws-cn:sts::1:assumed-role/read/me", None, "arn:aws-cn:iam::1:role/read"),
        ("arn:aws:sts::1:assumed-role/read/me", "arn:aws:iam::1:role/x/read", "arn:aws:iam::1:role/x/read"),
    ],
)
def test_who_is_simulated(arn: str, role: str | None, expected: str) -> None:
    assert simulated.principal(arn, role) == expected
    with pytest.raises(simulated.Untold):
        simulated.principal("arn:aws:sts::1:federated-user/x", None)


def test_why_is_told_as_far_as_the_simulator_says() -> None:
    denied = {"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:SourceIp"]}
    by_organisation = {**denied, "OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
    bounded = {**denied, "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}
    assert "aws:SourceIp" in simulated._why(denied)
    assert "service control policy" in simulated._why(by_organisation)
    assert "boundary" in simulated._why(bounded)
    assert simulated._why({"EvalDecision": "explicitDeny"}) == "a policy denies it"
    assert preflight.MOST_SKEW == 300
