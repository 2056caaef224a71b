"""Objects that facts build by hand name every member that a template may set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jmespath.parser import Parser

from providers.aws.facts import Entry, catalogue

#: The members of the object that an expression makes, in a list where it makes several; None: not told.
Shape = Any


def shape(node: dict[str, Any]) -> Shape:
    """What an expression makes, by its parsed form."""
    kind, parts = node["type"], node.get("children", [])
    match kind:
        case "multi_select_dict":
            return {part["value"]: shape(part["children"][0]) for part in parts}
        case "pipe" | "subexpression" | "and_expression":
            return shape(parts[-1])
        case "projection" | "filter_projection" | "value_projection":
            return [shape(parts[1])] if parts[1]["type"] != "identity" else shape(parts[0])
        case "or_expression":
            return both(*map(shape, parts))
        case "index_expression":
            listed = shape(parts[0])
            return listed[0] if isinstance(listed, list) else None
        case "function_expression" if node["value"] in ("nonempty", "nonzero"):
            return shape(parts[0])
        case "function_expression" if node["value"] == "when":
            return both(*map(shape, parts[1:])) if len(parts) > 2 else shape(parts[1])
    return None


def both(one: Shape, other: Shape) -> Shape:
    """The shape of what is one or the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            name: both(one[name], other[name]) if name in one and name in other else one.get(name)
            for name in {**one, **other}
        }
    return [both(one[0], other[0])] if isinstance(one, list) and isinstance(other, list) else None


def missing(entry: Entry, path: str, made: Shape) -> Iterator[str]:
    """The paths that a template may set and that the object at a path does not have."""
    if isinstance(made, list):
        yield from missing(entry, f"{path}/*", made[0])
    elif isinstance(made, dict):
        for below, marks in entry.schema["paths"].items():
            above, _, name = below.rpartition("/")
            here = above == path and name != "*" and name not in made
            if here and not {*"rw"} & {*marks[1:]} and not told(entry, below):
                yield below
        for name, one in made.items():
            yield from missing(entry, f"{path}/{name}", one)


def told(entry: Entry, path: str) -> bool:
    """Whether a fact says that a path, or one above it, is never read."""
    node = entry.facts.root
    for part in path.split("/"):
        node = node.member() if part == "*" else node.child(part)
        if node.unread or node.write_only or node.read_only:
            return True
    return False


def made(entry: Entry) -> dict[str, Shape]:
    return {
        name: shape(Parser().parse(text).parsed)
        for name, text in entry.said["properties"].items()
        if isinstance(text, str)
    }


@pytest.mark.parametrize("type_", sorted(catalogue().compared))
def test_objects_that_are_built_by_hand_are_whole(type_: str) -> None:
    entry = catalogue().entries[type_]
    assert [path for name, one in made(entry).items() for path in missing(entry, name, one)] == []


def test_a_member_that_is_left_out_is_seen() -> None:
    entry = catalogue().entries["AWS::SNS::Topic"]
    said = {"type": "multi_select_dict", "children": []}
    assert shape(said) == {}
    assert "Tags/*/Key" in set(missing(entry, "Tags", [{}]))
    built = sum(1 for one in catalogue().compared.values() for each in made(one).values() if each)
    assert built > 100
