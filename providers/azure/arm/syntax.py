"""Parses the JSON of ARM templates, with comments, multi-line strings and trailing commas, and keeps the
lines."""

from __future__ import annotations

import re
from typing import Any

from drift import lined

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,38})(\.\d{1,30})?([eE][-+]?\d{1,3})?", re.A)


def parse(content: bytes, file: str) -> Any:
    """The value that the bytes mean. Raises DeclaredError naming file and line."""
    return lined.parse(lined.decode(content, file, "the template"), file, _number, relaxed=True)


def _number(text: str) -> int | float:
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError("a number has more digits than a template may use")
    return float(text) if found[1] or found[2] else int(text)
