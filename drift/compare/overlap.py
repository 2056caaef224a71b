"""Puts two answers about one resource together, so that no finding names a value and a part of it besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from drift.finding import Change
from drift.model import MISSING
from drift.pointer import split, within


def together(known: Iterable[Change], more: Sequence[Change]) -> list[Change]:
    """The changes in the order of their paths: ``more`` as they are, and of ``known`` what they don't say."""
    left = list(more)
    for one in known:
        if any(within(one.path, each.path) for each in more):
            continue
        rest = without(one, more)
        if rest is one or not (_empty(rest.declared) and _empty(rest.live)):
            left.append(rest)
    return sorted(left, key=lambda each: each.path)


def without(change: Change, parts: Iterable[Change]) -> Change:
    """The change, less what of it the parts below its path say; itself where they say nothing of it."""
    inner = [each.path[len(change.path) :] for each in parts if within(each.path, change.path)]
    for path in filter(None, inner):
        change = replace(change, declared=_cut(change.declared, path), live=_cut(change.live, path))
    return change


def _cut(value: Any, path: str) -> Any:
    """A copy of a value without what stands at a path in it, and without what is empty then."""
    first, *below = split(path)
    if not isinstance(value, Mapping) or first not in value:
        return value
    copy = dict(value)
    if below:
        copy[first] = _cut(copy[first], "/" + path.removeprefix("/").partition("/")[2])
    if not below or (_empty(copy[first]) and not _empty(value[first])):
        del copy[first]
    return copy


def _empty(value: Any) -> bool:
    return value is MISSING or (isinstance(value, Mapping) and not value)
