"""Compares what Git declares with what is live, and says what differs: the core, which knows no cloud."""

from __future__ import annotations

__version__ = "0.1.0"
