"""What judging asks of a history: what nobody declares, as it was at first sight."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson

from drift.finding import Undeclared
from drift.model import Cell

_LONGEST = 60


class Was(NamedTuple):
    """Another value than now, which nobody declared either: as JSON, None of a secret; and since when it was
    known."""

    value: str | None
    since: str


class Memory(Protocol):
    """A history as it was before the run."""

    def was(self, one: Undeclared) -> Was | None:
        """What a live value that nobody declares was at first sight; None where it is the same, was never
        seen, or can't be compared."""
        ...

    def known_since(self, cell: Cell, number: int) -> str | None:
        """Since when all that nobody declares in a cell is known, where a resource (:func:`numbered`) was not
        there then; None where it was, or the cell was never read whole."""
        ...


def numbered(environment: str, cell: Cell, id_: str) -> int:
    """A resource as one number of 64 bits."""
    text = "\0".join((environment, *cell, id_)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], signed=True)


def changed_note(was: Was, one: Undeclared) -> str:
    """``was 30 since 3 May 2026, is 60, nobody declares it``."""
    if was.value is None:
        return f"a secret that nobody declares; it is another one than at first sight, {day(was.since)}"
    before, now = short(orjson.loads(was.value)), short(one.live)
    return f"was {before} since {day(was.since)}, is {now}, nobody declares it"


_APPEARED = "when this type was first read; nobody declares any of it here"


def appeared(note: str) -> bool:
    """Whether a finding's note is :func:`appeared_note`'s: what the memory alone makes a finding."""
    return note.endswith(_APPEARED)


def appeared_note(since: str) -> str:
    """Why a resource of a type that nobody declares is told."""
    return f"it was not there on {day(since)}, {_APPEARED}"


def day(moment: str) -> str:
    """``3 May 2026``."""
    found = datetime.fromisoformat(moment)
    return f"{found.day} {found:%b %Y}"


def short(value: Any) -> str:
    """A value as JSON on one line, cut."""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
