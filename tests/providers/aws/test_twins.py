"""What is dropped or spelled otherwise on one side alone is no change: each zero of an answer has a twin in
templates, each host its other spelling."""

from __future__ import annotations

from typing import Any

import pytest

from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction import Redactor
from providers.aws import AwsProvider
from providers.aws.facts import catalogue

PROVIDER = AwsProvider()
REDACTOR = Redactor("a key for tests")
ZERO = {"i": 0, "n": 0, "b": False}
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
#: (type, property, zero) of each property of which the live side drops a zero.
DROPPED = [
    (name, property_, ZERO[marks[0]])
    for name, entry in sorted(catalogue().compared.items())
    for property_, text in entry.said.get("properties", {}).items()
    if str(text or "").startswith("nonzero(")
    and (marks := entry.schema.get("paths", {}).get(property_, " "))[0] in ZERO
]


def told(type_: str, declared: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """The paths that a run tells of a pair."""
    facts = PROVIDER.facts(type_)
    assert facts is not None
    context = Context("aws", "1", "eu-west-1", type_)
    have = Resource("aws", "1", type_, "id", live, "eu-west-1")
    want = PROVIDER.hooks.settled(have.but(attributes=declared), have)
    have = PROVIDER.hooks.settled(have, have)
    want, have = (REDACTOR.resource(side, facts.root) for side in (want, have))
    accept = PROVIDER.hooks.undeclared(want, have, facts, context)
    return [one.path for one in compare(want, have, facts, context, REDACTOR, accept=accept).changes]


def test_there_are_some() -> None:
    assert len(DROPPED) > 5


@pytest.mark.parametrize(("type_", "name", "zero"), DROPPED)
def test_a_zero_that_answers_drop_is_none_where_it_is_declared(type_: str, name: str, zero: Any) -> None:
    assert told(type_, {name: zero}, {}) == []
    facts = PROVIDER.facts(type_)
    assert facts is not None
    if not facts.root.find(name).write_only:
        assert told(type_, {name: 7 if zero is not False else True}, {}) == [f"/{name}"]


def rule(*, short: bool = False, field: str = "host-header", **values: list[str]) -> dict[str, Any]:
    config = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}[field]
    return {"Conditions": [{"Field": field, **(values if short else {config: values})}]}


@pytest.mark.parametrize("short", [True, False])
def test_a_host_has_no_letter_case_and_a_path_has(short: bool) -> None:
    live = rule(Values=["shop.example.com", "www.example.com"])
    assert told(RULE, rule(short=short, Values=["WWW.Example.com", "Shop.example.com"]), live) == []
    assert told(RULE, rule(short=short, Values=["other.example.com"]), live)
    path = rule(field="path-pattern", Values=["/a"])
    assert told(RULE, rule(short=short, field="path-pattern", Values=["/A"]), path)


def test_an_expression_of_a_host_keeps_its_letters() -> None:
    assert told(RULE, rule(RegexValues=["^\\\\W"]), rule(RegexValues=["^\\\\w"]))
