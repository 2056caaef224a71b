"""Terraform state (version 4): what was applied, as a declared entry.

State is a record of what was last seen, not of intent. Every instance of a managed resource is handed to its
provider's :class:`drift.dialect.TerraformDialect`; account and region that a resource does not tell are lent
by siblings with the same provider configuration, then by the entry's own ``scope`` and ``region``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drift.declared import remote
from drift.declared.terraform import content, proposing
from drift.declared.terraform.beside import configurations, intents, keys
from drift.declared.terraform.cdktf_files import is_project as is_cdktf
from drift.declared.terraform.configuration.terragrunt.files import below as units_below
from drift.declared.terraform.content import State
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.options import OPTIONS
from drift.declared.terraform.states import States
from drift.errors import DeclaredError
from drift.listing import beginning, files_below
from drift.model import Problem
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location

ENDING = ".tfstate"


class TerraformState(BaseSource):
    """A ``.tfstate`` file, or a folder with state files anywhere below it (backups left out)."""

    name = "terraform-state"
    options = (*OPTIONS, remote.OPTION)

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(state_files(path)) and next(units_below(path), None) is None and not is_cdktf(path)
        return path.name.endswith(ENDING) or content.is_state(head) or content.is_other(head)

    def hint(self, path: Path) -> Hint:
        files = [path] if path.is_file() else state_files(path)
        return proposing.of_states(files, whole=False)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses every state. Raises DeclaredError where not one is (no JSON, another version, …); of others
        beside it such a file is a problem."""
        places = [location.path] if location.path.is_file() else list(state_files(location.path))
        states, problems = list[State](), list[Problem]()

        def opening(file: Path) -> content.Opening:
            return lambda *held: keys(location, configurations(location, [file]).get(file), loader).open(
                *held
            )

        for file in places:
            display = location.inside(file)
            try:
                said = content.parse(file, display, opening(file), loader.room)
                states.append(State(display, said, file))
            except DeclaredError as error:
                problems.append(Problem(self.name, str(error), unread=True))
        if problems and not states:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise DeclaredError(problems[0].message + more)
        found = configurations(location, [state.file for state in states])
        return _beside(self.name, location, loader, states, found, problems)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the state of a workspace lies, and how to name it to people."""

    file: Path
    display: str
    workspace: str | None = None


def declared(
    source: str,
    location: Location,
    loader: Loader,
    places: Sequence[Place],
    found: Mapping[Path, Configuration],
    problems: list[Problem],
    notes: Sequence[str] = (),
    unit: str = "",
) -> Declaration:
    """What states declare beside the configurations that are ``found``, as those of ``unit``. Raises
    DeclaredError for one that is none."""
    states = [
        State(
            one.display,
            content.parse(
                one.file, one.display, keys(location, found.get(one.file), loader).open, loader.room
            ),
            one.file,
        )
        for one in places
    ]
    workspaces = {one.file: one.workspace for one in places if one.workspace is not None}
    return _beside(source, location, loader, states, found, problems, workspaces, notes, unit)


def _beside(
    source: str,
    location: Location,
    loader: Loader,
    states: list[State],
    found: Mapping[Path, Configuration],
    problems: list[Problem],
    workspaces: Mapping[Path, str] | None = None,
    notes: Sequence[str] = (),
    unit: str = "",
) -> Declaration:
    contents = {state.file: state.content for state in states}
    said = intents(location, found, contents, loader, workspaces or {}, unit)
    return States(source, location, loader, states, problems, found, said, notes)


def state_files(folder: Path) -> Iterator[Path]:
    """The state files of a folder: those that are called so, and those without an ending or with the one of
    JSON that begin as one (a backend takes any name)."""
    for file in files_below(folder, ("",)):
        if file.name.endswith(ENDING) or (
            file.suffix.lower() in ("", ".json") and content.is_state(beginning(file))
        ):
            yield file
