"""Terraform's functions of lists, maps and sets, as its documentation says
(https://developer.hashicorp.com/terraform/language/functions). What they don't take is a Failure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from drift.declared.terraform.configuration.expressions import pairs
from drift.declared.terraform.configuration.values import (
    Exhausted,
    Failure,
    SetOf,
    kind_of,
    number_of,
    text_of,
    unknown,
    whole_number,
)
from drift.model import Unresolved
from drift.values import same

#: Terraform's own limit of ``range``.
MOST_RANGE = 1024
_MOST_PRODUCT = 100_000


def items_of(value: Any) -> list[Any]:
    if isinstance(value, list):
        return list(value)
    raise Failure(f"{kind_of(value)} is no list")


def map_of(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise Failure(f"{kind_of(value)} is no map")


def distinct(items: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for item in items:
        if not any(same(item, other) for other in made):
            made.append(item)
    return made


def merge(*maps: Any) -> Any:
    made: dict[str, Any] = {}
    for one in maps:
        if isinstance(one, Unresolved):
            return one
        made.update({} if one is None else map_of(one))
    return made


def flatten(value: Any) -> Any:
    made: list[Any] = []
    for item in items_of(value):
        if isinstance(item, Unresolved):
            return item
        made.extend(flat(item) if isinstance(item, list) else [item])
    return made


def flat(value: list[Any]) -> list[Any]:
    return [one for item in value for one in (flat(item) if isinstance(item, list) else [item])]


def lookup(map_: Any, key: Any, *default: Any) -> Any:
    if isinstance(map_, Unresolved):
        return map_
    found = map_of(map_)
    if text_of(key) in found:
        return found[text_of(key)]
    if default:
        return default[0]
    raise Failure(f"lookup finds no {key!r}")


def element(items: Any, index: Any) -> Any:
    found = items_of(items)
    if not found:
        raise Failure("element of an empty list")
    return found[int(number_of(index)) % len(found)]


def coalesce(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unresolved):
            return value
        if value is not None and value != "":
            return value
    raise Failure("coalesce has no value")


def coalescelist(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unresolved) or value:
            return value
    raise Failure("coalescelist has no list with members")


def one(items: Any) -> Any:
    found = items_of(items)
    if len(found) > 1:
        raise Failure("one of a list with several members")
    return found[0] if found else None


def length(value: Any) -> int:
    if isinstance(value, (list, dict, str)):
        return len(value)
    raise Failure(f"{kind_of(value)} has no length")


def zipmap(keys: Any, values: Any) -> dict[str, Any]:
    return dict(zip(map(text_of, items_of(keys)), items_of(values), strict=True))


def slice_(items: Any, start: Any, end: Any) -> list[Any]:
    found, first, last = items_of(items), int(start), int(end)
    if not 0 <= first <= last <= len(found):
        raise Failure("slice goes beyond its list")
    return found[first:last]


def unified(items: list[Any]) -> list[Any]:
    """The members of a collection in one type: texts where one of them is a text."""
    plain = [item for item in items if isinstance(item, (str, int, float))]
    if any(isinstance(item, str) for item in plain) and not any(isinstance(i, (list, dict)) for i in items):
        return [text_of(item) if isinstance(item, (int, float)) else item for item in items]
    return items


def toset(value: Any) -> Any:
    found = unknown(value)
    if isinstance(value, Unresolved) or (found is not None and isinstance(value, list)):
        return found
    return SetOf(unified(items_of(value))) if value is not None else None


def tolist(value: Any) -> Any:
    return value if isinstance(value, Unresolved) or value is None else unified(items_of(value))


def tomap(value: Any) -> Any:
    if isinstance(value, Unresolved) or value is None:
        return value
    found = map_of(value)
    return dict(zip(found, unified(list(found.values())), strict=True))


def concat(*lists: Any) -> Any:
    found = next((one for one in lists if isinstance(one, Unresolved)), None)
    return found if found is not None else [item for one in lists for item in items_of(one)]


def same_value(value: Any) -> Any:
    return value


def setproduct(*sets: Any) -> Any:
    count = math.prod(len(items_of(one)) for one in sets)
    if count > _MOST_PRODUCT:
        raise Exhausted(f"setproduct makes {count:,} members")
    made = [list(one) for one in itertools.product(*map(items_of, sets))]
    return SetOf(made) if all(isinstance(one, SetOf) for one in sets) else made


def range_(*limits: Any) -> list[Any]:
    start, end, step = {1: (0, *limits, 1), 2: (*limits, 1), 3: limits}[len(limits)]
    step = step if len(limits) == 3 or start <= end else -1
    if step == 0:
        raise Failure("range has a step of 0")
    count = max(0, math.ceil((end - start) / step))
    if count > MOST_RANGE:
        raise Failure(f"range makes {count:,} members")
    return [whole_number(start + step * index) for index in range(count)]


def contains(items: Any, value: Any) -> bool:
    return any(same(item, value) for item in items_of(items))


def index_of(items: Any, value: Any) -> int:
    for place, item in enumerate(items_of(items)):
        if same(item, value):
            return place
    raise Failure("index finds no such member")


def subtract(one: Any, other: Any) -> SetOf:
    return SetOf(item for item in items_of(one) if not contains(other, item))


def intersection(first: Any, *others: Any) -> SetOf:
    return SetOf(item for item in items_of(first) if all(contains(other, item) for other in others))


def union(*sets: Any) -> SetOf:
    return SetOf(item for one in sets for item in items_of(one))


def transpose(value: Any) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for key, items in pairs(map_of(value)):
        for item in items_of(items):
            made.setdefault(text_of(item), []).append(key)
    return {key: sorted(made[key]) for key in sorted(made)}


def matchkeys(values: Any, keys: Any, wanted: Any) -> list[Any]:
    return [
        value for value, key in zip(items_of(values), items_of(keys), strict=True) if contains(wanted, key)
    ]


def spread(values: Sequence[Any]) -> list[Any]:
    return [number_of(one) for one in values]


def chunked(items: Any, size: Any) -> list[Any]:
    found, step = items_of(items), int(size) or 1
    return [found[place : place + step] for place in range(0, len(found), step)]
