"""Time to live of DynamoDB tables."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _ttl(value: Any, context: Context) -> Canonical:
    """A specification; as it is."""
    return value


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """Whether both are off: then the attribute does not count.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveDescription.html;
    DescribeTimeToLive forgets the attribute some time after it was switched off.
    """
    return all(isinstance(one, dict) and one.get("Enabled") in (False, "false") for one in (declared, live))


TTL = Kind("dynamodb-ttl", _ttl, admits=_admits)
