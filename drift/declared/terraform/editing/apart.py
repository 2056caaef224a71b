"""How far two canonical values are from each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drift.declared.terraform.editing.values import scalars
from drift.kinds.base import Unordered
from drift.model import MISSING
from drift.pointer import get
from drift.values import plain, same

#: A path that leads nowhere.
_NOWHERE = ("\0",)


def members(value: Any) -> int:
    """How many members a list or map has."""
    return len(value) if isinstance(value, (dict, list)) else 0


def says(made: Any, path: Sequence[str], member: Any, without: Any) -> bool:
    """Whether a set in what is made holds a member, as it was read or as it means the same, that ``without``
    has not."""
    held, other = get(made, path), get(without, path)
    if not isinstance(held, dict) or not isinstance(held, Unordered):
        return any(same(plain(one), plain(member)) for one in held) if isinstance(held, list) else False
    new = [one for key, one in held.items() if not isinstance(other, Unordered) or key not in other]
    told = {str(value).lower() for _, value in scalars(member)}
    return any(told <= {str(value).lower() for _, value in scalars(plain(one))} for one in new)


def apart(one: Any, other: Any) -> int:
    """In how many plain values two canonical values differ."""
    if (one is MISSING and other is MISSING) or same(one, other):
        return 0
    if isinstance(one, Unordered) or isinstance(other, Unordered):
        left = one if isinstance(one, Unordered) else {}
        right = other if isinstance(other, Unordered) else {}
        ours = [item for key, item in left.items() if key not in right]
        theirs = [item for key, item in right.items() if key not in left]
        return _matched(ours, theirs)
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(apart(one.get(key, MISSING), other.get(key, MISSING)) for key in {**one, **other})
    if isinstance(one, list) and isinstance(other, list):
        if len(one) == len(other):
            return sum(apart(a, b) for a, b in zip(one, other, strict=True))
        return _matched(one, other)
    return max(_size(one), _size(other), 1)


def _matched(ours: Sequence[Any], theirs: Sequence[Any]) -> int:
    left, total = list(theirs), 0
    for one in ours:
        scored = [(apart(one, other), at) for at, other in enumerate(left)]
        if not scored:
            total += 1 + _size(one)
            continue
        best, at = min(scored)
        left.pop(at)
        total += best
    return total + sum(1 + _size(one) for one in left)


def _size(value: Any) -> int:
    return sum(1 for _ in scalars(value)) if isinstance(value, (dict, list)) else 1


def disturbed(base: Any, made: Any, target: Any, path: Sequence[str]) -> int:
    """In how many places outside of ``path`` something is other than before, and not what is live."""
    if same(base, made) or (base is MISSING and made is MISSING):
        return 0
    if not path:
        return 0
    if isinstance(base, dict) and isinstance(made, dict):
        first, *rest = path
        return sum(
            disturbed(
                base.get(key, MISSING),
                made.get(key, MISSING),
                target.get(key, MISSING) if isinstance(target, dict) else MISSING,
                rest if key == first else _NOWHERE,
            )
            for key in {**base, **made}
        )
    return 0 if path[0] != _NOWHERE[0] or same(made, target) else 1
