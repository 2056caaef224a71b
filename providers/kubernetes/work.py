"""What declared objects make and move, as rules (``work.yaml``): what an autoscaler scales, a Rollout shifts,
an operator makes is neither a change nor unmanaged."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import jmespath

from drift.errors import DriftError
from drift.facts import NOTHING
from drift.finding import Change, Finding
from drift.model import MISSING, Resource
from drift.rule import Again, Note, Rule
from drift.safe_yaml import data
from providers.kubernetes import argocd, unsaid
from providers.kubernetes.declared_engines import ENGINES, kinds_of
from providers.kubernetes.exceptions import annotation, label
from providers.kubernetes.facts import facts_of
from providers.kubernetes.managers import deployers, is_person, role
from providers.kubernetes.names import namespace_of, of_object, parse
from providers.kubernetes.ownership import Owner, holds, owners_of
from providers.kubernetes.parents import maker
from providers.kubernetes.unsaid import Globs, globs

_T = TypeVar("_T")
_SECTIONS = ("engines", "makes", "scales", "moves")


class Place(NamedTuple):
    """One object: its cluster ("" where nobody said which), group and kind, and id."""

    scope: str
    kind: str
    id: str


@cache
def _said() -> Mapping[str, Mapping[str, list[Mapping[str, Any]]]]:
    """The entries of each section by the kind that carries them."""
    said = data(Path(__file__).with_name("work.yaml"))
    if tuple(said) != _SECTIONS:
        raise DriftError(f"work.yaml: has the sections {tuple(said)}; needs {_SECTIONS}")
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for section in _SECTIONS:
        by_kind = found[section] = defaultdict(list)
        for entry in said[section]:
            by_kind[entry["kind"]].append(entry)
    return found


@cache
def _kinds() -> frozenset[str]:
    return frozenset(kind for by_kind in _said().values() for kind in by_kind)


def carries_rules(resource: Resource) -> bool:
    """Whether a declared object makes or moves others."""
    return resource.provider == "kubernetes" and _key(resource) in _kinds()


def rules(declared: Iterable[Resource]) -> Iterator[Rule]:
    """The rules of all declared objects together: one of each sort, that finds its objects by an index."""
    scaled, moved, made, engines = Scaled(), Moved(), Made(), MadeByEngine()
    for resource in declared:
        if not carries_rules(resource) or not resource.attributes:
            continue
        for section, rule in (("scales", scaled), ("moves", moved), ("makes", made), ("engines", engines)):
            if section == "engines" and _is_followed(resource):
                continue
            for entry in _said()[section].get(_key(resource), ()):
                if "when" not in entry or jmespath.search(entry["when"], resource.attributes):
                    rule.add(resource, entry)
    yield from (scaled, moved, made, engines, Injected())


def made_by_engines(declared: Iterable[Resource]) -> Rule:
    """The rule for what deployers' objects make that nobody follows."""
    rule = MadeByEngine()
    for resource in declared:
        for entry in _said()["engines"].get(_key(resource), ()):
            rule.add(resource, entry)
    return rule


def _is_followed(resource: Resource) -> bool:
    """Whether a repository's reader follows it, and knows what comes of it."""
    followed = resource.origin is not None and resource.origin.source == "gitops"
    return followed and _key(resource) in kinds_of(ENGINES)


def _key(resource: Resource) -> str:
    name = parse(resource.type)
    return resource.type if name is None else name.key


def _texts(expression: str, resource: Resource) -> list[str]:
    """What an expression gives, as a list of texts."""
    found = jmespath.search(expression, resource.attributes)
    several = found if isinstance(found, list) else [found]
    return [one for one in several if isinstance(one, str) and one]


def _number(expression: str, resource: Resource) -> int | None:
    found = jmespath.search(expression, resource.attributes)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _beside(resource: Resource, kind: str, name: str) -> Place:
    namespace = namespace_of(resource.id)
    return Place(resource.scope, kind, f"{namespace}/{name}" if namespace else name)


def _found(index: Mapping[Place, _T], resource: Resource) -> _T | None:
    """What an index has of an object, or of one of its name in a cluster that nobody named."""
    place = Place(resource.scope, _key(resource), resource.id or "")
    found = index.get(place)
    return index.get(place._replace(scope="")) if found is None else found


