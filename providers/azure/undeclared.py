"""Decides whether a live value that Git leaves unsaid is a change: what people add is, what the service fills
in is not.

Azure's answers hold every setting of a resource, said or not, and whole objects of settings. What is in a
map, in a list of named things or in a set, and a new list, is somebody's; a plain value or an object of
settings that the declaration leaves out is what the service fills in, unless our facts know its default, or
it is a switch that opens something or refers to another resource. Where Git says null, the service decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import PathFacts, TypeFacts
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import Resource
from drift.pointer import unescape
from providers.azure.facts import COUNTS
from providers.azure.general import in_schema, opens
from providers.azure.ids import canonical

#: The languages that declare a child with all that belongs to it.
_WHOLE = frozenset({"arm", "bicep"})
_OWNING = frozenset({"map", "id-map", "keyed-list", "joined-list", "switched-list", "hosts", "set"})


class Judge:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.live, self.facts, self.context = declared, live, facts, context
        self._want: Any = None
        self._have: Any = None

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change; None where it is one."""
        parts = [unescape(part) for part in path.strip("/").split("/")]
        if self._null(parts):
            return "Git says null: the service decides"
        if parts[0] == "tags" and parts[-1].lower().startswith("hidden-"):
            return "a tag of the portal's"
        if _empty(value):
            return "empty is unset"
        owned, node, unknown = self._place(parts)
        if not owned and self._elsewhere(path):
            return "not of the part that is declared here"
        if node.undeclared != COUNTS and (value is False or value in (0, "0", "")):
            return "false and zero are unset"
        if unknown and not owned:
            return "not in the schema that is known of the type"
        if owned or node.undeclared == COUNTS or _lists(value):
            return None
        if node.kind is not None and node.kind.name in _OWNING:
            return None
        if self._refers(parts, value) or any(opens(name) for name in _switched_on(parts[-1], value)):
            return None
        return "filled in by the service where nothing is declared"

    def _elsewhere(self, path: str) -> bool:
        """Whether only a part of the resource is declared here, which a path is not in."""
        return self.declared.partial and not any(
            path.startswith(f"/{shared}/") for shared in self.declared.shared
        )

    def _refers(self, parts: list[str], value: Any) -> bool:
        """Whether a value is all of a reference to another resource, which somebody attached.

        Terraform attaches by resources of their own, so that one which declares a part does not speak of it.
        """
        if parts[-1] != "id" or not isinstance(value, str) or not value.startswith("/"):
            return False
        origin = self.declared.origin
        if self.declared.partial and (origin is None or origin.source not in _WHOLE):
            return False
        if self._have is None:
            self._have = canonicalise(self.live.attributes, self.facts.root, self.context)
        have: Any = self._have
        for part in parts[:-1]:
            have = _member(have, part)
        own = canonical(self.live.id or "")
        return isinstance(have, dict) and have.keys() == {"id"} and not value.startswith(f"{own}/")

    def _null(self, parts: list[str]) -> bool:
        """Whether Git says null on the way; tags that are null are no tags."""
        said: Any = self.declared.attributes if parts[0] != "tags" else None
        for part in parts:
            if not isinstance(said, dict) or part not in said:
                return False
            said = said[part]
            if said is None:
                return True
        return False

    def _place(self, parts: list[str]) -> tuple[bool, PathFacts, bool]:
        """Whether a path leads through a member that a map, a list or a set has beyond the declared ones; its
        facts; and whether it leads through a property that is not in the schema of its object."""
        if self._want is None:
            self._want = canonicalise(self.declared.attributes, self.facts.root, self.context)
        want: Any = self._want
        node, owned, unknown = self.facts.root, False, False
        for part in parts:
            owning = isinstance(want, (Keyed, Unordered)) or (
                node.kind is not None and node.kind.name in _OWNING
            )
            want = _member(want, part)
            owned = owned or (owning and want is None)
            unknown = unknown or not in_schema(node, part)
            node = node.child(part)
        return owned, node, unknown


def _switched_on(name: str, value: Any) -> Iterator[str]:
    """The names of all switches that are on at or below a value."""
    if value is True:
        yield name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _switched_on(key, item)


def _member(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return None


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_empty(item) for item in value.values())
    return all(_empty(item) for item in value) if isinstance(value, list) else value in (None, "")


def _lists(value: Any) -> bool:
    """Whether a value is or holds a list or a map with members."""
    if isinstance(value, (list, Keyed, Unordered)):
        return bool(value)
    return isinstance(value, dict) and any(_lists(item) for item in value.values())
