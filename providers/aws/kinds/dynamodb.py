"""Time to live of DynamoDB tables."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _ttl(value: Any, context: Context) -> Canonical:
    """A specification without its attribute where it is off: then it names none that counts.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveDescription.html; DescribeTimeToLive
    forgets the attribute some time after it was switched off.
    """
    if isinstance(value, dict) and value.get("Enabled") in (False, "false"):
        return {name: member for name, member in value.items() if name != "AttributeName"}
    return value


TTL = Kind("dynamodb-ttl", _ttl)
