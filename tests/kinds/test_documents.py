"""Documents that travel as text are parsed only where that is safe."""

from __future__ import annotations

from drift.kinds.base import Context
from drift.kinds.registry import KINDS

NOWHERE = Context()


def test_yaml_that_nests_without_end_stays_text() -> None:
    text = "[" * 50_000
    assert KINDS["yaml"].canonical(text, NOWHERE) == text
    deep = "[" * 300 + "]" * 300
    assert KINDS["yaml"].canonical(deep, NOWHERE) == deep
