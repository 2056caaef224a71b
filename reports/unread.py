"""What could not be read, for formats that tell of findings only: no drift is claimed over it there, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.visible import visible
from reports import ledger


def said(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(status, sentence) of each group of cells that was not read, then of each input record."""
    for gap in ledger.gaps(report.get("coverage") or []):
        if gap.status != "skipped":
            yield gap.status, f"{', '.join(gap.types)} in {gap.place} {gap.status}: {gap.message}"
    for problem in report.get("problems") or []:
        yield "problem", f"{visible(problem.get('source', ''))}: {visible(problem.get('message', ''))}"
