"""Follows a value to where it is written: through variables, locals and module calls that only pass it on."""

from __future__ import annotations

from drift.declared.terraform.configuration.contracts import Where
from drift.declared.terraform.configuration.expressions import (
    Expression,
    Literal,
    Member,
    Name,
    Object,
    Scope,
    value_of,
)
from drift.declared.terraform.configuration.model import Place, Written, suffix

_MOST_STEPS = 40


def source(written: Written, module: Where, over: Written | None = None) -> Place:
    """Where the value of an attribute in a module is written. ``over`` is the ``for_each`` that binds
    ``each``."""
    place, expression = written.place, written.expression
    steps: list[str] = []
    for _ in range(_MOST_STEPS):
        chain = _chain(expression)
        if chain is None:
            return place
        kind, name, *rest = chain
        if kind == "each" and name == "value" and over is not None:
            return place
        if kind not in ("var", "local"):
            return place
        found = module.place_of(kind, name)
        if found is None:
            return place
        if isinstance(found, Place):
            return found
        steps = [*rest, *steps]
        (written, module) = found
        place, expression = written.place, written.expression
        while steps and isinstance(expression, Object):
            inner = _item(expression, steps[0])
            if inner is None:
                return place
            expression, line = inner
            place = Place(place.file, line)
            steps = steps[1:]
        if steps:
            expression = _longer(expression, steps)
            steps = []
    return place


def reference(expression: Expression) -> str | None:
    """``aws.west`` of a reference; None of anything else."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    chain = _chain(expression)
    return None if chain is None else ".".join(chain)


def named(expression: Expression, scope: Scope) -> str | None:
    """What names a provider: ``aws``, ``aws.west``, and of one with ``for_each`` ``aws.all["eu-west-1"]``."""
    if not isinstance(expression, Member) or not expression.indexed:
        return reference(expression)
    base, key = reference(expression.base), value_of(expression.key, scope)
    return base if base is None or not isinstance(key, str | int) else f"{base}{suffix(key)}"


def _chain(expression: Expression) -> list[str] | None:
    """The names of ``a.b.c``; None of anything else."""
    names: list[str] = []
    while isinstance(expression, Member):
        if not isinstance(expression.key, Literal) or not isinstance(expression.key.value, str):
            return None
        names.append(expression.key.value)
        expression = expression.base
    if not isinstance(expression, Name):
        return None
    return [expression.name, *reversed(names)] if names else None


def _item(expression: Object, name: str) -> tuple[Expression, int] | None:
    for (key, value), line in zip(expression.items, expression.lines, strict=False):
        if isinstance(key, Literal) and key.value == name:
            return value, line
    return None


def _longer(expression: Expression, steps: list[str]) -> Expression:
    for step in steps:
        expression = Member(expression, Literal(step))
    return expression
