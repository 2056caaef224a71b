"""A stack's own tags stand on its resources beside theirs."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource
from providers.aws.cloudformation.stack_tags import with_stack_tags
from providers.aws.facts import catalogue

STACK = {"cost-center": "42", "team": "shop"}


def tag(key: str, value: str, **more: Any) -> dict[str, Any]:
    return {"Key": key, "Value": value, **more}


def told(
    declared: dict[str, Any], live: dict[str, Any] | None, type_: str = "AWS::SQS::Queue"
) -> dict[str, Any]:
    facts = catalogue().entries[type_].facts
    there = None if live is None else Resource("aws", "1", type_, "x", live)
    return with_stack_tags(declared, STACK, facts, there)


def test_own_tags_win_and_the_stacks_are_added() -> None:
    live = {"Tags": [tag("cost-center", "42"), tag("team", "shop")]}
    assert told({"Tags": [tag("team", "own")]}, live) == {
        "Tags": [tag("team", "own"), tag("cost-center", "42")]
    }
    assert told({}, live) == {"Tags": [tag("cost-center", "42"), tag("team", "shop")]}


def test_one_that_was_taken_away_or_changed_live_is_still_declared() -> None:
    assert told({}, {"Tags": [tag("team", "other")]}) == {
        "Tags": [tag("cost-center", "42"), tag("team", "shop")]
    }


@pytest.mark.parametrize("live", [None, {}, {"Tags": []}, {"Tags": [tag("by", "hand")]}])
def test_a_type_that_takes_no_tags_of_its_stack_is_left_alone(live: dict[str, Any] | None) -> None:
    assert told({"QueueName": "q"}, live) == {"QueueName": "q"}


def test_the_shape_is_that_of_the_type() -> None:
    live = {"Tags": [tag("team", "shop", PropagateAtLaunch=True)]}
    found = told({}, live, "AWS::AutoScaling::AutoScalingGroup")
    assert tag("team", "shop", PropagateAtLaunch=True) in found["Tags"]
