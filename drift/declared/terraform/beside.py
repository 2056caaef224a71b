"""Finds the Terraform configuration of a state: the folder that the entry names, else the one that the state
lies in.

Of a workspace's local state (``terraform.tfstate.d/NAME/terraform.tfstate``) that is the folder of all
workspaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from drift import reading
from drift.declared.terraform.configuration.folders import Folders, files
from drift.declared.terraform.configuration.surroundings import Surroundings
from drift.declared.terraform.encryption import Keys
from drift.declared.terraform.hcl import Unread
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.options import FILES, OPTION, VARIABLES
from drift.declared.terraform.survey import Owners
from drift.errors import DeclaredError
from drift.source import Loader, Location

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.intent import Intent
    from drift.declared.terraform.configuration.tree import Tree
    from drift.declared.terraform.configuration.variables import Variables

_WORKSPACES = "terraform.tfstate.d"


def configurations(location: Location, states: Sequence[Path]) -> Mapping[Path, Configuration]:
    """The configuration of each state that has one. Raises DeclaredError where the folder named is not there.

    A folder that is named and holds no configuration is told by what is not read.
    """
    said = location.option(OPTION.name)
    if said is None:
        return {
            file: Configuration(folder, _named(location, file, folder), location.root)
            for file in states
            if any(files(folder := _beside(file)))
        }
    folder = reading.place(said, location.base or Path())
    if not folder.is_dir():
        raise DeclaredError(
            f"{location.display}: {OPTION.name}: there is no folder {said} (looked for {folder})"
        )
    top = location.root if location.root is not None and folder.is_relative_to(location.root) else None
    found = Configuration(folder, said, top)
    if not found.files:
        found.unread.append(Unread(said, f"no .tf or .tf.json file in {said}, so no rule of it is applied"))
    return dict.fromkeys(states, found)


def keys(location: Location, one: Configuration | None, loader: Loader) -> Keys:
    """What opens the encrypted states of a configuration."""

    def tree() -> Tree | None:
        if one is None or not one.files:
            return None
        return intent(location, Folders(one.root, one.display, one.top), {}, loader).tree

    return Keys(tree)


def intents(
    location: Location,
    found: Mapping[Path, Configuration],
    states: Mapping[Path, Mapping[str, Any]],
    loader: Loader,
    workspaces: Mapping[Path, str] = MappingProxyType({}),
    unit: str = "",
) -> dict[Path, Intent]:
    """What the configuration of each state says, where there is one with files. A configuration that only
    lies beside a state and declares nothing of it is another one's. Raises DeclaredError where a file of
    variables that is named is not there."""
    made: dict[Path, Intent] = {}
    for file, one in found.items():
        if not one.files:
            continue
        folders, state = Folders(one.root, one.display, one.top), states.get(file, {})
        said = intent(location, folders, state, loader, workspaces.get(file) or _workspace(file), unit)
        if location.option(OPTION.name) is not None or file in workspaces or said.declares_any(state):
            made[file] = said
    return made


def intent(
    location: Location,
    folders: Folders,
    state: Mapping[str, Any],
    loader: Loader,
    workspace: str = "default",
    unit: str = "",
) -> Intent:
    """Of one root module, with what its state knows; ``unit`` tells it from others of the entry."""
    from drift.declared.terraform.configuration import variables
    from drift.declared.terraform.configuration.intent import Intent
    from drift.declared.terraform.configuration.known import Known
    from drift.declared.terraform.configuration.tree import Tree
    from drift.declared.terraform.remote_state import RemoteStates

    others = RemoteStates(loader, folders.root, folders.top, Keys(lambda: made.tree))
    said = location.options.get(VARIABLES.name)
    given, named = said if isinstance(said, Mapping) else {}, named_files(location)

    def values(past: Mapping[Path, str] = MappingProxyType({})) -> Variables:
        return variables.load([folders.root], given, named, folders.name, past=past)

    known = Known(state.get("resources") or ())
    tree = Tree(folders, values(), known, workspace, others.outputs, surroundings(location, loader), values)
    made = Intent(tree, unit)
    return made


def surroundings(location: Location, loader: Loader) -> Surroundings:
    """What is told of an entry's configurations besides their files."""
    owners = Owners(loader.providers)
    return Surroundings(owners.dialect, location.option("scope"), location.option("region"))


def named_files(location: Location) -> list[Path]:
    """The files of variables that the entry names. Raises DeclaredError for one that is not there."""
    return [_named_file(location, str(one)) for one in _listed(location.options.get(FILES.name))]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _named_file(location: Location, said: str) -> Path:
    file = reading.place(said, location.base or Path())
    if not file.is_file():
        raise DeclaredError(f"{location.display}: {FILES.name}: there is no file {said} (looked for {file})")
    if location.root is not None and location.url is not None and not file.is_relative_to(location.root):
        raise DeclaredError(f"{location.display}: {FILES.name}: {said} leads out of the repository")
    return file


def _workspace(file: Path) -> str:
    return file.parent.name if file.parent.parent.name == _WORKSPACES else "default"


def _beside(file: Path) -> Path:
    """The folder in which Terraform ran when it wrote a local state."""
    folder = file.parent
    if folder.parent.name == _WORKSPACES and not any(files(folder)):
        return folder.parent.parent
    return folder


def _named(location: Location, file: Path, folder: Path) -> str:
    """How to name the folder of a state file's configuration to people."""
    shown = Path(location.inside(file)).parent
    if folder == file.parent:
        return shown.as_posix()
    if len(shown.parts) > 1:
        return shown.parent.parent.as_posix()
    return folder.name