def _by_hand(finding: Finding, path: str) -> bool:
    """Whether a person is said to have written a value."""
    assert finding.live is not None
    known = facts_of(finding.live.type)
    root = NOTHING if known is None else known.root
    return any(is_person(one) and holds(one, path, root) for one in owners_of(finding.live.attributes))


def _without(finding: Finding, accepts: Callable[[Change], bool]) -> Finding | None:
    """A finding without the changes that are accepted; None where none is left."""
    left = tuple(one for one in finding.changes if not accepts(one))
    if len(left) == len(finding.changes):
        return finding
    return replace(finding, changes=left) if left else None


@dataclass(slots=True)
class Scaled:
    """Replicas that a declared autoscaler moves within its bounds, whoever last set them."""

    note: Note = Note("declared autoscalers", "an autoscaler moves it within its declared bounds", quiet=True)
    bounds: dict[Place, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, resource: Resource, entry: Mapping[str, Any]) -> None:
        """Notes what a declared object scales."""
        target = jmespath.search(entry["target"], resource.attributes)
        least, most = _number(entry["least"], resource), _number(entry["most"], resource)
        if not isinstance(target, Mapping) or least is None or most is None:
            return
        type_ = of_object(target)
        kind = entry.get("kind_of") if type_ is None else type_.key
        if kind is None or not isinstance(target.get("name"), str):
            return
        bounds = self.bounds[_beside(resource, kind, target["name"])]
        bounds.append((least, most))
        also = _number(entry["also"], resource) if "also" in entry else None
        if also is not None:
            bounds.append((also, also))

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        if finding.kind != "changed" or finding.live is None or not self.bounds:
            return finding
        bounds = _found(self.bounds, finding.resource)
        if not bounds:
            return finding

        def within(change: Change) -> bool:
            number = change.live
            return (
                change.path == "/spec/replicas"
                and isinstance(number, int)
                and any(least <= number <= most for least, most in bounds)
            )

        return _without(finding, within)


@dataclass(frozen=True, slots=True)
class _Move:
    paths: Globs
    value: str


@dataclass(slots=True)
class Moved:
    """What a declared object moves in others (weights, selectors); a person's change is told."""

    note: Note = Note("declared Rollouts and Canaries", "a declared object moves it", quiet=True)
    moves: dict[Place, list[_Move]] = field(default_factory=lambda: defaultdict(list))

    def add(self, resource: Resource, entry: Mapping[str, Any]) -> None:
        """Notes what a declared object moves."""
        move = _Move(globs(entry["paths"]), entry.get("value", ""))
        for name in _texts(entry["names"], resource):
            self.moves[_beside(resource, entry["of"], name)].append(move)

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        if finding.kind != "changed" or finding.live is None or not self.moves:
            return finding
        moves = _found(self.moves, finding.resource)
        if not moves:
            return finding

        def moved(change: Change) -> bool:
            return (
                change.live is not MISSING
                and any(
                    one.paths.match(change.path)
                    and (not one.value or re.fullmatch(one.value, str(change.live)))
                    for one in moves
                )
                and not _by_hand(finding, change.path)
            )

        return _without(finding, moved)


@dataclass(slots=True)
class Made:
    """Objects that a declared one makes under a name that it says."""

    note: Note = Note("declared objects that make others", "a declared object makes it", quiet=True)
    places: dict[Place, bool] = field(default_factory=dict)

    def add(self, resource: Resource, entry: Mapping[str, Any]) -> None:
        """Notes what a declared object makes."""
        for name in _texts(entry["names"], resource):
            self.places[_beside(resource, entry["makes"], name)] = True

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        if finding.kind != "unmanaged" or finding.live is None or not self.places:
            return finding
        if not _found(self.places, finding.live):
            return finding
        return finding if any(map(is_person, owners_of(finding.live.attributes))) else None


@dataclass(frozen=True, slots=True)
class _Engine:
    resource: Resource
    by: Globs
    labels: Mapping[str, str]
    tracked: bool


