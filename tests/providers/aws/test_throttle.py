"""The token bucket: how fast calls may follow one another, by what became of those before."""

from __future__ import annotations

import math
import threading

import pytest

from drift.deadline import Deadline, Passed
from providers.aws.throttle import Bucket, Rates


class Clock:
    """Time that passes while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def bucket(clock: Clock, **rates: float) -> Bucket:
    return Bucket(Deadline(), Rates(**rates), now=lambda: clock.now, sleep=clock.sleep)


def taken(of: Bucket, clock: Clock, calls: int) -> float:
    """The seconds that so many calls take."""
    began = clock.now
    for _ in range(calls):
        of.take()
    return clock.now - began


def test_as_many_calls_as_a_seconds_begin_at_once_and_then_by_the_rate() -> None:
    clock = Clock()
    one = bucket(clock, first=4)
    assert taken(one, clock, 4) == 0
    assert taken(one, clock, 8) == pytest.approx(2)


def test_a_burst_begins_at_once_until_a_call_is_refused() -> None:
    clock = Clock()
    one = bucket(clock, first=10, most=10, burst=40)
    assert taken(one, clock, 40) == 0
    assert taken(one, clock, 10) == pytest.approx(1)
    one.refused(one.take())
    clock.sleep(100)
    assert taken(one, clock, 5) == 0
    assert taken(one, clock, 5) == pytest.approx(1)


def test_a_refusal_halves_the_rate_once_for_all_calls_that_were_under_way() -> None:
    clock = Clock()
    one = bucket(clock, first=8)
    ages = [one.take() for _ in range(8)]
    for age in ages:
        one.refused(age)
    assert one.rate == 4
    assert taken(one, clock, 4) == pytest.approx(1)
    one.refused(one.take())
    assert one.rate == 2


def test_it_recovers_slowly_and_neither_ends_nor_runs_away() -> None:
    clock = Clock()
    one = bucket(clock, first=8, fewest=1, most=10)
    for _ in range(9):
        one.refused(one.take())
    assert one.rate == 1
    for _ in range(10):
        one.answered()
    assert one.rate == pytest.approx(2)
    for _ in range(1000):
        one.answered()
    assert one.rate == 10


def test_it_follows_a_quota_without_more_than_a_few_refusals() -> None:
    """A service that takes five calls a second, asked 500 times."""
    clock = Clock()
    one = bucket(clock, first=32)
    allowed, filled, refused = 5.0, 0.0, 0
    left = 500
    while left:
        age = one.take()
        allowed, filled = min(5.0, allowed + (clock.now - filled) * 5), clock.now
        if allowed < 1:
            refused += 1
            one.refused(age)
        else:
            allowed -= 1
            left -= 1
            one.answered()
    assert refused < 50
    assert clock.now < 500 / 5 * 1.6


def test_nobody_waits_beyond_the_runs_deadline() -> None:
    one = Bucket(Deadline(1), Rates(first=0.5))
    one.take()
    with pytest.raises(Passed, match=r"used up: what it would have waited for comes in 2 seconds"):
        one.take()


def test_threads_share_it() -> None:
    clock = Clock()
    one = bucket(clock, first=1000)
    ages: list[int] = []
    threads = [threading.Thread(target=lambda: ages.extend(one.take() for _ in range(100))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ages == [0] * 400


def test_without_a_first_rate_nobody_waits_until_a_call_is_refused() -> None:
    clock = Clock()
    one = bucket(clock, first=math.inf, fewest=2, most=math.inf)
    for _ in range(40):
        age = one.take()
        clock.now += 0.05
        one.answered()
    assert clock.now == pytest.approx(2)  # none of them slept
    one.refused(age)
    assert one.rate == pytest.approx(10, rel=0.1)  # half of the twenty of a second
    one.refused(age)
    assert one.rate == pytest.approx(10, rel=0.1)
    assert taken(one, clock, 5) == pytest.approx(0.5, rel=0.15)


def test_one_refused_call_of_few_leaves_the_fewest() -> None:
    clock = Clock()
    one = bucket(clock, first=math.inf, fewest=2, most=math.inf)
    one.refused(one.take())
    assert one.rate == 2
