"""Whether a finding is one that the run before did not have so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fresh(finding: Mapping[str, Any]) -> bool:
    """Whether it is drift that is new, came back, or changed again. Without a history nobody knows what is
    known already, so that all of it counts."""
    status, history = finding.get("status"), finding.get("history") or {}
    if status in ("pending", "unknown"):
        return False
    known = status == "recurring" or (status == "flapping" and not came_back(finding))
    return not known or bool(history.get("changed_again"))


def came_back(finding: Mapping[str, Any]) -> bool:
    """Whether it had ended and is there again since this run: one that comes and goes is called so in later
    runs, too."""
    history = finding.get("history") or {}
    if finding.get("status") == "flapping":
        return not history or history.get("reopened_at") == history.get("last_seen")
    return finding.get("status") == "new" and bool(history.get("reopened"))
