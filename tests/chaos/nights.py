"""Three nights of a small shop in a loopback AWS: one that all know, one that is disturbed, and one that has
to make all good."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.aws.loopback import environment
from tests import command, forked_aws, mail_server
from tests.chaos.faults import counting
from tests.chaos.night import PATIENCE, Ground, Mark, Night, marks
from tests.conftest import client
from tests.faulty import Weather, faulty

#: What opens something: in Git, live, and in the environment of the run.
SECRETS = (
    "d3clared-Pa55phrase",
    "l1ve-Pa55phrase-of-the-shop",
    "s3cret-access-key-of-the-run",
    "the-redaction-key-0f-it",
)
TYPES = (
    *(
        "AWS::SQS::Queue",
        "AWS::SNS::Topic",
        "AWS::Logs::LogGroup",
        "AWS::DynamoDB::Table",
        "AWS::Lambda::Function",
    ),
    *("AWS::StepFunctions::StateMachine", "AWS::ECR::Repository", "AWS::EC2::VPC"),
)
CONFIG = f"""\
version: 1
declared: [{{path: declared.jsonl}}]
redaction: {{key: "${{DRIFT_REDACTION_KEY}}"}}
attribution: {{calls: 0}}
workers: 2
live:
  aws: {{regions: [us-east-1], inventory: none, max_attempts: 1, include: {json.dumps(TYPES)}}}
mail:
  sender: drift@acme.example
  to: [platform@acme.example]
  via: {{smtp: {{host: 127.0.0.1, port: %d, security: none}}}}
"""
#: A port of this machine at which nobody listens.
NOBODY = 1
#: The queue that is found from the second night on.
NEW = "bills"
#: Until a message that a killed run took to send is another run's (seconds).
_TAKEN = 3700


class Server:
    """A database server, in which each night has a copy of the history of the first one."""

    def __init__(self, url: str) -> None:
        self.url, self._space = url, ""

    def at(self, database: str, scheme: str = "postgresql") -> str:
        """The address of a night's database."""
        return f"{scheme}://{self.url.partition('://')[2].rpartition('/')[0]}/{database}"

    def made(self, database: str, like: str = "template1") -> None:
        """A night's database, which is a copy of another."""
        self._do(f'CREATE DATABASE "{database}" TEMPLATE "{like}"{self._space}')

    @contextlib.contextmanager
    def room(self, disk: Path) -> Iterator[None]:
        """Databases that are made meanwhile are on this disk, and go with it."""
        self._do(f"CREATE TABLESPACE small LOCATION '{disk}'")
        self._space = " TABLESPACE small"
        try:
            yield
        finally:
            self._space = ""
            inside = "SELECT datname FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace"
            for (database,) in self._do(f"{inside} WHERE spcname = 'small'"):
                self._do(f'DROP DATABASE "{database}" WITH (FORCE)')
            self._do("DROP TABLESPACE small")

    def _do(self, statement: str) -> list[Any]:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []


@dataclass
class Shop(Ground):
    """An AWS behind a proxy."""

    weather: Weather | None = None
    #: How many steps on disk an undisturbed second night has.
    steps: int = 0
    #: Where its history is, if not in SQLite.
    server: Server | None = None

    def again(self) -> ShopNight:
        folder = self.copied()
        if self.server is not None:
            self.server.made(folder.name, self.before.name)
        return ShopNight(self, folder)


