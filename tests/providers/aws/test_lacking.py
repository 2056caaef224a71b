"""What an answer does not tell is no value: where a member is left out, nothing new comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource
from providers.aws.facts import catalogue
from tests.recorded import lacking
from tests.recorded.replay import plain, read

#: Types whose facts count, or compare with a word, what may be left out.
COUNTING = (
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::GuardDuty::Detector",
    "AWS::Redshift::Cluster",
)


@pytest.mark.parametrize("type_", COUNTING)
def test_what_is_left_out_of_an_answer_gives_no_value(type_: str) -> None:
    assert lacking.unexplained(catalogue().compared[type_]) == []


@pytest.mark.chaos
@pytest.mark.parametrize("type_", catalogue().compared)
def test_so_it_is_of_every_type(type_: str) -> None:
    assert lacking.unexplained(catalogue().compared[type_]) == []


def test_a_group_of_caches_that_is_still_made_has_no_number_of_nodes() -> None:
    """Its numbers are unread, and so never a change of what was asked."""
    entry = plain(catalogue().compared["AWS::ElastiCache::ReplicationGroup"])

    def answer(_service: str, call: str, _model: Any) -> dict[str, Any]:
        if call != "describe_replication_groups":
            return {}
        return {"ReplicationGroups": [{"ReplicationGroupId": "shop", "Status": "creating"}]}

    (made,) = (one for one in read(entry, answer) if isinstance(one, Resource))
    assert not {"NumCacheClusters", "NumNodeGroups"} & made.attributes.keys()
    assert {"/NumCacheClusters", "/NumNodeGroups"} <= made.unread.keys()
