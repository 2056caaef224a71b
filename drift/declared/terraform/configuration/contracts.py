"""What the parts of an evaluated configuration ask of each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from drift.declared.terraform.configuration.expressions import Budget, Scope
from drift.declared.terraform.configuration.folders import Folders
from drift.declared.terraform.configuration.known import Known
from drift.declared.terraform.configuration.model import Block, Place, Written
from drift.declared.terraform.configuration.module import Module
from drift.declared.terraform.configuration.surroundings import Surroundings
from drift.declared.terraform.configuration.values import Remote
from drift.declared.terraform.configuration.variables import Variables
from drift.model import Unresolved


class Where(Protocol):
    """A module in which an expression stands."""

    def place_of(self, kind: str, name: str) -> tuple[Written, Where] | Place | None:
        """Where a variable (``var``) or local gets its value: an expression and the module that it stands in,
        or a place outside of all modules."""
        ...


class Inside(Where, Protocol):
    """An instance of a module. ``call`` is the block that calls it, ``parent`` whose that is, and ``each``
    the names that the call binds."""

    @property
    def tree(self) -> Whole: ...
    @property
    def module(self) -> Module: ...
    @property
    def parent(self) -> Inside | None: ...
    @property
    def call(self) -> Block | None: ...
    @property
    def each(self) -> Mapping[str, Any]: ...

    def scope(self, local: Mapping[str, Any] | None = None) -> Scope:
        """Where its expressions stand."""
        ...

    def inner_scope(self, key: str | int | None, value: Any, *, counted: bool) -> Scope:
        """Where the arguments of one instance stand."""
        ...

    def keys(self, block: Block) -> Mapping[str | int | None, Any] | Unresolved:
        """The keys of a block's instances with their values; Unresolved where they can't be told."""
        ...


class Whole(Protocol):
    """The configuration that a module belongs to."""

    folders: Folders
    variables: Variables
    known: Known
    workspace: str
    budget: Budget

    remote: Remote | None
    surroundings: Surroundings

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Every function that is evaluated, by name."""
        ...

    def called(self, names: list[str], call: Any, parent: Module, source: str | None) -> Module | None:
        """The module that a block in ``parent`` calls, ``names`` from the root module down, whose ``source``
        is that (None: not known); None where it is not read, which is told."""
        ...
