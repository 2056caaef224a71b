"""By what a run judges what it compared, and what comes of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from drift import moment
from drift.compare.verdict import Verdict
from drift.compare.workers import Workers
from drift.config.durations import seconds
from drift.config.model import Config
from drift.deadline import Deadline
from drift.finding import Finding, Undeclared, Unverifiable
from drift.live.estate import Estate
from drift.memory import Memory
from drift.model import DEFAULT_ENVIRONMENT, Cell, Resource
from drift.redaction import Redactor
from drift.rules.owner import Owners
from drift.rules.ruling import Ruling

#: Takes a finding with the verdict on it; gives a number that finds its evidence again.
Keep = Callable[[Finding, "Verdict | None"], int]


@dataclass(slots=True)
class Judgement:
    """The result of comparing everything.

    Where evidence is kept, ``evidence`` are its numbers: of each finding, then of each of which the rules
    left nothing; and the findings are without attributes.
    """

    findings: list[Finding] = field(default_factory=list)
    ruling: Ruling = field(default_factory=Ruling)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    undeclared: list[Undeclared] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)
    suppressed: list[int] = field(default_factory=list)
    in_sync: int = 0
    declared: int = 0
    folded: int = 0
    system: int = 0
    ignored: int = 0
    unlisted: Counter[Cell] = field(default_factory=Counter)
    #: Where there is a memory: values that are others than at first sight, and what ``unlisted`` counts.
    moved: list[Undeclared] = field(default_factory=list)
    counted: dict[Cell, list[int]] = field(default_factory=dict)
    uncompared: int = 0
    environment: str = DEFAULT_ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a run judges.

    ``committed_at`` maps a commit to its time (RFC 3339), for what is too young at ``now`` to be drift.
    ``unread`` tells what of the declared files could not be read, so that nobody knows what it declares.
    ``keep`` takes the evidence. ``workers`` may compare, as :func:`drift.compare.processes.compared` says.
    What is not judged when ``clock`` says that there is no more time is unread. ``memory`` is what was known
    before of what nobody declares. ``remark`` explains findings, and ``leftover`` says of what nobody
    declares why it was declared once, as the sources know it (:class:`drift.source.Declaration`)."""

    estate: Estate
    config: Config
    redactor: Redactor
    committed_at: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=moment.now)
    ruling: Ruling = field(default_factory=Ruling)
    owners: Owners = field(default_factory=Owners)
    keep: Keep | None = None
    workers: Workers = field(default_factory=Workers)
    unread: str | None = None
    clock: Deadline = field(default_factory=Deadline)
    memory: Memory | None = None
    remark: Callable[[Finding], str] = lambda _: ""
    leftover: Callable[[Resource], str] = lambda _: ""

    def status(self, declared: Resource) -> str | None:
        """``pending`` where its commit is too young to be live."""
        grace = seconds(self.config.grace)
        commit = declared.origin.commit if declared.origin else None
        told = self.committed_at.get(commit or "")
        young = grace and told and (self.now - datetime.fromisoformat(told)).total_seconds() < grace
        return "pending" if young else None
