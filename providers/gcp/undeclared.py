"""Decides whether a live value that Git leaves unsaid is a change: what people add is, what the service fills
in is not.

Google's answers hold every setting of a resource, said or not. What is in a map, in a list or in a set, a
whole new list, a switch that is on and a description are somebody's; a plain value that the declaration
leaves out is what the service fills in, unless the type's facts know its default (then another value is a
change) or know all that its service fills in (``whole``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import PathFacts, TypeFacts
from drift.hooks import Filled
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import Resource, Unresolved
from drift.pointer import split, step
from drift.values import is_off, same
from providers.gcp import schema
from providers.gcp.facts import COUNTS, FILLED, is_whole, mirrors
from providers.gcp.mirrors import repeated

#: What both translations (Config Connector's and Terraform's) say of such a field.
NO_FIELD = "no field"
_BY_SERVICE = Filled("filled in by the service where nothing is declared")
_NO_FIELD = Filled("no field of the API's published form")
_OWNING = frozenset({"map", "keyed-list", "set"})
#: What a resource is called, where it lies and which version of it this is, in one API or another.
_IDENTITY = frozenset(
    "name id kind selfLink selfLinkWithId selfLinkWithParent etag fingerprint labelFingerprint uid uniqueId "
    "region zone location project projectId projectNumber creationTimestamp createTime creationTime "
    "updateTime generation".split()
)
#: What a service stamps its answers with, wherever it stands.
_STAMPS = frozenset("etag fingerprint selfLink uid sha1Fingerprint".split())
_MADE = re.compile(r"creat|updat|modif|currentState|lastModif", re.IGNORECASE)
_STATE = re.compile(r"(?:^s|S)(?:tate|tatus)$")
#: Words for work that is done or under way; never those that people choose (ENABLED, ACTIVE, PAUSED).
_DONE = frozenset("RUNNABLE RUNNING READY IN_PROGRESS SUCCEEDED DONE CREATED ONLINE".split())
#: The field that switches its object on or off → its value for off.
_SWITCHES = {"enabled": False, "enable": False, "disabled": True}
#: Fields that are true where what they switch on is declared.
_ON = frozenset({"enabled", "enable"})
#: How the names of lists end that say where something is placed, which the service chooses.
_PLACES = re.compile(r"(?:^|[a-z])(?:[Ll]ocations|[Zz]ones|[Rr]egions)$")
#: Maps that declarations call as their API does, so that no field without a known place is one of them.
_LABELS = re.compile(r"(?:^l|L)abels$|^annotations$")
#: Free texts that no service writes.
_PEOPLES = frozenset({"description"})


@dataclass(slots=True)
class _Place:
    """Where the path of an undeclared value leads.

    ``owned``: through a member that a map, a list or a set has beyond the declared ones; ``filled``: to or
    through what its documentation says the service fills in; ``off``: into something that is switched off;
    ``counts``: to a field whose default is known; ``unplaced``: a declared field beside it that could not be
    placed; ``mirrors``: the declared field, deprecated for it or followed by it, that says the same;
    ``node``: its facts, None where the fields beside it are known and it is not.
    """

    owned: bool = False
    filled: bool = False
    off: bool = False
    counts: bool = False
    unplaced: str | None = None
    mirrors: str | None = None
    node: PathFacts | None = None


class Judge:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.live, self.facts, self.context = declared, live, facts, context
        self._known: dict[tuple[str, ...], Any] = {}

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change, or that the service may have filled it in
        (:class:`drift.hooks.Filled`); None where it is a change."""
        parts = split(path)
        filled = _FILLED.get((self.facts.type, parts[0]))
        recorded = self.declared.certain is not None  # by a state alone, whose word on it is left out here
        if filled is not None and not recorded and (reason := filled(self.declared.attributes, value)):
            return reason
        elsewhere = repeated(
            parts, value, self.declared.attributes, self.live.attributes, mirrors(self.facts.type)
        )
        if elsewhere:
            return f"says the same as {elsewhere}"
        place = self._place(parts)
        if place.mirrors:
            return f"says what is declared as {place.mirrors}"
        if place.off and not place.counts:
            return "belongs to what is switched off"
        if told := _output(parts, value):
            return told
        if place.filled and not place.counts and not is_whole(self.facts.type):
            return _BY_SERVICE
        if place.owned:
            return None
        if place.unplaced:
            return Filled(f"may be what is declared as {place.unplaced}, whose place in the API is not known")
        if place.node is None:
            return _NO_FIELD
        if isinstance(value, str) and value.endswith("UNSPECIFIED"):
            return "unspecified is unset"
        if place.counts:
            return None
        if is_off(value):
            return "false and zero are unset"
        if isinstance(value, (list, dict)):
            return None
        if parts[-1] in _IDENTITY:
            return "says which resource it is"
        if is_whole(self.facts.type) or value is True or parts[-1] in _PEOPLES:
            return None
        return _BY_SERVICE

    def _place(self, parts: list[str]) -> _Place:
        """Where a path leads, by what is declared, what is live and what the facts know on its way."""
        want: Any = self.declared.attributes
        have: Any = self.live.attributes
        found, node, known, raw = _Place(), self.facts.root, True, True
        for depth, part in enumerate(parts):
            if raw and (node.kind is not None or not isinstance(want, dict)):
                want, raw = self._canonical(want, node, tuple(parts[:depth])), False
            owning = isinstance(want, (Keyed, Unordered)) or (
                node.kind is not None and node.kind.name in _OWNING
            )
            if isinstance(want, dict) and want.get(part) is None:
                found.unplaced = found.unplaced or _unplaced(want)
                found.filled = found.filled or (depth > 0 and bool(want) and part in _ON)
            want, have = step(want, part), step(have, part)
            known = known and (part in node.children or node.any is not None or not node.children)
            node = node.child(part)
            elsewhere = found.unplaced and not _LABELS.search(parts[0])
            found.owned = found.owned or (owning and want is None and not elsewhere)
            if want is None and not found.owned:
                found.filled = found.filled or (_is_filled(part, node, have) and parts[-1] not in _PEOPLES)
                found.off = found.off or _switched_off(have, node)
                found.mirrors = found.mirrors or self._mirrored(part, have)
        found.node = node if known else None
        found.counts = node.undeclared == COUNTS
        return found

    def _mirrored(self, name: str, live: Any) -> str | None:
        """The declared field, wherever it stands, that the one called ``name`` follows or is followed by in
        the API, with the same value."""
        host = self.facts.type.partition("/")[0]
        for other in schema.relatives(host, name):
            if any(same(value, live) for value in _named(self.declared.attributes, other)):
                return other
        return None

    def _canonical(self, value: Any, facts: PathFacts, above: tuple[str, ...]) -> Any:
        """A declared value in canonical form, which is made once; the objects above it have none but their
        own."""
        if above not in self._known:
            self._known[above] = canonicalise(value, facts, self.context)
        return self._known[above]


