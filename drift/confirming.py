"""Reads once more, singly, what would raise an alarm: clouds tell some things late, and a run that goes on
with an earlier one may rest on what is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from drift.deadline import Deadline
from drift.errors import CellError
from drift.finding import Finding, Unverifiable
from drift.live.estate import Estate
from drift.live.tasks import unexpected
from drift.match import Matches
from drift.model import Resource
from drift.task import Confirms, Live

#: So many are asked for at once.
_AT_ONCE = 8
#: Nothing of these is asked: they are to be made, or to be imported, yet.
_AWAITED = frozenset({"creation", "import"})
#: Why a finding was not read once more.
LATE = "the time for it is over (confirm)"


def too_many(most: int) -> str:
    """The same, where there are more than are read."""
    return f"more than {most:,} findings need it (confirm)"


@dataclass(slots=True)
class Answers:
    """What came of it. ``changed`` says whether the estate holds something else now; ``notes`` are of
    findings, by id, of which nobody could tell; ``withdrawn`` are the missing ones of these that rest on an
    earlier run's reading alone, with the reason."""

    asked: int = 0
    confirmed: int = 0
    otherwise: int = 0
    untold: int = 0
    changed: bool = False
    notes: dict[str, str] = field(default_factory=dict)
    withdrawn: dict[str, str] = field(default_factory=dict)

    def add(self, other: Answers) -> None:
        """What came of others."""
        self.asked += other.asked
        self.confirmed += other.confirmed
        self.otherwise += other.otherwise
        self.untold += other.untold
        self.changed = self.changed or other.changed
        self.notes |= other.notes
        self.withdrawn |= other.withdrawn

    def leave(self, one: Finding, estate: Estate, why: str) -> None:
        """Nobody could tell of a finding, and why."""
        self.untold += 1
        if one.kind == "missing" and earlier(one, estate):
            row = estate.status(one.resource.cell)
            at = row.read_at if row is not None else None
            reason = f"its place was read at {at}, by an earlier run, and it could not be asked for since"
            self.withdrawn[one.id] = f"{reason}: {why}"
        else:
            self.notes[one.id] = f"not confirmed by a second reading: {why}"

    def record(self) -> dict[str, int]:
        """As ``run.confirmed`` of the report has it."""
        return {
            "asked": self.asked,
            "confirmed": self.confirmed,
            "otherwise": self.otherwise,
            "untold": self.untold,
        }


def doubtful(findings: Iterable[Finding], estate: Estate) -> Iterator[Finding]:
    """The findings that are read once more, in the order in which they are: what is missing, what is
    critical, what rests on an earlier run's reading."""
    ranked: list[tuple[int, Finding]] = []
    for one in findings:
        origin = one.declared.origin if one.declared else None
        live = one.live
        if (origin is not None and origin.pending in _AWAITED) or (live is not None and live.bare):
            continue
        if one.kind == "missing":
            ranked.append((0, one))
        elif one.severity == "critical":
            ranked.append((1, one))
        elif earlier(one, estate):
            ranked.append((2, one))
    return (one for _, one in sorted(ranked, key=lambda each: each[0]))


def earlier(finding: Finding, estate: Estate) -> bool:
    """Whether a finding rests on an earlier run's reading."""
    row = estate.status(finding.resource.cell)
    return row is not None and row.by is not None


def confirm(
    findings: Iterable[Finding],
    estate: Estate,
    lives: Mapping[str, Live],
    arrived: Callable[[Resource], Resource],
    *,
    most: int,
    clock: Deadline,
) -> Answers:
    """Asks about the doubtful ones of some findings, about ``most`` of them and until the clock says that
    there is no more time, and puts into the estate what is otherwise. ``arrived`` brings a resource to the
    form in which it is kept."""
    found = Answers()
    chosen = list(doubtful(findings, estate))
    asked = _Asked(lives, clock)
    told = asked.all(chosen[:most])
    for number, one in enumerate(chosen):
        answer: Any = told.get(one.id)
        if answer is None:
            found.leave(one, estate, LATE if number < most else too_many(most))
            continue
        found.asked += 1
        if isinstance(answer, CellError):
            found.leave(one, estate, answer.message)
        elif _take(one, answer[0] and arrived(answer[0]), estate):
            found.otherwise += 1
            found.changed = True
        else:
            found.confirmed += 1
    return found


def _take(one: Finding, again: Resource | None, estate: Estate) -> bool:
    """Puts into the estate what was read again; False where that is what is there."""
    resource = one.live or one.resource
    known = None if one.live is None else estate.get(resource.cell, str(resource.id))
    if again is None:
        if known is None:
            return False
        estate.remove(resource.cell, str(resource.id))
        return True
    if known is not None and known.attributes == again.attributes:
        return False
    if known is not None:
        estate.remove(known.cell, str(known.id))
    return estate.add(again)


class _Asked:
    """The asking, on threads that the run can leave behind."""

    def __init__(self, lives: Mapping[str, Live], clock: Deadline) -> None:
        self._lives, self._clock = lives, clock
        self._told: dict[str, tuple[Resource | None] | CellError] = {}
        self._lock = threading.Lock()

    def all(self, findings: list[Finding]) -> dict[str, tuple[Resource | None] | CellError]:
        """By a finding's id what was read, or why that can't be told; of what was not asked in time
        nothing."""
        left = iter(findings)
        threads = [
            threading.Thread(target=self._work, args=(left,), daemon=True, name=f"confirm-{number}")
            for number in range(min(_AT_ONCE, len(findings)))
        ]
        for one in threads:
            one.start()
        for one in threads:
            while one.is_alive() and not self._clock.passed:
                one.join(min(0.2, max(self._clock.left(), 0.01)))
        with self._lock:
            return dict(self._told)

    def _work(self, left: Iterator[Finding]) -> None:
        while not self._clock.passed:
            with self._lock:
                one = next(left, None)
            if one is None:
                return
            answer = self._one(one)
            with self._lock:
                self._told[one.id] = answer

    def _one(self, finding: Finding) -> tuple[Resource | None] | CellError:
        resource = finding.live or finding.resource
        live = self._lives.get(resource.provider)
        if not isinstance(live, Confirms):
            return CellError("unsupported", f"{resource.provider} does not read single resources")
        try:
            return (live.confirm(resource),)
        except CellError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever a provider does wrong is said beside the finding
            return CellError("failed", unexpected(error))


def noted(finding: Finding, note: str | None) -> Finding:
    """A finding with one more note."""
    if not note:
        return finding
    return replace(finding, note=f"{finding.note}; {note}" if finding.note else note)


def withdraw(matches: Matches, withdrawn: Mapping[str, str], environment: str) -> None:
    """Of what seems to be missing, and of which nobody knows whether it is, no verdict is possible."""
    for one in list(matches.missing) if withdrawn else ():
        why = withdrawn.get(Finding("missing", one, None, environment=environment).id)
        if why is not None:
            matches.missing.remove(one)
            address = one.origin.address if one.origin else None
            place = one.provider, one.scope, one.type, str(one.id or address or one.name)
            matches.unverifiable.append(Unverifiable(*place, "", why, one.origin))
