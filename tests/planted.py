"""Puts values that open something into recorded answers, where Git leaves them unsaid."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from drift.compare.verdict import Verdict
from drift.facts import PathFacts
from drift.finding import Finding
from drift.model import Resource
from drift.pointer import get, join
from drift.rules import severity

#: How deep a schema is looked at.
_DEPTH = 4


def places(facts: PathFacts, pattern: str) -> Iterator[tuple[str, ...]]:
    """The paths of a schema's own fields, outside of lists, that a pattern fits."""
    seen = {id(facts.children)}
    todo: list[tuple[tuple[str, ...], PathFacts]] = [((), facts)]
    while todo:
        path, node = todo.pop(0)
        for name, child in node.children.items():
            here = (*path, name)
            if child.read_only:
                continue
            if not child.write_only and re.search(pattern, "/" + "/".join(here)):
                yield here
            below = child.children if child.kind is None or child.kind.name == "object" else {}
            if below and id(below) not in seen and len(here) < _DEPTH:
                seen.add(id(below))
                todo.append((here, child))


def with_value(body: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any] | None:
    """``body`` with a value at a path that it lacks; None where something else is in the way."""
    whole = copy.deepcopy(dict(body))
    node = whole
    for name in path[:-1]:
        if node.get(name) is None:
            node[name] = {}
        node = node[name]
        if not isinstance(node, dict):
            return None
    node[path[-1]] = value
    return whole


def silent(declared: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether a declaration says nothing at a path."""
    return get(declared, list(path)) is None


def told(verdict: Verdict, path: tuple[str, ...], sides: tuple[Resource, Resource], rules: Any) -> str:
    """How bad the finding at, above or below a path is; "-" where there is none."""
    at = "".join(join("", name) for name in path)
    hit = [
        one for one in verdict.changes if f"{at}/".startswith(f"{one.path}/") or one.path.startswith(f"{at}/")
    ]
    return severity.rate(Finding("changed", *sides, tuple(hit)), rules)[0] if hit else "-"
