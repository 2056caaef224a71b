"""One expression in a file, with the module that it stands in and what is bound there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.declared.terraform.configuration.expressions import value_of
from drift.declared.terraform.configuration.instance import ModuleInstance
from drift.declared.terraform.configuration.variables import constant
from drift.declared.terraform.editing.document import Document
from drift.editor import Place
from drift.model import Unresolved


@dataclass(frozen=True, slots=True)
class Bound:
    """What ``each`` or the name of a ``dynamic`` block stands for: one member, by its key, of what an
    expression gives."""

    over: Spot
    key: Any


@dataclass(frozen=True, slots=True)
class Spot:
    """``module`` is None in a file of variables. ``names`` are what is bound by ``count``, ``for_each`` and
    ``dynamic``, ``bound`` where it comes from; ``words`` are those of the block at the top of the file."""

    document: Document
    node: Any
    module: ModuleInstance | None
    words: tuple[str, ...] = ()
    names: Mapping[str, Any] = field(default_factory=dict)
    bound: Mapping[str, Bound] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return self.document.place(self.node)

    def at(self, node: Any) -> Spot:
        """Another expression of the same block."""
        return replace(self, node=node)

    def value(self) -> Any:
        """What it evaluates to; Unresolved where that is not known."""
        if self.module is None:
            return constant(self.document.expression(self.node))
        scope = self.module.scope(self.names)
        return value_of(self.document.expression(self.node), scope)

    def known(self) -> bool:
        return not isinstance(self.value(), Unresolved)
