"""The history of one run: what is remembered is put into its report, and the run is recorded; whatever goes
wrong with that is said in the report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from drift.deadline import Cut, Deadline
from drift.history.errors import HistoryError
from drift.history.place import Place
from drift.history.sight import Sight
from drift.report.exit_code import unread

if TYPE_CHECKING:
    from drift.history.compare import Outcome
    from drift.history.database import Database

T = TypeVar("T")
#: How long a run waits for its history, whatever hangs.
SECONDS = 120.0


@dataclass
class History:
    """Where a run is remembered. ``notes`` are for people; ``problem`` says why it could not be."""

    place: Place
    clock: Deadline = field(default_factory=Deadline)
    seconds: float = SECONDS
    notes: list[str] = field(default_factory=list)
    problem: str | None = None
    _number: int | None = field(default=None, init=False)

    def remember(
        self, report: Mapping[str, Any], sight: Sight, code: Callable[[Mapping[str, Any]], int]
    ) -> dict[str, Any]:
        """The report with the status of each finding, what has ended, ``run.history`` and what ``code`` tells
        of it (``run.exit_code``); the run is recorded.

        Where the history can't be read the findings have no status; where it can't be written they have
        theirs, and the next run will tell the same again.
        """
        kept: list[Outcome] = []
        try:
            return self._ask(partial(self._remember, report, sight, code, kept))
        except HistoryError as error:
            self._number, self.problem = None, str(error)
            return _with(report, kept[-1] if kept else None, {"problem": self.problem}, code)

    def written(self) -> None:
        """That the run's report was written: what was new in it is told."""
        if self._number is None:
            return
        try:
            self._ask(self._written)
        except HistoryError as error:
            self.problem = f"{error}; the next run will call new again what was new in this one"

    def _remember(
        self,
        report: Mapping[str, Any],
        sight: Sight,
        code: Callable[[Mapping[str, Any]], int],
        kept: list[Outcome],
    ) -> dict[str, Any]:
        from drift.history import record
        from drift.history.compare import compare
        from drift.history.told import told

        with self._open() as database, database.writing() as connection:
            earlier = told(connection, report)
            memory = record.memory(connection, report)
            outcome = compare(report, memory, partial(record.changes, connection), sight)
            outcome.report = _with(outcome.report, outcome, earlier, code)
            kept.append(outcome)
            whole = not report["problems"] and not unread(report["coverage"])
            number = record.record(connection, outcome, partial=sight.partial, whole=whole)
        self._number = number
        return outcome.report

    def _written(self) -> None:
        from drift.history import record

        assert self._number is not None
        with self._open() as database, database.writing() as connection:
            record.written(connection, self._number)

    @contextlib.contextmanager
    def _open(self) -> Iterator[Database]:
        try:
            from drift.history.database import Database
        except ModuleNotFoundError as error:
            raise HistoryError(f"{self.place.shown}: {error.name} is not installed") from error
        with Database(self.place) as database:
            yield database
            self.notes += [note for note in database.notes if note not in self.notes]

    def _ask(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, within bounds."""
        try:
            return self.clock.ask(work, self.seconds)
        except Cut as error:
            raise HistoryError(f"{self.place.shown}: {error.message}") from error


def _with(
    report: Mapping[str, Any],
    outcome: Outcome | None,
    said: Mapping[str, Any],
    code: Callable[[Mapping[str, Any]], int],
) -> dict[str, Any]:
    """The report with what a history tells."""
    base = report if outcome is None else outcome.report
    empty = {"database": None, "since": None, "runs": 0, "compared_with": None, "problem": None}
    counts = None if outcome is None else outcome.counts()
    history = {**empty, **((base["run"]["history"] or {}) if outcome else {}), **said, "counts": counts}
    told = {**base, "run": {**base["run"], "history": history}}
    told["run"]["exit_code"] = code(told)
    return told
