"""What was looked at as JSON, `drift-preflight/1`, and its schema."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from drift import __version__
from drift.preflight.looking import Looked

SCHEMA = "drift-preflight/1"
_STATUSES = ("well", "note", "unknown", "blind", "stops")


def document(looked: Looked) -> dict[str, Any]:
    """All checks in the order in which a run needs what they look at, and the exit code that they make."""
    counted: Counter[str] = Counter(one.status for one in looked.checks)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "configuration": looked.configuration,
        "exit_code": looked.exit_code,
        "summary": {status: counted[status] for status in _STATUSES},
        "checks": [one.record() for one in looked.checks],
    }


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    schema: dict[str, Any] = orjson.loads(Path(__file__).with_name("preflight.schema.json").read_bytes())
    return schema
