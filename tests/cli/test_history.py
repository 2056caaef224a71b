"""Where the command line remembers a run, and that it needs no database where it does not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from drift.cli import remembering
from tests.conftest import Drift
from tests.rules.support import queue, write


def estate(folder: Path, delay: int = 2) -> None:
    declared, live = [queue("jobs", DelaySeconds=1)], [queue("jobs", DelaySeconds=delay)]
    config = "version: 1\ndeclared: [{path: base}]\nlive: {aws: {}}\n"
    write(folder, {"base/q.yaml": declared, "live.yaml": live, "drift.yaml": config})


def test_a_run_that_is_kept_is_remembered_beside_it_and_no_other(drift: Drift, tmp_path: Path) -> None:
    estate(tmp_path)
    scan = ("scan", "--live", "live.yaml", "-q", "-f", "json")
    drift(*scan, "-o", "out")
    drift(*scan, "--no-history")
    drift("diff", "--declared", "base", "--live", "live.yaml", "-q", "-f", "json")
    assert not (tmp_path / "runs/history.db").exists()
    drift(*scan)
    done = drift(*scan)
    assert "The only cell was read" not in done.stderr
    assert "not remembered" not in done.stderr
    wrote = re.findall(r"^wrote (runs/.*/report\.json)$", done.stderr, re.M)  # two may be of one second
    report = json.loads((tmp_path / wrote[0]).read_bytes())
    assert [one["status"] for one in report["findings"]] == ["recurring"]
    assert "0 new, 0 mended" in done.stdout
    identity = report["findings"][0]["id"]
    assert drift("explain", identity, "--run", report["run"]["id"]).code == 0


def test_a_history_that_can_not_be_written_is_said_and_the_report_is_written(
    drift: Drift, tmp_path: Path
) -> None:
    estate(tmp_path)
    (tmp_path / "history.db").write_bytes(b"this is no database" * 100)
    done = drift("scan", "--live", "live.yaml", "-q", "-o", "out", "--history", "history.db")
    assert done.code == 2, "drift is drift"
    assert "not remembered: history.db: file is not a database" in done.stderr
    assert done.report["run"]["history"]["problem"] == "history.db: file is not a database"
    assert [one["status"] for one in done.report["findings"]] == [None]
    said = drift("scan", "--live", "live.yaml", "--history", "mysql://db/x").complaint
    assert said.startswith("history: mysql:// is no database that is supported; name a file, or a postgresql")
    said = drift("scan", "--live", "live.yaml", "--history", "x", "--no-history").complaint
    assert said.startswith("--history and --no-history contradict each other")


def test_nothing_of_a_database_is_imported_without_one() -> None:
    code = "import sys, drift.cli.comparing; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_table_that_has_no_room_is_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = ("Run", "Environment", "When", "New", "Known", "")
    rows = [("20261201T080808Z-c6c6e8", "production", "2026-12-01 08:08", "1", "", "not whole")]
    monkeypatch.setenv("COLUMNS", "60")
    remembering.table(heads, rows, "none")
    monkeypatch.setenv("COLUMNS", "100")
    remembering.table(heads, rows, "none")
    first, second, head, row = capsys.readouterr().out.splitlines()
    assert first == "20261201T080808Z-c6c6e8  production  2026-12-01 08:08"
    assert second == "    New 1, not whole"
    assert head.split() == ["Run", "Environment", "When", "New", "Known"] and row.endswith("not whole")


def test_a_command_with_others_below_it_helps(drift: Drift) -> None:
    done = drift("history")
    assert done.code == 1 and len((done.stdout + done.stderr).splitlines()) > 5
