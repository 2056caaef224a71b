"""The digest of a finding's values, by which two runs can tell that a known finding has changed further."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson

#: What stands in place of a secret, in JSON: its hash is of the run's key, and nobody may guess by it.
_HIDDEN = re.compile(rb'\{"\$secret":\{[^{}]*\}\}|\$secret:[0-9a-f]{16}')


def digest(finding: Mapping[str, Any]) -> str | None:
    """16 hex digits of the paths and values of a finding of the report, secrets left out; None for what has
    no changes: it is there, or it is not."""
    if not finding["changes"]:
        return None
    said = (
        orjson.dumps({"path": change["path"]} | _values(change), option=orjson.OPT_SORT_KEYS)
        for change in finding["changes"]
    )
    lines = sorted(_HIDDEN.sub(b"$secret", line) for line in said)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


def _values(change: Mapping[str, Any]) -> dict[str, Any]:
    """Both sides as they were compared, so that another spelling is no further change."""
    said = change.get("compared", change)
    return {side: said[side] for side in ("declared", "live") if side in said}
