"""Tags and labels of a resource, as its provider tells them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drift import plugins
from drift.model import Resource


def labels(resource: Resource) -> Iterable[tuple[str, Any]]:
    """(name, value) of every tag, label and annotation; none of a provider that is not installed."""
    if resource.provider not in plugins.names("providers"):
        return ()
    return plugins.provider(resource.provider).hooks.labels(resource)
