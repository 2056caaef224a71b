"""The files of a template as they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drift import reading
from drift.editing.json import Json
from drift.editor import NotEdited
from drift.lined import Map
from providers.azure.arm.syntax import parse


def parsed(path: Path, shown: str) -> Map:
    """What a file says, with its lines. Raises NotEdited, or DeclaredError where it can't be read."""
    found = parse(reading.content(path, shown), shown)
    if not isinstance(found, Map):
        raise NotEdited(f"{shown} holds no object")
    return found


def opened(path: Path) -> Json:
    """The document that is edited."""
    return Json(reading.content(path, path.name), path.name)


def escaped(value: Any) -> Any:
    """A value so that no text of it is an expression: a bracket at its beginning is doubled. Source:
    https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions, "Escape
    characters"."""
    if isinstance(value, str):
        return f"[{value}" if value.startswith("[") and value.endswith("]") else value
    if isinstance(value, dict):
        return {escaped(key): escaped(one) for key, one in value.items()}
    return [escaped(one) for one in value] if isinstance(value, list) else value
