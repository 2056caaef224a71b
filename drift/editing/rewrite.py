"""Tells two values apart as the smallest edits, and makes them in a document: what both have stays as it is
written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from drift.compare.align import align
from drift.editing.document import Document, Step
from drift.model import MISSING
from drift.values import same

D = TypeVar("D", bound=Document)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,15})?", re.A)


@dataclass(frozen=True, slots=True)
class Operation:
    """One edit at ``steps``, which are those of the document before all of them. ``put``: ``value`` stands in
    place of ``old``. ``add``: the object has a member ``name`` more. ``insert``: the list has one more before
    that at ``at``. ``remove``: the member goes."""

    kind: Literal["put", "add", "insert", "remove"]
    steps: tuple[Step, ...]
    value: Any = MISSING
    old: Any = MISSING
    name: str = ""
    at: int = 0


def operations(
    steps: Sequence[Step], old: Any, new: Any, whole: Callable[[tuple[Step, ...]], bool] = lambda _: False
) -> Iterator[Operation]:
    """What makes ``new`` of ``old``; MISSING takes the member away. ``whole`` says of a place that what
    stands there is no object or list that could be edited within."""
    at = tuple(steps)
    if new is MISSING:
        yield Operation("remove", at, old=old)
    elif isinstance(old, Mapping) and isinstance(new, Mapping) and not whole(at):
        for name, value in old.items():
            yield from operations((*at, name), value, new.get(name, MISSING), whole)
        for name, value in new.items():
            if name not in old:
                yield Operation("add", at, value, name=name)
    elif isinstance(old, list) and isinstance(new, list) and not whole(at):
        yield from _members(at, old, new, whole)
    elif not same(old, new):
        yield Operation("put", at, new, old)


def _members(
    steps: tuple[Step, ...], old: list[Any], new: list[Any], whole: Callable[[tuple[Step, ...]], bool]
) -> Iterator[Operation]:
    place = 0
    for i, j in align(old, new):
        if i is None and j is not None:
            yield Operation("insert", steps, new[j], at=place)
            continue
        assert i is not None
        place = i + 1
        yield from operations((*steps, i), old[i], MISSING if j is None else new[j], whole)


def made(document: D, several: Iterable[Operation]) -> D:
    """The document after all operations. Raises NotEdited."""
    ordered = list(several)
    for one in ordered:
        if one.kind == "put":
            document = document.put(one.steps, spelled(one.old, one.value))
    rest = [(place, one) for place, one in enumerate(ordered) if one.kind != "put"]
    for _, one in sorted(rest, key=_last_first):
        if one.kind == "add":
            document = document.add(one.steps, one.name, one.value)
        elif one.kind == "insert":
            document = document.insert(one.steps, one.at, one.value)
        else:
            document = document.remove(one.steps)
    return document


def _last_first(placed: tuple[int, Operation]) -> tuple[int, int, int]:
    """What is deeper first, then what is later, so that no operation moves what another one names; members
    are added in their order."""
    place, one = placed
    if one.kind == "add":
        return -len(one.steps), 1, place
    last = one.steps[-1] if one.kind == "remove" and one.steps else one.at
    depth = len(one.steps) - (one.kind == "remove")
    if isinstance(last, str):
        return -depth, 0, place
    # Of what comes before the same member the last first, and after that one is gone.
    return -depth, -2 * last - (one.kind == "remove"), -place


def rewritten(document: D, steps: Sequence[Step], old: Any, new: Any) -> D:
    """The document that says ``new`` where it says ``old``; MISSING takes the member away. Raises
    NotEdited."""
    return made(document, operations(steps, old, new))


def spelled(old: Any, new: Any) -> Any:
    """A new scalar in the form that the old one has: a number in quotes stays in quotes.

    >>> spelled("30", 45), spelled(30, "45"), spelled("a", "b"), spelled("true", False)
    ('45', 45, 'b', 'false')
    """
    if isinstance(old, str) and isinstance(new, bool):
        return str(new).lower() if old in ("true", "false") else new
    if isinstance(old, str) and isinstance(new, (int, float)):
        return str(new) if _NUMBER.fullmatch(old) else new
    if isinstance(old, bool) and new in ("true", "false"):
        return new == "true"
    number = isinstance(old, (int, float)) and not isinstance(old, bool)
    if number and isinstance(new, str) and _NUMBER.fullmatch(new):
        value = float(new) if "." in new else int(new)
        return value if str(value) == new else new
    return new