class ShopNight(Night[Shop]):
    """A night of the shop, with a mail server that is away until the next day."""

    arguments = ("scan", "-q", "--mail")
    secrets, new, pieces = SECRETS, NEW, frozenset(TYPES)

    @staticmethod
    def piece_of_row(row: dict[str, Any]) -> str:
        return str(row["type"])

    @staticmethod
    def piece_of_mark(mark: Mark) -> str:
        return mark[1]

    def configure(self, port: int = NOBODY) -> None:
        server = self.ground.server
        history = "" if server is None else f"history: {server.at(self.name)}\n"
        (self.folder / "drift.yaml").write_text(CONFIG % port + history)

    @property
    def history(self) -> str:
        server = self.ground.server
        return super().history if server is None else server.at(self.name, "postgresql+psycopg")

    @contextlib.contextmanager
    def calm(self) -> Iterator[Callable[[str], None]]:
        for left in self.folder.glob("runs/outbox/*"):  # as if it was the next day
            os.utime(left, (time.time() - _TAKEN,) * 2)
        with mail_server.serving() as server:
            self.configure(server.port)
            yield lambda said: self.mailed([str(message["subject"]) for _, _, message in server.mails], said)

    def mailed(self, subjects: list[str], said: str) -> None:
        """What is new is told once; twice where neither history nor outbox could remember that it was."""
        told = [one for one in subjects if "1 new" in one]
        self.twice = len(told) == 2 and self.may_tell_twice
        if len(told) != 1 and not self.twice:
            self.wrong.append(f"what is new was mailed {len(told)} times: {subjects}; {said}")


def _records() -> Iterator[dict[str, Any]]:
    """What Git declares: two queues, one of which is otherwise, and a function with another password."""
    common = {"provider": "aws", "scope": "123456789012", "region": "us-east-1"}
    for name, delay in (("orders", 7), (NEW, 0)):
        arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        body = {"QueueName": name, "DelaySeconds": delay}
        yield {**common, "type": "AWS::SQS::Queue", "id": arn, "name": name, "attributes": body}
    arn = "arn:aws:lambda:us-east-1:123456789012:function:shop"
    body = {"FunctionName": "shop", "Environment": {"Variables": {"DB_PASSWORD": SECRETS[0]}}}
    yield {**common, "type": "AWS::Lambda::Function", "id": arn, "name": "shop", "attributes": body}


def _built(url: str) -> None:
    for name in ("orders", NEW, "mails"):
        client(url, "sqs").create_queue(QueueName=name)
    client(url, "sns").create_topic(Name="alarms")
    client(url, "logs").create_log_group(logGroupName="/shop")
    role = client(url, "iam").create_role(RoleName="shop", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("shop.py", "def main(*_): pass\n")
    client(url, "lambda").create_function(
        FunctionName="shop",
        Role=role,
        Runtime="python3.12",
        Handler="shop.main",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": {"DB_PASSWORD": SECRETS[1]}},
    )


@contextlib.contextmanager
def shop(base: Path, server: str | None = None) -> Iterator[Shop]:
    """The first night has been, and somebody has changed a queue since. ``server`` is a database's, if it is
    to keep the history."""
    with forked_aws.moto() as aws, faulty(aws) as (url, weather):
        _built(aws)
        before = base / "shop"
        before.mkdir(parents=True)
        (before / "declared.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in _records()))
        env = {"PATH": os.environ["PATH"], **environment(url)}
        env |= {"AWS_SECRET_ACCESS_KEY": SECRETS[2], "DRIFT_REDACTION_KEY": SECRETS[3]}
        made = Shop(before, env, weather=weather, server=None if server is None else Server(server))
        if made.server is not None:
            made.server.made(before.name)
        first = ShopNight(made, before)
        with mail_server.serving() as server:
            first.configure(server.port)
            code, _, said = command.run(before, first.arguments, first.env)
        assert code == 2 and len(server.mails) == 1, said
        sqs = client(aws, "sqs")
        sqs.set_queue_attributes(
            QueueUrl=sqs.get_queue_url(QueueName=NEW)["QueueUrl"], Attributes={"DelaySeconds": "9"}
        )
        night = made.again()
        steps = base / "steps"
        began = time.monotonic()
        process = night.begin(counting(night.folder, steps))
        process.join(PATIENCE)
        assert process.exitcode == 2, (night.folder / "told/one/stderr").read_text()
        made.seconds, made.steps = time.monotonic() - began, len(steps.read_text().splitlines())
        made.truth = marks(json.loads(night.reports()[-1].read_bytes()))
        assert {one[2] for one in made.truth} >= {"orders", NEW, "shop"}
        yield made
