"""Which keys of a chart's values may be what a rendered value comes of, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift.editing.document import Step
from drift.editing.rewrite import spelled
from drift.editing.target import Target
from drift.model import MISSING
from drift.values import same

#: Values that are looked through at most.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key of the values that may be meant, and what it is to say; MISSING: nothing."""

    way: tuple[Step, ...]
    value: Any


def candidates(said: Any, target: Target) -> list[Candidate]:
    """The keys of values that may render to a target."""
    names = [str(step) for step in target.steps]
    nodes = list(_nodes(said, ()))
    found: list[tuple[int, int, Candidate]] = []
    for way, value in nodes:
        near = _nearness(way, names)
        if target.old is not MISSING and same(value, target.old):
            found.append((0, -near, Candidate(way, target.new)))
        elif isinstance(target.old, (str, int, float)) and not isinstance(value, (Mapping, list)):
            new = _part(value, target.old, target.new)
            if new is not None:
                found.append((1, -near, Candidate(way, new)))
    found += [(2, -near, one) for near, one in _named(nodes, names, target)]
    ordered = [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]
    return [one for at, one in enumerate(ordered) if one not in ordered[:at]]


#: How charts call what has them make an object.
_SWITCHES = frozenset({"enabled", "enable", "create", "install", "deploy"})
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def switches(said: Any, kind: str, name: str) -> list[Candidate]:
    """The keys of values that may leave an object out, the likeliest first: what is true becomes false, and a
    member that is called as the object goes."""
    wanted = {one.casefold() for one in (*_WORDS.findall(kind), *re.findall(r"[a-z0-9]+", name))}
    wanted.add(kind.casefold())
    found: list[tuple[int, Candidate]] = []
    for way, value in _nodes(said, ()):
        near = sum(
            1 for step in way for one in {str(step), *_WORDS.findall(str(step))} if one.casefold() in wanted
        )
        if value is True:
            found.append((-near - 2 * (str(way[-1]).casefold() in _SWITCHES), Candidate(way, False)))
        called = (
            value.get("name") if isinstance(value, Mapping) else value if isinstance(way[-1], int) else None
        )
        called = called or (way[-1] if isinstance(value, Mapping) else None)
        if isinstance(called, str) and called and (name == called or name.endswith(f"-{called}")):
            found.append((-near - 1, Candidate(way, MISSING)))
    return [one for _, one in sorted(found, key=lambda entry: entry[0])]


def _nodes(value: Any, way: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    todo: list[tuple[tuple[Step, ...], Any]] = [(way, value)]
    for _ in range(_MOST):
        if not todo:
            return
        way, value = todo.pop(0)
        if way:
            yield way, value
        if isinstance(value, Mapping):
            todo += [((*way, str(name)), one) for name, one in value.items()]
        elif isinstance(value, list):
            todo += [((*way, place), one) for place, one in enumerate(value)]


def _nearness(way: Sequence[Step], names: Sequence[str]) -> int:
    """How many names of the path the way has, in order from the end; the last one counts most."""
    low = [one.casefold() for one in names]
    own = [str(one).casefold() for one in way]
    last = 10 if own[-1] == low[-1] else 5 if own[-1].endswith(low[-1]) or low[-1].endswith(own[-1]) else 0
    return last + sum(1 for one in own[:-1] if one in low)


def _part(value: Any, old: Any, new: Any) -> Any:
    """What a value becomes that is a part of the rendered text (an image's tag); None where it is none."""
    text, before = "" if value is None else str(value), str(old)
    if isinstance(value, bool) or not isinstance(new, (str, int, float)) or len(text) < 1:
        return None
    after, at = str(new), before.find(text)
    while at >= 0:
        head, tail = before[:at], before[at + len(text) :]
        fits = after.startswith(head) and after.endswith(tail) and len(after) > len(head) + len(tail)
        middle = after[len(head) : len(after) - len(tail)] if fits else ""
        if middle and middle != text:
            return spelled(value, middle)
        at = before.find(text, at + 1)
    return None


def _named(
    nodes: Sequence[tuple[tuple[Step, ...], Any]], names: Sequence[str], target: Target
) -> Iterator[tuple[int, Candidate]]:
    """Keys that are called as something on the path, with the rest of it below them."""
    for depth in range(len(names) - 1, -1, -1):
        rest = target.steps[depth + 1 :]
        if any(isinstance(step, int) for step in rest):
            return
        for way, value in nodes:
            if str(way[-1]).casefold() != names[depth].casefold():
                continue
            if rest and not isinstance(value, (Mapping, type(None))):
                continue
            yield _nearness(way, names[: depth + 1]) + depth, Candidate((*way, *rest), target.new)
