"""What is looked at before a run, and what it would blind: the words in which providers and the core tell
it."""

from __future__ import annotations

import base64
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple

import orjson

from drift.deadline import Deadline, Passed
from drift.errors import CellError, DriftError
from drift.model import Cell

#: What is looked at.
Area = Literal[
    "configuration",
    "secret",
    "program",
    "credentials",
    "permission",
    "quota",
    "clock",
    "reach",
    "folder",
    "history",
]
#: ``well``; ``note``: known, and nothing is lost by it; ``unknown``: it could not be looked at, and only a
#: run tells; ``blind``: a part of a run will be unread, or untold; ``stops``: no run can begin.
CheckStatus = Literal["well", "note", "unknown", "blind", "stops"]
#: At most so many scopes are asked at once.
AT_ONCE = 8
_LOOK_UP_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: ``where`` is the scope, the file, the host; ``what`` the permission, the
    program, the identity; ``blinds`` are the cells of which a run would read nothing, ``*`` for all of a
    kind."""

    area: Area
    where: str
    what: str
    status: CheckStatus
    message: str = ""
    provider: str | None = None
    blinds: tuple[Cell, ...] = ()

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "area": self.area,
            "provider": self.provider,
            "where": self.where,
            "what": self.what,
            "status": self.status,
            "message": self.message,
            "blinds": [
                {"provider": one.provider, "scope": one.scope, "region": one.region, "type": one.type}
                for one in self.blinds
            ],
        }


class Program(NamedTuple):
    """A program that reading a declared language takes: the first of ``commands`` that is there, each its
    name and the arguments by which it tells its version; ``purpose`` says what for (``to render charts``).
    ``always``: nothing of the language is read without it."""

    commands: tuple[tuple[str, ...], ...]
    purpose: str
    always: bool = True


class Probe(NamedTuple):
    """Something to be asked, of one scope or place. ``ask`` gives what it finds; a CellError, or an error
    that a user can act on, blinds ``cell``, where there is one."""

    area: Area
    where: str
    what: str
    ask: Callable[[], Iterable[Check]]
    cell: Cell | None = None

    def failed(self, status: CheckStatus, message: str) -> Check:
        """That it could not be asked."""
        provider = None if self.cell is None else self.cell.provider
        cells = (self.cell,) if self.cell is not None and status == "blind" else ()
        return Check(self.area, self.where, self.what, status, message, provider, cells)


def probed(probes: Sequence[Probe], deadline: Deadline, most: int = AT_ONCE) -> Iterator[Check]:
    """What probes find, as it comes, ``most`` of them at once, on threads that are left behind when the clock
    stops: what did not end by then is ``unknown``. One that fails hides no other."""
    done: queue.SimpleQueue[tuple[int, list[Check]]] = queue.SimpleQueue()
    waiting = queue.SimpleQueue[int]()
    for number in range(len(probes)):
        waiting.put(number)

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            done.put((number, _found(probes[number])))

    for _ in range(min(most, len(probes))):
        threading.Thread(target=work, daemon=True, name="probe").start()
    left = set(range(len(probes)))
    while left and not deadline.passed:
        try:
            number, checks = done.get(timeout=min(_LOOK_UP_SECONDS, max(deadline.left(), 0.01)))
        except queue.Empty:
            continue
        left.discard(number)
        yield from checks
    for number in sorted(left):
        yield probes[number].failed("unknown", deadline.reason)


def _found(probe: Probe) -> list[Check]:
    found: list[Check] = []
    try:
        found.extend(probe.ask())
    except Passed as error:
        found.append(probe.failed("unknown", str(error)))
    except (CellError, DriftError) as error:
        found.append(probe.failed("blind", str(error)))
    except Exception as error:  # noqa: BLE001 - a plugin's fault is told as one
        found.append(probe.failed("unknown", f"unexpected {type(error).__name__}: {error}"))
    return found


def skew(where: str, date: str | None, provider: str, most: float, cells: Sequence[Cell] = ()) -> Check:
    """How far the clock here is from an answer's header ``Date``, just after it came. More than ``most``
    seconds: the cloud refuses what is signed here."""
    try:
        there = None if date is None else parsedate_to_datetime(date)
    except (TypeError, ValueError):
        there = None
    if there is None:
        said = "the answer does not say what time it is there"
        return Check("clock", where, "clock", "note", said, provider)
    there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
    seconds = (datetime.fromtimestamp(time.time(), UTC) - there).total_seconds()
    words = f"{abs(seconds):.0f} seconds {'ahead of' if seconds > 0 else 'behind'} the cloud's"
    if abs(seconds) <= min(most, 60.0) / 2:
        return Check("clock", where, "clock", "well", "as the cloud's", provider)
    if abs(seconds) <= most:
        return Check("clock", where, "clock", "note", f"this machine's clock is {words}", provider)
    told = f"this machine's clock is {words}: more than {most:.0f} seconds are refused; set it (NTP)"
    return Check("clock", where, "clock", "blind", told, provider, tuple(cells))


def claims(token: str) -> Mapping[str, Any]:
    """What a token (JWT) says of itself, unverified: who it is for, and until when (``exp``). Nothing where
    it is of another form. Source: https://datatracker.ietf.org/doc/html/rfc7519."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        said = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def expiry(seconds: float) -> str:
    """How long a login still holds, for people."""
    if seconds <= 0:
        return "it has expired"
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"it holds for {seconds / length:.0f} {unit} more"
    return f"it holds for {seconds:.0f} seconds more"
