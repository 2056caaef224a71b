"""The expressions of AWS type facts: JMESPath with a few functions, compiled once, plain names looked up
directly."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathTypeError

from providers.aws import closures, fitting

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")

Expression = Callable[[Any], Any]


class _Functions(functions.Functions):
    """What JMESPath lacks for turning one service's spelling into CloudFormation's. All of them pass null
    on, and so do those that it has."""

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """What a function gives; null where it takes no null and is given one: ``join`` of parts of which one
        is not known, ``contains`` in what is not there."""
        try:
            return super().call_function(function_name, resolved_args)
        except (JMESPathTypeError, TypeError):
            if any(one is None or (isinstance(one, list) and None in one) for one in resolved_args):
                return None
            raise

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_tail(self, text: str | None, separator: str) -> str | None:
        """tail('a:b:c', ':') → 'c'"""
        return None if text is None else text.rsplit(separator, 1)[-1]

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_split(self, text: str | None, separator: str) -> list[str] | None:
        """split('a:b', ':') → ['a', 'b']"""
        return None if text is None else text.split(separator)

    @functions.signature({"types": ["object", "null"]})
    def _func_tags(self, tags: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
        """tags({a: 'b'}) → [{Key: 'a', Value: 'b'}]"""
        return None if tags is None else [{"Key": key, "Value": value} for key, value in tags.items()]

    @functions.signature({"types": ["array", "null"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_object(self, pairs: list[Any] | None, key: str, value: str) -> dict[str, Any] | None:
        """object([{Name: 'a', Value: 'b'}], 'Name', 'Value') → {a: 'b'}"""
        return (
            None
            if pairs is None
            else {pair[key]: pair.get(value) for pair in pairs if pair.get(key) is not None}
        )

    @functions.signature({"types": ["object", "null"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_pairs(self, mapping: Mapping[str, Any] | None, key: str, value: str) -> list[Any] | None:
        """pairs({a: 'b'}, 'Name', 'Value') → [{Name: 'a', Value: 'b'}]"""
        return None if mapping is None else [{key: k, value: v} for k, v in mapping.items()]

    @functions.signature({"types": []})
    def _func_parse(self, text: Any) -> Any:
        """parse('{"a": 1}') → {a: 1}; URL-encoded JSON too; what is no JSON stays as it is."""
        if not isinstance(text, str):
            return text
        try:
            return json.loads(unquote(text) if text.startswith("%") else text)
        except ValueError:
            return text

    @functions.signature({"types": ["string", "null"]})
    def _func_b64(self, text: str | None) -> str | None:
        return None if text is None else base64.b64encode(text.encode()).decode()

    @functions.signature({"types": ["string", "null"]})
    def _func_lower(self, text: str | None) -> str | None:
        return None if text is None else text.lower()

    @functions.signature({"types": ["string", "null"]})
    def _func_upper(self, text: str | None) -> str | None:
        return None if text is None else text.upper()

    @functions.signature({"types": []})
    def _func_nonzero(self, value: Any) -> Any:
        """null for what Terraform writes where nothing was said: '', 0, false, [], {}."""
        return value or None

    @functions.signature({"types": ["array", "null"]})
    def _func_nonempty(self, values: list[Any] | None) -> list[Any] | None:
        return values or None

    @functions.signature({"types": []}, {"types": []}, {"types": []})
    def _func_when(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """when(a, b, c): b where a is true (not null, false, empty), else c."""
        return then if condition else otherwise

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_replace(self, text: str | None, old: str, new: str) -> str | None:
        return None if text is None else text.replace(old, new)

    @functions.signature({"types": []}, {"types": ["string"]})
    def _func_fit(self, value: Any, place: str) -> Any:
        """fit({rateLimit: 1}, 'AWS::A::B/Throttle') → {RateLimit: 1}: as the schema spells it."""
        return None if value is None else fitting.live(value, place)

    @functions.signature({"types": []}, {"types": ["string"]})
    def _func_said(self, value: Any, place: str) -> Any:
        """said([{rate_limit: 1, x: ''}], 'AWS::A::B/Throttle') → {RateLimit: 1}: a block of Terraform's."""
        return None if value in (None, [], {}) else fitting.said(value, place)

    @functions.signature({"types": ["array", "null"]}, {"types": ["string"]})
    def _func_spread(self, items: list[Any] | None, member: str) -> list[Any] | None:
        """spread([{id: 1, m: {GET: 2}}], 'm') → [{id: 1, m: …, key: 'GET', value: 2}]: one of each member."""
        if items is None:
            return None
        return [
            {**item, "key": key, "value": value}
            for item in items
            for key, value in (item.get(member) or {}).items()
        ]

    @functions.signature({"types": ["array", "null"]})
    def _func_concat(self, lists: list[Any] | None) -> list[Any] | None:
        """concat([[1], null, [2]]) → [1, 2]"""
        return None if lists is None else [item for items in lists if items for item in items]


_FUNCTIONS = _Functions()


@cache
def compile(text: str) -> Expression:  # noqa: A001
    """A function that evaluates the expression on a document. Raises ValueError when it is no valid
    JMESPath."""
    if _NAME.fullmatch(text):
        names = tuple(text.split("."))
        if len(names) == 1:
            name = names[0]
            return lambda document: (
                document.get(name) if type(document) is dict or isinstance(document, Mapping) else None
            )
        return lambda document: _walk(document, names)
    return closures.function(jmespath.compile(text), _FUNCTIONS)


def _walk(document: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        if type(document) is not dict and not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document


def fill(template: Any, document: Mapping[str, Any]) -> Any:
    """A call's parameters: strings that begin with ``=`` are expressions on the document, the rest is
    literal."""
    if isinstance(template, str):
        return compile(template[1:])(document) if template.startswith("=") else template
    if isinstance(template, Mapping):
        return {key: fill(value, document) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, document) for value in template]
    return template


#: What holds nothing that could be null.
_PLAIN = frozenset({str, int, float, bool})


def prune(value: Any) -> Any:
    """The value without nulls, at any depth: null is absence in every CloudFormation shape."""
    if isinstance(value, dict):
        return {
            key: item if type(item) in _PLAIN else prune(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [item if type(item) in _PLAIN else prune(item) for item in value if item is not None]
    return value
