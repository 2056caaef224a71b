"""Decides whether a live value that Git leaves unsaid is a change: what people add is, what the service fills in is not.

Azure's answers hold every setting of a resource, said or not, and whole objects of settings. What is in a map, in a list of
named things or in a set, and a new list, is somebody's; a plain value or an object of settings that the declaration leaves out
is what the service fills in, unless our facts know its default. Where Git says null, the service decides.
"""

from __future__ import annotations

from typing import Any

from drift.canonical import canonicalise
from drift.facts import PathFacts, TypeFacts
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import Resource
from providers.azure.facts import COUNTS

_OWNING = frozenset({"map", "id-map", "keyed-list", "set"})


class Judge:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.live, self.facts, self.context = declared, live, facts, context
        self._want: Any = None

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change; None where it is one."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in path.strip("/").split("/")]
        if self._null(parts):
            return "Git says null: the service decides"
        if _empty(value):
            return "empty is unset"
        owned, node, unknown = self._place(parts)
        if node.undeclared != COUNTS and (value is False or value in (0, "0", "")):
            return "false and zero are unset"
        if unknown and not owned:
            return "not in the schema that is known of the type"
        if owned or node.undeclared == COUNTS or _lists(value):
            return None
        if node.kind is not None and node.kind.name in _OWNING:
            return None
        return "filled in by the service where nothing is declared"

    def _null(self, parts: list[str]) -> bool:
        said: Any = self.declared.attributes
        for part in parts:
            if not isinstance(said, dict) or part not in said:
                return False
            said = said[part]
            if said is None:
                return True
        return False

    def _place(self, parts: list[str]) -> tuple[bool, PathFacts, bool]:
        """Whether a path leads through a member that a map, a list or a set has beyond the declared ones; its facts; and
        whether it leads through a property that is not in the schema of its object."""
        if self._want is None:
            self._want = canonicalise(self.declared.attributes, self.facts.root, self.context)
        want: Any = self._want
        node, owned, unknown = self.facts.root, False, False
        for part in parts:
            owning = isinstance(want, (Keyed, Unordered)) or (
                node.kind is not None and node.kind.name in _OWNING
            )
            if isinstance(want, dict):
                want = want.get(part)
            elif isinstance(want, list):
                want = want[int(part)] if part.isdigit() and int(part) < len(want) else None
            else:
                want = None
            owned = owned or (owning and want is None)
            schema = node.kind is not None and node.kind.name == "object"
            unknown = unknown or (schema and part not in node.children)
            node = node.child(part)
        return owned, node, unknown


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_empty(item) for item in value.values())
    return all(_empty(item) for item in value) if isinstance(value, list) else value in (None, "")


def _lists(value: Any) -> bool:
    """Whether a value is or holds a list or a map with members."""
    if isinstance(value, (list, Keyed, Unordered)):
        return bool(value)
    return isinstance(value, dict) and any(_lists(item) for item in value.values())
