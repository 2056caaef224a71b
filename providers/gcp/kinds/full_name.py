"""Full resource names as values: one thing has one name, whichever way it is spelled."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from providers.gcp import names


def _full_name(value: Any, context: Context) -> Canonical:
    """The one spelling of a full resource name, with its project by id where the number is known."""
    return names.known(names.canonical(value), context.data) if isinstance(value, str) else value


FULL_NAME = Kind("full-name", _full_name)
