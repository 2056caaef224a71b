"""Kinesis: a stream has a policy, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def policy(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Nothing more; None where the stream was read and has no policy."""
    return {"ResourcePolicy": document["ResourcePolicy"]} if document.get("ResourcePolicy") else None
