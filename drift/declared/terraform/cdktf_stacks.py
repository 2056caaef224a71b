"""Reads the stacks that CDK for Terraform synthesised, each with its state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift import backends
from drift.backend import DEFAULT
from drift.declared import remote
from drift.declared.terraform.alone import Alone, states
from drift.declared.terraform.beside import intent
from drift.declared.terraform.cdktf_files import MANIFEST, Stack, output, stacks
from drift.declared.terraform.configuration.backend import Kept, kept
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.several import Several, others
from drift.declared.terraform.state import declared
from drift.errors import DeclaredError
from drift.model import Problem
from drift.source import Declaration, Loader, Location

NAME = "cdktf"


def load(location: Location, loader: Loader, stack: str | None) -> Declaration:
    """As :meth:`drift.source.Source.load`; ``stack`` is the one that is wanted, else all."""
    out = output(location.path) if location.path.is_dir() else location.path.parent
    shown = location.display if location.path.is_dir() else Path(location.display).parent.as_posix()
    if out != location.path and location.path.is_dir():
        shown = f"{shown}/{out.relative_to(location.path).as_posix()}"
    found = [one for one in stacks(out, f"{shown}/{MANIFEST}") if stack in (None, one.name)]
    if not found:
        what = f"there is no stack {stack}" if stack else "it names no stack"
        raise DeclaredError(f"{shown}/{MANIFEST}: {what}; run `cdktf synth`")
    work = _Reading(location, loader, out, shown)
    with ThreadPoolExecutor(backends.AT_ONCE, "declared") as pool:
        parts = list(pool.map(work.stack, found))
    rest = others(location, loader, work.claimed) if location.path.is_dir() else ()
    return Several(NAME, location, [*parts, *rest], work.problems)


class _Reading:
    """Reads the stacks of one entry. ``claimed`` are the local files in which they keep their states."""

    def __init__(self, location: Location, loader: Loader, out: Path, display: str) -> None:
        self.location, self.loader, self.out, self.display = location, loader, out, display
        self.problems: list[Problem] = []
        self.claimed: set[Path] = set()

    def stack(self, one: Stack) -> Declaration:
        """What a stack declares."""
        shown = f"{self.display}/{one.folder.relative_to(self.out).as_posix()}"
        folders = Folders(one.folder, shown, self.location.root)
        workspace = str(self.location.option(remote.OPTION.name) or DEFAULT)
        alone = intent(self.location, folders, {}, self.loader, workspace, one.name)
        said = self._here(kept(alone.tree))
        told = states(one.folder, shown, folders.name, self.loader, said, workspace)
        self.claimed.update(place.file.resolve() for place in told.places)
        if told.places:
            try:
                configuration = Configuration(one.folder, shown, self.location.root)
                found = {place.file: configuration for place in told.places}
                return declared(
                    NAME, self.location, self.loader, told.places, found, told.problems,
                    told.notes, one.name,
                )  # fmt: skip
            except DeclaredError as error:
                told.problems.append(Problem(NAME, str(error), unread=True))
        return Alone(NAME, self.location, self.loader, alone, told.problems, told.notes)

    def _here(self, said: Kept) -> Kept:
        """A local state lies in the project, wherever that lay on the machine where it was synthesised."""
        path: Any = said.config.get("path")
        if said.type != "local" or not isinstance(path, str) or (self.out / path).is_file():
            return said
        here = self.out.resolve().parent / Path(path).name
        return replace(said, config={**said.config, "path": str(here)})
