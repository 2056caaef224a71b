"""The patterns of driftctl's file."""

from __future__ import annotations

import pytest

from drift.rules.driftctl import _compiled


@pytest.mark.parametrize(
    ("pattern", "fits", "not_"),
    [
        ("aws_sqs_queue.*", "aws_sqs_queue.x.y", "aws_sqs_queue"),
        ("*.a*b*c", "x.aXbYbZc", "x.abcd"),
        ("a\\*b", "a*b", "axb"),
        ("a\\.b", "a.b", "axb"),
        ("*a*", "bab", "bbb"),
        ("a**b", "ab", "a"),
        ("*" + "a*" * 40 + "b", "a" * 40 + "b", "a" * 200),
        ("a\\", "a\\", "a"),
    ],
)
def test_a_star_is_any_text(pattern: str, fits: str, not_: str) -> None:
    assert _compiled(pattern).fullmatch(fits)
    assert not _compiled(pattern).fullmatch(not_)
