"""Values that ask the service to choose: it answers with its choice."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _service_choice(value: Any, context: Context, *, word: str) -> Canonical:
    """The value as it is."""
    return value


def _admits(declared: Any, live: Any, context: Context, *, word: str) -> bool:
    """Whether the declared value is the word that leaves the choice to the service."""
    return bool(declared == word)


SERVICE_CHOICE = Kind("service-choice", _service_choice, admits=_admits)
