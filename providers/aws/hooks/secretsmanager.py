"""AWS Secrets Manager: replicas, and the rotation functions that AWS makes itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Unresolved


def secret(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Nothing to add; None for a replica, which is part of the secret in its primary region."""
    primary = document.get("PrimaryRegion")
    return {} if primary in (None, document["region"]) else None


def hosted_rotation(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """The function of a ``HostedRotationLambda`` is made, and named, by a transform."""
    if schedule.get("HostedRotationLambda") is None or schedule.get("RotationLambdaARN") is not None:
        return {}
    return {"RotationLambdaARN": Unresolved("the rotation function is made by AWS for HostedRotationLambda")}
