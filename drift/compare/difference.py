"""Turns what reconciliation left different into changes, with DeepDiff, or like it where there is much."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from deepdiff import DeepDiff

from drift.compare.readable import change, readable
from drift.finding import Change
from drift.kinds.base import Keyed, Unordered
from drift.model import MISSING
from drift.pointer import join
from drift.redaction import is_secret
from drift.values import children, same

LONG = 1000
#: Of values that have more members than this DeepDiff is not asked: it takes seconds.
MANY = 2000


def differences(declared: Any, live: Any, undeclared: set[str]) -> list[Change]:
    """The changes between two canonical values, sorted by path.

    Sets are told at the set's path: ``declared`` holds the members that are missing live, ``live`` those
    added.
    """
    changes: dict[str, Change] = {}
    told: set[str] = set()
    walk = _plain(declared, live) or _size(declared) + _size(live) > MANY
    for keys in _by_walking(declared, live, ()) if walk else _by_deepdiff(declared, live):
        for one in _told(keys, declared, live, undeclared, told):
            changes[one.path] = one
    if not changes:  # what reconciliation left is different, whatever DeepDiff thinks of it
        changes[""] = Change("", readable(declared), readable(live))
    return [changes[path] for path in sorted(changes)]


def _by_deepdiff(declared: Any, live: Any) -> Iterator[Sequence[Any]]:
    """The keys that lead to each place where two values differ."""
    diff = DeepDiff(
        _short(declared),
        _short(live),
        view="tree",
        ignore_order=False,
        verbose_level=2,
        threshold_to_diff_deeper=0,
        zip_ordered_iterables=True,
        ignore_private_variables=False,  # a key that begins with two underscores is a key like any other
    )
    for levels in diff.values():
        for level in levels:
            yield level.path(output_format="list")


def _by_walking(one: Any, other: Any, keys: tuple[Any, ...]) -> Iterator[Sequence[Any]]:
    """The same places as DeepDiff finds, for values of so many members that it would take too long."""
    if isinstance(one, dict) and isinstance(other, dict):
        names: Iterable[Any] = {**one, **other}
    elif isinstance(one, list) and isinstance(other, list):
        names = range(max(len(one), len(other)))
    else:
        if not same(one, other):
            yield keys
        return
    for name in names:
        left, right = _step(one, name), _step(other, name)
        if left is MISSING or right is MISSING:
            yield (*keys, name)
        else:
            yield from _by_walking(left, right, (*keys, name))


def _plain(one: Any, other: Any) -> bool:
    """Whether two values have no lists of different lengths in common, so that walking them side by side
    finds at once what DeepDiff finds: members that one side alone has, and values that differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_plain(item, other[key]) for key, item in one.items() if key in other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_plain, one, other))
    return True


def _size(value: Any) -> int:
    """How many members a value has, at all levels."""
    return 1 + sum(map(_size, children(value)))


def _short(value: Any) -> Any:
    """The value with long texts as their hashes: of two texts of many lines DeepDiff makes a patch that
    nobody reads."""
    if isinstance(value, dict):
        return type(value)((key, _short(item)) for key, item in value.items())
    if isinstance(value, list):
        return [_short(item) for item in value]
    if isinstance(value, str) and len(value) > LONG:
        return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return value


def _told(
    keys: Sequence[Any], declared: Any, live: Any, undeclared: set[str], told: set[str]
) -> Iterator[Change]:
    """The changes at a place, or of the set that it lies in; none where ``told`` has it already."""
    one, other, path = declared, live, ""
    for index, key in enumerate(keys):
        if isinstance(one, Unordered) or isinstance(other, Unordered) or is_secret(one) or is_secret(other):
            keys = keys[:index]
            break
        one, other = _step(one, key), _step(other, key)
        path = join(path, key)
    if path not in told:
        told.add(path)
        yield from _change(path, one, other, undeclared)


def _change(path: str, one: Any, other: Any, undeclared: set[str]) -> Iterator[Change]:
    if (one is MISSING or other is MISSING) and isinstance(one or other, Keyed):
        for key, item in (one or other).items():
            below = join(path, key)
            sides = (item, MISSING) if other is MISSING else (MISSING, item)
            yield from _change(below, *sides, undeclared | ({below} if path in undeclared else set()))
        return
    yield change(path, one, other, undeclared=path in undeclared)


def _step(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key, MISSING)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return MISSING
