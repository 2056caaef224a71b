"""A place on the way through raw attributes, and the values of some kind that it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import PathFacts
from drift.kinds.base import Context
from drift.model import MISSING


@dataclass
class Within:
    """A value of some kind on the way, and the rest of the way: in the value, and in its canonical form."""

    value: Any
    facts: PathFacts
    context: Context
    keys: list[Any] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def form(self, members: list[Any]) -> Any:
        """What stands at the end of the way in the value's form, if the list there has these members."""
        found = canonicalise(put_at(self.value, self.keys, members), self.facts, self.context)
        for name in self.names:
            found = under(found, name)
        return found

    def down(self, key: Any, name: str) -> Within:
        return replace(self, keys=[*self.keys, key], names=[*self.names, name])

    def alone(self, member: Any, name: str) -> Within:
        """A step to a member of the list here, as the only one that it has."""
        value = put_at(self.value, self.keys, [member])
        return replace(self, value=value, keys=[*self.keys, 0], names=[*self.names, name])


@dataclass(frozen=True)
class Here:
    """A raw value, the facts of its place, and the values of some kind that it stands in, the nearest last.
    ``steps`` are the keys and indices that lead to it, also within a text that holds a document."""

    value: Any
    facts: PathFacts
    within: tuple[Within, ...] = ()
    steps: tuple[str | int, ...] = ()

    def member(self, key: str | int, value: Any, facts: PathFacts, within: tuple[Within, ...]) -> Here:
        """A member of what stands here."""
        return Here(value, facts, within, (*self.steps, key))


def put_at(value: Any, keys: Sequence[Any], put: Any) -> Any:
    """A copy of a value with something put where keys lead."""
    if not keys:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[keys[0]] = put_at(value[keys[0]], keys[1:], put)
    return copy


def under(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name, MISSING)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    return MISSING
