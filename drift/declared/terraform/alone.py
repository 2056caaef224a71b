"""The states of a configuration, and what it declares of which no state is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drift import backends
from drift.declared.terraform.configuration.backend import POINTER, Kept, completed, local_state
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.configuration.model import Declared
from drift.declared.terraform.state import Place
from drift.declared.terraform.undone import Undone
from drift.declared.terraform.written import Known
from drift.errors import DriftError
from drift.finding import Unverifiable
from drift.model import Problem, Resource
from drift.source import BaseDeclaration, LiveView, Loader, Location


@dataclass(slots=True)
class Found:
    """Where the states of a configuration lie now, what of them could not be read, and what to say where
    there is none."""

    places: list[Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def states(
    root: Path,
    display: str,
    name: Callable[[Path], str],
    loader: Loader,
    said: Kept,
    workspace: str,
) -> Found:
    """The states of a configuration that is applied in the folder ``root``, known to people as ``display``;
    ``name`` names files."""
    where = str(said.place) if said.place else display
    said, left = completed(said, root)
    notes = []
    if left:
        what = f"what the backend block leaves open ({', '.join(left)})"
        notes.append(f"{where}: {what} is as `terraform init` left it in {display}/{POINTER.as_posix()}")
    if said.type == "local":
        file = local_state(root, said, workspace)
        if file.is_file():
            return Found([Place(file, name(file), workspace)], notes=notes)
        why = f"{where}: there is no state {file.name} of it; only what identifies itself is compared"
        return Found(notes=[*notes, why])
    if said.unknown:
        names = ", ".join(sorted(said.unknown))
        why = f"{where}: the backend {said.type} does not say {names}; declare the state by its URL, with "
        return Found(
            problems=[Problem("declared", f"{why}`configuration: {display}`", unread=True)], notes=notes
        )
    try:
        told = backends.open(
            said.type,
            said.config,
            workspace=workspace,
            settings=loader.settings,
            allowed=loader.allowed,
            deadline=loader.deadline,
        )
    except DriftError as error:
        return Found(problems=[Problem("declared", f"{where}: {error}", unread=True)])
    return Found(
        [Place(one.path, one.display, one.workspace) for one in told if isinstance(one, backends.State)],
        [one for one in told if isinstance(one, Problem)],
        notes,
    )


@dataclass(slots=True)
class Alone(BaseDeclaration):
    """A configuration of which no state is known: what is declared has no identity but its own names."""

    source: str
    location: Location
    _loader: Loader
    _intent: Intent
    _problems: Sequence[Problem]
    _notes: Sequence[str] = field(default_factory=list)

    @property
    def notes(self) -> Sequence[str]:
        return [*self._notes, *self._intent.notes()]

    def types(self) -> frozenset[tuple[str, str]]:
        told = self._undone()
        return frozenset((one.provider, one.type) for one in told if isinstance(one, Resource))

    def resources(self, live: LiveView) -> Iterable[Resource | Unverifiable | Problem]:
        yield from self._problems
        yield from self._undone()

    def secrets(self) -> Iterator[str]:
        yield from self._intent.secrets()

    def _configured(self) -> Iterator[Intent]:
        """The configuration."""
        yield self._intent

    def _stated(self) -> Iterator[tuple[Known, Declared]]:
        """Every instance that it declares."""
        yield from self._work().stated()

    def _versions(self) -> Iterator[str]:
        """There is no state."""
        yield from ()

    def _undone(self) -> Iterable[Resource | Unverifiable | Problem]:
        return self._work().resources()

    def _work(self) -> Undone:
        return Undone(self._intent, self.location, self._loader, {}, pending=False)
