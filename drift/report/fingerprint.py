"""Stable ids: the same drift has the same id tomorrow, whatever its values are by then."""

from __future__ import annotations

import hashlib

from drift.model import Resource


def finding_id(environment: str, kind: str, resource: Resource) -> str:
    """Of (environment, key, kind); an unknown id is replaced by the declared address."""
    address = resource.origin.address if resource.origin else None
    parts = (environment, kind, *resource.cell, resource.id or f"?{address or resource.name}")
    return "f-" + _digest(parts)


def change_id(finding: str, path: str) -> str:
    """Of (finding, path)."""
    return "c-" + _digest((finding, path))


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
