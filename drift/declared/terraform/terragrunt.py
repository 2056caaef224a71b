"""Terragrunt's units as a declared entry: a folder with units at any depth below it, as ``run --all`` takes
them, or one of them."""

from __future__ import annotations

from pathlib import Path

from drift.declared import remote
from drift.declared.terraform import proposing
from drift.declared.terraform.configuration.terragrunt import files
from drift.declared.terraform.options import ENVIRONMENT, FILES, SOURCES, VARIABLES
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location


class Terragrunt(BaseSource):
    """A ``terragrunt.hcl``, or a folder with such files at or below it."""

    name = "terragrunt"
    adds = True
    options = (VARIABLES, FILES, ENVIRONMENT, SOURCES, remote.OPTION)

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return (
                next(files.below(path), None) is not None or next(files.makers_below(path), None) is not None
            )
        return path.name in (*files.UNITS, *files.RENDERED, files.MAKER)

    def hint(self, path: Path) -> Hint:
        return proposing.of_units(path) if path.is_dir() else Hint()

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses the units and reads their states. Raises DeclaredError where a file of variables that is
        named is not there."""
        from drift.declared.terraform.run_all import load

        return load(location, loader)
