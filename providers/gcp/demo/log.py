"""What the audit logs keep of the demo's night."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from drift.demo import Change, Found, Night

_METHODS = {"changed": "Update", "unmanaged": "Create", "missing": "Delete"}
_BUCKETS = "storage.googleapis.com"


def entries(change: Change, night: Night) -> Iterator[dict[str, Any]]:
    """The entries of a change, one for each thing that it is found at. Form:
    https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog."""
    for one in change.found:
        yield {
            "insertId": hashlib.sha256(f"{change.clock} {one.resource}".encode()).hexdigest()[:16],
            "timestamp": night.at(change.clock),
            "protoPayload": {
                "resourceName": _name(one),
                "authenticationInfo": {"principalEmail": change.by},
                **_said(one),
            },
        }


def _name(found: Found) -> str:
    """What the log calls it: without its host, a bucket below no project."""
    host, _, name = found.resource.partition("|")[0][2:].partition("/")
    return f"projects/_/buckets/{name}" if host == _BUCKETS else name


def _said(found: Found) -> dict[str, Any]:
    service, _, kind = found.type.partition("/")
    if kind == "Binding":
        _, role, member, *_ = found.resource.split("|")
        action = "REMOVE" if found.kind == "missing" else "ADD"
        delta = {"action": action, "role": role, "member": member}
        return {
            "methodName": "SetIamPolicy",
            "serviceData": {"policyDelta": {"bindingDeltas": [delta]}},
        }
    mask = ",".join(path.strip("/").replace("/", ".") for path in found.paths)
    return {
        "methodName": f"{service}.{_METHODS[found.kind]}{kind}",
        **({"request": {"updateMask": mask}} if mask else {}),
    }
