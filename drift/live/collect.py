"""Reads the live side into the estate, from the clouds or from snapshots; nothing that fails is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from drift import moment, reading, records
from drift.deadline import Calls, Deadline
from drift.errors import CellError, SnapshotError
from drift.facts import NOTHING, PathFacts, TypeFacts
from drift.live import closed
from drift.live.checkpoint import Checkpoint, Whole
from drift.live.estate import ANY, Estate
from drift.live.order import Order
from drift.live.tasks import Progress, Reading, Watch, load_shared, unexpected
from drift.model import Cell, Coverage, Problem, Resource
from drift.moment import rfc3339
from drift.provider import Provider
from drift.redaction import Redactor
from drift.store import spared
from drift.task import Live, Task, Wanted

__all__ = ["Progress", "Watch", "from_clouds", "from_files"]


def from_clouds(
    estate: Estate,
    settings: Mapping[str, Any],
    wanted: Mapping[str, Wanted],
    redactor: Redactor,
    workers: int,
    watch: Watch = lambda _: None,
    deadline: Deadline | None = None,
    checkpoint: Checkpoint | None = None,
    order: Order | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Live]:
    """Fills the estate from every configured provider, as far as that can be read until the deadline, and
    gives the connections to them. Raises CredentialsError when not one of them can be entered.

    What each task reads goes to the ``checkpoint``, and what an earlier run read is taken from there;
    ``order`` says what comes first; ``meanwhile`` is called when the first task begins.
    """
    deadline = deadline or Deadline()
    turn = partial(_turn, checkpoint, order)
    into = _Into(estate, redactor, watch)
    run = Reading(into, workers, deadline, watch, checkpoint, turn, meanwhile)
    if len(settings) > 1:
        load_shared(one for name in settings for one in estate.providers[name].imports)
    clocks: dict[str, Deadline] = {}
    for name, section in settings.items():
        clocks[name] = _counted(name, section, deadline)
        connect = partial(estate.providers[name].connect, section, clocks[name])
        told = wanted[name]
        if checkpoint is not None or order is not None:
            told = replace(told, turn=partial(_scope_turn, checkpoint, order, name))
        run.enter(name, connect, told)
    try:
        with spared():
            run.run()
    finally:
        if checkpoint is not None:
            checkpoint.close(cut=deadline.passed or any(one.used_up for one in clocks.values()))
    closed.fold(estate, into.refused)
    for name, live in run.lives.items():
        try:
            estate.contexts[name].update(live.context())
            estate.asks(name, wanted[name].types)
        except Exception as error:  # noqa: BLE001 - whatever a provider does wrong ends in the ledger
            estate.cover(Coverage(Cell(name, ANY, ANY, ANY), "failed", 0, unexpected(error)))
    return run.lives


def arriving(estate: Estate, redactor: Redactor) -> Callable[[Resource], Resource]:
    """What brings a resource that was read to the form in which the estate keeps it."""
    return _Ingestion(estate, redactor).live


def _counted(name: str, section: Any, deadline: Deadline) -> Deadline:
    """The clock of a provider, with the calls that it may make."""
    most = getattr(section, "calls", None)
    return deadline if most is None else Calls(deadline, most, f"live.{name}.calls")


def _turn(checkpoint: Checkpoint | None, order: Order | None, cells: tuple[Cell, ...]) -> str:
    """What sorts tasks: what an earlier run has read costs nothing; then the longest unread."""
    if checkpoint is not None and checkpoint.has(cells):
        return "0"
    return "1" if order is None else f"1{order.cells(cells)}"


def _scope_turn(checkpoint: Checkpoint | None, order: Order | None, provider: str, scope: str) -> str:
    """What sorts scopes: those of which something is read already are to become whole first."""
    if checkpoint is not None and checkpoint.knows(provider, scope):
        return "0"
    return "1" if order is None else f"1{order.scope(provider, scope)}"


class _Into:
    """Takes into the estate what is read, through the edge (:class:`drift.live.tasks.Keeper`)."""

    def __init__(self, estate: Estate, redactor: Redactor, watch: Watch) -> None:
        self._estate, self._watch = estate, watch
        self._ingest = _Ingestion(estate, redactor)
        #: What was refused from above, with what was said.
        self.refused: dict[Cell, str] = {}

    def arrived(self, resource: Resource) -> Resource:
        return self._ingest.live(resource)

    def add(self, resource: Resource) -> None:
        _add(self._estate, resource)

    def cover(self, row: Coverage) -> None:
        if row.complete and row.read_at is None:
            row = replace(row, read_at=rfc3339(moment.now()))
        self._estate.cover(row)

    def close(self, task: Task | Whole, ended: CellError | None) -> None:
        if ended is not None and ended.above:
            self.refused.update(dict.fromkeys(task.cells, ended.message))
        _close(self._estate, task, ended, self._watch)

    def fail(self, provider: str, message: str, status: str = "failed") -> None:
        self._estate.cover(Coverage(Cell(provider, ANY, ANY, ANY), status, 0, message))  # type: ignore[arg-type]


def _add(estate: Estate, resource: Resource) -> None:
    """Adds a live resource; two different ones of one id make their cell incomplete, as only one can be
    compared."""
    if not estate.add(resource):
        known = estate.get(resource.cell, str(resource.id))
        if known is not None and known.attributes != resource.attributes:
            message = f"two different resources have the id {resource.id}; only the first is compared"
            estate.cover(Coverage(resource.cell, "failed", 0, message, listed=True))


def _close(estate: Estate, task: Task | Whole, ended: CellError | None, watch: Watch) -> None:
    status, now, by = "checked", rfc3339(moment.now()), None
    if isinstance(task, Whole):
        now, by = task.read_at, task.run
    for cell in task.cells:
        count = estate.count(cell)
        if isinstance(ended, CellError):
            status = ended.status
            estate.cover(Coverage(cell, ended.status, count, ended.message))  # type: ignore[arg-type]
        elif (known := estate.coverage.get(cell)) is None:
            estate.cover(Coverage(cell, "checked", count, read_at=now, by=by))
        else:
            read_at = now if known.complete else None
            count = known.resources or count
            estate.coverage[cell] = replace(known, resources=count, read_at=read_at, by=by)
            status = known.status
    watch(Progress(task.cells, True, sum(estate.count(cell) for cell in task.cells), status))


@dataclass(frozen=True, slots=True)
class _Ingestion:
    """The edge: ids to their one spelling, secrets to hashes, or left for later."""

    estate: Estate
    redactor: Redactor
    hides: bool = True
    #: (provider, type) → its provider, and what is known of it.
    known: dict[tuple[str, str], tuple[Provider | None, TypeFacts | None]] = field(default_factory=dict)

    def live(self, resource: Resource) -> Resource:
        kind = resource.provider, resource.type
        if kind not in self.known:
            provider = self.estate.providers.get(resource.provider)
            self.known[kind] = provider, None if provider is None else provider.facts(resource.type)
        provider, facts = self.known[kind]
        if provider is None:
            return self._hidden(resource, NOTHING)
        id_ = provider.canonical_id(resource)  # with its region, which may tell more than is kept of it
        if id_ is not None and id_ != resource.id:
            resource = resource.but(id=id_)
        if facts is not None and not facts.regional and resource.region is not None:
            resource = resource.but(region=None)
        return self._hidden(resource, NOTHING if facts is None else facts.root)

    def _hidden(self, resource: Resource, root: PathFacts) -> Resource:
        if not self.hides:
            self.redactor.learn(resource.attributes, root)
        if not self.hides or (resource.searched and not root.holds_secret):
            return resource
        return self.redactor.resource(resource, root)


def from_files(
    estate: Estate, files: Iterable[Path], redactor: Redactor, *, hide: bool = True
) -> list[Problem]:
    """Fills the estate from snapshots. Gives the records that could not be read. Raises SnapshotError.

    ``hide`` False leaves the records as they stand in their files, for whoever hides what he lets out; what
    the facts call a secret is known to the redactor all the same.
    """
    problems: list[Problem] = []
    ingest = _Ingestion(estate, redactor, hide)
    estate.raw = not hide
    for file in files:
        name = reading.shown(str(file))
        header: dict[str, Any] | None = None
        seen: set[Cell] = set()
        broken = False
        read = 0
        for one in records.read(file):
            if isinstance(one, Problem):
                broken = True
                problems.append(one)
            elif isinstance(one, Resource):
                read += 1
                resource = ingest.live(one)
                cell = resource.cell
                seen.add(cell)
                if not estate.add(resource, cell):
                    problems.append(
                        Problem(name, f"{name}: {one.type} {one.id} is in another snapshot already")
                    )
            elif header is None:
                header = one
                if isinstance(header.get("environment"), str):
                    estate.environments.add(header["environment"])
                for name, context in records.context_of(header, file).items():
                    _merge(estate.contexts[name], context)
            else:
                raise SnapshotError(f"{name}: a second header; join snapshots by giving --live several times")
        if header is None and not read:
            why = f" ({problems[-1].message.removeprefix(f'{name}:').strip()})" if broken else ""
            raise SnapshotError(
                f"{name}: neither a header nor a record: no snapshot; make one with `drift snapshot`{why}"
            )
        told = header.get("resources") if header is not None else None
        if isinstance(told, int) and read < told and not broken:
            broken = True
            problems.append(
                Problem(name, f"{name}: breaks off: {read} of {told} resources; what is there is judged")
            )
        if header is not None and "coverage" in header:
            for row in records.coverage_of(header, file):
                there = estate.count(row.cell)
                gone = not there and ANY not in row.cell  # whatever the header says of all together
                lost = row.complete and there < row.resources and (broken or gone)
                estate.cover(_broken(row.cell, name, estate) if lost else row)
        else:
            for cell in seen:
                checked = Coverage(cell, "checked", estate.count(cell))
                estate.cover(_broken(cell, name, estate) if broken else checked)
        for cell in seen:
            if cell.provider not in estate.providers:
                why = f"there is no provider {cell.provider}; install the package that adds it"
                estate.cover(Coverage(cell, "unsupported", estate.count(cell), why))
    return problems


def _broken(cell: Cell, name: str, estate: Estate) -> Coverage:
    return Coverage(cell, "failed", estate.count(cell), f"{name}: some records could not be read")


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        known = into.get(key)
        if isinstance(known, list) and isinstance(value, list):
            known.extend(item for item in value if item not in known)
        elif isinstance(known, dict) and isinstance(value, dict):
            known.update(value)
        else:
            into[key] = value
