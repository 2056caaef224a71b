"""Findings to try rules on, and a run from files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from drift.config.model import Config, load, parse
from drift.finding import Change, Finding
from drift.model import MISSING, Origin, Resource
from drift.rules.files import gather
from drift.rules.ruling import Ruling
from drift.scan import Result, Run
from tests.conftest import report_validator

TODAY = date(2026, 7, 1)
QUEUE = "AWS::SQS::Queue"
ACCOUNT = "111122223333"


def queue(name: str, **attributes: Any) -> dict[str, Any]:
    """A queue's record for a snapshot or baseline."""
    return {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "eu-west-1",
        "type": QUEUE,
        "id": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}",
        "name": name,
        "attributes": {"QueueName": name, **attributes},
    }


def write(folder: Path, files: Mapping[str, Any]) -> None:
    """Texts as they are; lists of records as the documents of a YAML file; all else as YAML."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str):
            content = yaml.safe_dump_all(content if isinstance(content, list) else [content])
        path.write_text(content)


def scan(
    folder: Path, rules: str = "", declared: str = "base", live: str = "live.yaml", only: str | None = None
) -> Result:
    """A run over the files of a folder; its report fits the schema."""
    write(folder, {"drift.yaml": f"version: 1\ndeclared: [{{path: {declared}}}]\n{rules}"})
    result = Run(load(folder / "drift.yaml"), [only] if only else [], [folder / live]).scan()
    report_validator().validate(result.report)
    return result


def config(rules: str) -> Config:
    return parse(f"version: 1\n{rules}", "drift.yaml", Path("/"), None, {})


def ruling(rules: str, today: date = TODAY) -> Ruling:
    return gather(config(f"ignore:\n{rules}"), [], [], [], today)


def finding(*changes: Change, kind: Any = "changed", **more: Any) -> Finding:
    """A finding on one queue; ``more`` are attributes of both sides."""
    origin = Origin("test", "stacks/queues.yaml", address="module.q.aws_sqs_queue.a")
    live = Resource("aws", ACCOUNT, QUEUE, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs", more, "eu-west-1", "jobs")
    declared = live.but(origin=origin)
    return Finding(
        kind, None if kind == "unmanaged" else declared, None if kind == "missing" else live, changes
    )


def change(path: str, declared: Any = MISSING, live: Any = MISSING, **more: Any) -> Change:
    return Change(path, declared, live, **more)


def left(rules: str, one: Finding) -> list[tuple[str, Any, Any]] | None:
    """What rules leave of a finding's changes; None where it is hidden."""
    found = ruling(rules).left_of(one, lambda _declared, _live: ())
    return None if found is None else [(c.path, c.declared, c.live) for c in found.changes]
