"""A place on the way through raw attributes, the values of some kind that it stands in, and its canonical
form as far as somebody goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import PathFacts
from drift.kinds.base import Context, Keyed
from drift.model import MISSING
from drift.redaction import is_secret


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


class Form:
    """A place in a canonical form, which is made no further than somebody goes."""

    def __init__(self, value: Any, facts: PathFacts | None, context: Context) -> None:
        self._raw, self._context = value, context
        self._facts: PathFacts | None = None
        #: What stands there: an object whose members may not be in canonical form yet, or what it is in it.
        self.value = value
        if facts is None or value is MISSING:
            return
        kind = facts.kind
        if type(value) is dict and (kind is None or kind.phase == "before"):
            opened = value if kind is None else kind.canonical(value, context, **facts.params)
            if type(opened) is dict and not is_secret(opened):
                self.value, self._facts = opened, facts
                return
        self.value = canonicalise(value, facts, context)

    def canonical(self) -> Any:
        """All that stands there in canonical form."""
        return self.value if self._facts is None else canonicalise(self._raw, self._facts, self._context)

    def under(self, name: str) -> Form:
        """The place of a member."""
        if self._facts is None:
            return Form(under(self.value, name), None, self._context)
        below, item = self._facts.child(name), self.value.get(name)
        there = item is not None and not below.read_only
        return Form(item if there else MISSING, below, self._context)


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


def as_named(here: Here, place: int) -> Keyed | None:
    """A list that has one of its members alone, named by its own kind and else as it was read; None where
    more than that kind tells the names, or a member may become a set."""
    kind = here.facts.kind
    if kind is None or not here.within or here.within[-1].keys:
        return None
    context = here.within[-1].context
    if kind.phase == "after":
        return _by_its_keys(here.value[place], here.facts, context)
    named = kind.canonical([here.value[place]], context, **here.facts.params)
    if not isinstance(named, Keyed) or is_secret(named):
        return None
    for name, member in named.items():
        below = here.facts.child(name)
        if member is None or below.read_only or below.kind is not None:
            return None
    return named


def _by_its_keys(member: Any, facts: PathFacts, context: Context) -> Keyed | None:
    """A list that has one of its members alone, and of this no more than what the list's kind names it by;
    None where more may tell its name, or what stands there."""
    kind, below = facts.kind, facts.member()
    if kind is None or not kind.by or facts.params.get("value") is not None:
        return None
    if below.kind is not None:
        if not below.kind.memberwise:
            return None
        member = below.kind.canonical(member, context, **below.params)
    keys = facts.params[kind.by]
    keys = [keys] if isinstance(keys, str) else keys
    if type(member) is not dict or any(below.child(key).read_only for key in keys):
        return None
    said = {key: member[key] for key in keys if member.get(key) is not None}
    if not said or any(type(one) not in (str, int) for one in said.values()):
        return None
    form = canonicalise([said], facts, context)
    return form if isinstance(form, Keyed) else None
