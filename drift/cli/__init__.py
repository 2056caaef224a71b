"""The command line: options, commands, progress and tables."""

from __future__ import annotations

from drift.cli.console import main

__all__ = ["main"]
