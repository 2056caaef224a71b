"""The demo's subscriptions: in the evening all is as Git declares; in the morning drift finds what happened,
and no more."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import parse
from drift.demo import Built, Night
from drift.scan import Run
from providers.azure.demo import AzureDemo
from providers.azure.demo.night import NIGHT


def scan(built: Built, repository: Path, **live: Any) -> dict[str, Any]:
    """The report of a scan as `drift demo` configures it."""
    document = {
        "version": 1,
        "declared": [dict(one) for one in built.declared],
        "live": {"azure": {**built.live, **live}},
        "redaction": {"key": "demo"},
    }
    text = yaml.safe_dump(document)
    return Run(parse(text, "drift.yaml", repository, None, os.environ)).scan().report


def found(report: dict[str, Any]) -> dict[tuple[str, str, str], set[str]]:
    return {
        (one["type"], one["resource_id"].lower(), one["kind"]): {change["path"] for change in one["changes"]}
        if one["kind"] == "changed"
        else set()
        for one in report["findings"]
    }


def test_the_evening_and_the_morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with AzureDemo().start() as cloud:
        built = cloud.build(tmp_path)
        for name, value in built.environment.items():
            monkeypatch.setenv(name, str(value))
        evening = scan(built, tmp_path)
        assert found(evening) == {}
        told = cloud.night(Night.last(datetime.now(UTC)))
        morning = scan(built, tmp_path)
    expected: dict[tuple[str, str, str], set[str]] = {}
    for change in NIGHT:
        for one in change.found:
            expected.setdefault((one.type, one.resource.lower(), one.kind), set()).update(one.paths)
    assert found(morning) == expected
    assert len(told) == len(NIGHT) and all(sentence[2] == ":" for sentence in told)
    assert {row["status"] for row in morning["coverage"]} == {"checked"}
    assert "pay.example.net" not in str(morning)
