"""What a change says in the spelling of each side: the raw value of each canonical one.

What can't be found on a side (a kind moved it) is told in canonical form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from drift.compare.align import pairing
from drift.compare.side import Side
from drift.facts import PathFacts
from drift.finding import Change, Raw
from drift.kinds.base import Context
from drift.model import Resource
from drift.pointer import split
from drift.values import same

#: Of a pair with more changes, which nobody reads one by one, the rest is told in canonical form.
_MOST = 500


def as_read(
    changes: Iterable[Change],
    declared: Resource | None,
    live: Resource | None,
    facts: PathFacts,
    context: Context,
) -> tuple[Change, ...]:
    """The changes, with the raw values of both sides where these are spelled otherwise: of the first
    ``_MOST``, since each is looked for from the top."""
    sides = tuple(Side(one.attributes if one else {}, facts, context) for one in (declared, live))
    told = iter(changes)
    return (*(_told(change, *sides) for change in islice(told, _MOST)), *told)


def _told(change: Change, declared: Side, live: Side) -> Change:
    if change.sensitive:
        return change
    told = (change.declared, change.live)
    ways = both_ways(split(change.path), declared, live)
    raw = Raw(*(side.raw(way, value) for side, way, value in zip((declared, live), ways, told, strict=True)))
    return (
        change
        if same(raw.declared, change.declared) and same(raw.live, change.live)
        else replace(change, raw=raw)
    )


def both_ways(names: Sequence[str], declared: Side, live: Side) -> tuple[list[str], list[str]]:
    """The way of each side: where lists of different lengths were paired, by the side's own places."""
    ways: tuple[list[str], list[str]] = ([], [])
    if not any(name.isdecimal() for name in names):
        return list(names), list(names)
    one, other = declared.form, live.form
    for name in names:
        steps = name, name
        if name.isdecimal() and isinstance(one.value, list) and isinstance(other.value, list):
            pairs = pairing(one.value, other.value)
            i, j = pairs[int(name)] if int(name) < len(pairs) else (None, None)
            steps = "?" if i is None else str(i), "?" if j is None else str(j)
        for way, step in zip(ways, steps, strict=True):
            way.append(step)
        one, other = one.under(steps[0]), other.under(steps[1])
    return ways
