"""What Application Auto Scaling moves, so that nobody can say what it should be."""

from __future__ import annotations

from typing import Any

from drift.model import Unresolved


def moved(document: dict[str, Any]) -> dict[str, Any]:
    """The property that ``ScalableDimension`` names, as unknown."""
    least, most = document.get("MinCapacity"), document.get("MaxCapacity")
    value = Unresolved(f"Application Auto Scaling moves it between {_said(least)} and {_said(most)}")
    name = str(document["ScalableDimension"]).rpartition(":")[2]
    return {name: value} if name == "DesiredCount" else {"ProvisionedThroughput": {name: value}}


def _said(limit: Any) -> str:
    return str(limit) if isinstance(limit, (str, int)) else "its limits"
