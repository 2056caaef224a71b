"""Reads what Argo CD's objects say, whatever was written in a member's place."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

APPLICATION = "argoproj.io/Application"
APPLICATION_SET = "argoproj.io/ApplicationSet"
PROJECT = "argoproj.io/AppProject"


def mapping(value: Any, *keys: str) -> dict[str, Any]:
    """The mapping at some keys; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def entries(value: Any) -> list[dict[str, Any]]:
    """The mappings in a list."""
    return [dict(one) for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A text; of a number or switch how YAML writes it; empty for what is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else ""


def allowed(several: list[str], one: str) -> bool:
    """Whether globs let something pass, of which those with ``!`` in front deny."""
    if any(fnmatchcase(one, glob[1:]) for glob in several if glob.startswith("!")):
        return False
    return any(fnmatchcase(one, glob) for glob in several if not glob.startswith("!"))


def option(options: list[str], name: str) -> bool:
    """Whether sync options say ``name=true``."""
    return f"{name}=true" in options
