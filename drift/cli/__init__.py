"""The command line: options, commands, progress and tables."""

from __future__ import annotations

from drift.cli.app import main

__all__ = ["main"]
