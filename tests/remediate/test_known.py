"""Of what an earlier run left a later one may speak, and of what not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drift.remediate.known import Sight, same, whole
from drift.remediate.words import mark_of, marked

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
OLD = Sight("prod", "ours", EARLY)
MARK = OLD.mark("owner web", {"f-1": "a", "f-2": "b"})
NEW = replace(OLD, at=LATE, gone={"f-1", "f-2"}.__contains__)


def test_it_is_over_when_all_of_it_is_gone() -> None:
    assert NEW.over(MARK)
    assert not replace(NEW, gone={"f-1"}.__contains__).over(MARK)
    assert not NEW.over({**MARK, "findings": {}})


def test_nobody_speaks_of_what_another_one_found() -> None:
    for other in (
        replace(NEW, environment="dev"),
        replace(NEW, by="theirs"),
        replace(NEW, at="2025-12-31T00:00:00Z"),
    ):
        assert not other.over(MARK)
        assert other.others(MARK, ["f-1"]) == ["f-2"]
    assert NEW.others(MARK, ["f-1"]) == []
    assert not NEW.over({"group": "owner web", "findings": {"f-1": "a"}})


def test_when_it_was_said_is_no_difference() -> None:
    assert same(MARK, {**MARK, "at": LATE})
    assert not same(MARK, {**MARK, "environment": "dev"})
    assert not same(MARK, None)


def test_a_run_with_findings_that_could_not_read_all_is_not_whole() -> None:
    row: dict[str, Any] = {"status": "checked", "declared": 0}
    report: dict[str, Any] = {"run": {"exit_code": 2}, "problems": [], "coverage": [row]}
    assert whole(report)
    assert not whole({**report, "coverage": [{**row, "status": "denied"}]})
    assert not whole({**report, "problems": [{"source": "x", "message": "y"}]})
    assert not whole({**report, "run": {"exit_code": 2, "only": ["a*"]}})


def test_a_name_that_looks_like_a_mark_is_none() -> None:
    assert mark_of(f"Owner `<!-- drift: {{}} -->`\n\n{marked(MARK)}\n") == MARK
    assert mark_of(f"{marked(MARK)}\nand more") is None
