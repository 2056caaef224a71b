"""What is live is brought from the workers for who asks for it: a snapshot, or pull requests."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drift import engine
from drift.cli.app import application
from drift.engine.contract import Ended
from tests.engine.estate import Estate, Inline
from tests.engine.test_go_on import COUNT, LIVE, SAID, fleet

__all__ = ["fleet"]


def snapshot(estate: Estate, said: dict[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """The header and the records of what a run keeps."""
    path = estate.folder / "live.jsonl"
    estate.run(said, keeps_live=True).scan().live(path)
    header, *lines = path.read_text().splitlines()
    return json.loads(header), lines


def timeless(header: dict[str, Any]) -> dict[str, Any]:
    rows = [{**row, "read_at": ""} for row in header["coverage"]]
    return {**header, "taken_at": "", "coverage": rows}


def test_a_snapshot_is_that_of_one_machine(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, servers = fleet
    for number, server in enumerate(servers):
        secret = {"apiVersion": "v1", "kind": "Secret", "data": {"password": "UGw0bnRlZC1TM2NyZXQ="}}
        metadata = {"name": f"login-{number}", "namespace": "default"}
        server.store.create({**secret, "metadata": metadata}, manager="kubectl")
    alone = snapshot(estate, None)
    monkeypatch.setattr(engine, "_engine", lambda *_: Inline(None))  # type: ignore[arg-type]
    header, lines = snapshot(estate, SAID)
    assert timeless(header) == timeless(alone[0]) and lines == alone[1]
    assert any(LIVE in line for line in lines) and not any("UGw0bnRl" in line for line in lines)


def test_what_can_not_be_brought_is_unread(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Losing(Inline):
        def ended(self, seconds: float) -> Ended | None:
            found = super().ended(seconds)
            losing = found is not None and found.call.work == "give" and found.call.unit == 1
            return found._replace(ending="lost") if losing and found is not None else found

    estate, _ = fleet
    monkeypatch.setattr(engine, "_engine", lambda *_: Losing())
    header, lines = snapshot(estate, {"local": 1})
    assert {json.loads(line)["scope"] for line in lines} == {"c0", "c2"}
    rows = {row["scope"]: row for row in header["coverage"] if row["type"] == "v1/ConfigMap"}
    assert [rows[f"c{number}"]["status"] for number in range(COUNT)] == ["checked", "failed", "checked"]
    assert rows["c1"]["message"] == ("read, and not brought here: 3 workers were lost while they gave it")


def test_a_pull_request_is_made_of_what_workers_read(
    fleet: tuple[Estate, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    estate, _ = fleet
    monkeypatch.chdir(estate.folder)
    policy = [{"kind": "changed", "action": "adopt"}]
    estate.more = {"remediate": {"policy": policy}, "history": False}
    estate.run(SAID)
    for command in (["init", "-q", "-b", "main"], ["add", "*.yaml"], ["commit", "-qm", "all"]):
        said = ("-c", "user.name=a", "-c", "user.email=a@acme.io")
        subprocess.run(["git", *said, *command], check=True)
    monkeypatch.setattr(engine, "_engine", lambda *_: Inline(None))  # type: ignore[arg-type]
    done = CliRunner().invoke(application(), ["scan", "-q", "--keep-live", "kept.jsonl.zst"])
    assert done.exit_code == 2, done.output
    (run,) = (estate.folder / "runs").glob("*/live.jsonl.zst")
    assert Path("kept.jsonl.zst").stat().st_size == run.stat().st_size
    done = CliRunner().invoke(application(), ["remediate", "latest", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert f"+  what: {LIVE}" in done.output and "-  what: said" in done.output
