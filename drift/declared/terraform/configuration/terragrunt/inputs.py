"""The inputs of a Terragrunt unit: what is given to its module's variables, with the place where each is
written and what can't be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.declared.terraform.configuration.expressions import (
    Call,
    Expression,
    Literal,
    Object,
    Scope,
    value_of,
)
from drift.declared.terraform.configuration.model import Place
from drift.declared.terraform.configuration.variables import Given
from drift.model import Unresolved


@dataclass
class Inputs:
    """``given`` by name; ``rest``: why there may be more, of which nothing is known."""

    given: dict[str, Given] = field(default_factory=dict)
    rest: Unresolved | None = None

    @classmethod
    def of(cls, expression: Expression, place: Place, scope: Scope) -> Inputs:
        """What an ``inputs`` expression says. The arguments of `merge` are taken one by one, so that one that
        can't be known hides only what it may override."""
        if isinstance(expression, Call) and expression.function == "merge" and not expression.spread:
            made = cls()
            for argument in expression.arguments:
                made = made.under(cls.of(argument, place, scope))
            return made
        if isinstance(expression, Object):
            return cls._object(expression, place, scope)
        value = value_of(expression, scope)
        if value is None:
            return cls()
        if not isinstance(value, Mapping):
            return cls(rest=value if isinstance(value, Unresolved) else Unresolved("its inputs are no map"))
        return cls({name: Given(one, place, as_text=True) for name, one in value.items()})

    @classmethod
    def _object(cls, said: Object, place: Place, scope: Scope) -> Inputs:
        made = cls()
        lines = said.lines or (place.line,) * len(said.items)
        for (key, value), line in zip(said.items, lines, strict=True):
            name = value_of(key, scope)
            if not isinstance(name, str):
                made.rest = (
                    name if isinstance(name, Unresolved) else Unresolved("the name of an input is no text")
                )
                continue
            literal = isinstance(value, Literal)
            at = Place(place.file, line)
            made.given[name] = Given(value.value if literal else value_of(value, scope), at, as_text=True)  # type: ignore[attr-defined]
        return made

    def under(self, other: Inputs, *, deep: bool = False) -> Inputs:
        """With ``other`` laid over these."""
        if other.rest is not None:
            return Inputs(dict(other.given), other.rest)
        given = dict(self.given)
        for name, one in other.given.items():
            below = given.get(name)
            if deep and below is not None:
                one = one._replace(value=_deep(below.value, one.value))
            given[name] = one
        return Inputs(given, self.rest)

    def value(self) -> dict[str, Any] | Unresolved:
        """As a plain value."""
        return self.rest or {name: one.value for name, one in self.given.items()}


def _deep(below: Any, above: Any) -> Any:
    """Maps are laid over each other, lists follow each other.

    Source: https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#include (merge_strategy deep).
    """
    if isinstance(below, Unresolved) or isinstance(above, Unresolved):
        return next(one for one in (below, above) if isinstance(one, Unresolved))
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {
            **below,
            **{name: _deep(below[name], one) if name in below else one for name, one in above.items()},
        }
    if isinstance(below, list) and isinstance(above, list):
        return [*below, *above]
    return above
