"""What comparing pairs tells, and by what the pairs of one type in one place are compared."""

from __future__ import annotations

from dataclasses import dataclass, field

from drift.compare.verdict import Verdict
from drift.facts import TypeFacts
from drift.finding import Undeclared, Unverifiable
from drift.hooks import Hooks
from drift.kinds.base import Context
from drift.model import Resource


@dataclass(frozen=True, slots=True)
class Terms:
    """By what the pairs of one type in one place are compared: the type's facts as they are written, and made
    exact there; where they stand; their provider's hooks."""

    facts: TypeFacts
    exact: TypeFacts
    context: Context
    hooks: Hooks


@dataclass(frozen=True, slots=True)
class Changed:
    """A pair that differs: both sides redacted, and the verdict."""

    declared: Resource
    live: Resource
    verdict: Verdict


@dataclass(slots=True)
class Compared:
    """What comparing some pairs told: how many are in sync, how many differences were accepted, what could
    not be judged, what nobody declares and services may have filled in."""

    changed: list[Changed] = field(default_factory=list)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    undeclared: list[Undeclared] = field(default_factory=list)
    in_sync: int = 0
    folded: int = 0
    #: What another process found to be secret, see :class:`drift.redaction.Redactor`.
    known: set[str] = field(default_factory=set)

    def add(self, other: Compared) -> None:
        """Counts what another comparison told."""
        self.changed += other.changed
        self.unverifiable += other.unverifiable
        self.undeclared += other.undeclared
        self.in_sync += other.in_sync
        self.folded += other.folded
