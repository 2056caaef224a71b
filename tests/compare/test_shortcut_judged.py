"""A report is the same whether pairs that are alike were passed over or not, secrets included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson

from drift.config.model import parse
from drift.scan import Run
from tests.bench.records import records

TEXT = """
version: 1
redaction: {key: a key for tests only}
declared:
  - path: declared.jsonl
"""


def test_the_report_is_the_same_without_the_shortcut(tmp_path: Path) -> None:
    for name, live in (("declared.jsonl", False), ("live.jsonl", True)):
        (tmp_path / name).write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in estate(live)))
    quick = report(tmp_path)
    with ExitStack() as stack:
        stack.enter_context(patch("drift.compare.pair.Comparer._folds", lambda *_: None))
        stack.enter_context(
            patch("drift.compare.verdict.unlike", lambda declared, live, *_: (declared, live))
        )
        slow = report(tmp_path)
    assert quick == slow
    assert quick["summary"]["changed"] == 2 + 3
    assert "hunter" not in orjson.dumps(quick).decode()


def estate(live: bool) -> Iterator[dict[str, Any]]:
    """Roles, groups, functions and queues, of which two are touched; ten functions with passwords, three
    rotated."""
    yield from records(200, live)
    for number in range(10):
        rotated = "2" if live and number < 3 else "1"
        variables = {"DB_PASSWORD": f"hunter-{number}-{rotated}", "MODE": "on"}
        yield {
            "provider": "aws",
            "scope": "123456789012",
            "region": "us-east-1",
            "type": "AWS::Lambda::Function",
            "id": f"arn:aws:lambda:us-east-1:123456789012:function:secret-{number}",
            "attributes": {"FunctionName": f"secret-{number}", "Environment": {"Variables": variables}},
        }


def report(folder: Path) -> dict[str, Any]:
    found = Run(parse(TEXT, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"]).scan().report
    return {key: value for key, value in found.items() if key != "run"} | {
        "findings": [{**one, "first_seen": None} for one in found["findings"]]
    }
