"""What Terraform's expressions give: plain JSON values, sets, what can't be known, and places that are looked
up only when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from drift.model import Unresolved


class Failure(Exception):
    """An expression that has no value; ``try`` and ``can`` catch it."""


class Exhausted(Exception):
    """The configuration asks for more work than any that people write."""


class Outputs(NamedTuple):
    """The outputs of another state, and the texts in them that it calls sensitive."""

    values: Mapping[str, Any]
    sensitive: frozenset[str]


#: Reads the outputs in the state that a backend's type, its configuration and a workspace name.
Remote = Callable[[str, Mapping[str, Any], str | None], "Outputs | Unresolved"]


class SetOf(list[Any]):
    """A Terraform set: its members without repetition, texts in order."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        super().__init__()
        for item in items:
            if item not in self:
                self.append(item)
        if all(isinstance(item, str) for item in self):
            self.sort()


class Namespace:
    """``var``, ``local``, ``module.x`` …: members that are evaluated when they are asked for.

    ``whole`` gives all of it as a plain value.
    """

    __slots__ = ("get", "whole")

    def __init__(self, get: Callable[[str], Any], whole: Callable[[], Any] | None = None) -> None:
        self.get = get
        self.whole = whole or (lambda: Unresolved("it is used as a whole"))


def settled(value: Any) -> Any:
    """The plain value of what is looked up lazily, at any depth."""
    if isinstance(value, Namespace):
        return settled(value.whole())
    if isinstance(value, dict):
        return {key: settled(item) for key, item in value.items()}
    if isinstance(value, SetOf):
        return SetOf(map(settled, value))
    if isinstance(value, list):
        return [settled(item) for item in value]
    return value


def unknown(value: Any) -> Unresolved | None:
    """What at or below a value can't be known."""
    if isinstance(value, Unresolved):
        return value
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list):
        return None
    return next((found for item in value if (found := unknown(item)) is not None), None)


def text_of(value: Any) -> str:
    """A value in a template. Raises Failure where it has no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    raise Failure(f"{kind_of(value)} has no text")


def number_text(value: float) -> str:
    return str(int(value)) if isinstance(value, int) or value.is_integer() else repr(value)


def number_of(value: Any) -> int | float:
    """Raises Failure where a value is no number."""
    if isinstance(value, bool) or value is None:
        raise Failure(f"{kind_of(value)} is no number")
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
        try:
            return whole_number(float(value))
        except ValueError:
            pass
    raise Failure(f"{kind_of(value)} is no number")


def whole_number(value: float) -> int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def bool_of(value: Any) -> bool:
    """Raises Failure where a value is neither true nor false."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Failure(f"{kind_of(value)} is neither true nor false")


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a bool"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, SetOf):
        return "a set"
    return "a list" if isinstance(value, list) else "a map"
