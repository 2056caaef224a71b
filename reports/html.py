"""The HTML report: one file that opens anywhere, offline, and says first what drifted and what could not be
read."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from drift.visible import visible
from reports import view
from reports.values import ChangeView, change_view, in_short, short, words_of

_TEMPLATES = Path(__file__).parent / "templates"
_ADVICE = {
    "changed": "Apply the declaration again, or declare the live value if it is the right one.",
    "missing": "Apply the declaration again, or remove it from Git if the resource is no longer wanted.",
    "unmanaged": "Declare and import it, delete it, or accept it with a rule.",
    "pending": "Nothing yet: the declaration is young. It becomes drift when the grace period ends.",
}


@dataclass(frozen=True)
class Limits:
    """How much goes into one file, so that it opens. Whatever is left out is said on the page.

    ``readable`` findings and ``readable_bytes`` are plain HTML, which needs no JavaScript. The rest is kept
    packed, ``chunk`` findings together, up to ``packed_bytes``, and drawn when it is asked for. Search reads
    the values of as many findings as fit into ``words_bytes``, and the names of all.
    """

    readable: int = 300
    readable_bytes: int = 3_000_000
    packed_bytes: int = 7_000_000
    words_bytes: int = 2_500_000
    chunk: int = 40
    changes: int = 80
    rows: int = 1_000
    cells: int = 3_000


@dataclass
class _Findings:
    """The findings of one file: readable HTML, packed HTML, the index for filters, the words for search."""

    readable: list[Markup] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    index: Markup = field(default_factory=Markup)
    total: int = 0
    listed: int = 0
    searched: int = 0


class HtmlReport:
    """Writes one self-contained HTML file: readable without JavaScript, which only adds filters and
    search."""

    name = "html"
    suffix = "html"
    _columns: ClassVar[Sequence[str]] = ("severity", "kind", "status", "owner", "place", "type")

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``. The same report gives the same bytes: no clock is asked."""
        style, script = _text("report.css"), _text("report.js")
        findings = self._findings(report)
        page = _environment().get_template("report.html.j2")
        for part in page.generate(
            **_page(report, self._limits),
            findings=findings,
            chunk=self._limits.chunk,
            style=Markup(style),
            script=Markup(script),
            style_hash=_hash(style),
            script_hash=_hash(script),
        ):
            out.write(part.encode("utf-8", "backslashreplace"))

    def _findings(self, report: Mapping[str, Any]) -> _Findings:
        findings, limits = view.ordered(report.get("findings") or []), self._limits
        template = _environment().get_template("finding.html.j2")
        run = report.get("run") or {}

        def drawn() -> Iterator[str]:
            for finding in findings:
                yield template.render(f=finding_view(finding, run, limits.changes))

        result = _Findings(total=len(findings))
        size, items = 0, drawn()
        for item in islice(items, limits.readable):
            result.readable.append(Markup(item))
            size += len(item)
            if size > limits.readable_bytes:
                break
        result.listed, size = len(result.readable), 0
        while size < limits.packed_bytes and (batch := list(islice(items, limits.chunk))):
            result.chunks.append(_packed(batch))
            result.listed += len(batch)
            size += len(result.chunks[-1])
        listed = findings[: result.listed]
        result.index = _embedded(self._index(listed, len(result.readable)))
        size = 0
        for group in _batches(listed, 500):
            full = size < limits.words_bytes
            result.words.append(_packed([words_of(finding, values=full) for finding in group]))
            result.searched += len(group) if full else 0
            size += len(result.words[-1])
        return result

    def _index(self, findings: Iterable[Mapping[str, Any]], readable: int) -> dict[str, Any]:
        names: dict[str, dict[str, int]] = {facet: {} for facet in self._columns}
        rows = []
        for finding in findings:
            values = _facets(finding)
            row: list[Any] = [names[f].setdefault(values[f], len(names[f])) for f in self._columns]
            rows.append([*row, visible(finding.get("id", "")), view.name_of(finding)])
        return {
            "facets": list(self._columns),
            "names": [list(names[facet]) for facet in self._columns],
            "readable": readable,
            "rows": rows,
        }


def finding_view(finding: Mapping[str, Any], run: Mapping[str, Any], max_changes: int = 80) -> dict[str, Any]:
    """All that the template of one finding shows, every string safe to be seen."""
    changes = finding.get("changes") or []
    declared_at, links = finding.get("declared_at") or {}, finding.get("links") or {}
    status = view.status_of(finding)
    line = declared_at.get("line")
    return {
        **_facets(finding),
        "id": visible(finding.get("id", "")),
        "name": view.name_of(finding),
        "resource_id": visible(finding.get("resource_id") or ""),
        "short": in_short(finding, width=36),
        "changes": [_change(change) for change in changes[:max_changes]],
        "more_changes": max(0, len(changes) - max_changes),
        "reason": visible(finding.get("severity_reason") or ""),
        "note": visible(finding.get("note") or ""),
        "since": view.human_time(finding.get("first_seen")),
        "since_iso": visible(finding.get("first_seen") or ""),
        "age": view.human_since(finding, run),
        "file": visible(declared_at.get("file") or "") + (f":{line}" if line is not None else ""),
        "source": visible(declared_at.get("source") or ""),
        "address": visible(declared_at.get("address") or ""),
        "commit": visible(declared_at.get("commit") or ""),
        "declared_link": view.safe_link(links.get("declared")),
        "console_link": view.safe_link(links.get("console")),
        "attribution": _attribution(finding.get("attribution") or {}),
        "advice": _ADVICE.get(status) or _ADVICE.get(str(finding.get("kind")), ""),
    }


