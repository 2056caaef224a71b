"""Evaluates what stands in a block: its attributes, its nested blocks, and those that ``dynamic`` makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drift.declared.terraform.configuration import origin
from drift.declared.terraform.configuration.contracts import Where
from drift.declared.terraform.configuration.expressions import Scope, pairs, value_of
from drift.declared.terraform.configuration.model import Block, Body, Nested, Place, Setting, Settings
from drift.declared.terraform.configuration.values import Failure
from drift.model import Unresolved

#: Arguments and blocks of every resource that are Terraform's own.
META = frozenset({"count", "for_each", "depends_on", "provider", "providers"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of one instance: the module that it stands in, and what is bound there."""

    module: Where
    scope: Scope

    def settings(self, body: Body, place: Place, *, top: bool = False) -> Settings:
        """``top``: of a resource, whose meta-arguments are left out. What is null is not set."""
        attributes: dict[str, Setting] = {}
        for name, written in body.attributes.items():
            if top and name in META:
                continue
            value = value_of(written.expression, self.scope)
            if value is not None:
                source = origin.source(written, self.module)
                attributes[name] = Setting(value, written.place, source)
        found: dict[str, list[Settings]] = {}
        why: dict[str, Unresolved] = {}
        for block in body.blocks:
            if top and block.type in META_BLOCKS:
                continue
            if block.type == "dynamic" and len(block.labels) == 1:
                self._dynamic(block, found, why)
            else:
                found.setdefault(block.type, []).append(self.settings(block.body, block.place))
        nested = {name: Nested(tuple(found.get(name, ())), why.get(name)) for name in {**found, **why}}
        return Settings(attributes, nested, place)

    def _dynamic(self, block: Block, found: dict[str, list[Settings]], why: dict[str, Unresolved]) -> None:
        name = block.labels[0]
        found.setdefault(name, [])
        content = next((one for one in block.body.blocks if one.type == "content"), None)
        said = block.body.attributes.get("for_each")
        if content is None or said is None:
            why[name] = Unresolved("a dynamic block without for_each or content")
            return
        called = block.body.attributes.get("iterator")
        iterator = (origin.reference(called.expression) or _bare(called.expression)) if called else name
        over: Any = value_of(said.expression, self.scope)
        if over is None:
            return
        if isinstance(over, Unresolved):
            why[name] = over
            return
        try:
            each = list(pairs(over))
        except Failure as error:
            why[name] = Unresolved(str(error))
            return
        self.scope.budget.spend(len(each))
        for key, value in each:
            names = {iterator or name: {"key": key, "value": value}}
            inner = Evaluation(self.module, self.scope.within(names))
            found[name].append(inner.settings(content.body, content.place))


def _bare(expression: Any) -> str | None:
    name = getattr(expression, "name", None)
    return name if isinstance(name, str) else None
