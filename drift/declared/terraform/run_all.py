"""Reads Terragrunt's units with their states, as ``run --all`` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift import reading
from drift.declared import git
from drift.declared.terraform.beside import named_files
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.terragrunt import files
from drift.declared.terraform.configuration.terragrunt.config import World
from drift.declared.terraform.configuration.terragrunt.functions import functions
from drift.declared.terraform.configuration.terragrunt.sources import Sources
from drift.declared.terraform.options import ENVIRONMENT, SOURCES, VARIABLES
from drift.declared.terraform.several import Several, others
from drift.declared.terraform.units import Units
from drift.errors import DeclaredError
from drift.source import Declaration, Loader, Location

NAME = "terragrunt"


def load(location: Location, loader: Loader) -> Declaration:
    """As :meth:`drift.source.Source.load`."""
    top = location.path if location.path.is_dir() else location.path.parent
    display = location.display if location.path.is_dir() else Path(location.display).parent.as_posix()
    world = World(
        _top(location, top),
        Folders(top, display, location.root).name,
        lambda folder: found.outputs(folder),
        functions,
        _texts(location.options.get(ENVIRONMENT.name)),
        location.option("scope"),
    )
    said = location.options.get(VARIABLES.name)
    found = Units(
        location,
        loader,
        world,
        _sources(location, loader, world.top),
        said if isinstance(said, Mapping) else {},
        named_files(location),
    )
    if location.path.is_file() and location.path.name != files.MAKER:
        found.add(top)
    else:
        found.add_stacks(files.makers_below(top))
        for folder in files.below(top):
            if not found.is_pattern(files.unit_file(folder) or folder):
                found.add(folder)
    parts = found.declared()
    claimed = {file.resolve() for file in found.claimed}
    rest = others(location, loader, claimed) if location.path.is_dir() else ()
    return Several(NAME, location, [*parts, *rest], found.problems, found.notes, found.outside)


def _top(location: Location, folder: Path) -> Path:
    """Nothing above this is read."""
    if location.root is not None:
        return location.root
    resolved = folder.resolve()
    base = location.base.resolve() if location.base is not None else resolved
    return base if resolved.is_relative_to(base) else resolved


def _texts(said: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in said.items()} if isinstance(said, Mapping) else {}


def _sources(location: Location, loader: Loader, top: Path) -> Sources:
    mapped: dict[str, Path] = {}
    for address, folder in _texts(location.options.get(SOURCES.name)).items():
        mapped[address] = reading.place(folder, location.base or Path())
        if not mapped[address].is_dir():
            raise DeclaredError(
                f"{location.display}: {SOURCES.name}: there is no folder {folder} for {address}"
            )

    @cache
    def at(repository: Path, ref: str | None) -> Path:
        if ref is None or ref in (location.ref, location.commit):
            return repository
        url = str(repository) if (repository / ".git").exists() else location.url
        if url is None:
            raise DeclaredError("it lies in no Git repository")
        return git.fetch(url, ref, deadline=loader.deadline, signers=loader.signers).root.resolve()

    return Sources(top, location.url, at, mapped)
