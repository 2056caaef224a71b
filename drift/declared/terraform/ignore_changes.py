"""Terraform's ``lifecycle.ignore_changes`` as ignore rules: for exactly the resources and paths that the
block controls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from drift.declared.terraform.hcl import Said, Unread
from drift.declared.terraform.hcl_reach import (
    Reach,
    form,
    keys,
    outside,
    reach,
    without,
)
from drift.declared.terraform.instances import Contexts, Index, Translated
from drift.finding import Change, Finding
from drift.kinds.text import canonical_text
from drift.model import MISSING, Resource
from drift.pointer import get, join, split, within
from drift.provider import Provider
from drift.rule import Again, Note, Rule
from drift.values import leaves, plain


@dataclass
class Controlled:
    """What Terraform controls by one declared entry, as far as the rules need it. ``contexts`` is what was
    learnt live, by provider."""

    contexts: Contexts = lambda _: {}
    tool: str = "Terraform"
    option: str = "ignore_changes"
    partial: list[Translated] = field(default_factory=list)
    by_type: dict[str, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    blocks: dict[tuple[Said, str], list[Translated]] = field(default_factory=dict)

    def add(self, instance: Translated, ignored: tuple[str, Said] | None) -> None:
        """Takes in one instance, and what its block ignores."""
        self.by_type[instance.foreign.type].append(instance.foreign.attributes)
        if any(one.partial for one in instance.resources):
            self.partial.append(instance)
        if ignored is not None:
            block, said = ignored
            self.blocks.setdefault((said, block), []).append(instance)

    def rules(self, unread: Iterable[Unread]) -> Iterator[Rule]:
        """One rule for each ``ignore_changes`` that speaks of an instance; what could not be read, as
        unusable ones."""
        lines = Counter((said.file, said.line) for said, _ in self.blocks)
        for (said, block), instances in self.blocks.items():
            where = f"{said.file}:{said.line}" if said.line else said.file
            if lines[said.file, said.line] > 1 or not said.line:  # JSON on one line
                where += f" {block}"
            reason = f"{self.tool} ignores changes of {block}: {self.option} = {said.text}"
            yield IgnoreChanges(said, Note(where, reason, said.file, said.line, quiet=True), instances, self)
            for text in said.strange:
                message = f"{text} is no attribute that can be followed; it is not ignored"
                yield Unusable(Note(f"{where} {text}", reason, said.file, said.line, unusable=message))
        for one in unread:
            reason = "Terraform's lifecycle.ignore_changes"
            yield Unusable(
                Note(f"{one.what} ignore_changes", reason, one.file, one.line, unusable=one.reason)
            )

    def samples(self, type_: str) -> list[Mapping[str, Any]]:
        """The attributes of all instances of a Terraform type."""
        return self.by_type.get(type_, [])

    def parts(self, finding: Finding) -> list[tuple[Translated, int]]:
        """The declarations that speak of only some paths of a finding's resource."""
        return self._parts.find(finding)

    def canonical(self, resource: Resource, provider: Provider) -> Any:
        return form(resource, provider, self.contexts(provider.name))

    @cached_property
    def _parts(self) -> Index:
        return Index(self.partial, self.contexts, parts=True)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A rule that could not be read: it hides nothing, and is told."""

    note: Note

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        return finding


@dataclass(eq=False)
class IgnoreChanges:
    """One ``ignore_changes``. A resource that is gone as a whole stays missing."""

    said: Said
    note: Note
    instances: list[Translated]
    controlled: Controlled
    _reached: dict[int, list[Reach]] = field(default_factory=dict)

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        if finding.kind == "unmanaged":
            return None if self._added(finding) else finding
        found = self._index.find(finding)
        if not found:
            return finding
        reached = [self._reach(one)[number] for one, number in found]
        if finding.kind == "missing":
            return None if all(one.gone for one in reached) else finding
        whole = self.said.paths is None and any(not one.resources[number].partial for one, number in found)
        others = self._others(finding, found)
        left: list[Change] = []
        there = _Live(finding, self.controlled, found[0][0].provider)
        for change in finding.changes:
            if whole and not _touches(change.path, others):
                continue
            gone = self.said.paths is None and change.live is MISSING and _is_member(change.path, found)
            rest = change if whole or gone else _left(change, reached, there, others)
            if rest is not None:
                left.append(rest)
        if not left:
            return None
        same = len(left) == len(finding.changes) and all(map(_is, left, finding.changes))
        return finding if same else replace(finding, changes=tuple(left))

    @cached_property
    def _index(self) -> Index:
        return Index(self.instances, self.controlled.contexts)

    def _reach(self, instance: Translated) -> list[Reach]:
        """What is ignored in each resource of an instance."""
        known = self._reached.get(id(instance))
        if known is None:
            said = self.said.paths
            if said is None:
                said = tuple((name,) for name in instance.foreign.attributes)
            known = reach(
                instance.foreign.attributes,
                instance.resources,
                said,
                self.controlled.samples(instance.foreign.type),
                lambda attributes: _translated(instance, attributes),
                lambda resource: self.controlled.canonical(resource, instance.provider),
            )
            if self.said.paths is None:
                known = [
                    Reach(one.paths, sets=one.sets) for one in known
                ]  # `all` does not speak of being there
            self._reached[id(instance)] = known
        return known

    def _others(self, finding: Finding, own: Sequence[tuple[Translated, int]]) -> set[str]:
        """The paths that other Terraform resources declare of the finding's; members that only they declare
        as wholes."""
        found: set[str] = set()
        addresses = {one.foreign.address for one, _ in own}
        ours = [self.controlled.canonical(one.resources[number], one.provider) for one, number in own]
        for one, number in self.controlled.parts(finding):
            part = one.resources[number]
            if one.foreign.address in addresses:
                continue
            value = self.controlled.canonical(part, one.provider)
            for name, item in value.items() if isinstance(value, dict) else ():
                shares = any(path.split("/")[0] == name for path in part.shared)
                found.update(leaves(item, join("", name)) if shares else [join("", name)])
            for path in part.shared:
                known = {key for each in ours for key in keys(each, path)}
                found.update(join(f"/{path}", key) for key in keys(value, path) if key not in known)
        return found

    def _added(self, finding: Finding) -> bool:
        """Whether a live resource is a declared one but for what is ignored (another member of an IAM
        binding)."""
        live = finding.live
        if live is None or not self._members:
            return False
        provider = self.instances[0].provider
        if live.provider != provider.name:
            return False
        type_ = provider.hooks.type_key(live.type)
        theirs: Any = None
        for (known, paths), forms in self._members.items():
            if known == type_:
                theirs = self.controlled.canonical(live, provider) if theirs is None else theirs
                text = canonical_text(without(theirs, paths))
                if text is not None and {(live.scope, text), ("", text)} & forms:
                    return True
        return False

    @cached_property
    def _members(self) -> dict[tuple[str, frozenset[str]], set[tuple[str, str | None]]]:
        """What is declared of resources that exist by what is ignored, without that: by type and ignored
        paths."""
        found: dict[tuple[str, frozenset[str]], set[tuple[str, str | None]]] = defaultdict(set)
        some = [one for one in self.instances if one.resources]
        if not any(told.gone for one in some[:3] for told in self._reach(one)):
            return found  # a block is of one Terraform type
        for one in some:
            for resource, told in zip(one.resources, self._reach(one), strict=True):
                if told.gone and told.paths:
                    type_ = one.provider.hooks.type_key(resource.type)
                    ours = self.controlled.canonical(resource, one.provider)
                    text = canonical_text(without(ours, told.paths))
                    found[type_, frozenset(told.paths)].add((resource.scope, text))
        return found


def _translated(instance: Translated, attributes: Mapping[str, Any]) -> Sequence[Resource] | None:
    dialect = instance.provider.terraform
    assert dialect is not None
    return dialect.translate(replace(instance.foreign, attributes=attributes))


@dataclass
class _Live:
    """The live side of a finding, for what changes don't tell: the members of a list that a declaration only
    adds to."""

    finding: Finding
    controlled: Controlled
    provider: Provider

    def members(self, path: str) -> list[Any]:
        """The members of a set of the live resource."""
        value = get(self._attributes, split(path))
        return value if isinstance(value, list) else []

    @cached_property
    def _attributes(self) -> Any:
        live = self.finding.live
        return None if live is None else plain(self.controlled.canonical(live, self.provider))


def _left(change: Change, reached: Iterable[Reach], live: _Live, others: Iterable[str]) -> Change | None:
    """What is left of a change; None where nothing is. ``others`` are paths that other resources declare."""
    for told in reached:
        kept = any(within(change.path, path) for path in (*told.kept, *others))
        if not kept and any(within(change.path, path) for path in told.paths):
            return None
        for each in told.sets:
            if change.path == each.path:
                rest = outside(change, each, live.members)
                if rest is None:
                    return None
                change = rest
        side = "live" if change.declared is MISSING else "declared" if change.live is MISSING else None
        value = None if side is None else getattr(change, side)
        inner = [] if kept else [path[len(change.path) :] for path in told.paths if within(path, change.path)]
        if side is not None and isinstance(value, dict) and inner:
            less = _pruned(without(value, inner))
            if less is MISSING:
                return None
            if less != plain(value):
                change = replace(change, **{side: less})
    return change


def _pruned(value: Any) -> Any:
    """A value without the objects that are empty now; MISSING where nothing is left."""
    if not isinstance(value, dict):
        return value
    left = {key: rest for key, item in value.items() if (rest := _pruned(item)) is not MISSING}
    return left or MISSING


def _is_member(path: str, found: Iterable[tuple[Translated, int]]) -> bool:
    """Whether a path is a member of a list that several declarations add to, and so a Terraform resource by
    itself."""
    above = path.rpartition("/")[0].removeprefix("/")
    return any(above in one.resources[number].shared for one, number in found)


def _touches(path: str, others: Iterable[str]) -> bool:
    """Whether a change speaks of a path that another resource declares."""
    return any(within(path, other) or within(other, path) for other in others)


def _is(one: Change, other: Change) -> bool:
    return one is other
