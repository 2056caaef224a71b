"""Log lines on standard error for whoever collects them: JSON, an event a line, with the run's id."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from drift.visible import visible

#: Environment variable that says the same as ``--log-format``.
VARIABLE = "DRIFT_LOG_FORMAT"
#: So many findings have a line of their own; the rest is counted.
_MOST = 10_000
_FINDING = (
    "kind",
    "severity",
    "status",
    "owner",
    "provider",
    "scope",
    "region",
    "type",
    "resource_id",
    "name",
)

_run: list[str] = []


def as_json() -> bool:
    """Whether log lines are JSON."""
    return os.environ.get(VARIABLE) == "json"


def begin(run: str) -> None:
    """From now on every line names the run."""
    _run[:] = [run]


def line(event: str, level: str = "info", **said: Any) -> None:
    """Writes one line."""
    logger().log(_LEVELS[level], event, **{name: _safe(value) for name, value in said.items()})


def logger() -> Any:
    """What writes the lines: JSON where that is asked for, else logfmt."""
    import structlog

    form: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json()
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    made = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            form,
        ],
    )
    return made.bind(run=_run[0]) if _run and as_json() else made


def ended(report: Mapping[str, Any]) -> None:
    """A line for each finding of a run, then one for the run."""
    found = report["findings"]
    for one in found[:_MOST]:
        declared = one.get("declared_at") or {}
        place = {"file": declared.get("file"), "line": declared.get("line")}
        line("finding", "warning", finding=one["id"], **{name: one.get(name) for name in _FINDING}, **place)
    run = report["run"]
    unread = sum(row["status"] not in ("checked", "skipped") for row in report["coverage"])
    line(
        "run_ended",
        environment=run["environment"],
        exit_code=run["exit_code"],
        duration_seconds=run["duration_seconds"],
        findings=len(found),
        findings_without_a_line=max(0, len(found) - _MOST),
        cells=len(report["coverage"]),
        unread=unread,
    )


def _safe(value: Any) -> Any:
    return visible(value) if isinstance(value, str) else value


_LEVELS = {"info": 20, "warning": 30, "error": 40}
