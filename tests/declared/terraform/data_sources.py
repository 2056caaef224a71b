"""A configuration alone, as an entry of one account and region has it."""

from __future__ import annotations

from pathlib import Path

from drift import plugins
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.instance import ModuleInstance
from drift.declared.terraform.configuration.surroundings import Surroundings
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.variables import Variables
from drift.declared.terraform.survey import Owners
from tests.rules.support import write


def root(
    folder: Path,
    text: str,
    scope: str | None = "111111111111",
    region: str | None = "eu-west-1",
    **files: str,
) -> ModuleInstance:
    """The root module with that text; ``files`` are others, by their names with ``__`` for ``/``."""
    write(folder, {"main.tf": text, **{f"{name.replace('__', '/')}.tf": one for name, one in files.items()}})
    around = Surroundings(Owners(plugins.providers()).dialect, scope, region)
    return Tree(Folders(folder, "infra"), Variables(), surroundings=around).root
