"""Declarations that add members to a list below the top of another resource's body."""

from __future__ import annotations

from drift.compare.verdict import compare
from drift.facts import TypeFacts
from drift.kinds.base import Context
from drift.kinds.registry import KINDS
from drift.match.merge import merge
from drift.model import Origin, Problem, Resource
from drift.redaction.redact import Redactor

AT = "properties/subnets"
FACTS = TypeFacts("Network")
FACTS.paths({AT: {"kind": {"kind": "keyed-list", "key": "name"}}}, KINDS, "test")


def network(properties: dict[str, object], *, part: bool, at: str = "a") -> Resource:
    shared = frozenset({AT}) if part else frozenset[str]()
    origin = Origin("test", "file", address=at)
    body = {"properties": properties} if part else {"location": "here", "properties": properties}
    return Resource("cloud", "s", "Network", "n", body, None, "n", origin, part, shared)


def merged(*resources: Resource) -> tuple[Resource, list[Problem]]:
    problems: list[Problem] = []
    (one,) = merge(resources, {}, problems)
    return one, problems


def changes(declared: Resource, live: dict[str, object]) -> list[str]:
    redactor = Redactor("k")
    found = Resource("cloud", "s", "Network", "n", live)
    return [one.path for one in compare(declared, found, FACTS, Context(), redactor).changes]


ONE, TWO = {"name": "one", "prefix": "10.0.1.0/24"}, {"name": "two", "prefix": "10.0.2.0/24"}
LIVE = {
    "location": "here",
    "properties": {"space": "10.0.0.0/16", "subnets": [TWO, ONE, {"name": "three", "prefix": "x"}]},
}


def test_parts_add_to_a_whole_declaration_that_owns_the_list() -> None:
    whole = network({"space": "10.0.0.0/16", "subnets": [ONE]}, part=False)
    one, problems = merged(network({"subnets": [TWO]}, part=True), whole)
    assert problems == []
    assert one.attributes["properties"] == {"space": "10.0.0.0/16", "subnets": [ONE, TWO]}
    assert changes(one, LIVE) == ["/properties/subnets/three"]


def test_parts_alone_speak_of_their_own_members_only() -> None:
    one, problems = merged(
        network({"subnets": [ONE]}, part=True),
        network({"subnets": [{**TWO, "prefix": "other"}]}, part=True, at="b"),
    )
    assert problems == []
    assert one.shared == {AT}
    assert changes(one, LIVE) == ["/properties/subnets/two/prefix"]


def test_two_parts_that_disagree_beside_the_list_are_a_problem() -> None:
    _, problems = merged(
        network({"space": "a"}, part=True), network({"space": "b", "subnets": [ONE]}, part=True, at="b")
    )
    assert ["properties/space is declared differently" in one.message for one in problems] == [True]
