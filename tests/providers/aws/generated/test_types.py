"""Types by schema alone: bodies that are generated from their schemas, compared with what a faithful service
answers.

300 of them are tried here; all with ``pytest -m chaos``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

import pytest

from drift.compare.verdict import Verdict, compare
from drift.finding import Change
from drift.kinds.base import Context
from drift.model import Resource
from drift.pointer import escape
from drift.redaction.redact import Redactor
from providers.aws import AwsProvider
from providers.aws.facts import catalogue
from providers.aws.resource_types import resource_type
from tests.providers.aws.generated.bodies import Bodies, Place, places
from tests.providers.aws.generated.service import answer, as_written, more

PROVIDER, REDACTOR = AwsProvider(), Redactor("a key for tests")
ACCOUNT, REGION = "111111111111", "eu-west-1"
TYPES = sorted(catalogue().all_types() - catalogue().types)
SAMPLE = sorted(Random("three hundred types").sample(TYPES, 300))
_KEYS = frozenset({"Key", "key", "TagKey"})


@cache
def schema(type_: str) -> Mapping[str, Any]:
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    said: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema
    return said


def verdict(type_: str, declared: Any, live: Any, policy: str = "report") -> Verdict:
    facts = PROVIDER.facts(type_)
    assert facts is not None
    one, other = (
        Resource("aws", ACCOUNT, type_, "id", said, region=REGION if facts.regional else None)
        for said in (declared, live)
    )
    context = Context("aws", ACCOUNT, REGION, type_)
    accept = PROVIDER.hooks.undeclared(one, other, facts, context)
    return compare(one, other, facts, context, REDACTOR, lambda _type, _path: policy, accept)


def within(body: Any, way: tuple[str | int, ...]) -> Any:
    for step in way:
        body = body[step]
    return body


def told_at(type_: str, body: Any, place: Place) -> str | None:
    """The path at which a change of a value is told: its own, below the member of a keyed list by its key, of
    a set the set's. None where it is such a key, or several members have it."""
    facts = PROVIDER.facts(type_)
    assert facts is not None
    node, path = facts.root, ""
    for depth, step in enumerate(place.way):
        kind = node.kind.name if node.kind is not None else ""
        if kind == "set":
            return path
        if kind in ("tags", "keyed-list") and isinstance(step, int):
            members = within(body, place.way[:depth])
            names = _KEYS if kind == "tags" else {node.params["key"]}
            keys = [next((str(one[name]) for name in names if name in one), None) for one in members]
            if keys[step] is None or keys.count(keys[step]) > 1 or place.way[depth + 1] in names:
                return None
            path += f"/{escape(str(keys[step]))}"
            if kind == "tags":
                return path
        else:
            path += f"/{escape(str(step))}"
        node = node.member() if isinstance(step, int) else node.child(step)
    return path


def changed(bodies: Bodies, body: Any, place: Place) -> tuple[Any, Any] | None:
    """The body with another value at a place, and that value; None where no other one is allowed."""
    old = within(body, place.way)
    for _ in range(30):
        new = bodies.value(place.node, place.path, 0)
        beside = within(body, place.way[:-1])
        if _word(new) != _word(old) and not (isinstance(beside, list) and new in beside):
            other = copy.deepcopy(body)
            within(other, place.way[:-1])[place.way[-1]] = new
            return other, new
    return None


def tells(change: Change, old: Any, new: Any) -> bool:
    """Whether a change shows both values: alone, or in the members of a set that differ."""
    return _word(old) in _words(change.declared) and _word(new) in _words(change.live)


def _words(side: Any) -> set[str]:
    if isinstance(side, dict):
        return set().union(*map(_words, side.values()), map(_word, side))
    if isinstance(side, list):
        return set().union(*map(_words, side))
    return {_word(side)}


def _word(value: Any) -> str:
    text = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return re.sub("[_-]", "", text).lower()


