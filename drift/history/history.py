"""The history of one run: what is remembered is put into its report, and the run is recorded; whatever goes
wrong with that is said in the report."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from drift.deadline import Cut, Deadline
from drift.errors import DriftError
from drift.history.errors import HistoryError, NoHistory, Outdated
from drift.history.lost import lost
from drift.history.place import Place
from drift.history.sight import Sight
from drift.live.order import Ledger
from drift.live.tasks import unexpected
from drift.report.exit_code import unread

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from drift.history.compare import Outcome
    from drift.history.database import Database
    from drift.history.recall import Recall

T = TypeVar("T")
#: How long a run waits for its history, whatever hangs.
SECONDS = 120.0


@dataclass
class _Work:
    """What is to be remembered, and what has come of it so far."""

    report: Mapping[str, Any]
    sight: Sight
    code: Callable[[Mapping[str, Any]], int]
    outcome: Outcome | None = None
    first: dict[str, int] | None = None
    measures: dict[str, Any] | None = None

    def compare(self, connection: Connection) -> Outcome:
        """The report with what the history tells."""
        from drift.history import actions, record
        from drift.history.compare import compare
        from drift.history.told import told

        earlier = told(connection, self.report, partial=self.sight.partial)
        memory = record.memory(connection, self.report)
        outcome = compare(self.report, memory, partial(record.changes, connection), self.sight)
        outcome.report = _with(outcome.report, outcome, earlier, self.code)
        linked = actions.links(connection, self.report["run"]["environment"])
        for finding in outcome.report["findings"]:
            if told_of := linked.get(finding["id"]):
                finding["links"] = {**finding["links"], **told_of}
        self.outcome = outcome
        return outcome

    @property
    def whole(self) -> bool:
        return not self.report["problems"] and not unread(self.report["coverage"])


@dataclass(frozen=True, slots=True)
class Known:
    """The digest of each finding of an environment that is remembered as there, who did it, as JSON, and how
    often the clouds' logs answered that; ``since`` is when the run before began."""

    findings: Mapping[str, tuple[str | None, str | None, int]] = field(default_factory=dict)
    since: str | None = None


