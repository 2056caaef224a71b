"""Decides what a live value is that Git leaves unsaid: what people add is a change, what the service fills in
is none.

Azure's answers hold every setting of a resource, said or not, and whole objects of settings. What is in a
declared map or list, and a list that only people fill, is somebody's; a value that our facts know the default
of is a change where it is another one; so is a switch that opens something, or a reference to another
resource. Of all else nobody can tell whether the service filled it in (:class:`drift.hooks.Filled`), but of
what the resource says twice, and of what its documentation calls the default. Where Git says null, the
service decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import PathFacts, TypeFacts
from drift.hooks import Filled
from drift.kinds.base import Context, Keyed, Unordered
from drift.kinds.scalars import fold_case
from drift.model import Resource
from drift.pointer import get, split, step
from drift.redaction import is_secret
from drift.values import is_hollow, same
from providers.azure import outputs
from providers.azure.facts import COUNTS
from providers.azure.general import in_schema, is_place, opens, peoples, platform_tag
from providers.azure.ids import canonical
from providers.azure.kinds.location import LOCATION

#: The languages that declare a child with all that belongs to it.
_WHOLE = frozenset({"arm", "bicep"})
_OWNING = frozenset({"map", "id-map", "keyed-list", "joined-list", "switched-list", "hosts", "set"})
_OFF = (0, "0", "", "false", "False")
_FILLED = Filled("filled in by the service where nothing is declared")
_NEWER = Filled("not in the schema that is known of the type")


class Judge:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.live, self.facts, self.context = declared, live, facts, context
        self.id = canonical(live.id or "")
        self._have: Any = None

    def reason(self, path: str, value: Any) -> str | Filled | None:
        """Why the live value at a canonical path is no change, or that nobody can tell; None where it is
        one."""
        parts = split(path)
        if self._null(parts):
            return "Git says null: the service decides"
        if parts[0] == "tags" and platform_tag(parts[-1]):
            return "a tag that the platform writes"
        place = _Place(self.declared.attributes, self.facts.root, parts, self.context)
        if is_hollow(value) and not (place.owned and parts[-2:-1] == ["userAssignedIdentities"]):
            return "empty is unset"
        if not place.owned and self._elsewhere(path):
            return "not of the part that is declared here"
        if not place.counts and parts[0] != "tags" and (value is False or value in _OFF):
            return "false and zero are unset"
        if not place.owned and self._said_elsewhere(parts, value, place.facts):
            return "said of the resource elsewhere"
        if place.owned or place.counts or self._other_places(value):
            return None
        if told := outputs.reason(parts, value, self.id, unknown=place.unknown):
            return told
        if place.collection and is_place(parts[-1]) and not self._is_here(value):
            return None
        if self._own_place(value):
            return "the resource's own region alone"
        links = _links([value] if place.collection and isinstance(value, dict) else value)
        if links:  # what others say of it, or what somebody attached to it
            inside = all(canonical(one).startswith(f"{self.id}/") for one in links)
            return (_NEWER if place.unknown else _FILLED) if inside or place.unknown else None
        if (place.collection or _lists(value)) and any(peoples(part) for part in parts):
            return None
        if self._refers(parts, value) or any(opens(name) for name in _switched_on(parts[-1], value)):
            return None
        if place.facts.documented is not None and same(value, place.facts.documented):
            return "the default that its documentation names"
        return _NEWER if place.unknown else _FILLED

    def _elsewhere(self, path: str) -> bool:
        """Whether only a part of the resource is declared here, which a path is not in."""
        return self.declared.partial and not any(
            path.startswith(f"/{shared}/") for shared in self.declared.shared
        )

    def _other_places(self, value: Any, *, member: bool = False) -> bool:
        """Whether a list's member lies in another region than the resource: it was replicated there."""
        if isinstance(value, (list, Keyed, Unordered)):
            members = value if isinstance(value, list) else value.values()
            return any(self._other_places(one, member=True) for one in members)
        if not isinstance(value, dict):
            return False
        return any(
            (member and is_place(name) and not self._is_here(one)) or self._other_places(one)
            for name, one in value.items()
        )

    def _own_place(self, value: Any) -> bool:
        """Whether a list of places has one member, and that lies where the resource does."""
        members = list(value.values()) if isinstance(value, (Keyed, Unordered)) else value
        one = members[0] if isinstance(members, list) and len(members) == 1 else members
        if not isinstance(one, dict):
            return False
        places = [where for name, where in one.items() if is_place(name)]
        return bool(places) and all(self._is_here(where) for where in places)

    def _is_here(self, where: Any) -> bool:
        own = self.live.attributes.get("location") or self.declared.attributes.get("location")
        return not isinstance(where, str) or LOCATION.canonical(where, self.context) == LOCATION.canonical(
            own, self.context
        )

    def _said_elsewhere(self, parts: list[str], value: Any, facts: PathFacts) -> bool:
        """Whether a value is what the resource's id or another part of its body says already: its own name,
        id or location, what it lies in, the tags that its properties repeat."""
        name = parts[-1].lower()
        if isinstance(value, str):
            if value.startswith("/") and f"{self.id}/".startswith(f"{canonical(value)}/"):
                return True
            if name.endswith(("name", "id")) and fold_case(value) in self.id.split("/"):
                return True
            if is_place(name) and len(parts) > 1 and self._is_here(value):
                return True
        if parts[0] != "properties" or parts[1:2] == ["properties"]:
            return False
        said: Any = self.live.attributes
        for part in parts[1:]:
            said = step(said, part)
        return said is not None and same(canonicalise(said, facts, self.context), value)

    def _refers(self, parts: list[str], value: Any) -> bool:
        """Whether a value is all of a reference to another resource, which somebody attached.

        Terraform attaches by resources of their own, so that one which declares a part does not speak of it.
        """
        if parts[-1] != "id" or not isinstance(value, str) or not value.startswith("/"):
            return False
        origin = self.declared.origin
        if self.declared.partial and (origin is None or origin.source not in _WHOLE):
            return False
        have = get(self._live(), parts[:-1])
        return isinstance(have, dict) and have.keys() == {"id"} and not value.startswith(f"{self.id}/")

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

    def _live(self) -> Any:
        if self._have is None:
            self._have = canonicalise(self.live.attributes, self.facts.root, self.context)
        return self._have


