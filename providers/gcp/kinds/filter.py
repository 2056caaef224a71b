"""Monitoring filters: the service writes the project that they are about in front of them."""

from __future__ import annotations

import re
from typing import Any

from drift.kinds.base import Canonical, Context, Kind

_PROJECT = re.compile(r'\s*project\s*=\s*"?([^\s"]+)"?\s+(?:AND\s+)?(?=\S)')


def _filter(value: Any, context: Context) -> Canonical:
    """A filter without the restriction to its resource's own project, and without space around it.

    Source: https://cloud.google.com/monitoring/api/v3/filters#project.
    """
    if not isinstance(value, str):
        return value
    found = _PROJECT.match(value)
    if found:
        known = context.data.get("projects")
        named = str(known.get(found[1], found[1])) if isinstance(known, dict) else found[1]
        if named == context.scope:
            value = value[found.end() :]
    return value.strip()


FILTER = Kind("monitoring-filter", _filter, free=True)
