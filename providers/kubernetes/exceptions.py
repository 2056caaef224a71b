"""What Argo CD's and Flux's rules have in common: parts of some objects that are left out of the comparison.

What a rule names is taken out of both sides, as these tools do, and the rest is compared again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import orjson

from drift.facts import NOTHING, PathFacts
from drift.finding import Finding
from drift.model import Resource
from drift.pointer import get, join, split, step
from drift.rule import Again, Note
from providers.kubernetes import jq_process
from providers.kubernetes.facts import facts_of
from providers.kubernetes.ownership import Owner, holds, owners_of

Path = tuple[Any, ...]
#: The paths that a rule takes out of one object.
Finder = Callable[[Any], Iterable[Path]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Leaves out what ``find`` finds in the objects that ``selects`` selects."""

    said: Note
    selects: Callable[[Finding], bool]
    find: Finder

    @property
    def note(self) -> Note:
        """With why it can't be used, also where that was seen only when it was."""
        failed = getattr(self.find, "failed", "")
        return replace(self.said, unusable=failed) if failed else self.said

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        declared, live = finding.declared, finding.live
        if finding.kind != "changed" or declared is None or live is None or not self.selects(finding):
            return finding
        want, have = self._without(declared), self._without(live)
        if want is declared and have is live:
            return finding
        # None may come by leaving out: each was there before, as itself, as a part or as the whole.
        before = {one.path for one in finding.changes}
        around = {above for path in before for above in _above(path)}
        changes = tuple(
            one
            for one in again(want, have)
            if one.path in around or any(above in before for above in _above(one.path))
        )
        if not changes:
            return None
        return (
            finding
            if changes == finding.changes
            else replace(finding, declared=want, live=have, changes=changes)
        )

    def _without(self, resource: Resource) -> Resource:
        paths = list(self.find(resource.attributes))
        if not paths:
            return resource
        attributes = {} if () in paths else deepcopy(resource.attributes)
        for path in sorted(paths, key=_last_first, reverse=True):
            _remove(attributes, path)
        return resource.but(attributes=attributes)


@dataclass(frozen=True, slots=True)
class Managers:
    """Leaves out the fields that trusted field managers own in the live object."""

    note: Note
    selects: Callable[[Finding], bool]
    managers: frozenset[str]

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        if finding.kind != "changed" or finding.live is None or not self.selects(finding):
            return finding
        owners = [one for one in owners_of(finding.live.attributes) if one.manager in self.managers]
        if not owners:
            return finding
        known = facts_of(finding.live.type)
        facts = NOTHING if known is None else known.root
        left = tuple(
            one
            for one in finding.changes
            if not any(_owns(owner, one.path, one.live, facts) for owner in owners)
        )
        if not left:
            return None
        return finding if len(left) == len(finding.changes) else replace(finding, changes=left)


@dataclass(frozen=True, slots=True)
class Whole:
    """Leaves out whole findings of one kind."""

    note: Note
    kind: str
    selects: Callable[[Finding], bool]

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        return None if finding.kind == self.kind and self.selects(finding) else finding


def pointers(said: Iterable[str]) -> Finder:
    """Finds JSON Pointers (RFC 6901); the empty one is the whole object."""
    taken = [split(pointer) for pointer in said]

    def find(document: Any) -> Iterable[Path]:
        return [path for parts in taken if (path := _resolved(document, parts)) is not None]

    return find


def jq(said: Sequence[str]) -> tuple[Finder, str]:
    """Finds what jq path expressions name; and why they can't be used, empty where they can."""
    try:
        import jq as _  # noqa: F401
    except ImportError:
        return (lambda _: ()), "the Python package jq is not installed; it comes with driftline[kubernetes]"
    try:
        return _Jq(said), ""
    except (ValueError, jq_process.Broken) as error:
        return (lambda _: ()), f"no jq expression: {' '.join(str(error).split())}"
    except TimeoutError as error:
        return (lambda _: ()), f"the jq expression is not used: {error}"


class _Jq:
    """Finds what jq path expressions name: simple ones here, others in a process that can be ended. Raises
    ValueError, Broken, TimeoutError for what can't be compiled. ``failed`` says why they are used no more."""

    def __init__(self, said: Sequence[str]) -> None:
        self.failed = ""
        plain = [one for one in said if jq_process.simple(one)]
        others = [one for one in said if one not in plain]
        self._programs = jq_process.programs(plain)
        self._evaluator = jq_process.Evaluator(others) if others else None
        if self._evaluator is not None:
            self._evaluator.check()

    def __call__(self, document: Any) -> Iterable[Path]:
        if self.failed:
            return []
        text = orjson.dumps(document, default=str).decode()
        paths = jq_process.found(self._programs, text)
        if self._evaluator is not None:
            try:
                paths += self._evaluator.paths(text)
            except TimeoutError as error:
                self.failed = f"the jq expression is not used: {error}"
                return []
        return [tuple(path) for path in paths]


def annotation(resource: Resource | None, name: str) -> str:
    """What an object's annotation says; empty where it has none."""
    return _said(resource, "annotations", name)


def label(resource: Resource | None, name: str) -> str:
    """What an object's label says; empty where it has none."""
    return _said(resource, "labels", name)


def texts(value: Any) -> list[str]:
    """The texts of a list that a manifest may hold."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def member(value: Any, *names: str) -> Any:
    """What stands below names in a manifest; None where nothing does."""
    return get(value, names)


def _said(resource: Resource | None, place: str, name: str) -> str:
    value = member(resource.attributes, "metadata", place, name) if resource is not None else None
    return value if isinstance(value, str) else ""


def _resolved(document: Any, parts: Sequence[str]) -> Path | None:
    found: list[Any] = []
    for part in parts:
        if isinstance(document, dict) and part in document:
            found.append(part)
            document = document[part]
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            found.append(int(part))
            document = document[int(part)]
        else:
            return None
    return tuple(found)


def _remove(document: Any, path: Path) -> None:
    document = get(document, path[:-1])
    if not path or step(document, path[-1]) is None:
        return
    del document[path[-1]]


def _last_first(path: Path) -> list[tuple[int, str]]:
    """An order in which a list's later members come after its earlier ones."""
    return [(part, "") if isinstance(part, int) else (-1, str(part)) for part in path]


def _above(path: str) -> Iterator[str]:
    """A JSON Pointer and those above it."""
    yield path
    while path:
        path = path.rpartition("/")[0]
        yield path


def _owns(owner: Owner, path: str, value: Any, facts: PathFacts) -> bool:
    if isinstance(value, dict) and value:
        return all(_owns(owner, join(path, key), item, facts) for key, item in value.items())
    return holds(owner, path, facts)
