"""Prints what a run needs, what of it is there, and what each lack blinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import orjson

from drift.check import Check
from drift.cli import ending
from drift.model import Cell
from drift.preflight import SECONDS, Looked, document, look

_WORDS = {"well": "ok", "note": "note", "unknown": "?", "blind": "BLIND", "stops": "STOPS"}
_ENDS = {
    0: "all that a run needs is there",
    1: "no run can begin like this",
    3: "a run would be blind for a part of what is configured, or it could not be looked at",
}
#: So many permissions that lack alike are told in one line.
_MANY = 4
#: So many types of a scope are named before they are counted.
_NAMED = 6


def looked(path: Path, env: str | None, only: Sequence[str], deadline: str | None) -> Looked:
    """What was found within ``deadline`` (``2m``). Raises ConfigError for what is no length of time."""
    return look(path, env, only, ending.deadline(deadline, SECONDS))


def as_json(found: Looked) -> str:
    """The document, see ``drift schema preflight``."""
    return orjson.dumps(document(found), option=orjson.OPT_INDENT_2).decode() + "\n"


def as_text(found: Looked) -> str:
    """A table for people: what is to be done stands last, where one looks first."""
    lines: list[str] = []
    ordered = sorted(found.checks, key=lambda one: _ORDER.index(one.area))
    for area, checks in groupby(ordered, lambda one: one.area):
        lines.append(area)
        for one in _together(list(checks)):
            lines += _lines(one)
    counted = document(found)["summary"]
    told = ", ".join(f"{counted[status]} {word}" for status, word in _WORDS.items() if counted[status])
    lines += ["", f"{told}: {_ENDS[found.exit_code]}"]
    return "\n".join(lines) + "\n"


_ORDER = (
    "configuration",
    "secret",
    "program",
    "folder",
    "history",
    "reach",
    "credentials",
    "clock",
    "permission",
    "quota",
)


def _together(checks: Sequence[Check]) -> Iterator[Check]:
    """The checks, of which many that differ by their permission alone are one line."""
    alike: dict[tuple[str, ...], list[Check]] = {}
    for one in checks:
        alike.setdefault((one.area, one.status, one.provider or "", one.where, one.message), []).append(one)
    for several in alike.values():
        if len(several) < _MANY:
            yield from several
            continue
        first = several[0]
        names = ", ".join(one.what for one in several[: _MANY - 1])
        what = f"{names} and {len(several) - _MANY + 1} more"
        cells = dict.fromkeys(cell for one in several for cell in one.blinds)
        yield Check(first.area, first.where, what, first.status, first.message, first.provider, tuple(cells))


def _lines(one: Check) -> Iterator[str]:
    where = one.where
    if one.provider is not None:
        where = one.provider if where in ("*", one.provider) else f"{one.provider} {where}"
    head = where if one.what in ("", where, one.area) else f"{where}: {one.what}"
    message = one.message.removeprefix(f"{one.provider}: ")
    yield f"  {_WORDS[one.status]:6}{head}" + (f": {message}" if message else "")
    if one.blinds:
        yield f"        blinds {_cells(one.blinds)}"


def _cells(cells: Sequence[Cell]) -> str:
    """The types, shortened where there are many."""
    if any(one.type == "*" for one in cells):
        return "everything"
    told = sorted({one.type for one in cells})
    more = len(told) - _NAMED
    return ", ".join(told[:_NAMED]) + (f" and {more} more types" if more > 0 else "")
