"""A note about a run: a few lines for a chat, and the same as data for a machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift import plugins
from drift.channel import Message
from drift.renderer import Letter
from drift.report import metrics, runs
from drift.report.fresh import fresh

#: The form of the data.
SCHEMA = "drift-note/1"
#: So many findings it names.
_MOST = 50
_TOLD = ("id", "kind", "provider", "scope", "region", "type", "resource_id", "name", "severity", "owner")
_RUN = ("id", "environment", "started_at", "finished_at", "exit_code", "url", "version")


def of_report(report: Mapping[str, Any], slot: str, remarks: tuple[str, ...]) -> Message:
    """The note of a report; ``slot`` tells apart those who get one."""
    run = report["run"]
    subject, text = plugins.mail_page().note(report, Letter(remarks=remarks))
    found = [one for one in report["findings"] if fresh(one)]
    document = {
        "schema": SCHEMA,
        "run": {name: run.get(name) for name in _RUN},
        "remarks": list(remarks),
        "summary": {k: v for k, v in report["summary"].items() if k != "by_owner"},
        "unread": sum(row["status"] not in ("checked", "skipped") for row in report["coverage"]),
        "new": [_finding(one) for one in found[:_MOST]],
        "more": max(0, len(found) - _MOST),
    }
    return Message(f"{run['id']}.{slot}", subject, text, document=document)


def of_failure(error: str, slot: str, run: Mapping[str, Any]) -> Message:
    """The note of a run that ended without a report."""
    subject = f"the run failed · {run['environment']}"
    document = {"schema": SCHEMA, "run": {name: run.get(name) for name in _RUN}, "error": error}
    return Message(f"failed-{run['started_at']}.{slot}", subject, error, document=document)


def of_metrics(report: Mapping[str, Any], slot: str) -> Message:
    """The metrics of a report."""
    run = report["run"]
    content = runs.rendering(report, metrics.FORMAT)
    return Message(
        f"{run['id']}.{slot}", "metrics", content=content, document={"environment": run["environment"]}
    )


def _finding(one: Mapping[str, Any]) -> dict[str, Any]:
    declared = one.get("declared_at") or {}
    return {
        **{name: one.get(name) for name in _TOLD},
        "status": one.get("status"),
        "attribution": one.get("attribution"),
        "file": declared.get("file"),
        "line": declared.get("line"),
        "links": one.get("links"),
    }
