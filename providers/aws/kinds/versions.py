"""Versions that AWS makes exact: engine versions and ``LATEST``."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.versions import is_prefix

_LATEST = frozenset({"latest", "$latest"})
_CONCRETE = re.compile(r"v?[0-9][A-Za-z0-9._+-]*", re.ASCII)


def _as_it_is(value: Any, context: Context) -> Canonical:
    """A version; as it is."""
    return value


def _latest(declared: Any, live: Any, context: Context) -> bool:
    """``LATEST`` (``$Latest``) declared admits any concrete version live (Fargate platforms, launch
    templates)."""
    return isinstance(declared, str) and declared.lower() in _LATEST and _is_concrete(live)


def _engine_version(declared: Any, live: Any, context: Context) -> bool:
    """``8.0`` declared admits ``8.0.45`` live, and ``LATEST`` any version.

    Source: RDS CreateDBInstance and ElastiCache (``6.x``) take a prefix and choose the patch level
    themselves.
    """
    return is_prefix(declared, live) or _latest(declared, live, context)


def _is_concrete(live: Any) -> bool:
    if isinstance(live, bool):
        return False
    return isinstance(live, int) or (isinstance(live, str) and _CONCRETE.fullmatch(live) is not None)


LATEST = Kind("latest", _as_it_is, admits=_latest)
ENGINE_VERSION = Kind("engine-version", _as_it_is, admits=_engine_version)
