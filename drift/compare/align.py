"""Pairs the members of two lists of different lengths by likeness, so that one that is gone does not shift
the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drift.values import same, unresolved

#: Where each side has a member, by its index; None where a side has none.
Pairing = list[tuple[int | None, int | None]]
#: Lists of which the product of the lengths is greater are paired by position.
_MANY = 2500
#: Members less alike than this are not the same one.
_ALIKE = 0.5
#: Of lists of one length fewer differences than this are told by position.
_MOVED = 3


def pairing(want: Sequence[Any], have: Sequence[Any]) -> Pairing:
    """The members of two canonical lists in pairs: by position where the lists are of one length, but where
    most only moved; else those that are most alike."""
    by_position: Pairing = [(place, place) for place in range(len(want))]
    if len(want) != len(have):
        return align(want, have)
    apart = [place for place in range(len(want)) if not same(want[place], have[place])]
    if len(apart) < _MOVED or len(want) * len(have) > _MANY or unresolved(want):
        return by_position
    likest = align(want, have)
    gained = _alike_in(likest, want, have) - _alike_in(by_position, want, have)
    return likest if gained >= _MOVED - 1 else by_position


def _alike_in(pairs: Pairing, want: Sequence[Any], have: Sequence[Any]) -> int:
    return sum(i is not None and j is not None and same(want[i], have[j]) for i, j in pairs)


def align(want: Sequence[Any], have: Sequence[Any]) -> Pairing:
    """The members of two canonical lists side by side, in their order: the likeliest that are the same;
    between these by position.

    >>> align(["a", "b", "c"], ["a", "c"])
    [(0, 0), (1, None), (2, 1)]
    """
    found: Pairing = []
    one = other = 0
    for i, j in [*_anchors(want, have), (len(want), len(have))]:
        found.extend(_by_position(range(one, i), range(other, j)))
        if i < len(want):
            found.append((i, j))
        one, other = i + 1, j + 1
    return found


def _by_position(one: range, other: range) -> Iterator[tuple[int | None, int | None]]:
    for place in range(max(len(one), len(other))):
        yield (
            one[place] if place < len(one) else None,
            other[place] if place < len(other) else None,
        )


def _anchors(want: Sequence[Any], have: Sequence[Any]) -> list[tuple[int, int]]:
    """The pairs, in order, that together are most alike; the earliest of several."""
    if len(want) * len(have) > _MANY:
        return []
    likeness = [[_likeness(one, other) for other in have] for one in want]
    # best[i][j]: how alike the pairs among want[i:] and have[j:] can be
    best = [[0.0] * (len(have) + 1) for _ in range(len(want) + 1)]
    for i in range(len(want) - 1, -1, -1):
        for j in range(len(have) - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= _ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(want) and j < len(have):
        alike = likeness[i][j]
        if alike >= _ALIKE and best[i][j] == alike + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _likeness(want: Any, have: Any) -> float:
    """How much of what one value says the other says too: 1 for all, 0 for nothing."""
    if isinstance(want, dict) and isinstance(have, dict):
        if not want or not have:
            return float(not want and not have)
        return sum(_likeness(item, have[key]) for key, item in want.items() if key in have) / len(want)
    if isinstance(want, list) and isinstance(have, list) and want and have:
        places = zip(want, have, strict=False)
        return sum(_likeness(one, other) for one, other in places) / max(len(want), len(have))
    return float(same(want, have))
