"""The template functions that take a lambda: ``map``, ``filter``, ``sort``, ``reduce``, ``toObject``,
``groupBy``, ``mapValues``.

Source: Microsoft Learn, "Lambda functions for ARM templates".
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from drift.model import Sensitive
from providers.azure.arm.expressions import Node
from providers.azure.arm.values import Unknown, array, attempted, boolean, mapping, opened, spread, word

Apply = Callable[[Node, tuple[Any, ...]], Any]


def value(name: str, arguments: Sequence[Node], evaluate: Callable[[Node], Any], apply: Apply) -> Any:
    """What the function ``name`` gives; a secret in makes all that comes out one. Raises Unknown."""
    least, most, function = TABLE[name]
    if not least <= len(arguments) <= most:
        raise Unknown(f"the function {name} is not known here with {len(arguments)} arguments")
    items, secret = opened(evaluate(arguments[0]))
    if secret:
        items = spread(Sensitive(items))
    made = function(items, arguments[1:], evaluate, apply)
    return Sensitive(made) if secret and not isinstance(made, Sensitive) else made


def _map(items: Any, rest: Sequence[Node], _evaluate: Any, apply: Apply) -> list[Any]:
    return [attempted(apply, rest[0], (item, at)) for at, item in enumerate(array(items))]


def _filter(items: Any, rest: Sequence[Node], _evaluate: Any, apply: Apply) -> list[Any]:
    return [item for at, item in enumerate(array(items)) if boolean(opened(apply(rest[0], (item, at)))[0])]


def _sort(items: Any, rest: Sequence[Node], _evaluate: Any, apply: Apply) -> list[Any]:
    def order(one: Any, other: Any) -> int:
        if boolean(opened(apply(rest[0], (one, other)))[0]):
            return -1
        return 1 if boolean(opened(apply(rest[0], (other, one)))[0]) else 0

    return sorted(array(items), key=functools.cmp_to_key(order))


def _reduce(items: Any, rest: Sequence[Node], evaluate: Callable[[Node], Any], apply: Apply) -> Any:
    result = evaluate(rest[0])
    for at, item in enumerate(array(items)):
        result = apply(rest[1], (result, item, at))
    return result


def _key(said: Any) -> str:
    key, secret = opened(said)
    if secret:
        raise Unknown("a secret value names the member")
    return word(key)


def _to_object(items: Any, rest: Sequence[Node], _evaluate: Any, apply: Apply) -> dict[str, Any]:
    return {
        _key(apply(rest[0], (item,))): attempted(apply, rest[1], (item,)) if len(rest) > 1 else item
        for item in array(items)
    }


def _group_by(items: Any, rest: Sequence[Node], _evaluate: Any, apply: Apply) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for item in array(items):
        held = attempted(apply, rest[1], (item,)) if len(rest) > 1 else item
        groups.setdefault(_key(apply(rest[0], (item,))), []).append(held)
    return groups


def _map_values(items: Any, rest: Sequence[Node], _evaluate: Any, apply: Apply) -> dict[str, Any]:
    return {key: attempted(apply, rest[0], (item,)) for key, item in mapping(items).items()}


#: name → (fewest arguments, most arguments, function).
TABLE: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "map": (2, 2, _map),
    "filter": (2, 2, _filter),
    "sort": (2, 2, _sort),
    "reduce": (3, 3, _reduce),
    "toobject": (2, 3, _to_object),
    "groupby": (2, 3, _group_by),
    "mapvalues": (2, 2, _map_values),
}
