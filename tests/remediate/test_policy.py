"""What is done with a finding: by the first rule that fits, and never is what opens or grants written to Git
by a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drift.config.remediate import PolicyRule
from drift.finding import Attribution, Category, Change, Finding
from drift.model import Resource
from drift.remediate.policy import GRAVE, choose

QUEUE = Resource("aws", "111122223333", "AWS::SQS::Queue", "arn:orders", {}, name="orders")
ADA = Attribution("ada", None, "SetQueueAttributes", "CloudTrail", kind="person")


def finding(*categories: Category, **more: Any) -> Finding:
    change = Change("/VisibilityTimeout", 30, 45)
    one = Finding("changed", QUEUE, QUEUE, (change,), categories=frozenset(categories), attribution=ADA)
    return replace(one, **more)


def chosen(one: Finding, *rules: dict[str, Any]) -> str:
    return choose(one, "prod", [PolicyRule.model_validate(rule) for rule in rules]).action


def test_labels_and_capacity_that_a_person_changed_are_adopted() -> None:
    assert chosen(finding("cosmetic")) == "adopt"
    assert chosen(finding("cost", "cosmetic")) == "adopt"


@pytest.mark.parametrize(
    "told",
    [
        None,
        replace(ADA, kind="pipeline"),
        replace(ADA, kind="service"),
        replace(ADA, kind=None),
        replace(ADA, certain=False),
    ],
)
def test_what_nobody_is_known_to_have_changed_on_purpose_is_described(told: Attribution | None) -> None:
    assert chosen(finding("cosmetic", attribution=told)) == "describe"


@pytest.mark.parametrize("category", sorted(GRAVE))
def test_what_is_grave_is_reverted_whatever_a_rule_says(category: Category) -> None:
    assert chosen(finding(category)) == "revert"
    assert chosen(finding(category, "cosmetic")) == "revert"
    assert chosen(finding(category), {"action": "adopt", "provider": "*"}) == "revert"
    assert chosen(finding(category), {"action": "accept", "provider": "*"}) == "revert"
    assert chosen(finding(category), {"action": "describe", "provider": "*"}) == "describe"


def test_what_no_rule_speaks_of_is_described() -> None:
    assert chosen(finding()) == "describe"
    assert chosen(Finding("missing", QUEUE, None)) == "describe"
    assert chosen(Finding("unmanaged", None, QUEUE)) == "describe"


def test_the_first_rule_that_fits_decides() -> None:
    rules = [
        {"action": "describe", "environment": "staging"},
        {"action": "accept", "owner": "@acme/web", "reason": "ours"},
        {"action": "adopt", "path": "/VisibilityTimeout", "by": "person", "severity": ["medium", "low"]},
        {"action": "revert", "actor": "a*"},
    ]
    assert chosen(finding(), *rules) == "adopt"
    assert chosen(finding(owner="@acme/web"), *rules) == "accept"
    assert chosen(finding(severity="high"), *rules) == "revert"
    assert chosen(finding(severity="high", attribution=replace(ADA, certain=False)), *rules) == "describe"
