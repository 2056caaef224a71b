"""Who asks a service at once, and in which order types are begun with."""

from __future__ import annotations

import threading
import time

from providers.aws.facts import catalogue
from providers.aws.live import _longest_first
from providers.aws.pace import Places

CHAINS = 3


def test_a_place_that_is_given_back_is_that_of_who_waits_for_longest() -> None:
    """So that chains of calls go on side by side, and none is left to the end."""
    places, made = Places(1), list[int]()
    places.acquire()

    def call(number: int) -> None:
        places.acquire()
        made.append(number)
        places.release()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CHAINS)]
    for number, thread in enumerate(threads):
        thread.start()
        until = time.monotonic() + 60
        while len(places._waiting) <= number and time.monotonic() < until:
            time.sleep(0.001)
    assert made == []
    places.release()
    places.acquire()  # which is a call of the same chain again

    assert made == list(range(CHAINS))
    for thread in threads:
        thread.join(60)


def test_no_more_than_so_many_have_a_place() -> None:
    places, there, most = Places(2), list[int](), list[int]()

    def work() -> None:
        for _ in range(50):
            places.acquire()
            there.append(1)
            most.append(len(there))
            there.pop()
            places.release()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(most) == 300
    assert max(most) <= 2
    for _ in range(2):  # which are both free again
        places.acquire()


def test_what_is_declared_and_takes_most_calls_is_begun_with() -> None:
    declared = frozenset({"AWS::SNS::Topic", "AWS::S3::Bucket", "AWS::Logs::LogGroup"})

    order = [entry.type for entry in _longest_first(catalogue().entries.values(), declared)]

    assert order[0] == "AWS::S3::Bucket"
    assert {*order[:3]} == declared
    assert sorted(order) == sorted(catalogue().entries)