def _output(parts: list[str], value: Any) -> str | None:
    """Why a text is what only the service writes: a stamp, a fingerprint, how far it is with its work."""
    name = parts[-1]
    if not isinstance(value, str):
        return None
    if name in _STAMPS or (name.endswith(("Time", "Timestamp")) and _MADE.match(name)):
        return "a stamp of the service's own"
    if _STATE.search(name) and value.rpartition("STATE_")[2] in _DONE:
        return "how far the service is with it"
    return None


def _is_filled(name: str, facts: PathFacts, live: Any) -> bool:
    """Whether the service fills in a field: its documentation says so, or it is where the service places
    something."""
    return facts.undeclared == FILLED or (isinstance(live, list) and _PLACES.search(name) is not None)


def _named(value: Any, name: str) -> Iterator[Any]:
    """What is called ``name`` at any depth."""
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for below in value.values():
            yield from _named(below, name)
    elif isinstance(value, list):
        for below in value:
            yield from _named(below, name)


def _switched_off(live: Any, facts: PathFacts) -> bool:
    """Whether a live object says itself that it is switched off as a whole."""
    return isinstance(live, dict) and any(
        name in facts.children and live.get(name) is off for name, off in _SWITCHES.items()
    )


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


def _autopilot(declared: Mapping[str, Any], value: Any) -> str | None:
    """An Autopilot cluster is configured by its service."""
    autopilot = declared.get("autopilot")
    on = isinstance(autopilot, Mapping) and autopilot.get("enabled") is True
    return Filled("chosen by Autopilot") if on else None


_CLUSTER = "container.googleapis.com/Cluster"
#: What Autopilot configures
#: (https://cloud.google.com/kubernetes-engine/docs/resources/autopilot-standard-feature-comparison).
_BY_AUTOPILOT = (
    "addonsConfig",
    "autoscaling",
    "networkConfig",
    "verticalPodAutoscaling",
    "nodePoolAutoConfig",
)
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
    **{(_CLUSTER, field): _autopilot for field in _BY_AUTOPILOT},
}
