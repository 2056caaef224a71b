"""Tells what a service writes into its answer by itself: moments, states of work, ids of a resource's parts,
its own addresses (``types/general.yaml``, ``outputs``).

A name alone proves nothing: the value must be of that kind, too, and nobody may have declared it.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any

from drift.pointer import unescape
from providers.azure.general import general
from providers.azure.ids import canonical


def reason(parts: list[str], value: Any, own: str, *, unknown: bool) -> str | None:
    """Why an undeclared value is one of the service's own; None where it need not be.

    ``own`` is the resource's canonical id; ``unknown``: no schema of its object knows the property.
    """
    name, words = parts[-1], general()["outputs"]
    if unknown and _fits("unknown", name):
        return "an address or a number of the service's own"
    if not isinstance(value, str):
        return None
    if _fits("moments", name) and _is_moment(value):
        return "when the service did it"
    if _fits("states", name) and value.lower() in words["words"]:
        return "how far the service is with it"
    if name == "id" and len(parts) > 1:
        part = canonical(value)
        if part.startswith(f"{own}/") and part.endswith(f"/{unescape(parts[-2]).lower()}"):
            return "the id of a part of it"
    return None


@cache
def _pattern(which: str) -> re.Pattern[str]:
    return re.compile(general()["outputs"][which], re.IGNORECASE)


def _fits(which: str, name: str) -> bool:
    return _pattern(which).search(name) is not None


def _is_moment(value: str) -> bool:
    try:
        datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        return False
    return True
