"""Two answers about one resource name each value once."""

from __future__ import annotations

from drift.compare.overlap import together, without
from drift.finding import Change
from drift.model import MISSING


def test_a_part_is_taken_out_of_the_whole() -> None:
    whole = Change("/Config", MISSING, {"Public": True, "Size": 1, "In": {"Open": True}}, undeclared=True)
    parts = [Change("/Config/Public", False, True), Change("/Config/In/Open", False, True)]
    assert together([Change("/B", 1, 2), whole], parts) == [
        Change("/B", 1, 2),
        Change("/Config", MISSING, {"Size": 1}, undeclared=True),
        Change("/Config/In/Open", False, True),
        Change("/Config/Public", False, True),
    ]


def test_what_is_left_of_nothing_is_not_told() -> None:
    part = Change("/Config/Public", False, True)
    assert together([Change("/Config", MISSING, {"Public": True})], [part]) == [part]


def test_a_whole_says_what_its_parts_say() -> None:
    whole = Change("/Config", False, {"Public": True})
    assert together(
        [Change("/Config/Public", 1, 2), Change("/Config", 1, 3), Change("/C", 1, 2)], [whole]
    ) == [
        Change("/C", 1, 2),
        whole,
    ]


def test_both_sides_of_a_change_lose_the_part() -> None:
    whole = Change("/A", {"x": 1, "y": 2}, {"x": 3, "y": 4})
    part = Change("/A/x", 1, 3)
    assert together([whole], [part]) == [Change("/A", {"y": 2}, {"y": 4}), part]


def test_what_is_left_of_a_whole_without_what_its_parts_say() -> None:
    whole = Change("/Policy", MISSING, {"Statement": {"Own": 1, "Open": 2}}, undeclared=True)
    open_ = Change("/Policy/Statement/Open", MISSING, 2, undeclared=True)
    assert without(whole, [open_, Change("/Other", 1, 2)]) == Change(
        "/Policy", MISSING, {"Statement": {"Own": 1}}, undeclared=True
    )
    assert without(whole, [whole]) is whole
