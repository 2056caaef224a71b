"""Decides whether a live value that Git leaves unsaid is a change: what people add is, what the service fills
in is not.

Google's answers hold every setting of a resource, said or not. What is in a map, in a list or in a set, a
whole new list, a switch that is on and a description are somebody's; a plain value that the declaration
leaves out is what the service fills in, unless the type's facts know its default (then another value is a
change) or know all that its service fills in (``whole``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import PathFacts, TypeFacts
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import Resource, Unresolved
from drift.pointer import split, step
from drift.values import is_off
from providers.gcp.facts import COUNTS, is_whole

#: What both translations (Config Connector's and Terraform's) say of such a field.
NO_FIELD = "no field"
_OWNING = frozenset({"map", "keyed-list", "set"})
#: What a resource is called, where it lies and which version of it this is, in one API or another.
_IDENTITY = frozenset(
    "name id kind selfLink selfLinkWithId selfLinkWithParent etag fingerprint labelFingerprint uid uniqueId region zone "
    "location project projectId projectNumber creationTimestamp createTime creationTime updateTime generation".split()
)
#: Free texts that no service writes.
_PEOPLES = frozenset({"description"})


class Judge:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.live, self.facts, self.context = declared, live, facts, context
        self._known: dict[tuple[str, ...], Any] = {}

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change; None where it is one."""
        parts = split(path)
        filled = _FILLED.get((self.facts.type, parts[0]))
        if filled is not None and (reason := filled(self.declared.attributes, value)):
            return reason
        owned, node, unplaced = self._place(parts)
        if owned:
            return None
        if unplaced:
            return f"may be what is declared as {unplaced}, whose place in the API is not known"
        if node is None:
            return "no field of the API's published form, so that nobody can declare it"
        if isinstance(value, str) and value.endswith("UNSPECIFIED"):
            return "unspecified is unset"
        if node.undeclared == COUNTS:
            return None
        if is_off(value):
            return "false and zero are unset"
        if isinstance(value, (list, dict)):
            return None
        if parts[-1] in _IDENTITY:
            return "says which resource it is"
        if is_whole(self.facts.type) or value is True or parts[-1] in _PEOPLES:
            return None
        return "filled in by the service where nothing is declared"

    def _place(self, parts: list[str]) -> tuple[bool, PathFacts | None, str | None]:
        """Whether a path leads through a member that a map, a list or a set has beyond the declared ones; its
        facts, None where the fields beside it are known and it is not; a declared field beside it that could
        not be placed."""
        want: Any = self.declared.attributes
        node, owned, known, raw = self.facts.root, False, True, True
        unplaced: str | None = None
        for depth, part in enumerate(parts):
            if raw and (node.kind is not None or not isinstance(want, dict)):
                want, raw = self._canonical(want, node, tuple(parts[:depth])), False
            owning = isinstance(want, (Keyed, Unordered)) or (
                node.kind is not None and node.kind.name in _OWNING
            )
            if isinstance(want, dict) and want.get(part) is None:
                unplaced = unplaced or _unplaced(want)
            want = step(want, part)
            owned = owned or (owning and want is None)
            known = known and (part in node.children or node.any is not None or not node.children)
            node = node.child(part)
        return owned, node if known else None, unplaced

    def _canonical(self, value: Any, facts: PathFacts, above: tuple[str, ...]) -> Any:
        """A declared value in canonical form, which is made once; the objects above it have none but their
        own."""
        if above not in self._known:
            self._known[above] = canonicalise(value, facts, self.context)
        return self._known[above]


def _unplaced(declared: dict[str, Any]) -> str | None:
    """The first of an object's declared fields of which a translation knows no place in the API."""
    for name, value in declared.items():
        if isinstance(value, Unresolved) and NO_FIELD in value.reason:
            return name
    return None


def _everywhere(*others: str, direction: str) -> Callable[[Mapping[str, Any], Any], str | None]:
    """A firewall rule that says nothing of whom it is about is about everybody."""

    def filled(declared: Mapping[str, Any], value: Any) -> str | None:
        silent = not any(declared.get(name) for name in others)
        there = str(declared.get("direction") or "INGRESS") == direction
        return (
            "a rule that names nobody holds for everybody"
            if silent and there and value == "0.0.0.0/0"
            else None
        )

    return filled


def _creator(declared: Mapping[str, Any], value: Any) -> str | None:
    """Whoever makes a dataset without saying who may use it owns it."""
    if declared.get("access") or not isinstance(value, Mapping):
        return None
    alone = set(value) == {"role", "userByEmail"} and value["role"] == "OWNER"
    return "a dataset's creator owns it where no access is declared" if alone else None


#: (type, field) → what the service fills in there, depending on what is declared beside.
#: Sources: https://cloud.google.com/compute/docs/reference/rest/v1/firewalls,
#: https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets.
_FILLED: Mapping[tuple[str, str], Callable[[Mapping[str, Any], Any], str | None]] = {
    ("compute.googleapis.com/Firewall", "sourceRanges"): _everywhere(
        "sourceRanges", "sourceTags", "sourceServiceAccounts", direction="INGRESS"
    ),
    ("compute.googleapis.com/Firewall", "destinationRanges"): _everywhere(
        "destinationRanges", direction="EGRESS"
    ),
    ("bigquery.googleapis.com/Dataset", "access"): _creator,
}
