"""Mail from the command line: the exit code stays, and what happened is said."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Drift
from tests.mail_server import serving
from tests.records.test_snapshot import lines, record

CONFIG = """version: 1
declared: [{path: base.jsonl}]
live: {aws: {regions: [us-east-1]}}
mail:
  sender: drift@acme.example
  to: [platform@acme.example]
  via: {smtp: {host: 127.0.0.1, port: %d, security: none}}
"""


def test_a_scan_mails_a_server_that_is_away_is_told_and_a_mail_is_sent_again(
    drift: Drift, tmp_path: Path
) -> None:
    (tmp_path / "base.jsonl").write_bytes(lines(record("a", DelaySeconds=1), record("b")))
    (tmp_path / "live.jsonl").write_bytes(lines(record("a", DelaySeconds=9), record("b")))
    scan = ("scan", "--live", "live.jsonl", "--mail", "-q")
    with serving() as server:
        (tmp_path / "drift.yaml").write_text(CONFIG % server.port)
        first = drift(*scan)
        again = drift("mail", "latest", "--to", "ann@acme.example")
        wrong = drift("mail", "latest", "--to", "ann")
    assert first.code == 2
    assert "sent: '1 new · default' to platform@acme.example" in first.stderr
    assert (again.code, again.stdout) == (0, "sent to ann@acme.example\n")
    assert wrong.complaint.startswith("--to ann: is no mail address")
    assert [recipients for _, recipients, _ in server.mails] == [
        ["platform@acme.example"],
        ["ann@acme.example"],
    ]
    assert json.loads((tmp_path / "runs/outbox/sent.json").read_bytes())["default/mail/all"]
    assert drift(*scan).code == 2  # nothing is new, nothing is sent
    (tmp_path / "live.jsonl").write_bytes(lines(record("a", DelaySeconds=9), record("b", DelaySeconds=2)))
    away = drift(*scan)
    assert away.code == 2
    assert "it waits in runs/outbox for the next run" in away.stderr
    with serving() as server:
        (tmp_path / "drift.yaml").write_text(CONFIG % server.port)
        (tmp_path / "base.jsonl").write_text("{")
        failed = drift(*scan)
    assert failed.code in (1, 3)
    assert server.mails


def test_whom_to_mail_has_to_be_said(drift: Drift, tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").write_text("version: 1\nlive: {aws: {regions: [us-east-1]}}\n")
    for option in ("mail", "notify"):
        said = drift("scan", f"--{option}").complaint
        assert said == f"--{option}: drift.yaml has no `{option}:` that says who is told, and how"
