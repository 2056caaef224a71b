"""A live scan with history, outbox and checkpoints, disturbed at a few moments; ``python -m tests.chaos``
disturbs it at many."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.chaos.kinds import KINDS
from tests.chaos.night import Mark
from tests.chaos.nights import NEW, Shop, shop

SEED = 19
#: So many moments of each kind in ``make chaos``.
MANY = 3
#: In every run of the tests, one moment of each of these.
ALWAYS = ("kill -9 before a step on disk", "writing fails within a file")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("chaos")) as one:
        yield one


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        pytest.param(kind, number, marks=() if kind in ALWAYS and number == 1 else pytest.mark.chaos)
        for kind in KINDS
        for number in (1, MANY)
    ],
)
def test_nothing_is_lost_doubled_or_falsely_found(made: Shop, kind: str, number: int) -> None:
    for moment, work in KINDS[kind](made, random.Random(f"{SEED} {kind}"), number):  # noqa: S311
        night = work()
        assert night.wrong == [], moment


def test_the_harness_sees_what_is_wrong(made: Shop) -> None:
    """A false finding, one that is lost, a mail that is, a file that is left and a secret are each told."""
    night = made.again()
    night.end(night.begin())
    (found,) = [path for path in night.reports() if path.parent.name not in night.known]
    made.truth, truth = marks_of(made, NEW), made.truth
    try:
        night.held(found, 2, whole=False)
        made.truth = truth | {("changed", "AWS::SQS::Queue", "other", ())}
        night.held(found, 2, whole=False)
    finally:
        made.truth = truth
    for waiting in night.folder.glob("runs/outbox/*.message"):
        waiting.unlink()
    (night.folder / "tmp/drift-run-x").write_bytes(b"l1ve-Pa55phrase-of-the-shop")
    night.make_good()
    told = " ".join(night.wrong)
    for words in (
        "found, and not so",
        "not found, and not unread",
        "was mailed 0 times",
        "left: ",
        "has a secret",
    ):
        assert words in told, words


def marks_of(made: Shop, without: str) -> frozenset[Mark]:
    return frozenset(one for one in made.truth if one[2] != without)
