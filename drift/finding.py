"""What comparison tells: changes, folds, what can't be verified, and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from drift.model import DEFAULT_ENVIRONMENT, MISSING, Cell, Origin, Resource

ActorKind = Literal["person", "pipeline", "service"]
FindingKind = Literal["changed", "missing", "unmanaged"]
Severity = Literal["critical", "high", "medium", "low", "info"]
#: What a change may touch. The first five are never written to Git by policy (:mod:`drift.remediate.policy`).
Category = Literal["access", "exposure", "encryption", "audit", "protection", "cost", "cosmetic"]
CATEGORIES: tuple[Category, ...] = (
    "access",
    "exposure",
    "encryption",
    "audit",
    "protection",
    "cost",
    "cosmetic",
)
#: What stands in place of an owner where a finding has none.
NO_OWNER = "no owner"
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


class Raw(NamedTuple):
    """Both sides of a change in their own spelling, as they were read; MISSING where a side has none."""

    declared: Any
    live: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference within a resource (docs/reference/report.md). ``path`` is a JSON Pointer into the
    canonical form, of which its values are; ``raw`` are these as they were read, where that is spelled
    otherwise; ``note`` one sentence that explains it, where there is something to explain."""

    path: str
    declared: Any = MISSING
    live: Any = MISSING
    undeclared: bool = False
    sensitive: bool = False
    note: str = ""
    raw: Raw | None = None


class Informed(NamedTuple):
    """A live value that nobody declares and that the service may have filled in: the change that it would
    be, and why it is told apart. ``keyed`` is a hash of a secret, with the id of its key before a colon;
    empty of all else."""

    change: Change
    reason: str
    keyed: str = ""


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Such a value of one resource, as the report lists it: no drift, and nobody's word. ``live`` is MISSING
    where it is ``sensitive``. ``environment`` is the one that the run is of; ``keyed`` as
    :class:`Informed` has it."""

    cell: Cell
    resource_id: str
    name: str | None
    path: str
    live: Any
    sensitive: bool
    reason: str
    origin: Origin | None = None
    environment: str = DEFAULT_ENVIRONMENT
    keyed: str = ""

    @property
    def id(self) -> str:
        """The same value of the same resource has the same id tomorrow (``u-`` and 16 hex digits)."""
        return "u-" + _digest(self.environment, *self.cell, self.resource_id, self.path)


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """A declared thing of which no verdict is possible, and why. ``path`` is "" for the whole resource."""

    provider: str
    scope: str
    type: str
    resource_id: str
    path: str
    reason: str
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    """A difference that was accepted as equal, and the fact that decided it."""

    path: str
    fact: str
    declared: Any = MISSING
    live: Any = MISSING


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who changed a resource: ``actor`` as the cloud names it, ``time`` in RFC 3339, ``event`` what was done
    (``Update``), ``evidence`` one sentence that says where this is written. ``kind`` tells people from the
    pipeline and from the cloud's own services, None where that is not told; ``link`` is where a person can
    look at the event; ``certain`` is False where only several are known of whom one did it."""

    actor: str
    time: str | None
    event: str
    evidence: str
    kind: ActorKind | None = None
    link: str | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What is different about one resource. ``declared`` / ``live`` are None where that side does not
    exist. ``environment`` is the one that the run is of; ``note`` one sentence that explains it, where there
    is something to explain; ``content`` what a resource is that one side alone has, a text or texts a label;
    ``categories`` what its changes touch.
    ``status`` is ``pending``, or what a history tells of it; None without one, as
    ``first_seen`` is."""

    kind: FindingKind
    declared: Resource | None
    live: Resource | None
    changes: tuple[Change, ...] = ()
    folds: tuple[Fold, ...] = ()
    status: str | None = None
    severity: Severity = "medium"
    severity_reason: str = ""
    categories: frozenset[Category] = frozenset()
    owner: str | None = None
    first_seen: str | None = None
    attribution: Attribution | None = None
    environment: str = DEFAULT_ENVIRONMENT
    note: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same drift has the same id tomorrow, whatever its values are by then (``f-`` and 16 hex
        digits): of environment, kind and key; the declared address stands for an id that is not known."""
        resource = self.resource
        address = resource.origin.address if resource.origin else None
        known = resource.id or f"?{address or resource.name}"
        return "f-" + _digest(self.environment, self.kind, *resource.cell, known)

    def change_id(self, change: Change) -> str:
        """The id of one of its changes, whatever its values are (``c-`` and 16 hex digits)."""
        return "c-" + _digest(self.id, change.path)

    @property
    def resource(self) -> Resource:
        """The side that identifies the resource: the live one where there is one."""
        found = self.live or self.declared
        assert found is not None
        return found


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
