"""Terraform's type constraints of variables: what a value becomes under one, with the defaults of optional
attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drift.declared.terraform.configuration.expressions import (
    Budget,
    Call,
    Expression,
    Name,
    Object,
    Scope,
    Tuple,
    value_of,
)
from drift.declared.terraform.configuration.values import (
    Failure,
    SetOf,
    bool_of,
    kind_of,
    number_of,
    text_of,
)
from drift.model import Unresolved

#: Gives a value its type. Raises Failure where it can't have it.
Convert = Callable[[Any], Any]


def _any(value: Any) -> Any:
    return value


_PRIMITIVES: Mapping[str, Convert] = {"string": text_of, "number": number_of, "bool": bool_of}


def constraint(expression: Expression) -> Convert:
    """Of what a ``type`` argument says; of what is no type, any value passes."""
    if isinstance(expression, Name) and expression.name in _PRIMITIVES:
        return _known(_PRIMITIVES[expression.name])
    if not isinstance(expression, Call) or len(expression.arguments) < 1:
        return _any
    inner = expression.arguments[0]
    kind = expression.function
    if kind in ("list", "set"):
        return _known(_list(constraint(inner), as_set=kind == "set"))
    if kind == "map":
        return _known(_map(constraint(inner)))
    if kind == "tuple" and isinstance(inner, Tuple):
        return _known(_tuple([constraint(one) for one in inner.items]))
    if kind == "object" and isinstance(inner, Object):
        return _known(_object(inner))
    return _any


def _known(convert: Convert) -> Convert:
    def converted(value: Any) -> Any:
        return value if value is None or isinstance(value, Unresolved) else convert(value)

    return converted


def _list(member: Convert, *, as_set: bool) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list):
            raise Failure(f"{kind_of(value)} is no list")
        items = [member(item) for item in value]
        return SetOf(items) if as_set else items

    return convert


def _map(member: Convert) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Failure(f"{kind_of(value)} is no map")
        return {key: member(item) for key, item in value.items()}

    return convert


def _tuple(members: list[Convert]) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(members):
            raise Failure(f"it is no list of {len(members)}")
        return [one(item) for one, item in zip(members, value, strict=True)]

    return convert


def _object(said: Object) -> Convert:
    members: dict[str, tuple[Convert, Any, bool]] = {}
    scope = Scope(_nothing, lambda _: None, Budget())
    for key, value in said.items:
        name = value_of(key, scope)
        if not isinstance(name, str):
            continue
        if isinstance(value, Call) and value.function == "optional" and value.arguments:
            default = value_of(value.arguments[1], scope) if len(value.arguments) > 1 else None
            members[name] = (constraint(value.arguments[0]), default, True)
        else:
            members[name] = (constraint(value), None, False)

    def convert(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Failure(f"{kind_of(value)} is no object")
        made: dict[str, Any] = {}
        for name, (one, default, optional) in members.items():
            if name not in value and not optional:
                raise Failure(f"the object has no {name}")
            given = value.get(name)
            made[name] = one(default if given is None and optional else given)
        return made

    return convert


def _nothing(name: str) -> Any:
    raise Failure(f"{name} is not known here")
