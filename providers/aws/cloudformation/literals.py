"""What of a template takes a parameter or a mapping, and what values may stand where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.editor import NotEdited, Place
from drift.model import MISSING
from providers.aws.cloudformation import parameters
from providers.aws.cloudformation.template import Template


def takers(template: Template, function: str) -> Iterator[tuple[str | None, Any]]:
    """(logical id, argument) of every call of a function that is anything to the resources; of ``Ref`` also
    the names in texts. The logical id is None in a condition, and of Globals ``Globals/SECTION``; outputs
    only tell."""
    for name, said in template.resources.items():
        yield from ((name, one) for one in _arguments(said, function))
    for name, said in template.globals.items():
        yield from ((f"Globals/{name}", one) for one in _arguments(said, function))
    for said in template.conditions.values():
        yield from ((None, one) for one in _arguments(said, function))


def _arguments(node: Any, function: str) -> Iterator[Any]:
    rest = [node]
    while rest:
        one = rest.pop()
        if isinstance(one, Mapping):
            for key, item in one.items():
                if key == function:
                    yield item
                if key == "Fn::Sub" and function == "Ref":
                    yield from parameters.named(item)
            rest.extend(one.values())
        elif isinstance(one, list):
            rest.extend(one)


def means_more(value: Any) -> bool:
    """Whether CloudFormation makes anything else of a value than what it says."""
    if isinstance(value, Mapping):
        odd = any(
            key.startswith("Fn::") or (key in ("Ref", "Condition") and len(value) == 1) for key in value
        )
        return odd or any(map(means_more, value.values()))
    if isinstance(value, list):
        return any(map(means_more, value))
    return isinstance(value, str) and "{{resolve:" in value


def refuse(name: str, words: Mapping[str, Any], new: Any, where: Place) -> None:
    """Raises NotEdited where a parameter's own words do not allow a value."""
    if str(words.get("Type", "")).startswith("AWS::SSM::"):
        raise NotEdited(f"the parameter {name} stands for one of the Systems Manager", where)
    if parameters.as_bool(words.get("NoEcho")):
        raise NotEdited(f"the parameter {name} is secret", where)
    why = parameters.refusal(words, new)
    if why and new is not MISSING:
        raise NotEdited(f"the parameter {name} {why}", where)
