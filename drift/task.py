"""What a run wants of a provider, and the pieces of work in which a connection reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from drift.model import Cell, Coverage, Resource

#: ``(types, context, scopes) -> resources``: what Git declares of these types, as far as it can be told by
#: what a provider has learnt so far (as :meth:`Live.context` gives it) of the ``scopes`` that it reads.
Ahead = Callable[[frozenset[str], Mapping[str, Any], Iterable[str]], Iterable[Resource]]


def _nothing_declared(_types: frozenset[str], _context: Any, _scopes: Iterable[str]) -> Iterable[Resource]:
    return ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is interested in.

    ``types`` are the types that Git declares for this provider; ``selects(type)`` is the ``--only`` filter;
    ``versions`` are the API versions that declarations name for a type. ``declared`` tells what is declared
    before it is read live, for who asks for things by their id; it takes as long as to translate what
    declares these types, so ask it once. Raises what :meth:`drift.source.Declaration.resources` raises.
    ``asks`` is what declarations ask for besides resources (:meth:`drift.source.Declaration.asks`).
    ``turn(scope)`` sorts the scopes of this provider where not all may be read in time: which comes first is
    to be entered first; None where their order does not matter.
    """

    types: frozenset[str]
    selects: Callable[[str], bool] = lambda _: True
    versions: Mapping[str, str] = field(default_factory=dict)
    declared: Ahead = _nothing_declared
    asks: frozenset[str] = frozenset()
    turn: Callable[[str], str] | None = None

    def told(self) -> str:
        """A digest of what is declared, as far as it decides what is read: for :meth:`Resumable.asks`."""
        said = (sorted(self.types), sorted(self.versions.items()), sorted(self.asks))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of what is read of a provider that is read by itself: the provider's settings narrowed to it.
    ``scopes`` are those that it reads; none where only its reading tells."""

    settings: BaseModel
    scopes: tuple[str, ...] = ()


class Task(Protocol):
    """One independent piece of reading, run in a worker thread.

    ``cells`` are the cells that it answers for: every one of them ends in the ledger, whatever happens. What
    must not be hit too hard at once (an account's service, a subscription) the provider holds back by itself.
    """

    @property
    def cells(self) -> tuple[Cell, ...]: ...

    def read(self) -> Iterator[Resource | Coverage]:
        """Yields live resources, and a Coverage for each cell that is not simply ``checked``.

        Raises :class:`drift.errors.CellError` when nothing (more) of the cells can be read; what was yielded
        before is kept. Any other exception counts as a failure of all the task's cells and is reported as
        such.
        """
        ...


@runtime_checkable
class Resumable(Task, Protocol):
    """A task whose result another run may go on with: what an earlier one read of the same cells stands for
    it (docs/resume.md). A task without these is read in each run."""

    def asks(self) -> str | None:
        """What decides what it reads besides the configuration and its cells (what Git declares of a type
        that is asked for by its keys), as one text; "" where nothing does, None where that can't be told:
        then it is read. Raises :class:`drift.errors.CellError` likewise."""
        ...

    def learnt(self) -> dict[str, Any]:
        """What it has learnt for :meth:`Live.context`, and for other tasks, as plain JSON without secrets;
        asked when it has ended."""
        ...

    def recall(self, learnt: Mapping[str, Any]) -> None:
        """Takes over what an earlier run's task has learnt; it is not read then. Raises CellError where that
        can't be, so that it is."""
        ...


class Live(Protocol):
    """A connection to one provider, made for one run."""

    def tasks(self, wanted: Wanted) -> Iterable[Task | Coverage]:
        """The pieces of work; a Coverage instead of a Task for what is known to be unreadable (a refused
        account). The next may come only once some of those before have been read."""
        ...

    def context(self) -> dict[str, Any]:
        """What comparison needs and was learnt live, as plain JSON; asked when all tasks have ended, or the
        time to read is over: then some tasks still run, and what they were to learn counts as unread."""
        ...


@runtime_checkable
class Confirms(Protocol):
    """A connection that reads single resources: what would raise an alarm is read once more before it is
    reported (docs/confirm.md). Of a connection without it nothing is confirmed."""

    def confirm(self, resource: Resource) -> Resource | None:
        """A live resource as a task reads it now, found by the type, place and id of ``resource`` (its name
        where it has no id), which may be declared or live and has no attributes; None where it is not there.
        Raises CellError where that can't be told. Called after :meth:`Live.context`, by several threads at
        once."""
        ...