def _attribution(attribution: Mapping[str, Any]) -> dict[str, str]:
    if not attribution:
        return {}
    evidence = attribution.get("evidence")
    text = evidence if isinstance(evidence, str | None) else orjson.dumps(evidence, default=str).decode()
    return {
        "actor": visible(attribution.get("actor") or ""),
        "time": view.human_time(attribution.get("time")),
        "event": visible(attribution.get("event") or ""),
        "evidence": visible(text or ""),
        "link": view.safe_link(text),
    }


def _facets(finding: Mapping[str, Any]) -> dict[str, str]:
    status = view.status_of(finding)
    return {
        # What is still being applied is not drift, so it does not stand among the severities.
        "severity": "pending" if status == "pending" else view.severity_of(finding),
        "kind": visible(finding.get("kind") or ""),
        "status": status,
        "owner": view.owner_of(finding),
        "place": view.place_of(finding),
        "type": visible(finding.get("type") or ""),
    }


def _page(report: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """What the page shows around the findings."""
    findings, coverage = report.get("findings") or [], report.get("coverage") or []
    run, cells = report.get("run") or {}, view.by_status(coverage)
    facets = [_facets(finding) for finding in findings]

    def tally(facet: str, order: Sequence[str] = ()) -> list[tuple[str, int]]:
        return view.tally((row[facet] for row in facets), order)

    return {
        "verdict": view.verdict(report),
        "run": run,
        "finished": view.human_time(run.get("finished_at") or run.get("started_at")),
        "duration": view.human_duration(run["duration_seconds"])
        if run.get("duration_seconds") is not None
        else "",
        "summary": report.get("summary") or {},
        "cells": cells,
        "cells_total": len(coverage),
        "cells_unread": len(coverage) - cells.get("checked", 0) - cells.get("skipped", 0),
        "gaps": view.gaps(coverage),
        "problems": report.get("problems") or [],
        "drift_by_severity": view.by_severity(view.drifted(findings)),
        "severities": tally("severity", (*view.SEVERITIES, "pending")),
        "kinds": tally("kind", view.KINDS),
        "statuses": [item for item in tally("status", view.STATUSES) if item[0] != "pending"],
        "owners": tally("owner"),
        "types": tally("type"),
        "places": view.places(report),
        "place_counts": dict(tally("place")),
        "ledger": _ledger(coverage, limits.cells),
        "cells_listed": min(len(coverage), limits.cells),
        "resolved": report.get("resolved") or [],
        "unverifiable": report.get("unverifiable") or [],
        "undeclared": [
            {**one, "said": "secret" if one.get("sensitive") else short(one.get("live"), 80)}
            if number < limits.rows
            else one
            for number, one in enumerate(report.get("undeclared") or [])
        ],
        "suppressed": report.get("suppressed") or [],
        "rules": view.rules(report),
        "rules_said": view.rules_said(report) or "Every ignore rule of this run.",
        "unlisted": report.get("unmanaged_not_listed") or [],
        "rows": limits.rows,
    }


def _change(change: Mapping[str, Any]) -> ChangeView:
    return replace(change_view(change), note=visible(change.get("note") or ""))


def _ledger(coverage: Sequence[Mapping[str, Any]], most: int) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The cells by place, those not read first in each; at most ``most`` cells."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(coverage, key=lambda row: row.get("status") == "checked")[:most]:
        grouped.setdefault(view.place_of(row), []).append(row)
    return sorted(
        (place, sorted(rows, key=lambda row: (row.get("status") == "checked", str(row.get("type")))))
        for place, rows in grouped.items()
    )


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _packed(items: Sequence[str]) -> str:
    """Strings as base64 of compressed JSON: an alphabet in which no markup can be written."""
    return base64.b64encode(zlib.compress(orjson.dumps(items), 9)).decode()


def _embedded(value: object) -> Markup:
    """JSON that may stand inside a script element: ``<``, ``>`` and ``&`` are written as escapes."""
    text = orjson.dumps(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["visible"] = visible
    environment.filters["nobreak"] = lambda text: re.sub(r"(?<=\d) ", "\u00a0", text)
    environment.filters["name_of"] = view.name_of
    environment.filters["place_of"] = view.place_of
    environment.filters["count"] = view.count
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment
