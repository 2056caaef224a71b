"""How many nodes a group of caches has, once they are there."""

from __future__ import annotations

from typing import Any

#: The property that says how many there are, and the list of an answer that holds them.
_COUNTED = {"NumCacheClusters": "MemberClusters", "NumNodeGroups": "NodeGroups"}


def replication_group(document: dict[str, Any]) -> dict[str, Any]:
    """The numbers of nodes and of groups of them. A group that is still made has none, whatever was asked.

    Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
    """
    counted = {name: len(document.get(member) or ()) for name, member in _COUNTED.items()}
    unmade = [name for name, number in counted.items() if not number]
    if unmade:
        why = "not told of a group that is still made"
        document["unread"] = {**document.get("unread", {}), **dict.fromkeys(unmade, why)}
    return {name: number for name, number in counted.items() if number}
