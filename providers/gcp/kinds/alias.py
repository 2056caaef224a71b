"""Values that a service knows by two names, of which one comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _alias(value: Any, context: Context, *, of: Mapping[str, Any]) -> Canonical:
    """The name that comes back.

    >>> _alias("roles/bigquery.dataOwner", Context(), of={"roles/bigquery.dataOwner": "OWNER"})
    'OWNER'
    """
    return of.get(value, value) if isinstance(value, str) else value


ALIAS = Kind("alias", _alias)
