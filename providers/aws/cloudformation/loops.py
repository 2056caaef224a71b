"""Expands ``Fn::ForEach`` (AWS::LanguageExtensions): a loop becomes the members that it makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from drift.lined import Map, Seq
from drift.model import Sensitive, Unresolved
from providers.aws.cloudformation.functions import Unknown, as_text
from providers.aws.cloudformation.template import Template

PREFIX = "Fn::ForEach::"
#: A stack holds 500 resources; loops in loops that make more than this are a mistake or an attack.
_MOST = 20_000

_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


class Expander:
    """``evaluate`` gives the value of a loop's collection (:meth:`.intrinsics.Evaluator.value`)."""

    def __init__(self, evaluate: Callable[[Any], Any]) -> None:
        self._evaluate = evaluate
        self._made = 0

    def expand(self, node: Any) -> Any:
        """The node without loops. A loop that can't be known keeps its key, with an Unresolved as its
        value."""
        if isinstance(node, Map):
            if not _has_loop(node):
                return Map((key, self.expand(value), node.lines.get(key, 0)) for key, value in node.items())
            return self._loops(node)
        if isinstance(node, Seq):
            return Seq((self.expand(item), line) for item, line in zip(node, node.lines, strict=True))
        return node

    def _loops(self, node: Map) -> Map:
        members: list[tuple[str, Any, int]] = []
        for key, value in node.items():
            line = node.lines.get(key, 0)
            if not key.startswith(PREFIX):
                members.append((key, self.expand(value), line))
                continue
            try:
                members.extend(self._loop(value))
            except Unknown as reason:
                members.append((key, Unresolved(f"the loop {key.removeprefix(PREFIX)}: {reason}"), line))
        return Map(members)

    def _loop(self, said: Any) -> list[tuple[str, Any, int]]:
        if not (
            isinstance(said, list)
            and len(said) == 3
            and isinstance(said[0], str)
            and isinstance(said[2], Map)
        ):
            raise Unknown("expected a name, a collection and a mapping of what to make")
        name, _, body = said
        members: list[tuple[str, Any, int]] = []
        for item in self._collection(said[1]):
            self._made += 1
            if self._made > _MOST:
                raise Unknown("makes too many members")
            made = self.expand(_fill(body, name, item))
            members.extend((key, value, made.lines.get(key, 0)) for key, value in made.items())
        return members

    def _collection(self, node: Any) -> list[str]:
        value = self._evaluate(node)
        if isinstance(value, Sensitive):
            value = value.value
        if isinstance(value, Unresolved):
            raise Unknown(value.reason)
        if not isinstance(value, list):
            raise Unknown("its collection is no list")
        for item in value:
            if isinstance(item, Unresolved):
                raise Unknown(item.reason)
        return [as_text(item.value if isinstance(item, Sensitive) else item) for item in value]


def expanded(template: Template, evaluate: Callable[[Any], Any]) -> Template:
    """The template without loops; the same one where it has none."""
    if not any(_mentions(section) for section in (template.resources, template.conditions, template.outputs)):
        return template
    expander = Expander(evaluate)
    return replace(
        template,
        resources=expander.expand(template.resources),
        conditions=expander.expand(template.conditions),
        outputs=expander.expand(template.outputs),
    )


def _has_loop(node: Mapping[str, Any]) -> bool:
    return any(key.startswith(PREFIX) for key in node)


def _mentions(node: Any) -> bool:
    if isinstance(node, Mapping):
        return _has_loop(node) or any(_mentions(value) for value in node.values())
    return isinstance(node, list) and any(_mentions(item) for item in node)


def _fill(node: Any, name: str, item: str) -> Any:
    """The body for one item: ``${Name}`` is the item, ``&{Name}`` its letters and digits, ``Ref: Name`` the
    item."""
    if isinstance(node, Map):
        if dict(node) == {"Ref": name}:
            return item
        return Map(
            (_text(key, name, item), _fill(value, name, item), node.lines.get(key, 0))
            for key, value in node.items()
        )
    if isinstance(node, Seq):
        return Seq((_fill(one, name, item), line) for one, line in zip(node, node.lines, strict=True))
    return _text(node, name, item) if isinstance(node, str) else node


def _text(text: str, name: str, item: str) -> str:
    return text.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", _NOT_ALPHANUMERIC.sub("", item))
