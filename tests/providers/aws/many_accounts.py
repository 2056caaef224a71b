"""A loopback AWS of fifty accounts, of which only queues are asked, and a reader of them."""

from __future__ import annotations

import http.server
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from drift.deadline import Deadline
from drift.errors import CellError
from drift.live.tasks import Reading
from drift.model import Cell, Coverage, Resource
from drift.task import Task, Wanted
from providers.aws import live
from providers.aws.session import Clients
from providers.aws.settings import Settings
from tests import conftest

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

    with conftest.serving(Handler) as url:
        yield url


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
