"""The template functions that need nothing but their arguments, by lower-case name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from providers.azure.arm import dates, networks, texts
from providers.azure.arm.values import (
    Unknown,
    array,
    boolean,
    equal,
    integer,
    mapping,
    spread,
    text,
    what,
    word,
)

_DECIMAL = re.compile(r"\s*[-+]?\d{1,30}(\.\d{1,30})?([eE][-+]?\d{1,3})?\s*", re.A)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, Mapping)) and not value)


def _length(value: Any) -> int:
    if isinstance(value, (str, list, Mapping)):
        return len(value)
    raise Unknown(f"length expects a text, array or object, got {what(value)}")


def _contains(container: Any, item: Any) -> bool:
    if isinstance(container, str):
        return text(item) in container
    if isinstance(container, Mapping):
        return any(key.lower() == text(item).lower() for key in container)
    return any(equal(one, item) for one in array(container))


def _union(*values: Any) -> Any:
    if all(isinstance(one, list) for one in values):
        found: list[Any] = []
        for item in (item for one in values for item in one):
            if not any(equal(item, have) for have in found):
                found.append(item)
        return found
    merged: dict[str, Any] = {}
    for one in values:
        for key, item in mapping(one).items():
            have = merged.get(key)
            both = isinstance(have, Mapping) and isinstance(item, Mapping)
            merged[key] = _union(have, item) if both else item
    return merged


def _intersection(first: Any, *others: Any) -> Any:
    if isinstance(first, list):
        rest = [array(one) for one in others]
        return [item for item in first if all(any(equal(item, have) for have in one) for one in rest)]
    maps = [mapping(one) for one in others]
    return {
        key: item
        for key, item in mapping(first).items()
        if all(key in one and equal(one[key], item) for one in maps)
    }


def _end(value: Any, at: int) -> Any:
    if isinstance(value, (str, list)):
        return value[at] if value else ("" if isinstance(value, str) else None)
    raise Unknown(f"expected a text or array, got {what(value)}")


def _part(value: Any, start: int, end: int | None) -> Any:
    if isinstance(value, (str, list)):
        return value[start:end]
    raise Unknown(f"expected a text or array, got {what(value)}")


def _from_end(value: Any, at: Any, lenient: bool = False) -> Any:
    items, place = array(value), integer(at)
    if 1 <= place <= len(items):
        return items[-place]
    if lenient:
        return None
    raise Unknown(f"the array has no item {place} from its end")


def _numbers(values: tuple[Any, ...]) -> list[int]:
    many = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    if not many:
        raise Unknown("expected numbers, got none")
    return [integer(one) for one in many]


def _range(start: Any, count: Any) -> list[int]:
    if not 0 <= integer(count) <= 10_000:
        raise Unknown("range makes at most 10,000 numbers")
    return list(range(integer(start), integer(start) + integer(count)))


def _divide(one: Any, other: Any) -> int:
    a, b = integer(one), integer(other)
    if b == 0:
        raise Unknown("a division by zero")
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


def _float(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return float(value)
    raise Unknown(f"expected a number, got {what(value)}")


def _fail(message: Any = "") -> Any:
    raise Unknown(f"the template refuses this: {text(message)[:200]}")


def _index(value: Any, item: Any, last: bool = False) -> int:
    if isinstance(value, list):
        places = [at for at, one in enumerate(value) if equal(one, item)]
        return (places[-1] if last else places[0]) if places else -1
    said, part = word(value).lower(), word(item).lower()
    return said.rfind(part) if last else said.find(part)


def _before(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    return integer(one) < integer(other)


def _flatten(values: Any) -> list[Any]:
    return [item for one in array(values) for item in array(spread(one))]


def _shallow(values: Any) -> dict[str, Any]:
    return {key: item for one in array(values) for key, item in mapping(spread(one)).items()}


def _keys(value: Any) -> list[str]:
    """Keys in the order that ``items()`` gives them: alphabetical without regard to case, equal ones as they
    stand."""
    return sorted(mapping(value), key=str.casefold)


def _truth(test: Any) -> Callable[..., bool]:
    return lambda *values: bool(test(boolean(one) for one in values))


Function = Callable[..., Any]
#: name → (fewest arguments, most arguments, function).
TABLE: dict[str, tuple[int, int, Function]] = {
    "int": (1, 1, integer),
    "float": (1, 1, _float),
    "bool": (1, 1, boolean),
    "array": (1, 1, lambda value: value if isinstance(value, list) else [value]),
    "indexof": (2, 2, _index),
    "lastindexof": (2, 2, lambda value, item: _index(value, item, last=True)),
    "fail": (0, 1, _fail),
    "indexfromend": (2, 2, _from_end),
    "tryindexfromend": (2, 2, lambda value, at: _from_end(value, at, lenient=True)),
    "and": (1, 999, _truth(all)),
    "or": (1, 999, _truth(any)),
    "not": (1, 1, lambda value: not boolean(value)),
    "equals": (2, 2, equal),
    "less": (2, 2, _before),
    "lessorequals": (2, 2, lambda one, other: not _before(other, one)),
    "greater": (2, 2, lambda one, other: _before(other, one)),
    "greaterorequals": (2, 2, lambda one, other: not _before(one, other)),
    "true": (0, 0, lambda: True),
    "false": (0, 0, lambda: False),
    "null": (0, 0, lambda: None),
    "length": (1, 1, _length),
    "empty": (1, 1, _empty),
    "contains": (2, 2, _contains),
    "union": (1, 999, _union),
    "intersection": (2, 999, _intersection),
    "first": (1, 1, lambda value: _end(value, 0)),
    "last": (1, 1, lambda value: _end(value, -1)),
    "skip": (2, 2, lambda value, count: _part(value, max(0, integer(count)), None)),
    "take": (2, 2, lambda value, count: _part(value, 0, max(0, integer(count)))),
    "range": (2, 2, _range),
    "min": (1, 999, lambda *values: min(_numbers(values))),
    "max": (1, 999, lambda *values: max(_numbers(values))),
    "add": (2, 2, lambda one, other: integer(one) + integer(other)),
    "sub": (2, 2, lambda one, other: integer(one) - integer(other)),
    "mul": (2, 2, lambda one, other: integer(one) * integer(other)),
    "div": (2, 2, _divide),
    "mod": (2, 2, lambda one, other: integer(one) - integer(other) * _divide(one, other)),
    "flatten": (1, 1, _flatten),
    "shallowmerge": (1, 1, _shallow),
    "items": (1, 1, lambda value: [{"key": k, "value": mapping(value)[k]} for k in _keys(value)]),
    "objectkeys": (1, 1, lambda value: _keys(value)),
    **texts.TABLE,
    **networks.TABLE,
    **dates.TABLE,
}
