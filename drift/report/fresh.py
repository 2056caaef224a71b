"""Whether a finding is one that the run before did not have so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fresh(finding: Mapping[str, Any]) -> bool:
    """Whether it is drift that is new, came back, or changed again. Without a history nobody knows what is
    known already, so that all of it counts."""
    status = finding.get("status")
    if status in ("pending", "unknown"):
        return False
    return status != "recurring" or bool((finding.get("history") or {}).get("changed_again"))
