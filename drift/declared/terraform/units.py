"""The units of a Terragrunt entry with their states: what each declares, and the outputs that others ask it
for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from drift import backends
from drift.backend import DEFAULT
from drift.declared import remote
from drift.declared.terraform.alone import Alone, Found, states
from drift.declared.terraform.beside import surroundings
from drift.declared.terraform.configuration.backend import Kept
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.configuration.known import Known
from drift.declared.terraform.configuration.once import Once
from drift.declared.terraform.configuration.surroundings import Surroundings
from drift.declared.terraform.configuration.syntax import Broken
from drift.declared.terraform.configuration.terragrunt import files
from drift.declared.terraform.configuration.terragrunt.config import Config, World
from drift.declared.terraform.configuration.terragrunt.sources import Sources
from drift.declared.terraform.configuration.terragrunt.unit import Unit
from drift.declared.terraform.configuration.values import Failure, Namespace
from drift.declared.terraform.content import State, parse
from drift.declared.terraform.encryption import Keys
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.remote_state import RemoteStates
from drift.declared.terraform.sensitive import output_secrets
from drift.declared.terraform.stacks import Left, Stacks
from drift.declared.terraform.states import States
from drift.errors import DeclaredError
from drift.model import Problem, Unresolved
from drift.source import Declaration, Loader, Location

_SOURCE = "terragrunt"


@dataclass(eq=False)
class Units:
    """``problems`` is what of the units is not read, ``claimed`` the local files in which they keep their
    states."""

    location: Location
    loader: Loader
    world: World
    sources: Sources
    said: Mapping[str, Any]
    named: Sequence[Path]
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    claimed: set[Path] = field(default_factory=set)
    _units: dict[Path, Unit] = field(default_factory=dict)
    _others: dict[Path, Unit | Unresolved] = field(default_factory=dict)
    _states: dict[Path, list[State]] = field(default_factory=dict)
    _values: dict[Path, Mapping[str, Any] | None] = field(default_factory=dict)
    _once: Once = field(default_factory=Once)

    def add(self, folder: Path) -> None:
        """A folder with a unit in it."""
        found = self._unit(folder)
        if isinstance(found, Unresolved):
            self.problems.append(Problem(_SOURCE, found.reason, unread=True))
            return
        if found.skipped is not None:
            self.notes.append(f"{found.display}: not read: its `{found.skipped}` has Terragrunt leave it out")
        elif found.module is not None:
            self._units[folder.resolve()] = found

    def add_stacks(self, makers: Iterable[Path]) -> None:
        """The units of files that say which there are to be: as Terragrunt made them, else as it would."""
        stacks = self._stacks
        told = {maker: list(stacks.units(maker)) for maker in makers}
        for maker, ones in told.items():
            if self.is_pattern(maker):
                continue
            for one in ones:
                if isinstance(one, Left):
                    why = f"{one.where}: not read: {one.reason}"
                    self.problems.append(Problem(_SOURCE, why, unread=True))
                    continue
                if files.unit_file(one.folder) is None:
                    self.world.copies[one.folder] = one.source
                    self._values[one.folder] = one.values
                self.add(one.folder)

    def is_pattern(self, file: Path) -> bool:
        """Whether a file is what a stack copies and gives values to, and nothing without them."""
        return file.parent.resolve() in self._stacks.copied and files.needs_values(file)

    @cached_property
    def _around(self) -> Surroundings:
        return surroundings(self.location, self.loader)

    @cached_property
    def _stacks(self) -> Stacks:
        return Stacks(self.world, self.sources)

    def _unit(self, folder: Path) -> Unit | Unresolved:
        file = files.unit_file(self.world.real(folder))
        if file is None:
            return Unresolved(f"{self.world.name(folder)}: there is no {files.UNIT}")
        name = self.world.name(file)
        try:
            body = files.parse(file, name)
        except Broken as error:
            where = f"{name}:{error.line}" if error.line else name
            return Unresolved(f"{where}: {error}")
        except DeclaredError as error:
            return Unresolved(str(error))
        folder = folder.resolve()
        values = self._values.get(folder)
        copied = self.world.real(folder) != folder
        at = folder / file.name if copied else file.resolve()
        config = Config(self.world, at, folder, folder, body, values=values)
        return Unit(config, self.sources, self.said, self.named)

    # States

    def declared(self) -> list[Declaration]:
        """What each unit declares. Reads all states, several at a time."""
        wanted = dict(self._units)
        for unit in self._units.values():
            for folder in unit.depends_on():
                if folder not in wanted and folder not in self._others:
                    other = self._unit(folder)
                    self._others[folder] = other
                    if isinstance(other, Unit):
                        wanted[folder] = other
        kept = {folder: unit.kept() for folder, unit in wanted.items()}
        with ThreadPoolExecutor(backends.AT_ONCE, "declared") as pool:
            found = dict(
                zip(wanted, pool.map(lambda one: self._found(wanted[one], kept[one]), wanted), strict=True)
            )
        for folder, told in found.items():
            self._keep(folder, told)
        return [self._declaration(folder, unit, found[folder]) for folder, unit in self._units.items()]

    def _found(self, unit: Unit, kept: Kept | Unresolved) -> Found:
        if isinstance(kept, Unresolved):
            why = f"{unit.display}: where its state is kept can't be told: {kept.reason}"
            return Found(problems=[Problem(_SOURCE, why, unread=True)])
        workspace = str(self.location.option(remote.OPTION.name) or DEFAULT)
        return states(unit.folder, unit.display, self.world.name, self.loader, kept, workspace)

    def _keep(self, folder: Path, found: Found) -> None:
        own = self._states.setdefault(folder, [])
        taken = {
            state.display for folder_, all_ in self._states.items() if folder_ != folder for state in all_
        }
        for place in list(found.places):
            self.claimed.add(place.file)
            try:
                if place.display in taken:
                    raise DeclaredError(f"{place.display}: another unit keeps its state there, too")
                content = parse(place.file, place.display, self._keys(folder).open, self.loader.room)
                own.append(State(place.display, content, place.file))
            except DeclaredError as error:
                found.problems.append(Problem(_SOURCE, str(error), unread=True))

    def _keys(self, folder: Path) -> Keys:
        """What opens the states of a unit, as far as its configuration alone tells."""
        unit = self._units.get(folder) or self._others.get(folder)
        return Keys(lambda: unit.tree(Known()) if isinstance(unit, Unit) else None)

    def _declaration(self, folder: Path, unit: Unit, found: Found) -> Declaration:
        mine = self._states[folder]
        contents: dict[Path, Mapping[str, Any]] = {one.file: one.content for one in mine}
        intents: dict[Path, Intent] = {}
        others = RemoteStates(self.loader, folder, self.world.top)
        for file, content in (contents or {folder: {}}).items():
            known = Known(content.get("resources") or ())
            tree = unit.tree(known, others.outputs, self._around)
            if tree is not None:
                tree.again = partial(unit.earlier, known=known, remote=others.outputs, around=self._around)
                known.told.update(self._secrets(unit))
                intents[file] = Intent(tree, unit.display)
        problems = list(found.problems)
        if not intents:
            faults = unit.config.faults
            problems += [Problem(_SOURCE, f"{one.what}: {one.reason}", unread=True) for one in faults]
        if folder in intents:
            return Alone(_SOURCE, self.location, self.loader, intents[folder], problems, found.notes)
        module = unit.module
        read = {file: _configuration(module) for file in intents if isinstance(module, Folders)}
        return States(_SOURCE, self.location, self.loader, mine, problems, read, intents, found.notes)

    # Outputs

    def outputs(self, folder: Path) -> Any:
        """What a unit gives to others: from its state, else what its configuration alone tells."""
        return Namespace(lambda name: self._output(folder, name), lambda: self._outputs(folder))

    def _output(self, folder: Path, name: str) -> Any:
        for state in self._states.get(folder, ()):
            said = state.content.get("outputs")
            one = said.get(name) if isinstance(said, Mapping) else None
            if isinstance(one, Mapping) and "value" in one:
                return one["value"]
        where = self.world.name(folder)
        if self._states.get(folder):
            return Unresolved(f"the state of {where} has no output {name}")
        unit = self._units.get(folder) or self._others.get(folder)
        if not isinstance(unit, Unit):
            return unit or Unresolved(f"there is no unit {where}")
        try:
            tree = self._once.get("outputs of", where, lambda: unit.tree(Known(), around=self._around))
            if tree is not None:
                return tree.root.output(name)
        except Failure as error:
            return Unresolved(str(error))
        return Unresolved(f"the state of {where} is not read, so its output {name} is not known")

    def _outputs(self, folder: Path) -> Any:
        for state in self._states.get(folder, ()):
            said = state.content.get("outputs")
            if isinstance(said, Mapping):
                return {name: one.get("value") for name, one in said.items() if isinstance(one, Mapping)}
        return Unresolved(f"the state of {self.world.name(folder)} is not read")

    def _secrets(self, unit: Unit) -> Iterator[str]:
        for folder in unit.depends_on():
            for state in self._states.get(folder, ()):
                yield from output_secrets(state.content)

    def outside(self) -> Iterator[Mapping[str, Any]]:
        """The states of units that others depend on, and that the entry does not declare."""
        for folder in self._others:
            for state in self._states.get(folder, ()):
                yield state.content


def _configuration(module: Folders) -> Configuration:
    return Configuration(module.root, module.display, module.top)
