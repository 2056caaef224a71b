"""Label selectors, as generators and cluster selectors have them.

Source: kubernetes.io, "Labels and Selectors".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.kubernetes.engines.argocd.said import entries, mapping, text
from providers.kubernetes.exceptions import texts


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a selector takes some labels; an empty one takes all."""
    said = mapping(selector)
    if any(labels.get(key) != text(value) for key, value in mapping(said, "matchLabels").items()):
        return False
    return all(_holds(one, labels) for one in entries(said.get("matchExpressions")))


def is_empty(selector: Any) -> bool:
    """Whether a selector selects nothing in particular."""
    said = mapping(selector)
    return not said.get("matchLabels") and not said.get("matchExpressions")


def _holds(one: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator, values = text(one.get("key")), one.get("operator"), texts(one.get("values"))
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    if operator == "In":
        return labels.get(key) in values
    return operator == "NotIn" and (key not in labels or labels[key] not in values)
