"""Which instances a block has: by ``count``, ``for_each``, and OpenTofu's ``enabled``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.declared.terraform.configuration.expressions import Scope, pairs, value_of
from drift.declared.terraform.configuration.model import Block
from drift.declared.terraform.configuration.values import (
    Failure,
    Namespace,
    SetOf,
    kind_of,
    number_of,
    text_of,
    unknown,
)
from drift.model import Unresolved

Key = str | int | None
#: More instances of one block are a mistake.
MOST = 100_000


def expanded(block: Block, scope: Scope) -> Mapping[Key, Any] | Unresolved:
    """The keys of a block's instances with their values; Unresolved where they can't be told. Raises
    Failure for what is no count and no collection."""
    said = block.body.attributes
    if "count" in said:
        count = value_of(said["count"].expression, scope)
        if isinstance(count, Unresolved):
            return count
        number = int(number_of(count))
        return Unresolved(f"count is {number:,}") if number > MOST else dict.fromkeys(range(number))
    if "for_each" in said:
        over = said["for_each"].expression.evaluate(scope)
        over = over.whole() if isinstance(over, Namespace) else over
        if isinstance(over, Unresolved):
            return over
        if over == []:  # the other side of a condition, whose type Terraform makes of both
            return {}
        if not isinstance(over, (dict, SetOf)):
            raise Failure(f"for_each of {kind_of(over)}")
        if isinstance(over, SetOf) and unknown(over) is not None:
            return unknown(over) or Unresolved("for_each")
        return Unresolved(f"for_each has {len(over):,} members") if len(over) > MOST else dict(pairs(over))
    return _enabled(block, scope)


def _enabled(block: Block, scope: Scope) -> Mapping[Key, Any] | Unresolved:
    """The one instance of a block, which ``lifecycle { enabled = … }`` may turn off.

    Source: https://opentofu.org/docs/language/meta-arguments/enabled
    """
    for inner in block.body.blocks:
        written = inner.body.attributes.get("enabled") if inner.type == "lifecycle" else None
        said = True if written is None else value_of(written.expression, scope)
        if isinstance(said, Unresolved):
            return said
        if text_of(said) != "true":
            return {}
    return {None: None}


def bound(key: Key, value: Any, *, counted: bool) -> dict[str, Any]:
    """The names that an instance's key binds."""
    if key is None:
        return {}
    if counted:
        return {"count": {"index": key}}
    return {"each": {"key": key, "value": value}}


def shaped(each: Mapping[Key, Any], block: Block) -> Any:
    """The instances of a block as expressions see them; one that is turned off is null."""
    if "count" in block.body.attributes:
        return [each[key] for key in sorted(each, key=lambda one: one if isinstance(one, int) else 0)]
    if "for_each" in block.body.attributes:
        return {str(key): value for key, value in each.items()}
    return each.get(None)
