"""Many accounts and regions: few sessions, credentials that are renewed in time, limits that are shared."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import CredentialRetrievalError

from drift.deadline import Deadline
from drift.model import Cell, Coverage
from providers.aws import live, role, session
from providers.aws.facts import catalogue
from providers.aws.kept import Kept
from providers.aws.loopback import environment
from providers.aws.pace import Pace
from providers.aws.role import RoleCredentials
from providers.aws.session import Clients
from providers.aws.settings import Settings
from providers.aws.turns import Turns
from tests.providers.aws.many_accounts import ACCOUNTS, REGIONS, Aws, read, serving


@pytest.fixture(autouse=True)
def own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's, and queues alone: a row for each of 190 other types in each place would take longer."""
    queues = {"AWS::SQS::Queue": catalogue().entries["AWS::SQS::Queue"]}
    monkeypatch.setattr(live, "catalogue", lambda: SimpleNamespace(entries=queues))
    for name, value in environment("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)


def test_fifty_accounts_take_few_sessions() -> None:
    """Of all their regions `python -m tests.bench accounts` tells the same."""
    aws = Aws()
    with serving(aws) as url:
        clients, rows = read(url, ACCOUNTS, REGIONS[:4])
    everywhere = {(one, region) for one in ACCOUNTS for region in REGIONS[:4]}
    assert {cell[1:3] for cell in rows} == everywhere == aws.places
    assert set(rows.values()) == {"checked"}
    assert aws.calls["ListQueues"] == len(everywhere) == 200
    assert aws.calls["AssumeRole"] == len(ACCOUNTS)  # whatever was closed meanwhile: credentials are kept
    assert 1 < clients.sessions <= session.SESSIONS == 32
    assert clients.kept == (0, 1)  # all is left, but for the caller's own client of STS


def test_a_roles_credentials_are_renewed_before_they_end(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws(seconds=1800, takes=20)
    monkeypatch.setattr(role, "present", lambda: datetime.fromtimestamp(aws.now, UTC))
    with serving(aws) as url:
        _, rows = read(url, ACCOUNTS[:4], REGIONS)
    assert set(rows.values()) == {"checked"}
    assert not aws.calls["expired"]
    assert aws.calls["ListQueues"] == 4 * len(REGIONS)
    assert aws.calls["AssumeRole"] > 4


def test_credentials_are_renewed_at_half_of_a_short_life_and_in_good_time_of_a_long_one() -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    for life, early in ((900, 450), (7200, 900)):
        given: list[datetime] = []

        def assume(life: int = life, given: list[datetime] = given) -> dict[str, Any]:
            given.append(clock[0] + timedelta(seconds=life))
            one = {"AccessKeyId": str(len(given)), "SecretAccessKey": "s", "SessionToken": "t"}
            return {"Credentials": {**one, "Expiration": given[-1]}}

        credentials = RoleCredentials(assume, lambda: clock[0])
        assert not given  # nobody asked yet
        assert credentials.get_frozen_credentials().access_key == "1"
        clock[0] = given[0] - timedelta(seconds=early)
        assert credentials.get_frozen_credentials().access_key == "1"
        clock[0] += timedelta(seconds=1)
        assert credentials.get_frozen_credentials().access_key == "2"


def test_credentials_that_have_ended_when_they_are_given_are_told_as_that() -> None:
    ended = {
        "AccessKeyId": "a",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": datetime(2020, 1, 1, tzinfo=UTC),
    }
    with pytest.raises(CredentialRetrievalError, match="clock"):
        RoleCredentials(lambda: {"Credentials": ended}).get_frozen_credentials()


def test_a_refusal_for_the_rate_slows_all_clients_of_that_service_in_that_region_and_no_other() -> None:
    aws = Aws(refuse=1)
    with serving(aws) as url:
        clients = Clients(Settings.model_validate({"endpoint": url}))
        clients.client(None, "sqs", "us-east-1").list_queues()
    assert aws.calls["ListQueues"] == 2
    assert clients.lane(None, "sqs", "us-east-1").rate < math.inf
    assert clients.lane(None, "sqs", "eu-west-1").rate == math.inf
    assert clients.lane(None, "sns", "us-east-1").rate == math.inf


def test_a_service_with_one_endpoint_has_one_limit_for_all_regions() -> None:
    pace = Pace(2, Deadline())
    assert pace.lane("1", "route53", "us-east-1") is pace.lane("1", "route53", "eu-west-1")
    assert pace.lane("1", "route53", "us-east-1").rate == 5
    assert pace.lane("1", "route53", "us-east-1") is not pace.lane("2", "route53", "us-east-1")
    assert pace.lane("1", "iam", "us-east-1") is pace.lane("1", "iam", "us-west-2")
    assert pace.lane("1", "sqs", "us-east-1") is not pace.lane("1", "sqs", "us-west-2")
    gateway = pace.lane("1", "apigateway", "us-east-1")
    assert gateway.rate == 10
    assert gateway is pace.lane("1", "apigatewayv2", "eu-west-1"), "it has one limit an account"
    assert gateway is not pace.lane("2", "apigateway", "us-east-1")
    known = pace.lane("1", "iam", "us-east-1")
    pace.leave("1")
    assert pace.lane("1", "iam", "us-east-1") is not known


def test_of_too_many_the_one_that_was_not_used_for_longest_is_closed() -> None:
    closed: list[str] = []
    kept: Kept[int, str] = Kept(2, closed.append)
    for key in (1, 2, 1, 3):
        assert kept.get(key, lambda key=key: f"v{key}") == f"v{key}"  # type: ignore[misc]
    assert (closed, len(kept), kept.peak) == (["v2"], 2, 2)
    kept.drop(lambda key: key == 1)
    assert (closed, len(kept)) == (["v2", "v1"], 1)


class Nothing:
    cells = (Cell("aws", "1", "r", "T"),)

    def read(self) -> Iterator[Coverage]:
        yield from ()


def test_the_next_account_has_its_turn_once_one_of_those_before_is_read() -> None:
    left: list[str] = []
    turns = Turns(1, Deadline())
    first = list(turns.read([Nothing(), Nothing()], lambda: left.append("a")))
    second = threading.Thread(
        target=lambda: list(turns.read([Nothing()], lambda: left.append("b"))), daemon=True
    )
    second.start()
    assert not left
    assert second.is_alive()
    for task in first:
        assert not isinstance(task, Coverage)
        assert not list(task.read())
    second.join(60)
    assert not second.is_alive()
    assert left == ["a"]  # of the second a task is still to be read


def test_once_the_time_is_over_nobody_waits_for_a_turn() -> None:
    deadline = Deadline()
    turns = Turns(1, deadline)
    list(turns.read([Nothing()], lambda: None))
    deadline.stop("SIGTERM")
    assert len(list(turns.read([Nothing()], lambda: None))) == 1
