"""Fifty accounts of seventeen regions: few sessions, credentials that are renewed in time, limits that are
shared."""

from __future__ import annotations

import http.server
import math
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import CredentialRetrievalError

from drift.deadline import Deadline
from drift.errors import CellError
from drift.live.tasks import Reading
from drift.model import Cell, Coverage, Resource
from drift.provider import Task, Wanted
from providers.aws import live, role, session
from providers.aws.kept import Kept
from providers.aws.loopback import environment
from providers.aws.pace import Pace
from providers.aws.role import RoleCredentials
from providers.aws.session import Clients
from providers.aws.settings import Settings
from providers.aws.turns import Turns

OWN = "999999999999"
ACCOUNTS = [f"1111111111{number:02}" for number in range(50)]
REGIONS = [
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2"),
    *("ap-northeast-3", "ap-southeast-1", "ap-southeast-2"),
]


class Aws:
    """STS and SQS of very many accounts; a role's credentials live ``seconds``, and are refused afterwards.
    Each call of SQS takes so many seconds by the clock of this AWS; the first ``refuse`` are refused for the
    rate."""

    def __init__(self, seconds: float = 3600, takes: float = 0, refuse: int = 0) -> None:
        self.seconds, self.takes, self.refuse = seconds, takes, refuse
        self.now = time.time()
        self.calls: Counter[str] = Counter()
        self.places: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def answer(self, headers: Any, body: bytes) -> tuple[int, str]:
        signed = re.search(r"Credential=(\w+)/\d+/([\w-]+)/(\w+)/", headers["Authorization"])
        assert signed
        account = signed[1][4:16] if signed[1].startswith("ROLE") else OWN
        with self._lock:
            if account != OWN and float(headers["X-Amz-Security-Token"]) < self.now:
                self.calls["expired"] += 1
                return 400, '{"__type": "ExpiredTokenException", "message": "expired"}'
            if signed[3] == "sqs":
                self.calls["ListQueues"] += 1
                self.now += self.takes
                self.places.add((account, signed[2]))
                if self.refuse:
                    self.refuse -= 1
                    return 400, '{"__type": "ThrottlingException", "message": "Rate exceeded"}'
                return 200, "{}"
            asked = parse_qs(body.decode())
            name = asked["Action"][0]
            self.calls[name] += 1
        if name == "GetCallerIdentity":
            said = f"<Account>{account}</Account><Arn>a</Arn><UserId>u</UserId>"
        else:
            until = self.now + self.seconds
            moment = datetime.fromtimestamp(until, UTC).isoformat().replace("+00:00", "Z")
            said = (
                f"<Credentials><AccessKeyId>ROLE{asked['RoleArn'][0].split(':')[4]}</AccessKeyId>"
                f"<SecretAccessKey>s</SecretAccessKey><SessionToken>{until}</SessionToken>"
                f"<Expiration>{moment}</Expiration></Credentials>"
            )
        space = "https://sts.amazonaws.com/doc/2011-06-15/"
        return 200, f'<{name}Response xmlns="{space}"><{name}Result>{said}</{name}Result></{name}Response>'


@contextmanager
def serving(aws: Aws) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base's
            pass

        def do_POST(self) -> None:
            status, said = aws.answer(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            head = f"HTTP/1.1 {status} .\r\nx-amzn-RequestId: 1\r\nContent-Length: {len(said)}\r\n\r\n"
            self.wfile.write((head + said).encode())

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Rows:
    """Keeps what is said of queues; the other types are left out."""

    def __init__(self) -> None:
        self.rows: dict[Cell, str] = {}

    def arrived(self, resource: Resource) -> Resource:
        return resource

    def add(self, resource: Resource) -> None:
        pass

    def cover(self, row: Coverage) -> None:
        if row.status != "skipped":
            self.rows[row.cell] = row.message

    def close(self, task: Task, ended: CellError | None) -> None:
        for cell in task.cells:
            self.rows[cell] = ended.message if ended else "checked"

    def fail(self, provider: str, message: str, status: str = "failed") -> None:
        raise AssertionError(message)


def read(url: str, accounts: list[str], regions: list[str], **more: Any) -> tuple[Clients, dict[Cell, str]]:
    """Reads the queues of some accounts by sixteen workers, as a run does."""
    settings = Settings.model_validate(
        {
            "endpoint": url,
            "regions": regions,
            "accounts": [{"id": account, "role": "r"} for account in accounts],
            "include": ["AWS::SQS::Queue"],
            "exclude": ["AWS::CloudFormation::Stack"],
            **more,
        }
    )
    deadline, rows = Deadline(), Rows()
    made = live.AwsLive(settings, deadline)
    reading = Reading(rows, 16, deadline, lambda _: None)
    reading.enter("aws", lambda: made, Wanted(frozenset()))
    reading.run()
    return made.clients, rows.rows


@pytest.fixture(autouse=True)
def own_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)


def test_fifty_accounts_of_seventeen_regions_take_few_sessions() -> None:
    aws = Aws()
    with serving(aws) as url:
        clients, rows = read(url, ACCOUNTS, REGIONS)
    everywhere = {(one, region) for one in ACCOUNTS for region in REGIONS}
    assert {cell[1:3] for cell in rows} == everywhere == aws.places
    assert set(rows.values()) == {"checked"}
    assert aws.calls["ListQueues"] == len(everywhere) == 850
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
    second.join(10)
    assert not second.is_alive()
    assert left == ["a"]  # of the second a task is still to be read


def test_once_the_time_is_over_nobody_waits_for_a_turn() -> None:
    deadline = Deadline()
    turns = Turns(1, deadline)
    list(turns.read([Nothing()], lambda: None))
    deadline.stop("SIGTERM")
    assert len(list(turns.read([Nothing()], lambda: None))) == 1
