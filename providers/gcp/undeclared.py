"""Decides whether a live value that Git leaves unsaid is a change: what people add is, what the service fills in is not."""

from __future__ import annotations

from typing import Any

from drift.facts import TypeFacts
from drift.model import Resource


class Judge:
    """One pair's undeclared values."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts) -> None:
        self.declared, self.live, self.facts = declared, live, facts

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change; None where it is one."""
        if value is False or value == 0:
            return "false and zero are unset"
        return None
