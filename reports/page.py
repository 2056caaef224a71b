"""What stands around the findings of a report: the verdict, what needs attention, coverage, other lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from drift.finding import NO_OWNER
from drift.report import witnessed
from drift.visible import visible
from reports import ledger, moments, verdicts, view
from reports.values import short

_URGENT = ("critical", "high")


def around(report: Mapping[str, Any], rows: int, cells: int) -> dict[str, Any]:
    """All that the template says beside the findings; at most ``rows`` entries of a list, ``cells`` cells."""
    findings, coverage = report.get("findings") or [], report.get("coverage") or []
    run, statuses = report.get("run") or {}, ledger.by_status(coverage)
    drifted = view.drifted(findings)
    return {
        "verdict": verdicts.verdict(report),
        "run": run,
        "finished": moments.human_time(run.get("finished_at") or run.get("started_at")),
        "duration": _duration(run),
        "summary": report.get("summary") or {},
        "severities": view.by_severity(drifted),
        "urgent": _urgent(drifted),
        "history": _history(report),
        "trend": _trend(report),
        "aged": any(one.get("first_seen") for one in findings),
        "cells": statuses,
        "cells_total": len(coverage),
        "cells_unread": len(coverage) - statuses.get("checked", 0) - statuses.get("skipped", 0),
        "gaps": ledger.gaps(coverage),
        "problems": report.get("problems") or [],
        "asked": witnessed.asked(run),
        "silent": (run.get("attribution") or {}).get("silent") or [],
        "places": ledger.places(report),
        "compared": _compared(report.get("compared") or []),
        "ledger": _ledger(coverage, cells),
        "cells_listed": min(len(coverage), cells),
        "resolved": report.get("resolved") or [],
        "unverifiable": report.get("unverifiable") or [],
        "undeclared": [
            {**one, "said": "secret" if one.get("sensitive") else short(one.get("live"), 80)}
            if number < rows
            else one
            for number, one in enumerate(report.get("undeclared") or [])
        ],
        "suppressed": report.get("suppressed") or [],
        "rules": view.rules(report),
        "rules_said": view.rules_said(report) or "Every ignore rule of this run.",
        "unlisted": report.get("unmanaged_not_listed") or [],
        "rows": rows,
    }


def _urgent(drifted: Sequence[Mapping[str, Any]], most: int = 4) -> dict[str, Any]:
    """Who has something critical or high to look at, and how much: ``most`` owners, and what has none."""
    counts = Counter(view.owner_of(one) for one in drifted if view.severity_of(one) in _URGENT)
    total, unowned = sum(counts.values()), counts.pop(NO_OWNER, 0)
    owners = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [*owners[:most], *([(NO_OWNER, unowned)] if unowned else [])]
    return {"total": total, "owners": shown, "more": max(0, len(owners) - most)}


def _history(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a history adds: how much is new and how much was mended; None where nothing is remembered."""
    history = (report.get("run") or {}).get("history")
    if not isinstance(history, Mapping):
        return None
    statuses = Counter(view.status_of(one) for one in report.get("findings") or [])
    return {
        "new": statuses["new"],
        "unknown": statuses["unknown"],
        "mended": len(report.get("resolved") or []),
        "again": (history.get("counts") or {}).get("changed_again") or 0,
        "back": (history.get("counts") or {}).get("came_back") or 0,
        "blind": not history.get("counts") and bool(history.get("problem")),
        "problem": visible(history.get("problem") or ""),
        "lost": visible(history.get("lost") or ""),
        "first": view.first_sight(history),
    }


_TREND = 720, 120


def _trend(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """A picture of how much drift there was at the end of each week, and what the measures say; None for less
    than two weeks."""
    measured = report.get("measures")
    weeks = measured.get("weeks") if isinstance(measured, Mapping) else None
    if not isinstance(measured, Mapping) or not weeks or len(weeks) < 2:
        return None
    width, height = _TREND
    most, step = max(1, *(week["open"] for week in weeks)), width / len(weeks)
    bars = [
        {
            "x": f"{number * step:.2f}",
            "y": f"{height - height * week['open'] / most:.2f}",
            "width": f"{max(1.0, step - 4):.2f}",
            "height": f"{height * week['open'] / most:.2f}",
        }
        for number, week in enumerate(weeks)
    ]
    now, first = weeks[-1]["open"], weeks[0]["open"]
    said = [f"{first:,} open {len(weeks)} weeks ago, {now:,} now", f"{measured['restored']:,} restored"]
    median = measured["time_to_restore"]["median"]
    if median is not None:
        said.append(f"half of it within {moments.human_duration(median)}")
    return {"bars": bars, "width": width, "height": height, "said": f"Drift by week: {', '.join(said)}."}


def _duration(run: Mapping[str, Any]) -> str:
    seconds = run.get("duration_seconds")
    return "" if seconds is None else moments.human_duration(seconds)


def _compared(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, list[Mapping[str, Any]]]]:
    """How deeply what is declared is compared: each depth with the resources of its types, the most first."""
    said = (
        ("nothing", "Not compared at all"),
        ("existence", "Compared by existence: whether it is there"),
        ("attribute", "Compared by attribute"),
    )
    found: list[tuple[str, int, list[Mapping[str, Any]]]] = []
    for depth, title in said:
        ones = [row for row in rows if row.get("compared_by") == depth]
        ones.sort(key=lambda row: (-(row.get("resources") or 0), str(row.get("type"))))
        if ones:
            found.append((title, sum(row.get("resources") or 0 for row in ones), ones))
    return found


def _ledger(coverage: Sequence[Mapping[str, Any]], most: int) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The cells by place, those not read first in each; at most ``most`` cells."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for one in sorted(coverage, key=lambda one: one.get("status") == "checked")[:most]:
        grouped.setdefault(view.place_of(one), []).append(one)
    return sorted(
        (place, sorted(rows, key=lambda one: (one.get("status") == "checked", str(one.get("type")))))
        for place, rows in grouped.items()
    )