@dataclass
class History:
    """Where a run is remembered. ``keep`` are the seconds that what ended is remembered, ``keep_runs`` is
    how many runs of an environment are; ``notes`` are for people; ``problem`` says why it could not be."""

    place: Place
    clock: Deadline = field(default_factory=Deadline)
    seconds: float = SECONDS
    keep: int | None = None
    keep_runs: int | None = None
    notes: list[str] = field(default_factory=list)
    problem: str | None = None
    #: Why it could not be asked while the run judged.
    unasked: str | None = None
    #: The folder of the folders of runs, which tell whether there was another history.
    reports: Path | None = None
    expected: bool = False
    _recalled: Recall | None = field(default=None, init=False)
    _number: int | None = field(default=None, init=False)
    _run: Mapping[str, Any] = field(default_factory=dict, init=False)
    _given_up: threading.Event = field(default_factory=threading.Event, init=False)

    def recall(self, environment: str, version: str, *, partial: bool) -> Recall | None:
        """What is remembered of what nobody declares; None where that can't be read, which is then said."""
        try:
            found = self._ask(lambda: self._recall(environment, version, partial))
        except HistoryError as error:
            self.unasked = f"{error}; what nobody declares was not compared with what it was at first sight"
            return None
        self._recalled = found
        return found

    def ledger(self, environment: str) -> Ledger:
        """When each cell was last read; empty where that can't be read: :meth:`remember` says so."""

        def work() -> Ledger:
            from drift.history.ledger import ledger

            with self._open() as database:
                try:
                    with database.reading() as connection:
                        return ledger(connection, environment)
                except (NoHistory, Outdated):
                    return Ledger()

        try:
            return self._ask(work)
        except HistoryError:
            return Ledger()

    def known(self, report: Mapping[str, Any]) -> Known:
        """What is remembered of who did what is there. Nothing where it can't be read: :meth:`remember` says
        so."""
        try:
            return self._ask(lambda: self._known(report["run"]["environment"]))
        except HistoryError:
            return Known()

    def _known(self, environment: str) -> Known:
        from drift.history import record

        with self._open() as database:
            try:
                with database.reading() as connection:
                    since = record.began(connection, environment)
                    return Known(record.attributed(connection, environment), since)
            except (NoHistory, Outdated):
                return Known()

    @property
    def asked(self) -> bool:
        """Whether it could be asked while the run judged."""
        return self._recalled is not None

    def remember(
        self, report: Mapping[str, Any], sight: Sight, code: Callable[[Mapping[str, Any]], int]
    ) -> dict[str, Any]:
        """The report with the status of each finding, what has ended, ``run.history`` and what ``code`` tells
        of it (``run.exit_code``); the run is recorded.

        Where the history can't be read the findings have no status; where it can't be written they have
        theirs, and the next run will tell the same again.
        """
        self._run = report["run"]
        work = _Work(report, sight, code)
        try:
            self._number = self._ask(partial(self._remember, work))
            self.problem = self.unasked
        except HistoryError as error:
            self.problem = str(error)
        more: dict[str, Any] = {"problem": self.problem}
        if self.problem is None or self._number is not None:
            secrets = self._recalled.uncomparable if self._recalled else 0
            more |= {"first": work.first, "uncomparable": secrets}
            if work.outcome is not None and not work.outcome.report["run"]["history"]["runs"]:
                more["lost"] = lost(self.reports, report["run"]["environment"], expected=self.expected)
        measured = work.measures if self._number is not None else None
        return {**_with(report, work.outcome, more, code), "measures": measured}

    def written(self) -> None:
        """That the run's report was written: what was new in it is told; what is too old is forgotten."""
        if self._number is None:
            return
        try:
            self._ask(self._written)
        except HistoryError as error:
            self.problem = f"{error}; the next run will call new again what was new in this one"

    def acted(self, outcome: Mapping[str, Any]) -> None:
        """Remembers what was done about the findings of a run (``drift-remediation/1``)."""

        def work() -> None:
            from drift.history import actions

            with self._open() as database, database.writing() as connection:
                actions.record(connection, outcome)

        try:
            self._ask(work)
        except HistoryError as error:
            self.problem = str(error)

    def _remember(self, work: _Work) -> int:
        from drift.history import record
        from drift.history.learn import learn
        from drift.history.measures import measures

        with self._open() as database:
            try:
                with database.writing() as connection:
                    outcome = work.compare(connection)
                    if outcome.late:
                        self.notes.append(
                            f"cells that another run has read later than this one: {outcome.late}; what this "
                            "one found there may be out of date, and changes nothing of what is remembered"
                        )
                    sight = work.sight
                    number = record.record(
                        connection,
                        outcome,
                        partial=sight.partial,
                        whole=work.whole,
                        committed=sight.committed,
                        answered=sight.answered,
                    )
                    work.first = learn(connection, outcome.report, work.sight, outcome.stale)
                    run = outcome.report["run"]
                    work.measures = measures(connection, run["environment"], run["started_at"])
                    self._still()
            except HistoryError:
                if work.outcome is None:  # what can't be written may be read
                    with contextlib.suppress(HistoryError), database.reading() as connection:
                        work.compare(connection)
                raise
        return number

    def _recall(self, environment: str, version: str, partial: bool) -> Recall:
        from drift.history.recall import Recall, recall

        with self._open() as database:
            try:
                with database.reading() as connection:
                    return recall(connection, environment, version, partial=partial)
            except NoHistory:
                return Recall(version=version)
            except Outdated:
                with database.writing() as connection:
                    return recall(connection, environment, version, partial=partial)

    def _still(self) -> None:
        """Raises HistoryError where nobody waits for this any more, so that nothing is recorded behind the
        report's back."""
        if self._given_up.is_set():
            raise HistoryError(f"{self.place.shown}: given up")

    def _written(self) -> None:
        from drift.history import record
        from drift.history.keep import forget

        assert self._number is not None
        with self._open() as database, database.writing() as connection:
            record.written(connection, self._number)
            kept = {"seconds": self.keep, "runs": self.keep_runs}
            forget(connection, self._run["environment"], self._run["started_at"], **kept)
            self._still()

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
        self._given_up.clear()
        try:
            return self.clock.ask(work, self.seconds)
        except Cut as error:
            self._given_up.set()
            raise HistoryError(f"{self.place.shown}: {error.message}") from error
        except DriftError:
            raise
        except Exception as error:  # noqa: BLE001 - the report is worth more than its history
            raise HistoryError(f"{self.place.shown}: {unexpected(error)}") from error


def _with(
    report: Mapping[str, Any],
    outcome: Outcome | None,
    said: Mapping[str, Any],
    code: Callable[[Mapping[str, Any]], int],
) -> dict[str, Any]:
    """The report with what a history tells."""
    base = report if outcome is None else outcome.report
    empty = {
        "database": None,
        "since": None,
        "runs": 0,
        "compared_with": None,
        "first": None,
        "uncomparable": 0,
        "lost": None,
        "problem": None,
    }
    counts = None if outcome is None else outcome.counts()
    history = {**empty, **((base["run"]["history"] or {}) if outcome else {}), **said, "counts": counts}
    told = {**base, "run": {**base["run"], "history": history}}
    told["run"]["exit_code"] = code(told)
    return told
