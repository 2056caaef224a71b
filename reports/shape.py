"""A tree with holes, which stands in a page once for all findings: filled with a finding's values here for
plain HTML, and by the page's script for what it draws.

Beside a tree's own nodes (``reports.tree``) a shape has three kinds of hole: ``["=", NAME]`` is the value of
that name, a text or a list of trees; ``["?", NAMES, …]`` are its children where one of the values named (by
spaces between them) is there, ``["!", NAMES, …]`` where none is. An attribute ``["=", NAME]`` has that value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.tree import Node

Value = str | list[Node]


def filled(shape: Node, values: Mapping[str, Value]) -> Node:
    """The tree that ``shape``, an element, makes of a finding's values."""
    return next(_filled(shape, values))


def _filled(shape: Node, values: Mapping[str, Value]) -> Iterator[Node]:
    if isinstance(shape, str):
        yield shape
        return
    tag, *children = shape
    if tag == "=":
        value = values.get(children[0]) or []
        yield from (value,) if isinstance(value, str) else value
        return
    if tag in ("?", "!"):
        names, *children = children
        if any(values.get(name) for name in names.split(" ")) == (tag == "?"):
            yield from _each(children, values)
        return
    made: list[Any] = [tag]
    if children and isinstance(children[0], Mapping):
        attributes, *children = children
        made.append({name: _attribute(value, values) for name, value in attributes.items()})
    made += _each(children, values)
    yield made


def _each(shapes: list[Node], values: Mapping[str, Value]) -> Iterator[Node]:
    for one in shapes:
        yield from _filled(one, values)


def _attribute(value: Any, values: Mapping[str, Value]) -> Any:
    return value if isinstance(value, str) else values.get(value[1]) or ""
