"""The demo's projects: in the evening all is as Git declares; in the morning drift finds what happened, and
no more."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import parse
from drift.demo import Built, Found, Night
from drift.scan import Run
from providers.gcp.demo import GcpDemo
from providers.gcp.demo.night import NIGHT


def scan(built: Built, repository: Path) -> dict[str, Any]:
    """The report of a scan as `drift demo` configures it."""
    document = {
        "version": 1,
        "declared": [dict(one) for one in built.declared],
        "live": {"gcp": dict(built.live)},
        "redaction": {"key": "demo"},
    }
    text = yaml.safe_dump(document)
    return Run(parse(text, "drift.yaml", repository, None, os.environ)).scan().report


def found(report: dict[str, Any]) -> set[Found]:
    return {
        Found(
            one["type"],
            one["resource_id"],
            one["kind"],
            tuple(change["path"] for change in one["changes"]) if one["kind"] == "changed" else (),
        )
        for one in report["findings"]
    }


def test_the_evening_and_the_morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with GcpDemo().start() as cloud:
        built = cloud.build(tmp_path)
        for name, value in built.environment.items():
            monkeypatch.setenv(name, str(value))
        evening = scan(built, tmp_path)
        assert found(evening) == set()
        assert evening["summary"]["in_sync"] == evening["summary"]["declared"] == 19
        told = cloud.night(Night.last(datetime.now(UTC)))
        morning = scan(built, tmp_path)
    assert found(morning) == {one for change in NIGHT for one in change.found}
    assert len(told) == len(NIGHT) and all(sentence[2] == ":" for sentence in told)
    statuses = {row["scope"]: row["status"] for row in morning["coverage"] if row["type"] == "*"}
    assert statuses == {
        "folders/718204993361": "checked",
        "larkspur-data": "checked",
        "larkspur-old": "skipped",
        "larkspur-shop": "checked",
    }
    assert {row["status"] for row in morning["coverage"]} <= {"checked", "skipped"}


def test_what_is_declared_is_recognised_by_its_content(tmp_path: Path) -> None:
    with GcpDemo().start() as cloud:
        built = cloud.build(tmp_path)
    assert all((tmp_path / str(one["path"])).exists() for one in built.declared)
    assert all((tmp_path / one.partition(",")[0]).exists() for one in built.diff)
    assert built.types >= 10
