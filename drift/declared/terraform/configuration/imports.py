"""The ``import`` blocks of a root module: which resource of the cloud a declared instance is to become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drift.declared.terraform.configuration.expressions import (
    Expression,
    Literal,
    Member,
    Name,
    Scope,
    pairs,
    value_of,
)
from drift.declared.terraform.configuration.model import Block, suffix
from drift.declared.terraform.configuration.repetition import MOST
from drift.declared.terraform.configuration.tree import Tree
from drift.declared.terraform.configuration.values import Failure, text_of


@dataclass(frozen=True, slots=True)
class Imported:
    """What identifies it, as a state would hold that: its import id as ``id``, or the members of
    ``identity``."""

    attributes: Mapping[str, Any]


def imports(tree: Tree) -> dict[str, Imported]:
    """By the address of the instance. What can't be known of a block is left out: then the instance is one
    that was never applied."""
    found: dict[str, Imported] = {}
    for block in tree.root.module.imports:
        to = block.body.attributes.get("to")
        for scope in _scopes(tree, block):
            address = None if to is None else _address(to.expression, scope)
            said = _said(block, scope)
            if address is not None and said:
                found[address] = Imported(said)
    return found


def _scopes(tree: Tree, block: Block) -> Iterator[Scope]:
    said = block.body.attributes.get("for_each")
    if said is None:
        yield tree.root.scope()
        return
    try:
        members = list(pairs(value_of(said.expression, tree.root.scope())))
    except Failure:
        return
    for key, value in members[:MOST]:
        yield tree.root.scope({"each": {"key": key, "value": value}})


def _said(block: Block, scope: Scope) -> dict[str, Any]:
    written = block.body.attributes.get("id")
    value = None if written is None else value_of(written.expression, scope)
    if isinstance(value, str) and value:
        return {"id": value}
    written = block.body.attributes.get("identity")
    value = None if written is None else value_of(written.expression, scope)
    members = value.items() if isinstance(value, Mapping) else ()
    return {name: one for name, one in members if isinstance(one, str | int)}


def _address(expression: Expression, scope: Scope) -> str | None:
    """A reference as an address, its keys evaluated; None where that can't be told."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, Name):
        return expression.name
    if not isinstance(expression, Member):
        return None
    base, key = _address(expression.base, scope), value_of(expression.key, scope)
    if base is None or not isinstance(key, str | int):
        return None
    return f"{base}{suffix(key)}" if expression.indexed else f"{base}.{text_of(key)}"
