"""Compares and changes the values that YAML says, apart from how it says them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.editing.yaml_nodes import Node, Tagged
from drift.editor import NotEdited

#: Keys and indices that lead to a value.
Way = Sequence[str | int]


def shown(way: Way) -> str:
    return "/" + "/".join(map(str, way))


def at(body: Any, way: Way) -> Any:
    for step in way:
        body = (body.value if isinstance(body, Tagged) else body)[step]
    return body


def with_(body: Any, way: Way, new: Any, named: str) -> Any:
    """A value with something put where a way leads, and all that is missing on the way. Raises NotEdited."""
    if not way:
        return new
    if isinstance(body, Tagged):
        return Tagged(body.tag, with_(body.value, way, new, named))
    step, rest = way[0], way[1:]
    if isinstance(step, int):
        if body is not None and not isinstance(body, list) or step > len(body or ()):
            raise NotEdited(f"{shown(way)} is no place of a list in {named}")
        body = list(body or ())
        if step == len(body):
            body.append(None)
    elif body is not None and not isinstance(body, Mapping):
        raise NotEdited(f"{shown(way)} is below what is no mapping in {named}")
    else:
        body = dict(body or {})
    known = body[step] if isinstance(step, int) else body.get(step)
    body[step] = with_(known, rest, new, named)
    return body


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same, their types too; the order of a mapping's members does not count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(item, other[name]) for name, item in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and one != one:
        return isinstance(other, float) and other != other
    return type(one) is type(other) and bool(one == other)


def anchored_outside(node: Node) -> bool:
    """Whether something below a node is used by an alias that does not stand below it."""
    inside: list[Node] = []
    below = [node]
    while below:
        one = below.pop()
        inside.append(one)
        below.extend(one.below)
    for one in inside:
        own = sum(1 for other in inside if other.kind == "alias" and other.target is one)
        if one.users > own:
            return True
    return False
