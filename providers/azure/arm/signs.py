"""How a file is told to be an ARM template, without reading it whole."""

from __future__ import annotations

import re
from pathlib import Path

from drift.listing import beginning

SUFFIXES = (".json", ".jsonc")
_SCHEMA = re.compile(r'"\$schema"\s*:\s*"[^"]*/((?:\w*[dD])eploymentTemplate)\.json', re.A)


def looks_like_template(head: bytes) -> bool:
    """Whether a file that begins like this means to be an ARM template."""
    return bool(_SCHEMA.search(head.decode("utf-8-sig", "replace")[:8192]))


def is_template(file: Path) -> bool:
    """Whether a file means to be an ARM template."""
    return looks_like_template(beginning(file))
