"""What happened in a loopback Azure: its Activity Log, and Resource Graph's table of changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from providers.azure.loopback.gate import Refusal
from providers.azure.loopback.store import Store

_CHANGES = re.compile(
    r"resourcechanges \| extend target = tolower\(tostring\(properties\.targetResourceId\)\), "
    r"time = tostring\(properties\.changeAttributes\.timestamp\) \| where target in \((?P<ids>.*)\) "
    r"\| order by time desc, id asc \| project id, target, time, properties"
)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_EVENTS = re.compile(r"eventTimestamp ge '(?P<since>[^']+)' and resourceUri eq '(?P<id>(?:[^']|'')+)'")


def acts(store: Store, condition: str) -> list[dict[str, Any]]:
    """The Activity Log of one resource since some time, the newest first. Raises Refusal."""
    found = _EVENTS.fullmatch(condition)
    if found is None:
        raise Refusal(400, "BadRequest", f"The filter is not one this Azure knows: {condition}")
    id_ = found["id"].replace("''", "'").lower()
    told = [
        one
        for one in store.events
        if str(one["resourceId"]).lower() == id_ and one["eventTimestamp"] >= found["since"]
    ]
    return sorted(told, key=lambda one: str(one["eventTimestamp"]), reverse=True)


def changes(store: Store, question: str, subscriptions: Sequence[str]) -> list[dict[str, Any]] | None:
    """The rows of the table resourcechanges that a question asks for, the newest first; None where it asks
    for something else."""
    asked = _CHANGES.fullmatch(question)
    if asked is None:
        return None
    wanted = {re.sub(r"\\(.)", r"\1", one) for one in _QUOTED.findall(asked["ids"])}
    found = [
        {**one, "target": target, "time": one["properties"]["changeAttributes"]["timestamp"]}
        for one in store.changes
        if (target := one["properties"]["targetResourceId"].lower()) in wanted
        and target.split("/")[2] in subscriptions
    ]
    return sorted(found, key=lambda one: str(one["time"]), reverse=True)
