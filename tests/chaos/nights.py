"""Three nights of a small shop in a loopback AWS: one that all know, one that is disturbed, and one that has
to make all good; and what must hold after each."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from drift.resumption import NAME as CHECKPOINT
from providers.aws.loopback import environment
from tests import command, forked_aws, mail_server
from tests.chaos.faults import Fault, counting
from tests.conftest import client, report_validator
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
#: A run that has not ended by then hangs (seconds). Undisturbed it takes one or two.
PATIENCE = 600
#: The queue that is found from the second night on.
NEW = "bills"
#: Until a message that a killed run took to send is another run's (seconds).
_TAKEN = 3700

#: Of a finding: kind, type, name and the paths that differ.
Mark = tuple[str, str, str, tuple[str, ...]]


@dataclass
class Ran:
    """A run of the second night: how it ended (None: it did not), what it said, the new reports."""

    code: int | None
    said: str
    reports: list[dict[str, Any]]


@dataclass
class Shop:
    """An AWS behind a proxy, and the folder after the first night, a copy of which each second one begins
    with."""

    weather: Weather
    env: dict[str, str]
    before: Path
    copies: int = 0
    #: What an undisturbed second night finds, its types, how long it takes and how many steps.
    truth: frozenset[Mark] = frozenset()
    seconds: float = 0.0
    steps: int = 0

    def again(self) -> Night:
        """A second night."""
        self.copies += 1
        folder = self.before.with_name(f"night-{self.copies}")
        shutil.copytree(self.before, folder, symlinks=True)
        return Night(self, folder)


@dataclass
class Night:
    """A folder in which runs are disturbed, and then one is not."""

    shop: Shop
    folder: Path
    wrong: list[str] = field(default_factory=list)
    #: Whether what is new may be mailed twice, and was: neither the history nor the outbox could remember it.
    may_tell_twice: bool = False
    twice: bool = False

    def begin(self, fault: Fault | None = None, name: str = "one") -> Any:
        """The process of a scan."""
        told = self.folder / "told" / name
        told.mkdir(parents=True, exist_ok=True)
        (told / "stderr").touch()
        (self.folder / "drift.yaml").write_text(CONFIG % NOBODY)
        return command.started(self.folder, ["scan", "-q", "--mail"], self.env, told, fault)

    @property
    def env(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**self.shop.env, "HOME": str(self.folder), "TMPDIR": str(temporary)}

    def end(self, process: Any, name: str = "one") -> Ran:
        """Waits for the end of a run, and looks at what it left."""
        process.join(PATIENCE)
        code = process.exitcode
        if code is None:
            self.wrong.append(f"{name}: did not end within {PATIENCE} seconds")
            process.kill()
            process.join()
        said = (self.folder / "told" / name / "stderr").read_text()
        if "not remembered: " in said:
            self.may_tell_twice = True
        reports = [self.held(path, code) for path in self.reports() if path.parent.name not in self.known]
        if "Traceback" in said:
            self.wrong.append(f"{name}: {said[-2000:]}")
        return Ran(code, said, reports)

    @property
    def known(self) -> set[str]:
        """The runs of the first night."""
        return {path.parent.name for path in self.shop.before.glob("runs/*/report.json")}

    def reports(self) -> list[Path]:
        return sorted(self.folder.glob("runs/*/report.json"))

    def held(self, path: Path, code: int | None) -> dict[str, Any]:
        """A report that is there is whole, finds nothing that is not so, and names what it does not tell."""
        report: dict[str, Any] = json.loads(path.read_bytes())
        report_validator().validate(report)
        found, rows = marks(report), {row["type"]: row["status"] for row in report["coverage"]}
        unread = {type_ for type_ in TYPES if rows.get(type_) != "checked"}
        if falsely := found - self.shop.truth:
            self.wrong.append(f"{path}: found, and not so: {sorted(falsely)}")
        if silent := {one for one in self.shop.truth - found if one[1] not in unread}:
            self.wrong.append(f"{path}: not found, and not unread: {sorted(silent)}")
        if unread and (report["run"]["exit_code"] == 0 or code == 0):
            self.wrong.append(f"{path}: ended green, and has not read {sorted(unread)}")
        return report

    def make_good(self, *arguments: str) -> dict[str, Any]:
        """The third night, undisturbed: reports all, and shows nothing lost or doubled. Gives its report."""
        for left in self.folder.glob("runs/outbox/*"):  # as if it was the next day
            os.utime(left, (time.time() - _TAKEN,) * 2)
        before = {path.parent.name for path in self.reports()}
        with mail_server.serving() as server:
            (self.folder / "drift.yaml").write_text(CONFIG % server.port)
            code, _, said = command.run(self.folder, ["scan", "-q", "--mail", *arguments], self.env)
        new = [path for path in self.reports() if path.parent.name not in before]
        if code != 2 or len(new) != 1:
            self.wrong.append(f"the next run ended with {code}, and wrote {new}: {said}")
            return {}
        report = self.held(new[0], code)
        if marks(report) != self.shop.truth:
            self.wrong.append(f"the next run lacks {sorted(self.shop.truth - marks(report))}")
        subjects = [str(message["subject"]) for _, _, message in server.mails]
        told = [one for one in subjects if "1 new" in one]
        self.twice = len(told) == 2 and self.may_tell_twice
        if len(told) != 1 and not self.twice:
            self.wrong.append(f"what is new was mailed {len(told)} times: {subjects}; {said}")
        self.remembered(report)
        self.left()
        return report

    def remembered(self, report: dict[str, Any]) -> None:
        """The history is sound, knows each run that reported once, and each finding once."""
        with contextlib.closing(sqlite3.connect(self.folder / "runs/history.db")) as database:
            (sound,) = database.execute("PRAGMA integrity_check").fetchone()
            runs = [one for (one,) in database.execute("SELECT id FROM drift_runs")]
            findings = [one for (one,) in database.execute("SELECT id FROM drift_findings")]
            (episodes,) = database.execute("SELECT count(*) FROM drift_episodes").fetchone()
        if sound != "ok" or len(set(runs)) != len(runs):
            self.wrong.append(f"the history is {sound}; its runs: {runs}")
        there = {path.parent.name: json.loads(path.read_bytes()) for path in self.reports()}
        unrecorded = {
            name
            for name, one in there.items()
            if name not in runs and not (one["run"]["history"] or {}).get("problem")
        }
        if unrecorded:
            self.wrong.append(f"not in the history, and not said: {unrecorded}")
        if sorted(findings) != sorted(one["id"] for one in report["findings"]) or episodes != len(findings):
            self.wrong.append(f"{len(findings)} findings and {episodes} episodes in the history")
        old = [one for one in report["findings"] if one["name"] != NEW]
        if any(one["status"] != "recurring" for one in old):
            self.wrong.append(f"what is known is called {[(one['name'], one['status']) for one in old]}")

    def left(self) -> None:
        """Nothing waits, nothing that is only of the moment is there, and no secret in anything."""
        outbox = {path.name for path in self.folder.glob("runs/outbox/*")} - {"sent.json", "sent.json.lock"}
        passing = {path.name for path in (self.folder / "tmp").iterdir()}
        checkpoints = list(self.folder.glob(f"runs/*/{CHECKPOINT}"))
        if outbox or passing or checkpoints:
            self.wrong.append(f"left: {sorted(outbox)} {sorted(passing)} {checkpoints}")
        self.wrong += [f"{path}: has a secret" for path in self.leaks()]

    def leaks(self) -> list[Path]:
        """The files in which a secret stands, packed or not."""
        found = []
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "declared.jsonl":
                text = path.read_bytes()
                whole = text + b"".join(unpacked(text))
                if any(one.encode() in whole for one in SECRETS):
                    found.append(path)
        return found


def unpacked(text: bytes) -> Iterator[bytes]:
    """What is packed somewhere in a file, as far as it goes."""
    start = text.find(zstandard.FRAME_HEADER)
    while start >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(text[start:])
        start = text.find(zstandard.FRAME_HEADER, start + 1)


def marks(report: dict[str, Any]) -> frozenset[Mark]:
    return frozenset(
        (one["kind"], one["type"], one["name"], tuple(sorted(change["path"] for change in one["changes"])))
        for one in report["findings"]
    )


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
def shop(base: Path) -> Iterator[Shop]:
    """The first night has been, and somebody has changed a queue since."""
    with forked_aws.moto() as aws, faulty(aws) as (url, weather):
        _built(aws)
        before = base / "before"
        before.mkdir()
        (before / "declared.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in _records()))
        env = {"PATH": os.environ["PATH"], **environment(url)}
        env |= {"AWS_SECRET_ACCESS_KEY": SECRETS[2], "DRIFT_REDACTION_KEY": SECRETS[3]}
        made = Shop(weather, env, before)
        with mail_server.serving() as server:
            (before / "drift.yaml").write_text(CONFIG % server.port)
            code, _, said = command.run(before, ["scan", "-q", "--mail"], Night(made, before).env)
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
