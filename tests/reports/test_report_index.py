"""The page of a folder of runs: written beside them, from their reports, newest first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from drift.report import runs
from tests.reports.hostile_strings import STRINGS, hostile_report
from tests.reports.sample import clean_report, partial_report, sample_report
from tests.reports.test_report_html import text_of


def write(base: Path, report: dict[str, Any], identity: str, folder: str | None = None) -> None:
    report["run"]["id"] = identity
    runs.write(base / (folder or identity), report, ["html"], [])


def page(base: Path) -> str:
    return (base / "index.html").read_text(encoding="utf-8")


def test_runs_the_newest_first_with_the_trend_and_the_worst_owners(tmp_path: Path) -> None:
    write(tmp_path, clean_report(), "20260101T000000Z-a")
    assert "<svg" not in page(tmp_path)
    write(tmp_path, partial_report(), "20260102T000000Z-b")
    write(tmp_path, sample_report(), "20260103T000000Z-c")
    made, text = page(tmp_path), text_of(page(tmp_path))
    assert "14 resources drifted: 2 critical, 3 high, 4 medium, 3 low and 2 info." in text
    assert "Drift in 3 runs: 0 at first, 14 now, 14 at most." in text
    assert made.count("<rect") == 5
    links = re.findall(r'href="([^"#]+)/report.html"', made)
    assert links[1:] == [f"2026010{day}T000000Z-{name}" for day, name in ((3, "c"), (2, "b"), (1, "a"))]
    assert "3 of 61 cells could not be read" in text
    owners = re.findall(r'report.html#owner=[^"]*">([^<]*)<', made)
    assert owners[:3] == ["security", "payments", "orders"]


def test_only_a_folder_of_runs_has_one(tmp_path: Path) -> None:
    write(tmp_path, sample_report(), "20260101T000000Z-a", folder="out")
    assert not (tmp_path / "index.html").exists()


def test_a_report_that_somebody_changed_leaves_the_page_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, clean_report(), "20260101T000000Z-a")
    before = page(tmp_path)
    broken = tmp_path / "20260102T000000Z-b" / "report.json"
    broken.parent.mkdir()
    broken.write_text('{"schema": "drift-report/1", "findings": 3}')
    write(tmp_path, sample_report(), "20260103T000000Z-c")
    assert page(tmp_path) == before
    broken.write_text("{")
    write(tmp_path, sample_report(), "20260103T000000Z-c")
    assert "Drift in 2 runs" in page(tmp_path)


def test_hostile_strings_are_text_there_too(tmp_path: Path) -> None:
    write(tmp_path, hostile_report(STRINGS[::7]), "20260101T000000Z-a")
    made = re.sub(r"<style>.*?</style>", "", page(tmp_path), flags=re.DOTALL)
    assert not set(re.findall(r"<([a-z]+)", made.lower())) & set(
        "img iframe script object embed form base".split()
    )
    assert not re.search(r'href="(?!2026|data:,)', made)
