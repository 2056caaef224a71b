"""The report as a table for spreadsheets: a row a change, or a finding without any; at its end what could not
be read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from drift.visible import visible
from reports import unread, view
from reports.values import ABSENT, SECRET, pretty, sides_of

_COLUMNS = (
    *("severity", "status", "kind", "provider", "scope", "region", "type", "name", "resource_id"),
    *(
        "path",
        "declared",
        "live",
        "undeclared",
        "owner",
        "file",
        "line",
        "first_seen",
        "actor",
        "id",
        "reason",
    ),
)
#: What makes a spreadsheet take a text for a formula, also as the wide forms that some read alike.
_FORMULA = re.compile(r"[\s\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]")
#: What would be one in a cell of its own, where a spreadsheet of other settings parts cells at semicolons.
_LATER = re.compile(r"(;\s*)(?=[=+@\uff1d\uff0b\uff20|%]|-\D)")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
#: A cell of a spreadsheet holds 32,767 characters.
_MOST = 32_000


class CsvReport:
    """Writes RFC 4180 with a byte order mark, so that spreadsheets take it for UTF-8."""

    name = "csv"
    suffix = "csv"

    def render(self, report: Mapping[str, Any], out: BinaryIO) -> None:
        """Write ``report`` to ``out``; no text of it is a formula there."""
        stream = io.TextIOWrapper(out, encoding="utf-8-sig", errors="backslashreplace", newline="")
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        for row in _rows(report):
            writer.writerow([cell(row.get(column)) for column in _COLUMNS])
        stream.flush()
        stream.detach()


def cell(value: object) -> str:
    """A value as the text of a cell. What a spreadsheet would take for a formula begins with an apostrophe.

    >>> cell("=1+1"), cell("-5"), cell("a")
    ("'=1+1", '-5', 'a')
    """
    text = "" if value is None else visible(value)
    text = text if len(text) <= _MOST else text[: _MOST - 1] + "…"
    text = _LATER.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for finding in view.ordered(report.get("findings") or []):
        declared = finding.get("declared_at") or {}
        row = {name: finding.get(name) for name in _COLUMNS} | {
            "severity": view.severity_of(finding),
            "owner": view.owner_of(finding),
            "file": declared.get("file"),
            "line": declared.get("line"),
            "actor": (finding.get("attribution") or {}).get("actor"),
            "reason": finding.get("severity_reason"),
        }
        for change in finding.get("changes") or [{}]:
            yield row | _change(change)
    for status, message in unread.said(report):
        yield {"kind": "not read", "status": status, "reason": message}


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    if not change:
        return {}
    sides = [SECRET, SECRET]
    if not change.get("sensitive"):
        sides = ["" if side is ABSENT else pretty(side) for side in sides_of(change)]
    undeclared = "yes" if change.get("undeclared") else ""
    return {"path": change.get("path"), "declared": sides[0], "live": sides[1], "undeclared": undeclared}
