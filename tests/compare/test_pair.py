"""Pairs that differ are compared again after a rule took something out of them."""

from __future__ import annotations

from drift.compare.pair import Comparer
from drift.redaction.redact import Redactor
from tests.match.test_match import estate, live, said


def test_a_pair_is_compared_again_as_it_is_then() -> None:
    comparer = Comparer(estate(live("a")), Redactor("k"))
    declared = said("arn:a", Size=1, Color="red")
    [changed] = comparer.compare([(declared, live("a", Size=2, Color="blue"))]).changed
    again = comparer.again(changed)
    without = changed.live.but(attributes={"Size": 2, "Color": "red"})
    assert [change.path for change in again(changed.declared, changed.live)] == ["/Color", "/Size"]
    assert [change.path for change in again(changed.declared, without)] == ["/Size"]


def test_of_several_declarations_of_a_setting_the_one_that_is_live_counts() -> None:
    comparer = Comparer(estate(live("a")), Redactor("k"))
    declared = said("arn:a", Size=1).but(rivals=(said("arn:a", Size=2), said("arn:a", Size=3)))
    told = comparer.compare([(declared, live("a", Size=2))])
    assert (told.changed, told.in_sync) == ([], 1)
    [changed] = comparer.compare([(declared, live("a", Size=4))]).changed
    assert [(one.declared, one.live) for one in changed.verdict.changes] == [(1, 4)]
