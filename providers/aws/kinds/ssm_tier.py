"""The tier of a Systems Manager parameter."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _ssm_tier(value: Any, context: Context) -> Canonical:
    """A tier; as it is."""
    return value


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """``Intelligent-Tiering`` declared admits the tier that it chose.

    Source: PutParameter, ``Tier``: "Parameter Store evaluates each request to determine if the parameter is
    standard or advanced".
    """
    return declared == "Intelligent-Tiering" and live in ("Standard", "Advanced")


SSM_TIER = Kind("ssm-tier", _ssm_tier, admits=_admits)
