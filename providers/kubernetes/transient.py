"""Tells which declared objects end by themselves (``transient.yaml``), so that one that is gone is not
missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.model import Resource
from drift.safe_yaml import data
from providers.kubernetes.names import parse


@cache
def _said() -> Mapping[str, list[str]]:
    return dict(data(Path(__file__).with_name("transient.yaml")))


def ended(declared: Resource) -> str | None:
    """Why an object may be gone though nobody deleted it; None where it stays."""
    name = parse(declared.type)
    for path in _said().get(name.key, ()) if name is not None else ():
        if path == ".":
            return f"a {declared.type.rpartition('/')[2]} is deleted again by itself"
        if _at(declared.attributes, path) is not None:
            return f"it deletes itself when it has finished ({path.replace('/', '.')})"
    return None


def _at(value: Any, path: str) -> Any:
    for part in path.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
