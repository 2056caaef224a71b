"""What is asked of values everywhere: whether two are the same, whether one says anything, what stands in
it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from drift.kinds.base import Ordered, Unordered
from drift.model import MISSING, Unresolved
from drift.pointer import join


def same(one: Any, other: Any) -> bool:
    """Whether two canonical values are equal, telling ``True`` from ``1``."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and not (isinstance(one, Ordered) and isinstance(other, Ordered) and list(one) != list(other))
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(value, item) for value, item in zip(one, other, strict=True))
        )
    if one is MISSING or other is MISSING or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def has_few(value: Any, most: int = 12) -> bool:
    """Whether an object or list has so few members, at all levels: such parts repeat."""
    return _left(most, value) >= 0


def _left(room: int, value: Any) -> int:
    """What is left of the room for so many members, at all levels; below zero where there are more."""
    room -= len(value)
    for item in value.values() if type(value) is dict else value:
        if room < 0:
            return room
        if type(item) is dict or type(item) is list:
            room = _left(room, item)
    return room


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: absent, an empty text or an empty collection.

    >>> [is_empty(value) for value in (None, "", [], {}, 0, False, [None])]
    [True, True, True, True, False, False, False]
    """
    return value is MISSING or value is None or (isinstance(value, (str, list, dict)) and not value)


def is_unset(value: Any) -> bool:
    """Whether a value may be one that was never set, where a state has no null: empty, or zero; ``False`` is
    not.

    >>> [is_unset(value) for value in (None, "", 0, 0.0, False, "0")]
    [True, True, True, True, False, False]
    """
    return is_empty(value) or (isinstance(value, (int, float)) and value == 0 and value is not False)


def is_off(value: Any) -> bool:
    """Whether a scalar is ``False`` or zero, also in words of an API that writes numbers as texts.

    >>> [is_off(value) for value in (False, 0, "0", "", None, [])]
    [True, True, True, True, False, False]
    """
    return value in (0, "0", "")  # False equals 0


def is_hollow(value: Any) -> bool:
    """Whether a value is empty all the way down.

    >>> is_hollow({"a": [None, {"b": ""}]}), is_hollow({"a": [0]})
    (True, False)
    """
    return is_empty(value) or (isinstance(value, (dict, list)) and all(map(is_hollow, children(value))))


def children(value: Any) -> Iterable[Any]:
    """The members of an object or a list; none of anything else."""
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def unresolved(value: Any) -> Unresolved | None:
    """The first value that a reader could not know at or below ``value``."""
    if isinstance(value, Unresolved):
        return value
    for child in children(value):
        found = unresolved(child)
        if found is not None:
            return found
    return None


def plain(value: Any) -> Any:
    """A canonical value as JSON has it: sets as lists of members."""
    if isinstance(value, Unordered):
        return [plain(item) for _, item in sorted(value.items())]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def leaves(value: Any, pointer: str = "") -> Iterator[str]:
    """The pointers of a canonical value at which something is said; sets and lists as wholes."""
    if isinstance(value, dict) and not isinstance(value, Unordered) and value:
        for key, item in value.items():
            yield from leaves(item, join(pointer, key))
    else:
        yield pointer
