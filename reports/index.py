"""A folder of runs as one page: the runs, how drift went from run to run, and whose it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from drift.visible import visible
from reports import ledger, moments, verdicts, view

_WIDTH, _HEIGHT = 720, 120


def around(runs: Iterable[tuple[str, Mapping[str, Any]]], left_out: int) -> dict[str, Any]:
    """What the page says of ``runs``: (name of the folder, report) pairs, the newest first, taken one at a
    time: a report may be large. ``left_out`` older ones are counted only."""
    rows: list[dict[str, Any]] = []
    owners: list[dict[str, Any]] = []
    for number, (folder, report) in enumerate(runs):
        if number == 0:
            owners = _owners(report)
        rows.append(_row(folder, report))
    return {"rows": rows, "owners": owners, "left_out": left_out, "trend": _trend(rows[::-1])}


def _row(folder: str, report: Mapping[str, Any]) -> dict[str, Any]:
    run, verdict = report.get("run") or {}, verdicts.verdict(report)
    severities = view.by_severity(view.drifted(report.get("findings") or []))
    return {
        "id": visible(run.get("id") or folder),
        "link": f"{quote(folder, safe='')}/report.html",
        "environment": visible(run.get("environment") or ""),
        "finished": moments.human_time(run.get("finished_at") or run.get("started_at")),
        "tone": verdict.tone,
        "drift": verdict.drift,
        "coverage": verdict.coverage,
        "whole": ledger.whole(report.get("coverage") or []),
        "severities": severities,
        "total": sum(severities.values()),
    }


def _owners(report: Mapping[str, Any], most: int = 12) -> list[dict[str, Any]]:
    """Whose drift is worst: by severity, then by number."""
    counts: dict[str, dict[str, int]] = {}
    for finding in view.drifted(report.get("findings") or []):
        mine = counts.setdefault(view.owner_of(finding), dict.fromkeys(view.SEVERITIES, 0))
        mine[view.severity_of(finding)] += 1
    worst = sorted(counts.items(), key=lambda item: ([-number for number in item[1].values()], item[0]))
    return [
        {"name": name, "severities": {one: number for one, number in mine.items() if number}}
        for name, mine in worst[:most]
    ]


def _trend(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Bars of a picture, the oldest run first: one a severity, on top of the worse; None for one run.
    Only the runs of the newest one's environment can be compared with it."""
    rows = [row for row in rows if row["environment"] == rows[-1]["environment"]]
    if len(rows) < 2:
        return None
    most = max(1, *(row["total"] for row in rows))
    step = _WIDTH / len(rows)
    bars = []
    for number, row in enumerate(rows):
        bottom = float(_HEIGHT)
        for severity, count in row["severities"].items():
            height = _HEIGHT * count / most
            bottom -= height
            bars.append(
                {
                    "severity": severity,
                    "x": f"{number * step:.2f}",
                    "y": f"{bottom:.2f}",
                    "width": f"{max(1.0, step - min(4.0, step / 4)):.2f}",
                    "height": f"{height:.2f}",
                }
            )
    words = f"{rows[0]['total']:,} at first, {rows[-1]['total']:,} now, {most:,} at most"
    return {
        "bars": bars,
        "width": _WIDTH,
        "height": _HEIGHT,
        "said": f"Drift in {len(rows):,} runs: {words}.",
    }
