"""Finds the Terraform configuration of a state: the folder that the entry names, else the one that the state
lies in.

Of a workspace's local state (``terraform.tfstate.d/NAME/terraform.tfstate``) that is the folder of all
workspaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from drift import reading
from drift.declared.terraform.hcl import Unread, files
from drift.declared.terraform.hcl_modules import Configuration
from drift.errors import DeclaredError
from drift.source import Location, Option

OPTION = Option(
    "configuration",
    "The folder of the Terraform files behind a state, for lifecycle.ignore_changes; like `path`. Default: "
    "the state's own folder.",
    ("path",),
)
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
