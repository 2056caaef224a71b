"""Gives units to members, and what is lost with one of them to another: nothing is done twice at a time, and
nothing is left out unsaid."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from drift.deadline import Deadline
from drift.depot import DepotError
from drift.engine.contract import Call, Ended, Ending, Engine, Work
from drift.errors import DriftError

#: So many members are lost with a unit at most, or forget it: what they die of may be the unit itself.
LOSSES = 3
_NOBODY = "no worker has come to the scheduler: is one running, with a certificate of the same authority?"
_LOST: dict[Ending, str] = {
    "lost": "were lost",
    "unshared": "could not hand on by `engine.shared` what they had",
    "forgotten": "no longer held what they had read",
}
_DID = {"read": "read", "ask": "asked", "judge": "compared", "confirm": "read", "give": "gave"}
#: So many seconds nobody may be there before the rest is given up.
NOBODY_SECONDS = 60.0
#: A piece of work that its member does not end by itself when its time is over is waited for so much longer.
_LAST_SECONDS = 5.0
_LOOK_UP_SECONDS = 0.2
_REFUSED: dict[Ending, str] = {
    "key": "has another redaction key, or none: give all the same DRIFT_REDACTION_KEY",
    "version": "is another version of drift: install the same everywhere",
    "lacking": "has not the packages that drift.yaml needs (its log says which): install the same everywhere",
    "folder": "does not reach what `engine.shared` names: mount the folder there, at the same path, or let "
    "it read and write the object store (its log says why)",
}


class Done(NamedTuple):
    """A unit that was worked on; ``number`` is of the call that did. ``why`` it was not, else."""

    unit: int
    number: int
    why: str = ""


@dataclass(slots=True)
class Crew:
    """The members of one run. ``call`` makes a call of what it is to do, a unit, a number, its seconds and
    its share of rates."""

    engine: Engine
    call: Callable[[Work, int, int, float | None, float], Call]
    #: Told when a unit has been read, before anything else is done with it.
    arrived: Callable[[int, int], None] = lambda _unit, _number: None
    #: Tells why a member failed at a call, where it has said so.
    excuse: Callable[[int, int], str] = lambda _unit, _number: ""
    #: Unit → the member that holds it.
    held: dict[int, str] = field(default_factory=dict)
    _losses: Counter[int] = field(default_factory=Counter)
    _number: int = 0
    _met: bool = False
    _flying: dict[int, tuple[str, Call]] = field(default_factory=dict)

    def work(self, work: Work, units: Collection[int], clock: Deadline) -> Iterator[Done]:
        """Has something done to units, each by the member that holds it; one that nobody holds is read
        first. Gives each once, as they end. Raises DriftError where a member can't work for this run."""
        left = set(units)
        waiting = deque(units)
        nobody: float | None = None
        passed: float | None = None
        why = ""
        while left:
            members = self.engine.members()
            self._met = self._met or bool(members)
            now = time.monotonic()
            nobody = (nobody or now) if not members else None
            if nobody is not None and now - nobody > NOBODY_SECONDS:
                break
            over = False
            if clock.passed:
                passed, why = passed or now, f"{clock.reason}; it was not read by then"
                over = now - passed > _LAST_SECONDS or not self._flying
            else:
                self._give(work, waiting, members, clock)
            # What has ended by then counts, however late this process is given a processor.
            ended = self.engine.ended(0 if over else _LOOK_UP_SECONDS)
            if ended is None:
                if over:
                    break
                continue
            done = self._took(ended, work, waiting)
            if done is not None and done.unit in left:
                left.discard(done.unit)
                yield done
        for unit in sorted(left):
            yield Done(unit, 0, why or ("no worker is left" if self._met else _NOBODY))

    def _give(self, work: Work, waiting: deque[int], members: Sequence[str], clock: Deadline) -> None:
        """Gives members what they have room for."""
        for unit in [unit for unit, member in self.held.items() if member not in members]:
            del self.held[unit]
        room = Counter(dict.fromkeys(members, self.engine.at_once))
        room.subtract(member for member, _ in self._flying.values())
        seconds = clock.left()
        for _ in range(len(waiting)):
            if not any(count > 0 for count in room.values()):
                return
            unit = waiting.popleft()
            holder = self.held.get(unit)
            member = holder or max(members, key=lambda one: room[one])
            if room[member] <= 0:
                waiting.append(unit)
                continue
            room[member] -= 1
            self._number += 1
            now: Work = work if holder else "read"
            within = None if seconds == float("inf") else seconds
            call = self.call(now, unit, self._number, within, 1 / len(members))
            self._flying[call.number] = (member, call)
            self.engine.give(member, call)

    def _took(self, ended: Ended, work: Work, waiting: deque[int]) -> Done | None:
        """What a call that has ended means for its unit; None where more is to be done with it."""
        if self._flying.pop(ended.call.number, None) is None:
            return None
        call, unit = ended.call, ended.call.unit
        if ended.ending in _REFUSED:
            raise DriftError(f"engine: the worker {ended.member} {_REFUSED[ended.ending]}")
        if call.work not in ("read", work):  # of an earlier round, whose time was over
            if ended.ending != "done":
                self.held.pop(unit, None)
            return None
        if ended.ending == "done" and call.work == "read":
            try:
                self.arrived(unit, call.number)
            except DepotError:
                return self._again(unit, "unshared", call, waiting)
            self.held[unit] = ended.member
            if work == "read":
                return Done(unit, call.number)
        elif ended.ending == "done":
            return Done(unit, call.number)
        elif ended.ending == "failed":
            why = self.excuse(unit, call.number)
            said = f": {why}" if why else "; its log says why"
            return Done(unit, 0, f"the worker {ended.member} failed at it{said}")
        else:
            self.held.pop(unit, None)
        return self._again(unit, ended.ending, call, waiting)

    def _again(self, unit: int, ending: Ending, call: Call, waiting: deque[int]) -> Done | None:
        """Has a unit wait for another try, if there is to be one."""
        if ending in _LOST:
            self._losses[unit] += 1
            if self._losses[unit] >= LOSSES:
                return Done(unit, 0, f"{LOSSES} workers {_LOST[ending]} while they {_DID[call.work]} it")
        waiting.append(unit)
        return None
