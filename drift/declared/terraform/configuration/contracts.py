"""What the parts of an evaluated configuration ask of each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from drift.declared.terraform.configuration.expressions import Budget
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.known import Known
from drift.declared.terraform.configuration.model import Place, Written
from drift.declared.terraform.configuration.module import Module
from drift.declared.terraform.configuration.values import Remote
from drift.declared.terraform.configuration.variables import Variables


class Where(Protocol):
    """A module in which an expression stands."""

    def place_of(self, kind: str, name: str) -> tuple[Written, Where] | Place | None:
        """Where a variable (``var``) or local gets its value: an expression and the module that it stands in,
        or a place outside of all modules."""
        ...


class Whole(Protocol):
    """The configuration that a module belongs to."""

    folders: Folders
    variables: Variables
    known: Known
    workspace: str
    budget: Budget

    remote: Remote | None

    @property
    def alike(self) -> Callable[[str], Mapping[str, str]]:
        """Gives the attributes of a type that are always what an argument says."""
        ...

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Every function that is evaluated, by name."""
        ...

    def called(self, names: list[str], call: Any, parent: Module, source: str | None) -> Module | None:
        """The module that a block in ``parent`` calls, ``names`` from the root module down, whose ``source``
        is that (None: not known); None where it is not read, which is told."""
        ...
