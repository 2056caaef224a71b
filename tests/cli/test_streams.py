"""A run to which nobody listens (standard output or error is closed, or a pipe that nobody reads) reports all
the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import command
from tests.chaos.faults import deaf

PLACE = {"provider": "aws", "scope": "111111111111", "region": "eu-west-1", "type": "AWS::SQS::Queue"}
QUEUE = {**PLACE, "id": "arn:aws:sqs:eu-west-1:111111111111:orders", "name": "orders"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A queue that is otherwise than declared, in files."""
    live = {**QUEUE, "attributes": {"QueueName": "orders", "DelaySeconds": 9}}
    header = {
        "drift_snapshot": 1,
        "coverage": [{**PLACE, "status": "checked", "resources": 1}],
        "resources": 1,
    }
    (tmp_path / "live.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in (header, live)))
    declared = {**QUEUE, "attributes": {"QueueName": "orders", "DelaySeconds": 7}}
    (tmp_path / "base.jsonl").write_text(json.dumps(declared) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("streams", "closed", "code"),
    [((1,), True, 2), ((2,), True, 2), ((1, 2), True, 2), ((2,), False, 2), ((1,), False, 1)],
)
def test_what_nobody_hears_is_reported(
    folder: Path, streams: tuple[int, ...], closed: bool, code: int
) -> None:
    told = folder / "told"
    told.mkdir()
    arguments = ["diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out", "-v"]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TMPDIR": str(folder)}
    process = command.started(folder, arguments, env, told, deaf(*streams, closed=closed))
    process.join(command.TIMEOUT_SECONDS)
    said = (told / "stderr").read_text()
    assert process.exitcode == code, said
    # whole, and nothing was written into it that was said to nobody
    report = json.loads((folder / "out/report.json").read_bytes())
    assert [one["name"] for one in report["findings"]] == ["orders"]
    assert report["run"]["exit_code"] == 2
    if code == 1:
        assert "drift: standard output: can't be written: nobody reads it any more" in said
    assert "Traceback" not in said
