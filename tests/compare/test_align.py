"""A list's member that is gone, or new, is told as itself and does not shift the others."""

from __future__ import annotations

from typing import Any

import pytest

from drift.compare.align import align
from drift.model import MISSING
from tests.comparing import judge

A, B, C = ({"name": name, "port": port, "path": f"/{name}"} for name, port in (("a", 1), ("b", 2), ("c", 3)))


def told(want: list[Any], have: list[Any]) -> list[tuple[str, Any, Any]]:
    return [(one.path, one.declared, one.live) for one in judge({"L": want}, {"L": have}).changes]


@pytest.mark.parametrize(
    ("want", "have", "changes"),
    [
        ([A, B, C], [A, C], [("/L/1", B, MISSING)]),
        ([A, B, C], [B, C], [("/L/0", A, MISSING)]),
        ([A, B, C], [A, B], [("/L/2", C, MISSING)]),
        ([A, C], [A, B, C], [("/L/1", MISSING, B)]),
        ([B, C], [A, B, C], [("/L/0", MISSING, A)]),
        ([A, B], [], [("/L/0", A, MISSING), ("/L/1", B, MISSING)]),
        ([A, B, C], [A, {**C, "port": 9}], [("/L/1", B, MISSING), ("/L/2/port", 3, 9)]),
        (["-a", "-b", "-c"], ["-a", "-c"], [("/L/1", "-b", MISSING)]),
        (["x", "x", "y"], ["x", "y"], [("/L/1", "x", MISSING)]),
        ([A, B], [A, {**B, "port": 9}], [("/L/1/port", 2, 9)]),
        (
            [A, B],
            [B, A],
            [
                ("/L/0/name", "a", "b"),
                ("/L/0/path", "/a", "/b"),
                ("/L/0/port", 1, 2),
                ("/L/1/name", "b", "a"),
                ("/L/1/path", "/b", "/a"),
                ("/L/1/port", 2, 1),
            ],
        ),
    ],
)
def test_what_is_told(want: list[Any], have: list[Any], changes: list[tuple[str, Any, Any]]) -> None:
    assert told(want, have) == changes


def test_members_that_the_cloud_fills_in_are_the_same_ones() -> None:
    filled = [{**one, "protocol": "TCP", "weight": 1} for one in (A, C)]
    assert align([A, B, C], filled) == [(0, 0), (1, None), (2, 1)]


def test_a_long_list_is_paired_by_position() -> None:
    assert align(["a"] * 60, ["b"] * 61)[-1] == (None, 60)
