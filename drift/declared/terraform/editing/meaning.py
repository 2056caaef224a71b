"""When two values mean the same to Terraform, which member becomes which, and how a value is put into another
one."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import orjson

from drift.declared.terraform.configuration.fitting import means, paired
from drift.declared.terraform.editing.spelling import number
from drift.model import MISSING, Unresolved


def put(value: Any, steps: Sequence[Any], new: Any) -> Any:
    """A copy with another value at a place; MISSING where there is no such place."""
    if not steps:
        return new
    first, *rest = steps
    if isinstance(value, Mapping):
        if rest and first not in value:
            return MISSING
        inner = put(value.get(first), rest, new)
        return MISSING if inner is MISSING else {**value, first: inner}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        inner = put(value[first], rest, new)
        copy = list(value)
        copy[first] = inner
        return MISSING if inner is MISSING else copy
    return MISSING


def parsed(text: Any) -> Any:
    """The object or list that a text is as JSON; None where it is none."""
    if isinstance(text, str) and text.strip()[:1] in ("{", "["):
        with contextlib.suppress(orjson.JSONDecodeError):
            return orjson.loads(text)
    return None


def alike(one: Any, other: Any) -> bool:
    """Whether two values mean the same to Terraform."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        left = {key: item for key, item in one.items() if item is not None}
        right = {key: item for key, item in other.items() if item is not None}
        return left.keys() == right.keys() and all(alike(item, right[key]) for key, item in left.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, (Mapping, list)) or isinstance(other, (Mapping, list)):
        return False
    if isinstance(one, Unresolved) or isinstance(other, Unresolved):
        return False
    return type(one) is type(other) and one == other if isinstance(one, str) else means(one, other)


def in_type_of(said: Any, new: Any) -> Any:
    """A value in the type in which the file has the old one."""
    if isinstance(said, bool):
        return {"true": True, "false": False}.get(new, new) if isinstance(new, str) else new
    if isinstance(said, (int, float)) and isinstance(new, str):
        with contextlib.suppress(ValueError):
            return int(new)
        with contextlib.suppress(ValueError):
            return float(new)
    if isinstance(said, str) and isinstance(new, bool):
        return "true" if new else "false"
    if isinstance(said, str) and isinstance(new, (int, float)):
        return number(new)
    return deepcopy(new)


def spared(new: Any, old: Any) -> Any:
    """What blocks say, without what a block that is not ``old`` leaves unsaid."""
    if isinstance(new, Mapping):
        was = old if isinstance(old, Mapping) else {}
        return {
            name: spared(item, was.get(name))
            for name, item in new.items()
            if name in was or item not in (None, "", [], {}, False)
        }
    if isinstance(new, list):
        held = old if isinstance(old, list) else []
        return [spared(one, held[at] if at < len(held) else None) for at, one in enumerate(new)]
    return new


def pairs(olds: Sequence[Any], new: Sequence[Any]) -> list[int | None]:
    """For each member that is there the place of the new one that it becomes; None where it goes."""
    left = list(range(len(new)))
    found: list[int | None] = []
    for one in olds:
        same = next((at for at in left if alike(one, new[at])), None)
        if same is not None:
            left.remove(same)
        found.append(same)
    rest = [at for at, one in enumerate(found) if one is None]
    likely = paired([olds[at] for at in rest], [new[at] for at in left]) if rest and left else []
    free = [at for number, at in enumerate(left) if number not in likely]
    for at, other in zip(rest, likely, strict=False):
        if other is not None:
            found[at] = left[other]
        elif free:
            found[at] = free.pop(0)
    return found


def more_of(old: Any, new: Any) -> dict[str, Any]:
    """What a map of plain values has to have besides, or otherwise; nothing where it has to lose some."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping) or not set(old) <= set(new):
        return {}
    more = {name: item for name, item in new.items() if name not in old or not alike(old[name], item)}
    return {} if any(isinstance(item, (Mapping, list)) for item in more.values()) else more
