"""Resource records as files: snapshots and baselines."""

from __future__ import annotations

from drift.records.snapshot import context_of, coverage_of, is_records, kinds, read, write

__all__ = [
    "context_of",
    "coverage_of",
    "is_records",
    "kinds",
    "read",
    "write",
]
