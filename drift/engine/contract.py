"""The contract of an engine: what carries calls to the members of a crew, and their answers back.

There is no entry point for others': whoever carries calls runs code beside every credential of a run, so that
the two that there are (processes here, Dask elsewhere) are all that a configuration can name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

#: What a call is to do: read a unit's live side, answer questions about it, judge it, read once more what
#: would raise an alarm, give all of it.
Work = Literal["read", "ask", "judge", "confirm", "give"]
#: How a call ended. ``done``: its result lies in the shared folder. ``forgotten``: the member does not hold
#: the unit. ``key``, ``version`` and ``folder``: the member has another redaction key, or none; is another
#: version of the program; can't reach the shared folder. ``lacking``: what it is sent is of a package that it
#: has not. ``unshared``: it could reach that folder, and no longer can. ``failed``: by a mistake of the
#: program. ``lost``: nobody will answer any more.
Ending = Literal["done", "forgotten", "key", "version", "folder", "lacking", "unshared", "failed", "lost"]


@dataclass(frozen=True, slots=True)
class Call:
    """One piece of work: all that passes through whoever carries it. Names and numbers, nothing that was
    read or declared.

    ``number`` is unlike that of any other call of the run and names its files in the shared ``folder``;
    ``key_id`` tells whether the member has the run's redaction key, without telling it; ``seconds`` how long
    the call may take, None without end; ``share`` which part of a rate that all members have in common this
    one may use.
    """

    run: str
    folder: str
    key_id: str
    version: str
    work: Work
    unit: int
    number: int
    seconds: float | None
    share: float


class Ended(NamedTuple):
    """A call that has ended at a member."""

    call: Call
    member: str
    ending: Ending


class Engine(Protocol):
    """Used by one thread; opened and closed by :func:`drift.engine.opened`."""

    #: Calls that a member has at a time.
    at_once: int

    def members(self) -> Sequence[str]:
        """Who takes calls now; the names of those that come later are new ones."""
        ...

    def give(self, member: str, call: Call) -> None:
        """Has a member do something. Whatever becomes of it :meth:`ended` tells, once."""
        ...

    def ended(self, seconds: float) -> Ended | None:
        """The next call that has ended; None where none has within so many seconds."""
        ...

    def close(self) -> None:
        """Leaves the members; those that are this engine's own end."""
        ...
