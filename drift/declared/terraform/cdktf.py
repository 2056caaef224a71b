"""What CDK for Terraform synthesised as a declared entry: each stack of ``cdktf.out`` is a root module in
JSON.

Source: https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/project-setup and the manifest that
``cdktf synth`` writes (hashicorp/terraform-cdk, packages/cdktf/lib/manifest.ts).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift import backends
from drift.backend import DEFAULT
from drift.declared import remote
from drift.declared.terraform.beside import FILES, VARIABLES, intent
from drift.declared.terraform.cdktf_files import MANIFEST, Stack, is_project, output, stacks
from drift.declared.terraform.configuration.backend import Kept, kept
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.root import Alone, states
from drift.declared.terraform.several import Several, others
from drift.declared.terraform.state import declared
from drift.errors import DeclaredError
from drift.model import Problem
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location, Option

STACK = Option("stack", "Which stack of CDK for Terraform, or of CloudFormation; default: all of the former.")


class CdkForTerraform(BaseSource):
    """A folder ``cdktf.out``, its manifest, or the project's folder with it."""

    name = "cdktf"
    adds = True
    options = (VARIABLES, FILES, remote.OPTION, STACK)

    def recognises(self, path: Path, head: bytes) -> bool:
        return (
            is_project(path) if path.is_dir() else path.name == MANIFEST and b"synthesizedStackPath" in head
        )

    def hint(self, path: Path) -> Hint:
        return Hint(whole=path.is_dir(), covers=True, distant=True)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses each stack and reads its state. Raises DeclaredError where nothing was synthesised, or there
        is no stack that the entry names."""
        out = output(location.path) if location.path.is_dir() else location.path.parent
        shown = location.display if location.path.is_dir() else Path(location.display).parent.as_posix()
        if out != location.path and location.path.is_dir():
            shown = f"{shown}/{out.relative_to(location.path).as_posix()}"
        wanted = location.option(STACK.name)
        found = [one for one in stacks(out, f"{shown}/{MANIFEST}") if wanted in (None, one.name)]
        if not found:
            what = f"there is no stack {wanted}" if wanted else "it names no stack"
            raise DeclaredError(f"{shown}/{MANIFEST}: {what}; run `cdktf synth`")
        work = _Reading(location, loader, out, shown)
        with ThreadPoolExecutor(backends.AT_ONCE, "declared") as pool:
            parts = list(pool.map(work.stack, found))
        rest = others(location, loader, work.claimed) if location.path.is_dir() else ()
        return Several(self.name, location, [*parts, *rest], work.problems)


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
                    CdkForTerraform.name, self.location, self.loader, told.places, found, told.problems,
                    told.notes, one.name,
                )  # fmt: skip
            except DeclaredError as error:
                told.problems.append(Problem(CdkForTerraform.name, str(error), unread=True))
        return Alone(CdkForTerraform.name, self.location, self.loader, alone, told.problems, told.notes)

    def _here(self, said: Kept) -> Kept:
        """A local state lies in the project, wherever that lay on the machine where it was synthesised."""
        path: Any = said.config.get("path")
        if said.type != "local" or not isinstance(path, str) or (self.out / path).is_file():
            return said
        here = self.out.resolve().parent / Path(path).name
        return replace(said, config={**said.config, "path": str(here)})
