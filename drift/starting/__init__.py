"""Looks at a folder and writes a first drift.yaml for it."""

from __future__ import annotations

from drift.starting.looking import OWN, Looked, look
from drift.starting.text import text

__all__ = ["OWN", "Looked", "look", "text"]
