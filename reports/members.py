"""Members of a set or a list that one side alone has: those that are alike beside each other, and what
differs inside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drift.report import texts
from drift.visible import visible
from reports.difference import Piece, Row, line_difference, mark_words, pairs_alike

#: A member stands on one line up to so many characters.
_LINE = 120
_LINES = 10_000


def rows(removed: Sequence[Any], added: Sequence[Any], most: int) -> tuple[list[Row], int]:
    """The members as rows, those of both sides that are alike first, and how many rows were cut off."""
    found = [row for pair in paired(removed, added) for row in _pair(*pair)]
    return found[:most], max(0, len(found) - most)


def paired(removed: Sequence[Any], added: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """(declared, live) pairs of members that are alike, then the others with None beside them."""
    one, other = [texts.mask(member) for member in removed], [texts.mask(member) for member in added]
    if len(one) == len(other) == 1 and _share(one[0], other[0]):
        pairs = [(0, 0)]
    else:
        pairs = pairs_alike([_line(member) for member in one], [_line(member) for member in other])
    yield from ((one[i], other[j]) for i, j in pairs)
    yield from ((member, None) for i, member in enumerate(one) if i not in {left for left, _ in pairs})
    yield from ((None, member) for j, member in enumerate(other) if j not in {right for _, right in pairs})


def apart(declared: Any, live: Any) -> list[tuple[str, Any, Any]]:
    """The members of two objects that differ, with what each side says; None where it says nothing."""
    names = [*declared, *(name for name in live if name not in declared)]
    return [
        (name, declared.get(name), live.get(name)) for name in names if declared.get(name) != live.get(name)
    ]


def _share(one: Any, other: Any) -> bool:
    """Whether two objects have names in common, and most of them."""
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return False
    return 2 * len(one.keys() & other.keys()) > max(len(one), len(other))


def _pair(declared: Any, live: Any) -> Iterator[Row]:
    if declared is None or live is None:
        member = live if declared is None else declared
        text = _line(member)
        for line in (text if len(text) <= _LINE else visible(texts.pretty(member))).split("\n"):
            pieces = [Piece("same", line)]
            yield Row("declared", pieces, None) if live is None else Row("live", None, pieces)
        return
    live = texts.ordered_like(live, declared)
    lines = _line(declared), _line(live)
    if max(map(len, lines)) <= _LINE:
        yield Row("changed", *mark_words(*lines))
        return
    before, after = (visible(texts.pretty(side)) for side in (declared, live))
    yield from line_difference(before, after, max_lines=_LINES)[0]


def _line(member: Any) -> str:
    if isinstance(member, Mapping | list):
        return visible(json.dumps(member, ensure_ascii=False, default=str))
    return visible(texts.pretty(member))
