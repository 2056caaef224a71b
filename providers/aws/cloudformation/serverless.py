"""What resources of the Serverless Application Model pass on to the one that has their name: what a template
says for it, in Globals or itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from drift.lined import Map, Seq, Trace
from drift.model import MISSING, Unresolved
from drift.pointer import join
from drift.safe_yaml import data
from providers.aws.cloudformation.intrinsics import Evaluator, function_of
from providers.aws.cloudformation.template import Template

PREFIX = "AWS::Serverless::"
#: What decides of what else is passed on: to tags that are propagated SAM does not add its own, and a hash
#: that publishes a new version is added to the description.
_DECIDING = frozenset({"PropagateTags", "AutoPublishAlias", "AutoPublishCodeSha256"})
Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A type of SAM: ``type`` is that of the resource it makes, ``section`` what it is called in Globals,
    ``tag`` what SAM adds to the tags, ``paths`` where each of its properties stands in the other one."""

    type: str
    section: str
    tag: str | None
    paths: Mapping[Path_, Path_]
    globals: frozenset[str]


@cache
def kinds() -> Mapping[str, Kind]:
    """The entries of ``serverless.yaml``."""
    said: dict[str, dict[str, Any]] = data(Path(__file__).with_name("serverless.yaml"))
    return {
        name: Kind(
            one["type"],
            one["section"],
            one.get("tag"),
            {tuple(own.split("/")): tuple(other.split("/")) for own, other in one["properties"].items()},
            frozenset(one["globals"]),
        )
        for name, one in said.items()
    }


def kind_of(said: Any) -> Kind | None:
    """Of a resource of a template; None where nothing is known to be passed on."""
    type_ = said.get("Type") if isinstance(said, Mapping) else None
    return kinds().get(type_) if isinstance(type_, str) else None


def shared(template: Template, said: Mapping[str, Any], kind: Kind) -> Map:
    """What Globals say for a resource, as far as they may, and as it does not ignore them."""
    given, ignored = template.globals.get(kind.section), said.get("IgnoreGlobals")
    if not isinstance(given, Map) or ignored == "*":
        return Map()
    without = ignored if isinstance(ignored, list) else ()
    return Map(
        (name, one, given.lines[name])
        for name, one in given.items()
        if name in kind.globals | _DECIDING and name not in without
    )


def properties(template: Template, said: Mapping[str, Any], kind: Kind) -> Map:
    """The properties of a resource as they are written, with those of Globals."""
    own = said.get("Properties")
    found: Map = _merged(shared(template, said, kind), own if isinstance(own, Map) else Map())
    return found


def _merged(first: Any, second: Any) -> Any:
    """Two values that are both said: maps merged, lists one behind the other, else the second."""
    if (
        isinstance(first, Map)
        and isinstance(second, Map)
        and not function_of(first)
        and not function_of(second)
    ):
        names = dict.fromkeys([*first, *second])
        return Map(
            (
                name,
                _merged(first[name], second[name])
                if name in first and name in second
                else second.get(name, first.get(name)),
                second.lines[name] if name in second else first.lines[name],
            )
            for name in names
        )
    if isinstance(first, Seq) and isinstance(second, Seq):
        both = [*zip(first, first.lines, strict=True), *zip(second, second.lines, strict=True)]
        return Seq(both)
    return second


def passed_on(
    template: Template, said: Mapping[str, Any], kind: Kind, evaluator: Evaluator, lines: dict[str, int]
) -> dict[str, Any]:
    """The properties of the resource that is made, as far as they are passed on; ``lines`` is told where they
    stand."""
    written = properties(template, said, kind)
    made: dict[str, Any] = {}
    for own, other in kind.paths.items():
        node, line = _at(written, own)
        if node is MISSING:
            continue
        found: dict[str, int] = {}
        value = evaluator.value(node, Trace(found))
        pointer = ""
        for step in other:
            pointer = join(pointer, step)
        if own == ("Tags",):
            value = tags(value, kind, written)
            found = {}
        if value is MISSING or (own == ("Tracing",) and value in (None, "Disabled")):
            continue  # of tracing that is off SAM says nothing
        if own == ("Description",) and "AutoPublishCodeSha256" in written:
            value = Unresolved("SAM adds the hash to it that publishes a version")
        place = made
        for step in other[:-1]:
            place = place.setdefault(step, {})
        place[other[-1]] = value
        lines[pointer] = line
        lines.update({f"{pointer}{inner}": one for inner, one in found.items() if inner})
    return made


def tags(said: Any, kind: Kind, written: Mapping[str, Any]) -> Any:
    """A map of tags as the list that is made of it, beside the properties that are ``written``."""
    if isinstance(said, Unresolved) or said is MISSING or not isinstance(said, Mapping):
        return said
    added = {kind.tag: "SAM"} if kind.tag and not (said and written.get("PropagateTags")) else {}
    return [{"Key": key, "Value": value} for key, value in {**said, **added}.items()]


def _at(node: Any, path: Path_) -> tuple[Any, int]:
    line = 1
    for step in path:
        if not isinstance(node, Map) or step not in node:
            return MISSING, line
        node, line = node[step], node.lines[step]
    return node, line


def ways(kind: Kind, steps: tuple[str | int, ...]) -> Iterator[tuple[Path_, tuple[str | int, ...]]]:
    """(path of SAM's property, the steps that are left) for steps in the resource that is made."""
    for own, other in kind.paths.items():
        if steps[: len(other)] == other:
            yield own, steps[len(other) :]