class _Place:
    """Where a canonical path leads.

    ``facts`` are those of its end. ``owned``: through a member that a declared map, list or set has beyond
    the declared ones. ``collection``: through a map, list or set that nobody declares. ``unknown``: through a
    property that is not in the schema of its object. ``counts``: to what our facts know the default of, or to
    a member of it.
    """

    def __init__(self, want: Any, node: PathFacts, parts: list[str], context: Context) -> None:
        self.owned = self.collection = self.unknown = self.counts = False
        raw = True
        for part in parts:
            if raw:
                want, raw = _opened(want, node, context)
            owning = isinstance(want, (Keyed, Unordered)) or (
                node.kind is not None and node.kind.name in _OWNING
            )
            said = want is not None
            want = step(want, part)
            if owning and want is None:
                self.owned = self.owned or said
                self.collection = self.collection or not said
                self.counts = self.counts or node.undeclared == COUNTS
            self.unknown = self.unknown or not in_schema(node, part)
            node = node.child(part)
            if raw and node.read_only:
                want = None
        self.facts = node
        self.counts = self.counts or node.undeclared == COUNTS
        self.collection = self.collection or (node.kind is not None and node.kind.name in _OWNING)


def _opened(value: Any, node: PathFacts, context: Context) -> tuple[Any, bool]:
    """A value in canonical form but for its members, and whether these are as they were declared: so that not
    all of a resource has to be brought to canonical form to see what is said at one place."""
    kind = node.kind
    if type(value) is dict and (kind is None or kind.phase == "before") and not is_secret(value):
        opened = value if kind is None else kind.canonical(value, context, **node.params)
        if type(opened) is dict and not is_secret(opened):
            return opened, True
    return (None if value is None else canonicalise(value, node, context)), False


def _switched_on(name: str, value: Any) -> Iterator[str]:
    """The names of all switches that are on at or below a value."""
    if value is True:
        yield name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _switched_on(key, item)


def _links(value: Any) -> list[str]:
    """The ids in a list of which each member is a reference alone; empty for all else."""
    members = list(value.values()) if isinstance(value, (Keyed, Unordered)) else value
    if not isinstance(members, list):
        return []
    found = [one["id"] for one in members if isinstance(one, dict) and one.keys() == {"id"}]
    return found if len(found) == len(members) and all(isinstance(one, str) for one in found) else []


def _lists(value: Any) -> bool:
    """Whether a value is or holds a list or a map with members."""
    if isinstance(value, (list, Keyed, Unordered)):
        return bool(value)
    return isinstance(value, dict) and any(_lists(item) for item in value.values())
