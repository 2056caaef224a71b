"""What the Activity Log keeps of the demo's night."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from drift.demo import Change, Found, Night

_VERBS = {"changed": "write", "unmanaged": "write", "missing": "delete"}


def events(change: Change, night: Night) -> Iterator[dict[str, Any]]:
    """The operations of a change, one for each resource that it is found at. Form:
    https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema."""
    for one in change.found:
        yield {
            "resourceId": one.resource,
            "caller": change.by,
            "eventTimestamp": night.at(change.clock),
            "correlationId": hashlib.sha256(f"{change.clock} {one.resource}".encode()).hexdigest()[:32],
            "operationName": {"value": f"{one.type}/{_VERBS[one.kind]}"},
            "status": {"value": "Succeeded"},
            "subStatus": {"value": "Created" if one.kind == "unmanaged" else "OK"},
            "authorization": {"evidence": {"principalType": "User"}},
            "properties": {"requestbody": orjson.dumps(_body(one)).decode()},
        }


def _body(found: Found) -> dict[str, Any]:
    """The members that were written, without what was written there."""
    body: dict[str, Any] = {}
    for path in found.paths:
        inside = body
        for step in path.strip("/").split("/"):
            inside = inside.setdefault(step, {})
    return body
