"""A loopback organisation of six accounts behind a proxy: shop and data in Workloads/Prod, old (closed) in
Workloads, play and toys in Sandbox, and the management account at the root."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from providers.aws.accounts import Entered, entered
from providers.aws.loopback import ACCOUNT, environment
from providers.aws.session import Clients, Refused
from providers.aws.settings import Settings
from tests import forked_aws
from tests.conftest import client
from tests.faulty import Call, Weather, faulty

REGION = "eu-west-1"
ROLE = "OrganizationAccountAccessRole"


@dataclass(frozen=True)
class Estate:
    url: str
    upstream: str
    weather: Weather
    root: str
    units: dict[str, str]
    accounts: dict[str, str]

    def at_rest(self, patch: pytest.MonkeyPatch) -> Estate:
        """This one in good weather, with the environment that leads to it."""
        for name, value in environment(self.url, REGION).items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        self.weather.fault = lambda _: None
        self.weather.calls.clear()
        return self

    def settings(self, **organization: Any) -> Settings:
        section = {"regions": [REGION], "include": ["AWS::SQS::Queue"], "max_attempts": 1}
        return Settings.model_validate({**section, "organization": organization})

    def entered(self, **organization: Any) -> list[Entered | Refused]:
        return list(entered(Clients(self.settings(**organization))))

    def account_of(self, key: str) -> str:
        """The account that an access key was given for."""
        asked = client(self.upstream, "sts", aws_access_key_id=key, aws_session_token="any")
        return str(asked.get_caller_identity()["Account"])

    def names(self, found: list[Entered | Refused]) -> set[str]:
        known = {account: name for name, account in self.accounts.items()}
        scopes = [one.account if isinstance(one, Refused) else one.place.account for one in found]
        assert scopes == sorted(scopes) and len(scopes) == len(set(scopes))
        return {known[one] for one in scopes}


@contextmanager
def organisation() -> Iterator[Estate]:
    """The organisation, made anew."""
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
        yield Estate(url, upstream, weather, root, units, accounts)


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
