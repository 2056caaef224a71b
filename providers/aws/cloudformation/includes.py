"""Puts in what ``AWS::Include`` includes: a file beside the template, or what was read of S3.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.lined import Map, Seq
from providers.aws.cloudformation import template
from providers.aws.cloudformation.syntax import parse
from providers.aws.cloudformation.template import Template

NAME = "AWS::Include"

#: Gives what lies at a location that is no local file; None where that is not known.
Elsewhere = Callable[[str], Any]


def expanded(of: Template, evaluate: Callable[[Any], Any], elsewhere: Elsewhere) -> Template | None:
    """The template with all that is included, as far as it is known; None where nothing is."""
    includer = _Includer(of, evaluate, elsewhere)
    made = Map((name, includer.within(of.sections[name]), 1) for name in template.SECTIONS)
    for said in of.included:
        found = includer.found({"Fn::Transform": said})
        if isinstance(found, Mapping):
            for name in made:
                more = found.get(name)
                if isinstance(more, Mapping):
                    lined = template.relined(more, more, 1)
                    made[name] = Map(
                        (key, value, where.lines.get(key, 1))
                        for where in (lined, made[name])
                        for key, value in where.items()
                    )
    if not includer.count:
        return None
    left = tuple(one for one in of.transforms if one != NAME)
    document = Map((name, one, 1) for name, one in made.items() if one or name == "Resources")
    result = template.of(document, of.path, of.file, of.by)
    return Template(**{**result.__dict__, "transforms": left, "globals": of.globals, "root": of.root})


def locations(of: Template) -> Iterator[Any]:
    """What each inclusion names, as it is written."""
    for said in (*of.included, *_calls([of.parameters, of.mappings, of.conditions, of.resources])):
        if isinstance(said, Mapping) and isinstance(said.get("Parameters"), Mapping):
            yield said["Parameters"].get("Location")


def _calls(node: Any) -> Iterator[Any]:
    if isinstance(node, Mapping):
        said = node.get("Fn::Transform")
        if isinstance(said, Mapping) and said.get("Name") == NAME:
            yield said
        for one in node.values():
            yield from _calls(one)
    elif isinstance(node, list):
        for one in node:
            yield from _calls(one)


class _Includer:
    def __init__(self, of: Template, evaluate: Callable[[Any], Any], elsewhere: Elsewhere) -> None:
        self.of, self.evaluate, self.elsewhere, self.count = of, evaluate, elsewhere, 0

    def within(self, node: Any) -> Any:
        """A part of the template with what is included in it; what an included text includes stays as it
        is: CloudFormation does not look there."""
        if isinstance(node, Map):
            said = node.get("Fn::Transform")
            if isinstance(said, Mapping) and said.get("Name") == NAME:
                found = self.found(node)
                if found is not None:
                    return self._merged(node, found)
            return Map((key, self.within(one), node.lines.get(key, 1)) for key, one in node.items())
        if isinstance(node, Seq):
            return Seq((self.within(one), line) for one, line in zip(node, node.lines, strict=True))
        return node

    def _merged(self, node: Map, found: Any) -> Any:
        rest = [
            (key, self.within(one), node.lines.get(key, 1))
            for key, one in node.items()
            if key != "Fn::Transform"
        ]
        line = node.lines.get("Fn::Transform", 1)
        lined = template.relined(found, None, line)
        if not isinstance(lined, Map):
            return lined
        return Map([*((key, one, line) for key, one in lined.items()), *rest])

    def found(self, node: Mapping[str, Any]) -> Any:
        """What an inclusion means; None where it is not known."""
        said = node["Fn::Transform"]
        parameters = said.get("Parameters") if isinstance(said, Mapping) else None
        location = self.evaluate(parameters.get("Location")) if isinstance(parameters, Mapping) else None
        if not isinstance(location, str):
            return None
        if "://" in location:
            found = self.elsewhere(location)
        else:
            try:
                path = self.of.beside(location)
                found = parse(reading.content(path, location), location) if path.is_file() else None
            except (DeclaredError, OSError, ValueError):
                return None
        self.count += found is not None
        return found
