"""What is read first where not all may be, as a history tells it: runs may have no volume for reports."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select, update

from drift.config.model import load
from drift.deadline import Deadline
from drift.history.database import Database
from drift.history.place import Place
from drift.history.tables import COVERAGE, RUNS
from drift.live.order import Ledger, Order
from drift.model import Cell
from drift.scan import Run
from tests.history.support import TOPICS, Nights, at
from tests.rules.support import ACCOUNT, QUEUE, write

EAST, WEST = (Cell("aws", ACCOUNT, region, QUEUE) for region in ("us-east-1", "eu-west-1"))
TOPIC = Cell(TOPICS["provider"], TOPICS["scope"], TOPICS["region"], TOPICS["type"])


def order(nights: Nights, **more: str) -> Order:
    """What a later run begins with, that has the history alone."""
    run = Run(load(nights.folder / "drift.yaml", **more), remembered=nights.place, deadline=Deadline(60))
    return run.order


def test_the_longest_unread_comes_first_where_no_report_is_left(nights: Nights) -> None:
    nights.delays(0, types=[QUEUE, "AWS::SNS::Topic"])
    nights.delays(1, unread=["eu-west-1"])
    known = order(nights)
    assert (known.last(WEST), known.last(EAST), known.last(TOPIC)) == (at(0), at(1), at(1))
    assert sorted([EAST, WEST], key=lambda one: known.cells([one])) == [WEST, EAST]
    assert (known.scope("aws", ACCOUNT), known.scope("azure", TOPIC.scope)) == (at(0), at(1))
    assert known.last(EAST._replace(type="AWS::SNS::Topic")) is None  # of which the last run knew nothing
    # a run of some types says when these were read, and of what it left out nothing new
    nights.delays(2, unread=["eu-west-1"], only=[QUEUE])
    known = order(nights)
    assert (known.last(WEST), known.last(EAST)) == (at(0), at(2))
    with Database(nights.place) as database, database.writing() as connection:
        last = select(func.max(RUNS.c.number)).scalar_subquery()
        left = update(COVERAGE).where(COVERAGE.c.current, COVERAGE.c.type == TOPIC.type)
        connection.execute(left.values(status="skipped", from_run=last, read_at=at(1)))
    assert order(nights).last(TOPIC) == at(1)


def test_another_environment_has_an_order_of_its_own(nights: Nights) -> None:
    nights.delays(0)
    write(nights.folder, {"drift.yaml": "version: 1\nenvironments: {staging: {}}\n"})
    assert order(nights, environment="staging").last(EAST) is None


def test_a_history_that_is_not_there_or_out_of_reach_leaves_the_report(
    nowhere: Place, tmp_path: Path
) -> None:
    rows = [{**EAST._asdict(), "status": "checked", "read_at": at(3)}]
    nights = Nights(tmp_path, nowhere)
    write(tmp_path, {"drift.yaml": "version: 1\n"})
    assert order(nights).last(EAST) is None
    nights.place = Place("sqlite:////nowhere/history.db", "/nowhere/history.db", Path("/proc/no/history.db"))
    assert order(nights).last(EAST) is None
    assert Order.of([Ledger(at(3), rows), Ledger()]).last(EAST) == at(3)


def test_of_two_that_tell_the_newest_says_what_there_is_and_both_when_it_was_read() -> None:
    report = Ledger(at(1), [{**EAST._asdict(), "status": "failed", "last_read_at": at(0)}])
    rows = [{**cell._asdict(), "status": "failed", "read_at": at(-2)} for cell in (EAST, WEST)]
    history = Ledger(at(-1), rows)
    for both in ([report, history], [history, report]):
        known = Order.of(both)
        assert (known.last(EAST), known.last(WEST)) == (at(0), None)
