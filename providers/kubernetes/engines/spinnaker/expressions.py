"""Spring expressions (``${…}``) in manifests: what only an execution knows is no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Unresolved


def is_expression(value: Any) -> bool:
    """Whether a text holds an expression. Source: spinnaker.io, "Pipeline Expressions Guide"."""
    return isinstance(value, str) and "${" in value


def without(value: Any) -> Any:
    """A value in which what expressions give is unresolved; a mapping of which one gives a name is so as a
    whole."""
    if isinstance(value, Mapping):
        if any(map(is_expression, value)):
            return Unresolved("Spinnaker's expressions give its names")
        return {name: without(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without(item) for item in value]
    return Unresolved(f"Spinnaker's expression {value}") if is_expression(value) else value
