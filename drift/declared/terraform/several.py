"""What an entry of several root modules declares together, each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.declared.terraform.alone import Alone
from drift.declared.terraform.beside import configurations
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.configuration.model import Declared as Instance
from drift.declared.terraform.content import State, parse
from drift.declared.terraform.sensitive import secrets
from drift.declared.terraform.state import state_files
from drift.declared.terraform.states import States
from drift.declared.terraform.written import Known
from drift.errors import DeclaredError
from drift.finding import Finding, Unverifiable
from drift.model import Problem, Resource
from drift.rule import Rule
from drift.source import BaseDeclaration, Declaration, LiveView, Loader, Location


@dataclass(slots=True)
class Several(BaseDeclaration):
    """``outside`` are states that were read for others and that the entry does not declare."""

    source: str
    location: Location
    _parts: Sequence[Declaration]
    _problems: Sequence[Problem] = ()
    _notes: Sequence[str] = ()
    _outside: Callable[[], Iterable[Mapping[str, Any]]] = field(default=lambda: ())

    @property
    def notes(self) -> Sequence[str]:
        return [*self._notes, *(note for one in self._parts for note in one.notes)]

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset().union(*(one.types() for one in self._parts))

    def resources(self, live: LiveView) -> Iterable[Resource | Unverifiable | Problem]:
        told: set[str] = set()  # what several of them include is told once
        for problem in self._problems:
            told.add(problem.message)
            yield problem
        for part in self._parts:
            for one in part.resources(live):
                if isinstance(one, Problem):
                    if one.message in told:
                        continue
                    told.add(one.message)
                yield one

    def beforehand(
        self, live: LiveView, types: frozenset[tuple[str, str]]
    ) -> Iterable[Resource | Unverifiable | Problem]:
        for part in self._parts:
            yield from part.beforehand(live, types)

    def ready(self) -> None:
        for part in self._parts:
            part.ready()

    def versions(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for one in self._parts:
            for type_, version in one.versions().items():
                found[type_] = max(version, found.get(type_, ""))
        return found

    def rules(self) -> Iterator[Rule]:
        for one in self._parts:
            yield from one.rules()

    def written(self, finding: Finding) -> Mapping[str, tuple[str, int]]:
        return next((said for one in self._parts if (said := one.written(finding))), {})

    def _configured(self) -> Iterator[Intent]:
        """The configurations of all of them."""
        for one in self._parts:
            if isinstance(one, States | Alone):
                yield from one._configured()

    def _stated(self) -> Iterator[tuple[Known, Instance]]:
        """Every instance that one of them declares, after the resources were asked for."""
        for one in self._parts:
            if isinstance(one, States | Alone):
                yield from one._stated()

    def _versions(self) -> Iterator[str]:
        """The versions of Terraform that wrote their states."""
        for one in self._parts:
            if isinstance(one, States | Alone):
                yield from one._versions()

    def secrets(self) -> Iterator[str]:
        for one in self._parts:
            yield from one.secrets()
        for content in self._outside():
            yield from secrets(content)


def others(location: Location, loader: Loader, claimed: Set[Path]) -> Iterator[Declaration]:
    """The states in a folder that belong to none of its root modules; ``claimed`` are those that do."""
    states: list[State] = []
    problems: list[Problem] = []
    for file in state_files(location.path):
        if file.resolve() in claimed:
            continue
        display = location.inside(file)
        try:
            states.append(State(display, parse(file, display, room=loader.room), file))
        except DeclaredError as error:
            problems.append(Problem("terraform-state", str(error), unread=True))
    if states or problems:
        beside = configurations(location, [one.file for one in states])
        yield States("terraform-state", location, loader, states, problems, beside, {})
