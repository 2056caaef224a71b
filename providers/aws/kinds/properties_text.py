"""A text of settings, one a line, as Java's properties are: order, comments and blanks do not count."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind


def _properties(value: Any, context: Context) -> Canonical:
    """The settings of a text by name, the last of each.

    Source: ``load`` of https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html; continued lines
    and escapes, which Kafka's settings do not need, stay as they are.
    """
    if not isinstance(value, str):
        return value
    lines = (line.strip() for line in value.splitlines())
    said = (line.partition("=") for line in lines if line and line[0] not in "#!")
    return {name.strip(): setting.strip() for name, _, setting in said}


PROPERTIES_TEXT = Kind("properties-text", _properties)
