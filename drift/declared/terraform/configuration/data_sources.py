"""What data sources answer without asking anybody: it follows from their arguments, and from where they are
asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.declared.terraform.configuration import local_data, origin
from drift.declared.terraform.configuration.blocks import Evaluation
from drift.declared.terraform.configuration.contracts import Inside
from drift.declared.terraform.configuration.expressions import Scope
from drift.declared.terraform.configuration.model import Block
from drift.declared.terraform.configuration.provider_blocks import placed
from drift.dialect import Question


def answers(module: Inside, block: Block, scope: Scope) -> Mapping[str, Any]:
    """The attributes that are known of one instance of a data source."""
    type_ = block.labels[0]
    dialect = module.tree.surroundings.dialect(type_)
    local = local_data.ANSWERS.get(type_)
    if dialect is None and local is None:
        return {}
    said = Evaluation(module, scope).settings(block.body, block.place, top=True).plain()
    if local is not None:
        return _made(lambda: local(said, module.tree.functions))
    assert dialect is not None
    written = block.body.attributes.get("provider")
    named = origin.named(written.expression, scope) if written is not None else None
    place = placed(module, type_, named, dialect)
    return _made(lambda: dialect.answer(Question(type_, said, place.scope, place.region, place.settings)))


def _made(answer: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return answer()
    except Exception:  # noqa: BLE001 - of what is asked in an odd way nothing is known
        return {}
