"""Writes the live side as a snapshot: its records behind a header that tells of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drift import __version__, records
from drift.live.estate import Estate
from drift.moment import now, rfc3339
from drift.redaction import Redactor


def write(path: Path, estate: Estate, redactor: Redactor) -> int:
    """Writes it whole; the ending chooses the compression. Gives the number of resources."""
    return records.write(
        path, map(redactor.covered, estate), redactor.known.document(header(estate, redactor))
    )


def header(estate: Estate, redactor: Redactor) -> dict[str, Any]:
    """The header of a snapshot of this estate."""
    return {
        "taken_at": rfc3339(now()),
        "tool": f"drift {__version__}",
        **({"environment": next(iter(estate.environments))} if len(estate.environments) == 1 else {}),
        "redaction_key": redactor.key_id,
        "resources": len(estate),
        "coverage": [estate.coverage[cell].record() for cell in sorted(estate.coverage)],
        "context": {name: redactor.variables(estate.contexts[name]) for name in sorted(estate.contexts)},
    }
