"""Nothing that a cloud, a file or an argument says steers the terminal that it is shown on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from drift.config.entry import DeclaredEntry
from drift.declared import locate
from drift.errors import ConfigError, DeclaredError
from drift.visible import visible
from tests.conftest import start_drift

#: ESC, the C1 form of its beginning, a bell, bidirectional marks.
EVIL = "\x1b[2J\x9b31m\x07‮⁦"
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def files(folder: Path) -> None:
    place = {"provider": "aws", "scope": "111111111111", "region": "eu-west-1"}
    queue = {**place, "type": "AWS::SQS::Queue", "id": f"arn:aws:sqs:eu-west-1:111111111111:{EVIL}"}
    live = {**queue, "attributes": {"QueueName": f"q{EVIL}", "Tags": [{"Key": f"k{EVIL}", "Value": EVIL}]}}
    read = {**place, "type": "AWS::SQS::Queue", "status": "checked", "resources": 1}
    denied = {
        **place,
        "type": f"AWS::SNS::{EVIL}",
        "status": "denied",
        "resources": 0,
        "message": f"no{EVIL}",
    }
    header = {"drift_snapshot": 1, "coverage": [read, denied], "resources": 1}
    (folder / "live.jsonl").write_text("\n".join(map(json.dumps, [header, live, {"broken": EVIL}])) + "\n")
    declared = {**queue, "attributes": {"QueueName": f"q{EVIL}", "Tags": []}}
    (folder / "base.jsonl").write_text(json.dumps(declared) + "\n")


def test_no_command_passes_it_on(tmp_path: Path) -> None:
    files(tmp_path)

    def said(*arguments: str) -> str:
        ran = start_drift(tmp_path, *arguments)
        assert not _STEERS.search(ran.stdout.replace("\n", "") + ran.stderr.replace("\n", "")), arguments
        return ran.stdout + ran.stderr

    assert r"\u001b[2J" in said("diff", "--live", "live.jsonl", "--declared", "base.jsonl", "-o", "out")
    assert r"no\u001b[2J\u009b31m" in said("snapshot", "--live", "live.jsonl", "-o", "again.jsonl")
    assert r"no\u001b[2J\u009b31m" in said("baseline", "--live", "live.jsonl", "-o", "baseline")
    finding = json.loads((tmp_path / "out" / "report.json").read_bytes())["findings"][0]["id"]
    assert r"\u202e" in said("explain", finding, "--run", "out", "--all")
    assert r"\u001b[2J" in said("explain", f"f-{EVIL}", "--run", "out")
    assert r"\u001b[2J" in said("report", f"run{EVIL}", "-f", "table")
    assert r"\u009b31m" in said("report", "out", "-f", "table")
    assert r"\x1b[2J" in said("types", f"cloud{EVIL}")


def test_line_breaks_and_tabs_stay() -> None:
    assert visible("a\n\tb") == "a\n\tb"
    assert visible("\x00\x1b\x7f\x9b‮") == r"\u0000\u001b\u007f\u009b\u202e"


@pytest.mark.parametrize(
    "said", [{"git": "https://x/y.git", "ref": "main\0"}, {"path": "a\0b"}, {"path": ".", "values": ["a\0b"]}]
)
def test_a_nul_is_refused_in_one_line(tmp_path: Path, said: dict[str, object]) -> None:
    with pytest.raises((ConfigError, DeclaredError), match="correct"):
        locate(DeclaredEntry.model_validate(said), tmp_path, {}, {})


@pytest.mark.parametrize("ref", ["a:b", "+refs/heads/*:refs/heads/*", "refs/heads/*", "^main", "-x"])
def test_a_refspec_is_no_ref(tmp_path: Path, ref: str) -> None:
    with pytest.raises(DeclaredError, match="ref"):
        locate(DeclaredEntry.model_validate({"git": "https://x/y.git", "ref": ref}), tmp_path, {}, {})
