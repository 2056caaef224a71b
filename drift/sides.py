"""Both sides of a run, whoever holds them: what is compared, and read once more where that would raise an
alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from drift.compare.workers import Workers
from drift.config.model import Config
from drift.confirming import Answers, confirm, withdraw
from drift.deadline import Deadline
from drift.finding import Finding
from drift.live import collect
from drift.live.estate import Estate
from drift.match import Matches
from drift.model import Cell, Coverage
from drift.redaction import Redactor
from drift.report.depths import Depths
from drift.said import Declared
from drift.task import Live
from drift.verdicts import Verdicts


class Sides(Protocol):
    """:class:`Held` by this process, or by the members of a crew
    (:class:`drift.engine.distributed.Distributed`)."""

    @property
    def estate(self) -> Estate:
        """The live side, as far as this process knows it."""
        ...

    @property
    def workers(self) -> Workers:
        """Who else compares what this process holds."""
        ...

    @property
    def confirms(self) -> bool:
        """Whether something can be read once more."""
        ...

    def match(
        self, said: Declared, tell: Callable[[str], None], /, *, remembered: bool
    ) -> tuple[Matches, Verdicts | None]:
        """What is declared with what is live; and what comparing them told, where others did. ``tell`` is
        given what sources passed over, ``remembered`` says whether there is a memory of what nobody
        declares."""
        ...

    def confirm(self, findings: Iterable[Finding], *, most: int, clock: Deadline) -> Answers:
        """Reads the doubtful ones of some findings once more (:func:`drift.confirming.confirm`)."""
        ...

    def anew(self, said: Declared, depths: Depths, withdrawn: Mapping[str, str]) -> None:
        """Takes both sides as they are now, before they are matched again; of ``withdrawn``, ids of findings
        with reasons, nobody knows whether they are missing."""
        ...


@dataclass
class Held:
    """Both sides in this process. ``matched`` matches what is declared with the estate, and tells what was
    passed over itself; ``lives`` are the connections by which the estate was read."""

    estate: Estate
    config: Config
    redactor: Redactor
    lives: Mapping[str, Live]
    workers: Workers
    matched: Callable[[Declared], Matches]
    #: The ledger before anything was matched, which adds to it.
    _ledger: dict[Cell, Coverage] = field(init=False)
    _withdrawn: Mapping[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._ledger = dict(self.estate.coverage)

    @property
    def confirms(self) -> bool:
        return bool(self.lives)

    def match(
        self, said: Declared, _tell: Callable[[str], None], /, *, remembered: bool
    ) -> tuple[Matches, None]:
        matches = self.matched(said)
        withdraw(matches, self._withdrawn, self.estate.environment(self.config.environment))
        return matches, None

    def confirm(self, findings: Iterable[Finding], *, most: int, clock: Deadline) -> Answers:
        arrived = collect.arriving(self.estate, self.redactor)
        return confirm(findings, self.estate, self.lives, arrived, most=most, clock=clock)

    def anew(self, said: Declared, depths: Depths, withdrawn: Mapping[str, str]) -> None:
        self.estate.coverage, self._withdrawn = dict(self._ledger), withdrawn
