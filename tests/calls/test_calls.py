"""Each call of each stand, failing in each way: a sample in every run, all in ``make chaos`` and by
``python -m tests.chaos --calls all``."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from drift.loopback import Answer, Server
from tests.calls.clouds import named
from tests.calls.sites import sites
from tests.calls.stand import FAULTS, Outcome, Stand
from tests.calls.stands import STANDS, reached, tried, untried
from tests.faulty import PLANTED, faulty

SEED = 19
#: Stands that are made in no time: one of them, and one of its calls, for each fault in every run.
_SLOW = ("aws: inventory", "aws: exist", "aws: every region", "aws: stacks", "vault: kept")
_QUICK = sorted(name for name in STANDS if not name.startswith(_SLOW))


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


#: Stores of secrets that ask no service; AWS' plugins and SMTP, which other gates and tests know.
ASK_NOBODY = {f"drift/secrets/{name}" for name in ("command", "environment", "file")} | {
    "channels/smtp",
    "providers/aws",
    "providers/aws/ses",
    "providers/aws/secrets_manager",
    "providers/aws/state",
}


def test_each_place_that_asks_is_tried() -> None:
    """Whoever adds a call has a stand make it, and writes that down (``--calls all --write``)."""
    there = {site.name for site in sites()}
    lacking = there - reached()
    assert {name for name in lacking if not any(re.match(one, name) for one in untried())} == set()
    assert [one for one in untried() if not any(re.match(one, name) for name in lacking)] == []
    assert reached() <= there, "the code is otherwise now"


def test_every_part_that_asks_is_looked_at() -> None:
    """Each part of the program that others are asked by has places that ask, or is AWS' or asks nobody."""
    named = {name.partition(":")[0].replace(".", "/") for name in _plugins()}
    parts = {site.file.removesuffix(".py") for site in sites()}
    lacking = {one for one in named if not any(part.startswith(one) for part in parts)}
    assert lacking - ASK_NOBODY == set()


def _plugins() -> Iterator[str]:
    """Where stores of secrets, backends, channels, forges and providers are."""
    for kind in ("secrets", "backends", "channels", "forges", "providers"):
        yield from (one.value for one in entry_points(group=f"drift.{kind}"))


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
