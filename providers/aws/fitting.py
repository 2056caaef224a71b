"""Brings a value to the names and the shape of a CloudFormation property, by the type's schema: what an
answer spells in another letter case, and what Terraform spells with underscores and in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

#: What Terraform writes for a member of a block that nobody sets.
_UNSAID: tuple[Any, ...] = (None, "", [], {})


@dataclass(slots=True)
class Node:
    """What a schema says of one path: its letter (``providers.aws.compile_schemas``) and what is below."""

    letter: str = "x"
    members: dict[str, Node] = field(default_factory=dict)
    any: Node | None = None
    #: The members' names without letter case, underscores and plural.
    words: dict[str, str] = field(default_factory=dict)

    def named(self, name: str, spelled: Mapping[str, str]) -> str | None:
        """The member that a name means; None where there is none."""
        if name in self.members:
            return name
        word = _word(name)
        for one in (word, f"{word}s", f"{word}es", f"{word.removesuffix('y')}ies", f"{word}list"):
            if one in self.words:
                return self.words[one]
        other = spelled.get(name)
        return other if other in self.members else None


@dataclass(frozen=True, slots=True)
class Names:
    """What the facts say of a type's members: how else they are called, and of which 0 is said."""

    spelled: Mapping[str, str]
    zeros: frozenset[str]


#: Type → the marks of its schema's paths, and what its facts say (``spelled``, ``zeros``, ``recurs``).
_KNOWN: dict[str, tuple[Mapping[str, str], Mapping[str, Any]]] = {}


def know(type_: str, paths: Mapping[str, str], said: Mapping[str, Any]) -> None:
    """Learns a type, when its facts are read."""
    _KNOWN[type_] = (paths, said)


def live(value: Any, place: str) -> Any:
    """A part of an answer as the property at ``place`` (``AWS::Type/Property``); what the schema does not
    know is left out, as nobody can declare it."""
    node, names = _at(place)
    return _fitted(value, node, names, said=False)


def said(value: Any, place: str) -> Any:
    """A part of a Terraform state as the property at ``place``: a block of one is an object, and what the
    state writes where nobody sets anything ("", 0, [] and {}) is left out; 0 of the members that the facts
    name (``zeros``) is kept."""
    node, names = _at(place)
    return _fitted(value, node, names, said=True)


def _fitted(value: Any, node: Node, names: Names, *, said: bool) -> Any:
    if said and node.letter != "a" and isinstance(value, list) and len(value) <= 1:
        only = value[0] if value else None
        if node.members or node.letter == "o" or _nothing(only):
            value = {} if _nothing(only) else only
    if isinstance(value, Mapping):
        if node.letter == "a" and node.any is not None:
            return [_fitted(value, node.any, names, said=said)]
        if node.members:
            return dict(_members(value, node, names, said))
        if node.any is not None:
            return {name: _fitted(one, node.any, names, said=said) for name, one in value.items()}
        return dict(value)
    if isinstance(value, list) and node.any is not None:
        return [_fitted(one, node.any, names, said=said) for one in value]
    return value


def _members(value: Mapping[str, Any], node: Node, names: Names, said: bool) -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        known = node.named(name, names.spelled)
        if known is None or one is None or (said and one in _UNSAID):
            continue
        if said and one == 0 and one is not False and known not in names.zeros:
            continue
        fitted = _fitted(one, node.members[known], names, said=said)
        if fitted is not None:
            yield known, fitted


def _nothing(value: Any) -> bool:
    """Whether a block says nothing but that it is there."""
    return value is None or (isinstance(value, Mapping) and all(one in _UNSAID for one in value.values()))


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def _at(place: str) -> tuple[Node, Names]:
    """The schema's node at ``AWS::Type/Property``, and what the facts say of the type's members. Raises
    KeyError where the schema has no such path."""
    type_, _, path = place.partition("/")
    node, names = _tree(type_)
    for name in path.split("/") if path else ():
        found = node.any if name == "*" else node.members.get(name)
        if found is None:
            raise KeyError(f"{type_} has no {path}")
        node = found
    return node, names


@cache
def _tree(type_: str) -> tuple[Node, Names]:
    paths, said = _KNOWN[type_]
    root = Node("o")
    for path, marks in paths.items():
        node = root
        for name in path.split("/"):
            if name == "*":
                node.any = node.any or Node()
                node = node.any
            else:
                node.words.setdefault(_word(name), name)
                node = node.members.setdefault(name, Node())
        node.letter = marks[0]
    for path, below in said.get("recurs", {}).items():
        for one in below:
            _reach(root, f"{path}/{one}", _reach(root, path))
    return root, Names(said.get("spelled", {}), frozenset(said.get("zeros", ())))


def _reach(root: Node, path: str, there: Node | None = None) -> Node:
    """The node of a path; with ``there``, what is put in its place."""
    node, names = root, path.split("/")
    for number, name in enumerate(names, 1):
        last = there if number == len(names) else None
        if name == "*":
            node.any = last or node.any or Node()
            node = node.any
            continue
        node.words.setdefault(_word(name), name)
        node.members[name] = last or node.members.get(name) or Node("o")
        node = node.members[name]
    return node