@dataclass(slots=True)
class MadeByEngine:
    """Objects that a declared release or application made: marked as its own, and written by its
    controller."""

    note: Note = Note("declared releases and applications", "a declared deployment made it", quiet=True)
    labelled: dict[tuple[str, tuple[tuple[str, str], ...]], _Engine] = field(default_factory=dict)
    sets: set[tuple[str, ...]] = field(default_factory=set)
    applications: dict[str, _Engine] = field(default_factory=dict)
    patterns: list[tuple[str, _Engine]] = field(default_factory=list)

    def add(self, resource: Resource, entry: Mapping[str, Any]) -> None:
        """Notes by what a declared object's own are known."""
        engine = _Engine(resource, globs(entry["by"]), entry.get("labels", {}), bool(entry.get("tracked")))
        name, namespace = (resource.id or "").rpartition("/")[2], namespace_of(resource.id)
        if engine.tracked:
            for called in argocd.application_names(resource):
                if "*" in called:
                    self.patterns.append((called, engine))
                else:
                    self.applications[called] = engine
            return
        words = {"name": name, "namespace": namespace}
        marks = tuple((key, words[word]) for key, word in sorted(engine.labels.items()))
        self.sets.add(tuple(key for key, _ in marks))
        self.labelled[resource.scope, marks] = engine

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        live = finding.live
        if finding.kind != "unmanaged" or live is None or live.provider != "kubernetes":
            return finding
        engine = self._of(live)
        if engine is None:
            return finding
        return None if made_by(live, engine.by) else finding

    def _of(self, live: Resource) -> _Engine | None:
        """The declared engine object whose marks an object bears."""
        for keys in self.sets:
            marks = tuple((key, label(live, key) or annotation(live, key)) for key in keys)
            for scope in (live.scope, ""):
                found = self.labelled.get((scope, marks))
                if found is not None:
                    return found
        if not self.applications and not self.patterns:
            return None
        tracked = argocd.tracked_by(live)
        if tracked is None:
            return None
        found = self.applications.get(tracked)
        if found is None:
            found = next((one for glob, one in self.patterns if argocd.is_called(tracked, glob)), None)
        return found if found is not None and found.resource.scope in ("", live.scope) else None


def made_by(live: Resource, by: Globs) -> bool:
    """Whether one of some managers made an object, and nobody but controllers wrote to it since."""
    made = maker(owners_of(live.attributes))
    return made is not None and by.match(made.manager) is not None and not changed_by(live)


def changed_by(live: Resource) -> list[str]:
    """Who else than deployers and controllers wrote more than metadata or status into an object."""
    owners = owners_of(live.attributes)
    return list(dict.fromkeys(one.manager for one in owners if _strange(owners)(one)))


@cache
def controllers_of(kind: str) -> Globs:
    """The managers that make objects for a deployer's object of a kind (group/Kind)."""
    said = [name for entry in _said()["engines"].get(kind, ()) for name in entry["by"]]
    return globs(said or deployers())


def _strange(owners: list[Owner]) -> Callable[[Owner], bool]:
    """Whether somebody else than a deployer and controllers wrote more than metadata or status into it."""

    def strange(owner: Owner) -> bool:
        if is_person(owner):
            return True
        if owner.subresource or role(owner, owners) != "unknown":
            return False
        return any(name not in ("f:metadata", "f:status") for name in owner.fields)

    return strange


@dataclass(frozen=True, slots=True)
class Injected:
    """A certificate authority in place of the declared one, where Git asks that one is put in."""

    note: Note = Note("injected certificate authorities", "it asks for the certificate authority", quiet=True)

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        declared = finding.declared
        if finding.kind != "changed" or finding.live is None or declared is None:
            return finding
        if not any(one.path.endswith("/caBundle") for one in finding.changes):
            return finding
        if not any(_asks(declared, word) for word in unsaid.injection()):
            return finding
        return _without(
            finding,
            lambda one: (
                one.path.endswith("/caBundle") and one.live is not MISSING and not _by_hand(finding, one.path)
            ),
        )


def _asks(declared: Resource, word: str) -> bool:
    name, _, value = word.partition("=")
    said = annotation(declared, name)
    return bool(said) and value in ("", said)
