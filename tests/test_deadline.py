"""The clock of a run: what it still gives time for, and how it is stopped."""

from __future__ import annotations

import threading

import pytest

from drift import deadline as module
from drift.deadline import Cut, Deadline, Passed
from drift.limits import Limits, Pages
from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


@pytest.mark.parametrize(("seconds", "reserved"), [(60, 6), (3000, 300), (86400, 300)])
def test_a_part_of_the_time_is_for_reporting(clock: Clock, seconds: float, reserved: float) -> None:
    deadline = Deadline(seconds)
    assert (deadline.left(), deadline.rest()) == (seconds - reserved, seconds)
    clock.now += seconds - reserved
    assert deadline.passed and deadline.rest() == reserved


def test_it_begins_with_the_process(clock: Clock) -> None:
    assert Deadline(100, began=clock.now - 50).rest() == 50


def test_without_one_there_is_time_until_it_is_stopped(clock: Clock) -> None:
    deadline = Deadline()
    clock.now += 1e9
    assert deadline.within(30) == 30 and not deadline.passed
    deadline.stop("SIGTERM")
    assert deadline.left() == 0 and deadline.rest() == module.GRACE_SECONDS
    with pytest.raises(Passed, match="deadline: stopped by SIGTERM"):
        deadline.check()


def test_a_call_is_given_no_more_than_is_left(clock: Clock) -> None:
    deadline = Deadline(100)
    assert deadline.within(30) == 30
    clock.now += 70
    assert deadline.within(30) == 20
    clock.now += 20
    with pytest.raises(Passed):
        deadline.within(30)


def test_nobody_waits_for_what_comes_too_late(clock: Clock) -> None:
    deadline = Deadline(100, said="100s")
    deadline.sleep(60)
    assert clock.waited == 60
    with pytest.raises(Passed, match="deadline: the 100s .* comes in 31 seconds"):
        deadline.sleep(31)
    assert clock.waited == 60


def test_a_stop_ends_a_wait() -> None:
    deadline = Deadline()
    threading.Timer(0.1, deadline.stop, ["SIGTERM"]).start()
    with pytest.raises(Passed):
        deadline.sleep(3600)


def test_what_takes_no_time_out_is_left_behind() -> None:
    never = threading.Event()
    with pytest.raises(Cut, match="did not end within 0.1 seconds"):
        Deadline().ask(never.wait, 0.1)
    with pytest.raises(Passed):
        Deadline(0.3).ask(never.wait)
    never.set()


def test_what_is_asked_answers_or_raises() -> None:
    assert Deadline().ask(lambda: 7) == 7
    with pytest.raises(KeyError):
        Deadline().ask(lambda: {}["a"])


def test_a_part_is_over_before_the_whole_and_stops_with_it(clock: Clock) -> None:
    whole = Deadline(100)
    part = whole.part(0.5)
    assert part.left() == 45
    clock.now += 45
    assert part.passed and not whole.passed
    assert "its part" in part.reason
    whole.stop("SIGTERM")
    assert "SIGTERM" in part.reason
    assert Deadline().part(0.5).left() == float("inf")


def test_a_cut_names_its_call_once() -> None:
    assert str(Cut("too much").of("sqs:ListQueues").of("other")) == "sqs:ListQueues: too much"
    told = Passed("deadline: over").of("sqs:ListQueues")
    assert (str(told), told.status, type(told)) == ("deadline: over; at sqs:ListQueues", "failed", Passed)


def test_pages_end() -> None:
    pages = Pages(Limits(pages=3), "list")
    for token in "abc":
        pages.turn(token)
    with pytest.raises(Cut, match="list: .* more than 3 pages"):
        pages.turn("d")
    with pytest.raises(Cut, match="read already"):
        pages.turn("a")
