"""Each call of each stand, failing in each way: a sample in every run, all in ``make chaos`` and by
``python -m tests.chaos --calls all``."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from drift.loopback import Answer, Server
from tests.calls.clouds import named
from tests.calls.stand import FAULTS, Outcome, Stand
from tests.calls.stands import STANDS, tried
from tests.faulty import PLANTED, faulty

SEED = 19
#: Stands that are made in no time: one of them, and one of its calls, for each fault in every run.
_QUICK = sorted(name for name in STANDS if not name.startswith(("aws: inventory", "aws: exist")))


def _sample() -> list[tuple[str, str, str]]:
    chance = random.Random(SEED)  # noqa: S311
    names = chance.sample(_QUICK, len(FAULTS))
    return [(name, chance.choice(tried()[name]), fault) for name, fault in zip(names, FAULTS, strict=True)]


@pytest.mark.parametrize(("name", "call", "fault"), _sample())
def test_a_call_that_fails_is_said_and_finds_nothing(
    name: str, call: str, fault: str, tmp_path: Path
) -> None:
    with STANDS[name](tmp_path) as stand:
        assert stand.tried(call, fault) == []


@pytest.mark.chaos
@pytest.mark.parametrize("name", STANDS)
def test_each_call_in_each_way(name: str, tmp_path: Path) -> None:
    with STANDS[name](tmp_path) as stand:
        assert list(stand.calls) == tried()[name]
        wrong = [(call, fault, stand.tried(call, fault)) for call in stand.calls for fault in stand.faults]
        assert [one for one in wrong if one[2]] == []


def test_every_stand_has_calls_that_are_tried() -> None:
    assert tried().keys() == STANDS.keys()
    assert all(tried().values())


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(frozenset(["a", "b"]), "ab", "", unsure=True), "found, and not so: ['b']"),
        (Outcome(frozenset(), "", "", unsure=False), "is not what it is in good weather"),
        (Outcome(frozenset(["a"]), "a", "", unsure=False), "is told by nobody"),
        (Outcome(frozenset(), "", f"no: {PLANTED}", unsure=True), "repeats a secret"),
    ],
)
def test_the_harness_sees_what_is_wrong(outcome: Outcome, said: str) -> None:
    import urllib.request

    server = Server(lambda _: Answer(200, b"ok"))
    with faulty(server.url, "plain") as (url, weather):

        def act(_: float) -> Outcome:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
                    answer.read()
            except OSError:
                return outcome
            return Outcome(frozenset(["a"]), "a", "", unsure=False)

        stand = Stand("one", weather, act, named)
        assert any(one.startswith(said) for one in stand.tried("GET /", "denied"))
    server.close()
