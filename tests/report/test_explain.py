"""Why a finding is one, or is hidden: raw and canonical values, facts, rules and lines, from what a run
kept."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from drift.report import runs
from drift.report.explain import explain
from drift.scan import Result
from reports.html import HtmlReport
from reports.table import TableReport
from tests.rules.support import queue, scan, write

RULES = """\
ignore:
- {reason: The scaler sets it., path: /DelaySeconds, owner: ann}
- {reason: Old one., name: nobody}
- {reason: Was once., kind: missing, until: 2020-01-01}
"""
DECLARED = queue("a", DelaySeconds=1, MaximumMessageSize=1024, Tags=[{"Key": "k", "Value": "v"}])
LIVE = queue(
    "a",
    DelaySeconds=9,
    MaximumMessageSize=2048,
    VisibilityTimeout=30,
    Tags=[{"Key": "n", "Value": "w"}, {"Key": "k", "Value": "w"}],
)


@pytest.fixture
def ran(tmp_path: Path) -> tuple[Path, Result]:
    write(tmp_path, {"base/q.yaml": [DECLARED, queue("gone")], "live.yaml": [LIVE, queue("extra")]})
    result = scan(tmp_path, RULES)
    runs.write(tmp_path / "out", result.report, [], result.evidence)
    return tmp_path / "out", result


def told(ran: tuple[Path, Result], kind: str, *, whole: bool = False) -> str:
    folder, result = ran
    (finding,) = (one for one in result.report["findings"] if one["kind"] == kind)
    return explain(finding["id"], str(folder), whole=whole)


def test_who_did_it_and_since_when_is_told_where_it_is_known(ran: tuple[Path, Result]) -> None:
    folder, result = ran
    assert "live by" not in told(ran, "changed") and "first seen" not in told(ran, "changed")
    by = {"actor": "ann", "time": "2026-05-01T03:00:00Z", "event": "SetQueueAttributes", "evidence": "e"}
    known = {"status": "new", "first_seen": "2026-05-02T03:00:00Z"}
    findings = [
        {**one, **known, "attribution": {**by, "certain": one["kind"] == "changed"}}
        for one in result.report["findings"]
    ]
    (folder / "report.json").write_text(json.dumps({**result.report, "findings": findings}))
    assert "  live by ann, SetQueueAttributes, 2026-05-01T03:00:00Z\n" in told(ran, "changed")
    assert "  live by possibly ann, SetQueueAttributes" in told(ran, "unmanaged")
    assert "  new, first seen 2026-05-02T03:00:00Z\n" in told(ran, "missing")


def test_a_change_is_told_raw_canonical_and_by_its_fact(ran: tuple[Path, Result]) -> None:
    text = told(ran, "changed")
    assert "owner: no owner" in text
    assert "declared at base/q.yaml" in text
    assert "/MaximumMessageSize\n" in text
    assert "declared  raw        1024\n              canonical  1024" in text
    assert 'live      raw        "w"\n              canonical  "w"' in text
    assert "compared as kind" in text
    assert "kind tags; what is declared owns its members, and this is none of them" in text
    assert "ignored by rules: 1 (--all shows them)" in text
    assert "accepted as equal: 1 (--all shows them)" in text
    assert "The scaler" not in text


def test_all_tells_what_was_folded_and_ignored(ran: tuple[Path, Result]) -> None:
    text = told(ran, "changed", whole=True)
    assert "drift.yaml:4: The scaler sets it.; ann answers for it\n  /DelaySeconds" in text
    assert "/VisibilityTimeout: equals the default\n    declared  (absent)\n    live      30" in text


def test_missing_and_unmanaged_ones_explain_themselves(ran: tuple[Path, Result]) -> None:
    missing, unmanaged = told(ran, "missing"), told(ran, "unmanaged")
    assert "nothing there is arn:aws:sqs:eu-west-1:111122223333:gone." in missing
    assert 'declared  raw        {"QueueName":"gone"}' in missing
    assert "listed because others of this type are declared there." in unmanaged
    assert 'live      canonical  {"QueueName":"extra"' in unmanaged


def test_a_hidden_finding_is_explained_by_its_rule(tmp_path: Path) -> None:
    write(tmp_path, {"base/q.yaml": [DECLARED], "live.yaml": [LIVE]})
    result = scan(tmp_path, "ignore: [{reason: ours, provider: aws}]")
    runs.write(tmp_path / "out", result.report, [], result.evidence)
    text = explain(result.report["suppressed"][0]["id"], str(tmp_path / "out"))
    assert text.startswith("ignored changed: AWS::SQS::Queue a\n")
    assert text.count("drift.yaml:3: ours") == 4


def test_no_hash_of_a_secret_is_shown(tmp_path: Path) -> None:
    hidden = {"$secret": {"key": "k" * 12, "hmac": "f" * 64}}
    write(tmp_path, {"base/q.yaml": [], "live.yaml": [queue("a", Password=hidden)]})
    result = scan(tmp_path, "unmanaged: [{action: report}]", declared="base/q.yaml, source: baseline")
    runs.write(tmp_path / "out", result.report, [], result.evidence)
    (finding,) = result.report["findings"]
    text = explain(finding["id"], str(tmp_path / "out"), whole=True)
    assert '"Password":"(secret)"' in text
    assert "fff" not in text


# The same in the reports


def test_the_table_tells_which_rules_do_not_work(ran: tuple[Path, Result]) -> None:
    out = io.BytesIO()
    TableReport().render(ran[1].report, out)
    line = next(line for line in out.getvalue().decode().splitlines() if "1 rule" in line)
    assert line.startswith("1 rule has expired: ") and "drift.yaml:6; 1 rule matches nothing: " in line


def test_what_is_ignored_can_be_looked_at(ran: tuple[Path, Result]) -> None:
    out = io.StringIO()
    TableReport().print_ignored(ran[1].report, Console(file=out, width=200, color_system=None))
    text = out.getvalue()
    assert (
        "drift.yaml:4 (active, ann answers for it): The scaler sets it.\n  changed AWS::SQS::Queue a " in text
    )
    assert "drift.yaml:6 (expired, until 2020-01-01): Was once." in text
    assert text.index("(expired") < text.index("(unused") < text.index("(active")


def test_the_page_tells_rules_and_reasons(ran: tuple[Path, Result]) -> None:
    out = io.BytesIO()
    HtmlReport().render(ran[1].report, out)
    page = out.getvalue().decode()
    assert page.count("The scaler sets it.") == 2
    assert "1 rule has expired: " in page


# One id: on the finding, in the report and in the evidence


@pytest.mark.parametrize(
    ("said", "told_by"),
    [("", "snapshot"), ("environment: default\n", "snapshot"), ("environment: staging\n", "configuration")],
)
def test_the_environment_may_be_told_by_the_snapshot_alone(tmp_path: Path, said: str, told_by: str) -> None:
    header = {"drift_snapshot": 1, "environment": "production"}
    lines = [header, LIVE, queue("extra")]
    write(
        tmp_path,
        {
            "base/q.yaml": [DECLARED, queue("gone")],
            "live.jsonl": "".join(f"{json.dumps(line)}\n" for line in lines),
        },
    )
    result = scan(tmp_path, said + RULES, live="live.jsonl")
    runs.write(tmp_path / "out", result.report, [], result.evidence)
    expected = "production" if told_by == "snapshot" else "staging"
    assert result.report["run"]["environment"] == expected
    assert {one["kind"] for one in result.report["findings"]} == {"changed", "missing", "unmanaged"}
    for one in (*result.report["findings"], *result.report["suppressed"]):
        assert explain(one["id"], str(tmp_path / "out"), whole=True)


def test_the_environment_tells_the_same_drift_apart(tmp_path: Path) -> None:
    ids = set()
    for name in ("staging", "production"):
        write(tmp_path, {"base/q.yaml": [DECLARED], "live.yaml": [LIVE]})
        report = scan(tmp_path, f"environment: {name}\n").report
        ids |= {report["findings"][0]["id"], *(one["id"] for one in report["findings"][0]["changes"])}
    assert len(ids) == 2 * (1 + len(report["findings"][0]["changes"]))
