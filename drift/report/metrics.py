"""The file of metrics that a scraper reads: written beside and renamed. What it said of the last whole run
stays where this one was not whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DriftError
from drift.files import replacing
from drift.report import runs

#: The format that metrics are written in.
FORMAT = "prometheus"
_KEPT = re.compile(rb"(?m)^(?:# (?:HELP|TYPE) )?drift_last_success_timestamp_seconds[ {].*\n")
_MOST = 10 * reading.MB


def write(report: Mapping[str, Any], path: Path) -> Path:
    """Writes the metrics of a report. Raises DriftError."""
    made = runs.rendering(report, FORMAT)
    if not _KEPT.search(made):
        made += b"".join(_KEPT.findall(_before(path)))
    with replacing(path) as out:
        out.write(made)
    return path


def _before(path: Path) -> bytes:
    """What the file holds now; nothing where there is none, or it can't be read."""
    try:
        return reading.content(path, str(path), most=_MOST, error=DriftError)
    except (DriftError, OSError):
        return b""
