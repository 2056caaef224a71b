"""Brings a value of the configuration into the form in which a state has it, so that what means the same to
Terraform's provider is the same."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from drift.declared.terraform.configuration.values import number_of, text_of
from drift.model import MISSING, Unresolved
from drift.values import same

#: Stands in for what can't be known.
Hole = Callable[[Unresolved], Any]


def _nothing(_: Unresolved) -> Any:
    return MISSING


def fitted(value: Any, state: Any, hole: Hole = _nothing) -> Any:
    """``value`` in the types of ``state`` (MISSING: nothing is known of it), in the state's own spelling
    where it means the same. What can't be known is what the state has at that place, and where that has
    nothing, what ``hole`` gives; MISSING leaves it out."""
    if isinstance(value, Unresolved):
        return hole(value) if state is MISSING or state is None else state
    if isinstance(value, dict):
        if isinstance(state, list):
            return [_mapping(value, state[0] if len(state) == 1 else {}, hole)]
        return _mapping(value, state, hole)
    if isinstance(value, list):
        return _list(value, state, hole)
    return _scalar(value, state)


def _mapping(value: dict[str, Any], state: Any, hole: Hole) -> dict[str, Any]:
    known = state if isinstance(state, Mapping) else {}
    texts = bool(known) and all(isinstance(item, str) for item in known.values())
    made: dict[str, Any] = {}
    for key, item in value.items():
        below = known.get(key, "" if texts and not isinstance(item, Unresolved) else MISSING)
        found = fitted(item, below, hole)
        if found is not MISSING and (found is not None or item is None):
            made[key] = found
    return made


def _list(value: list[Any], state: Any, hole: Hole) -> list[Any]:
    if not isinstance(state, list):
        made = [fitted(item, MISSING, hole) for item in value]
        return [item for item in made if item is not MISSING]
    if any(isinstance(item, Unresolved) for item in value) and len(value) != len(state):
        return _plain(value, state, hole)
    if all(not isinstance(item, (dict, list)) for item in value):
        return _plain(value, state, hole)
    pairs = paired(value, state)
    made = [
        fitted(item, state[other] if other is not None else MISSING, hole)
        for item, other in zip(value, pairs, strict=True)
    ]
    return [item for item in made if item is not MISSING]


def _plain(value: list[Any], state: list[Any], hole: Hole) -> list[Any]:
    """Members that are no objects: those that the state has, too, in its spelling and, where there are no
    others, in its order. Of the state as many others as can't be known."""
    left = list(range(len(state)))
    made: list[Any] = []
    used: list[int] = []
    for item in value:
        if isinstance(item, Unresolved):
            made.append(MISSING)
            continue
        found = next((place for place in left if means(item, state[place])), None)
        if found is None:
            made.append(_scalar(item, state[0] if state else MISSING))
        else:
            left.remove(found)
            used.append(found)
            made.append(state[found])
    for place, item in enumerate(made):
        if item is MISSING and left:
            used.append(left[0])
            made[place] = state[left.pop(0)]
        elif item is MISSING:
            made[place] = hole(value[place])
    made = [item for item in made if item is not MISSING]
    if sorted(used) == list(range(len(state))) and len(made) == len(state):
        return list(state)
    return made


def _scalar(value: Any, state: Any) -> Any:
    if state is MISSING or state is None or isinstance(state, (list, dict)):
        if isinstance(state, list) and value is not None:
            return [value]
        return value
    if means(value, state):
        return state
    with contextlib.suppress(Exception):
        if isinstance(state, bool):
            return {"true": True, "false": False, "1": True, "0": False}.get(text_of(value), value)
        if isinstance(state, (int, float)):
            return number_of(value)
        if isinstance(state, str):
            return text_of(value)
    return value


def means(value: Any, state: Any) -> bool:
    """Whether two plain values mean the same to a provider that wrote one of them for the other: types, white
    space at the end, JSON, and hashes that stand for a long text."""
    if isinstance(value, (dict, list)) or isinstance(state, (dict, list)):
        return same(value, state)
    if value is None or state is None:
        return value is state
    try:
        one, other = text_of(value), text_of(state)
    except Exception:  # noqa: BLE001 - what has no text is compared as it is
        return same(value, state)
    if one == other or (isinstance(state, str) and one.rstrip() == other.rstrip() and bool(one.strip())):
        return True
    if not isinstance(state, str) or not isinstance(value, str):
        return False
    return _same_document(one, other) or _stands_for(one, other)


def _same_document(one: str, other: str) -> bool:
    if one[:1] not in "{[" or other[:1] not in "{[" or not one or not other:
        return False
    try:
        return same(orjson.loads(one), orjson.loads(other))
    except orjson.JSONDecodeError:
        return False


def _stands_for(text: str, other: str) -> bool:
    """Whether ``other`` is a hash of a text, or the text in base 64."""
    if len(other) in _HASHES:
        data = text.encode()
        if hashlib.new(_HASHES[len(other)], data, usedforsecurity=False).hexdigest() == other:
            return True
        with contextlib.suppress(ValueError):
            plain = base64.b64decode(text, validate=True)
            return hashlib.new(_HASHES[len(other)], plain, usedforsecurity=False).hexdigest() == other
    return len(other) >= 8 and base64.b64encode(text.encode()).decode() == other


_HASHES: Mapping[int, str] = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
#: Above that, members are paired by their place.
_MOST_COMPARED = 250_000


def paired(said: Sequence[Any], state: Sequence[Any]) -> list[int | None]:
    """For each member that is said the place of the state's that is most like it; None where there is none
    left. A set's members stand in a state in an order of its own."""
    if len(said) == len(state) == 1:
        return [0]
    if len(said) * len(state) > _MOST_COMPARED:
        return [place if place < len(state) else None for place in range(len(said))]
    scored = sorted(
        (-likeness(one, other), abs(i - j), i, j)
        for i, one in enumerate(said)
        for j, other in enumerate(state)
    )
    found: list[int | None] = [None] * len(said)
    taken: set[int] = set()
    for score, _, i, j in scored:
        if found[i] is None and j not in taken and score < 0:
            found[i] = j
            taken.add(j)
    return found


def likeness(one: Any, other: Any) -> int:
    """How many members two objects have in common."""
    if isinstance(one, Unresolved):
        return 0
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return 2 * means(one, other)
    score = 0
    for key, item in one.items():
        known = other.get(key, MISSING)
        if isinstance(item, Unresolved) or known is MISSING:
            continue
        if isinstance(item, list) and isinstance(known, list):
            score += sum(any(means(each, two) for two in known) for each in item) * 2 + (
                len(item) == len(known)
            )
        elif isinstance(item, Mapping) and isinstance(known, list) and len(known) == 1:
            score += likeness(item, known[0])
        elif isinstance(item, Mapping):
            score += likeness(item, known)
        else:
            score += 2 * means(item, known)
    return score
