"""JMESPath conditions of rules, with functions that it lacks: ``world(range)``, whether addresses are the
whole internet's, and ``lower(text)``."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError, JMESPathTypeError

#: The longest prefix of a range that counts as the whole internet: the two halves of it do, as does 2000::/3,
#: which holds all public IPv6 addresses (RFC 4291, 2.4); the largest range of one owner doesn't (10.0.0.0/8).
_WORLD = {4: 7, 6: 7}


class _Functions(functions.Functions):
    @functions.signature({"types": []})
    def _func_world(self, value: Any) -> bool:
        return world(value)

    @functions.signature({"types": []})
    def _func_lower(self, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value


class _Lenient(_Functions):
    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """What a function gives; null where it does not fit the values, so that one part of a condition that
        speaks of what is not there leaves the others their word."""
        try:
            return super().call_function(function_name, resolved_args)
        except (JMESPathTypeError, TypeError):
            return None


class _Extended(_Lenient):
    """With more functions, of any values."""

    def __init__(self, more: Mapping[str, Callable[..., Any]]) -> None:
        self._more = more

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        more = self._more.get(function_name)
        return super().call_function(function_name, resolved_args) if more is None else more(*resolved_args)


_STRICT = jmespath.Options(custom_functions=_Functions())
_LENIENT = jmespath.Options(custom_functions=_Lenient())


def world(value: Any) -> bool:
    """Whether a text is a range of public addresses so wide that it stands for the whole internet, or a list
    has one.

    >>> world("0.0.0.0/0"), world(["10.0.0.0/8", "128.0.0.0/1"]), world("fd00::/8")
    (True, True, False)
    """
    if isinstance(value, list):
        return any(map(world, value))
    return isinstance(value, str) and _wide(value)


@lru_cache(maxsize=4096)
def _wide(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    own = network.is_private or network.is_multicast or network.is_reserved or network.is_link_local
    return network.prefixlen == 0 or (network.prefixlen <= _WORLD[network.version] and not own)


def check(condition: str, more: Collection[str] = ()) -> None:
    """Raises ValueError where a condition is no JMESPath or calls a function that there is not; ``more`` are
    names of such that there are."""
    try:
        parsed = jmespath.compile(condition).parsed
    except JMESPathError as error:
        raise ValueError(f"no JMESPath: {' '.join(str(error).split())}") from error
    for name in _called(parsed):
        if name not in _Functions.FUNCTION_TABLE and name not in more:
            raise ValueError(f"no JMESPath: there is no function {name}()")


def _called(node: Any) -> list[str]:
    own = [node["value"]] if node["type"] == "function_expression" else []
    return [*own, *(name for child in node["children"] if isinstance(child, dict) for name in _called(child))]


@lru_cache(maxsize=4096)
def _compiled(condition: str) -> Any:
    """A condition, parsed: the library itself remembers fewer than there are in the rules."""
    return jmespath.compile(condition)


def holds(condition: str, told: Any, *, strict: bool = False) -> bool:
    """Whether a condition is true of a document. A function that does not fit the values gives null; a
    ``strict`` condition, which hides what it is true of, does not hold then.

    >>> holds("!contains(name, 'x')", {"name": None}), holds("!contains(name, 'x')", {}, strict=True)
    (True, False)
    """
    try:
        return bool(_compiled(condition).search(told, options=_STRICT if strict else _LENIENT))
    except (JMESPathError, TypeError):
        return False


def value(expression: str, told: Any, more: Mapping[str, Callable[..., Any]]) -> Any:
    """What an expression gives of a document; null where it can't. ``more`` are functions that it may call
    besides."""
    try:
        return _compiled(expression).search(told, options=jmespath.Options(custom_functions=_Extended(more)))
    except (JMESPathError, TypeError):
        return None
