"""Looks at everything that a run needs before there is one, and says what each lack would blind."""

from __future__ import annotations

from drift.preflight.document import document, json_schema
from drift.preflight.looking import SECONDS, Looked, look

__all__ = ["SECONDS", "Looked", "document", "json_schema", "look"]
