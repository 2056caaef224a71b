"""What a run keeps of each finding: both forms, why it is one, and the fact that decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drift.scan import Result
from tests.rules.support import queue, scan, write

DECLARED = queue("a", DelaySeconds=1, Tags=[{"Key": "team", "Value": "web"}])
LIVE = queue(
    "a",
    DelaySeconds=9,
    VisibilityTimeout=30,
    Tags=[{"Key": "rogue", "Value": "x"}, {"Key": "team", "Value": "web"}],
)


def ran(folder: Path, rules: str = "") -> Result:
    write(folder, {"base/q.yaml": [DECLARED, queue("gone")], "live.yaml": [LIVE, queue("extra")]})
    return scan(folder, rules)


def records(result: Result) -> dict[str, dict[str, Any]]:
    """Finding id → record."""
    return {record["finding"]: record for record in result.evidence}


def of_kind(result: Result, kind: str) -> dict[str, Any]:
    (finding,) = (one for one in result.report["findings"] if one["kind"] == kind)
    return records(result)[finding["id"]]


def test_each_finding_has_its_record_in_the_reports_order_then_what_is_hidden(tmp_path: Path) -> None:
    result = ran(tmp_path, "ignore: [{reason: ours, kind: missing, provider: aws}]")
    ids = [one["id"] for one in result.report["findings"]]
    hidden = [one["id"] for one in result.report["suppressed"]]
    assert len(ids) == 2 and len(hidden) == 1
    assert [record["finding"] for record in result.evidence] == [*ids, *hidden]


def test_both_sides_are_kept_raw_and_canonical(tmp_path: Path) -> None:
    record = of_kind(ran(tmp_path), "changed")
    assert record["live"]["raw"]["Tags"][0] == {"Key": "rogue", "Value": "x"}
    assert record["live"]["canonical"]["Tags"] == {"rogue": "x", "team": "web"}
    assert record["declared"]["raw"]["DelaySeconds"] == 1


def test_a_side_that_is_not_there_has_no_forms(tmp_path: Path) -> None:
    result = ran(tmp_path)
    missing = of_kind(result, "missing")
    assert missing["declared"]["raw"] == {"QueueName": "gone"} and "live" not in missing


def test_the_deciding_fact_is_told_by_path(tmp_path: Path) -> None:
    decided = of_kind(ran(tmp_path), "changed")["decided"]
    assert decided.keys() == {"/DelaySeconds", "/Tags/rogue"}
    assert decided["/Tags/rogue"].startswith("compared as kind tags; what is declared owns its members")


def test_folds_are_kept_with_their_fact(tmp_path: Path) -> None:
    folds = of_kind(ran(tmp_path), "changed")["folds"]
    assert {"path": "/VisibilityTimeout", "fact": "equals the default", "live": 30} in folds


def test_why_says_what_was_read_and_why_it_is_listed(tmp_path: Path) -> None:
    missing = of_kind(ran(tmp_path), "missing")["why"]
    assert missing.startswith("It is declared, aws 111122223333 eu-west-1 AWS::SQS::Queue was read (checked")
    listed = of_kind(ran(tmp_path), "unmanaged")["why"]
    assert listed.endswith("it is listed because others of this type are declared there.")
    asked = of_kind(ran(tmp_path, "unmanaged: [{action: report}]"), "unmanaged")["why"]
    assert asked.endswith("because the configuration asks for such resources (unmanaged: report).")


def test_nothing_secret_is_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "base/q.yaml": [queue("a", Password="correct horse 1")],
            "live.yaml": [queue("a", Password="battery staple 2")],
        },
    )
    result = scan(tmp_path)
    text = repr(list(result.evidence)) + repr(result.report)
    assert "correct horse" not in text and "battery staple" not in text
    assert result.report["findings"][0]["changes"][0]["sensitive"]
