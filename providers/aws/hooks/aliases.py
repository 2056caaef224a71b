"""Other CloudFormation types for the same thing, in the same words."""

from __future__ import annotations

from typing import Any


def same(document: dict[str, Any]) -> dict[str, Any]:
    """The properties as they are, without the place that is told beside them."""
    return {name: value for name, value in document.items() if name not in ("account", "region", "partition")}