def check(type_: str) -> str:
    """Generates a body, asks that it is silent, changes one value of it, asks for exactly that. Tells what
    was done."""
    bodies = Bodies(schema(type_), Random(type_))
    body = bodies.body()
    declared = as_written(bodies, body, bodies.schema.raw)
    live = answer(bodies, body)
    untouched = verdict(type_, declared, live).changes
    assert not untouched, [(one.path, one.declared, one.live) for one in untouched]
    found = [
        (place, path)
        for place in places(bodies.schema, body, bodies.schema.raw)
        if (path := told_at(type_, body, place)) is not None
    ]
    if not found:
        return "nothing of it can change"
    place, path = bodies.random.choice(found)
    other = changed(bodies, body, place)
    if other is None:
        return "nothing of it can change"
    told = verdict(type_, declared, answer(bodies, other[0])).changes
    assert [one.path for one in told] == [path]
    assert tells(told[0], within(body, place.way), other[1]), (told[0], other[1])
    return "changed"


def test_three_hundred_types() -> None:
    done = [check(type_) for type_ in SAMPLE]
    assert done.count("changed") > 280


def test_what_the_service_fills_in_and_hides_is_among_them() -> None:
    """The bodies try what they are made for: the cloud's own properties, defaults, what is never told."""
    filled = hidden = ordered = 0
    for type_ in SAMPLE:
        bodies = Bodies(schema(type_), Random(type_))
        body = bodies.body()
        live = answer(bodies, body)
        filled += bool(live.keys() - body.keys())
        hidden += bool(body.keys() - live.keys())
        ordered += any(live[name] != body[name] for name in body.keys() & live.keys())
    assert filled > 200 and hidden > 20 and ordered > 100


def test_a_value_that_is_no_default_is_told() -> None:
    type_ = "AWS::BedrockAgentCore::Gateway"
    declared = {"Name": "shop", "AuthorizerType": "NONE", "RoleArn": "arn:aws:iam::111111111111:role/x"}
    assert not verdict(type_, declared, {**declared, "ProtocolType": "MCP"}).changes
    told = verdict(type_, declared, {**declared, "ProtocolType": "OTHER"}).changes
    assert [one.path for one in told] == ["/ProtocolType"] and told[0].undeclared


def test_what_is_never_told_of_a_member_of_a_set_is_unverifiable() -> None:
    type_ = "AWS::DMS::MigrationProject"
    member = {"SecretsManagerSecretId": "s", "DataProviderIdentifier": "d"}
    live = {"SecretsManagerSecretId": "s", "DataProviderArn": "arn:aws:dms:eu-west-1:111111111111:d:x"}
    found = verdict(
        type_, {"SourceDataProviderDescriptors": [member]}, {"SourceDataProviderDescriptors": [live]}
    )
    assert not found.changes
    assert [path for path, _ in found.unverifiable] == ["/SourceDataProviderDescriptors"]
    other = {"SourceDataProviderDescriptors": [{**live, "SecretsManagerSecretId": "t"}]}
    found = verdict(type_, {"SourceDataProviderDescriptors": [member]}, other)
    assert [one.path for one in found.changes] == ["/SourceDataProviderDescriptors"]


def test_what_a_service_fills_in_beyond_defaults_is_listed_and_no_drift() -> None:
    listed = 0
    for type_ in SAMPLE:
        bodies = Bodies(schema(type_), Random(type_))
        body, known = bodies.body(), resource_type(type_)
        assert known is not None
        live = more(bodies, answer(bodies, body), bodies.schema.raw, "", known.documented.keys())
        found = verdict(type_, body, live, "inform")
        # An item of which a body happens to declare nothing is like no other.
        wrong = [one for one in found.changes if one.declared != [{}]]
        assert not wrong, (type_, [(one.path, one.declared, one.live) for one in wrong])
        listed += len(found.informed)
    assert listed > 80


def test_what_people_add_is_drift() -> None:
    type_ = "AWS::IVS::Stage"
    declared = {"Name": "shop", "Tags": [{"Key": "team", "Value": "shop"}]}
    tags = [*declared["Tags"], {"Key": "owner", "Value": "somebody"}]
    assert [one.path for one in verdict(type_, declared, {**declared, "Tags": tags}, "inform").changes] == [
        "/Tags/owner"
    ]
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    type_, declared = "AWS::VpcLattice::ResourcePolicy", {"ResourceArn": "arn:aws:vpc-lattice:::x"}
    assert verdict(type_, declared, {**declared, "Policy": policy}, "inform").changes


@pytest.mark.chaos
@pytest.mark.parametrize("type_", TYPES)
def test_every_type(type_: str) -> None:
    check(type_)
