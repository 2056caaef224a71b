"""What nobody declares and was another value at first sight: the changes that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drift.finding import Change, Undeclared
from drift.memory import Memory, Was, changed_note
from drift.model import MISSING, Cell, Resource
from drift.pointer import get, split
from drift.rule import Again

Place = tuple[Cell, str]


def parted(
    undeclared: Iterable[Undeclared], memory: Memory | None
) -> tuple[list[Undeclared], dict[Place, list[tuple[Undeclared, Was]]]]:
    """The values that are as they were or never seen before, and the others by resource."""
    same: list[Undeclared] = []
    moved: dict[Place, list[tuple[Undeclared, Was]]] = {}
    for one in undeclared:
        was = None if memory is None else memory.was(one)
        if was is None:
            same.append(one)
        else:
            moved.setdefault((one.cell, one.resource_id), []).append((one, was))
    return same, moved


def changes(values: Iterable[tuple[Undeclared, Was]]) -> tuple[Change, ...]:
    """The changes that some values of one resource are, by path."""
    return tuple(
        Change(
            one.path,
            MISSING,
            one.live,
            undeclared=True,
            sensitive=one.sensitive,
            note=changed_note(was, one),
        )
        for one, was in sorted(values, key=lambda each: each[0].path)
    )


def keeping(moved: Sequence[Change], live: Resource, again: Again) -> Again:
    """``again`` with these changes, which no comparison finds: each for as long as a rule leaves what stands
    at its path."""

    def both(declared: Resource, left: Resource) -> tuple[Change, ...]:
        kept = (one for one in moved if not _taken(one, live, left))
        return tuple(sorted((*again(declared, left), *kept), key=lambda one: one.path))

    return both


def _taken(change: Change, live: Resource, left: Resource) -> bool:
    names = split(change.path)
    return get(live.attributes, names) is not None and get(left.attributes, names) is None
