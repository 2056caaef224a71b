"""What a configuration of Kafka says, which the API has as bytes."""

from __future__ import annotations

from typing import Any


def configuration(document: dict[str, Any]) -> dict[str, Any]:
    """The settings of a configuration's newest revision, as text."""
    told = document.get("Server")
    return {"ServerProperties": told.decode("utf-8", "replace") if isinstance(told, bytes) else None}
