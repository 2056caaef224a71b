"""What a coordinator and its members hand to each other, by the shared folder alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from drift.config.model import Config
from drift.confirming import Answers
from drift.finding import Change, Unverifiable
from drift.model import Cell, Coverage, Problem, Resource
from drift.resumption import Kept
from drift.source import Declaration
from drift.task import Unit
from drift.verdicts import Key

#: A declared resource with its place among all: the resource, or its text (:func:`drift.store.unpacked`).
Placed: TypeAlias = tuple[int, "Resource | bytes"]

#: Names of files that all members read.
SETTING, ANYWHERE, KNOWN = "setting", "anywhere", "known"


def declared_of(unit: int) -> str:
    """The name of what is known to be declared of a unit before anything is read."""
    return f"declared-{unit}"


def given(work: str, unit: int) -> str:
    """The name of what a piece of work is told."""
    return f"{work}-{unit}.given"


def made(work: str, unit: int, number: int, part: str = "") -> str:
    """The name of what a piece of work gives."""
    return f"{work}-{unit}.{number}{part}"


def excuse(unit: int, number: int) -> str:
    """The name of why a piece of work could not be done."""
    return f"why-{unit}.{number}"


class Asked(NamedTuple):
    """What is wanted of a provider (:class:`drift.task.Wanted`)."""

    types: frozenset[str]
    versions: Mapping[str, str]
    asks: frozenset[str]


class Hidden(NamedTuple):
    """What of the declared files is secret wherever it stands; and why that may not be all (``unsure``)."""

    texts: frozenset[str]
    unsure: str = ""


#: The keys of drift.yaml that reading and comparing need.
KEPT = ("version", "confirm", "undeclared", "severity", "unmanaged", "environment", "workers")


@dataclass(frozen=True, slots=True)
class Setting:
    """What all members know of a run: what of the configuration reading and comparing need (``kept``), and
    which variables are ``public``, without a secret of it; the units by number, each with its provider; what
    ``--only`` says; ``scopes`` of all units by provider; the sources that can't be told before the live
    side is read; and where members keep what they read (``kept_in``), if they do."""

    kept: Mapping[str, Any]
    public: tuple[str, ...]
    only: tuple[str, ...]
    units: tuple[tuple[str, Unit], ...]
    wanted: Mapping[str, Asked]
    scopes: Mapping[str, tuple[str, ...]]
    sources: tuple[Declaration, ...]
    kept_in: Kept | None = None

    def config(self) -> Config:
        """What is kept of the configuration."""
        return Config.model_construct(**self.kept)


@dataclass(slots=True)
class Index:
    """What of a unit's live side leaves its member: the ledger, how many resources each cell has, which cells
    an inventory only names, what comparison needs of where it stands, what is secret anywhere; and why it
    could not be entered."""

    coverage: dict[Cell, Coverage] = field(default_factory=dict)
    counts: dict[Cell, int] = field(default_factory=dict)
    bare: set[Cell] = field(default_factory=set)
    contexts: dict[str, dict[str, Any]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    refused: str | None = None
    #: Not all was asked for, as time or calls ran out; what else people are told.
    cut: bool = False
    notes: list[str] = field(default_factory=list)


class Found(NamedTuple):
    """Asks for the live resources with an id (:meth:`drift.live.estate.Estate.found`)."""

    provider: str
    scope: str | None
    type: str
    id: str
    region: str | None


class Every(NamedTuple):
    """Asks for all live resources of a type."""

    provider: str
    type: str


class Reach(NamedTuple):
    """Asks which live resources, without their attributes, a declared one may be."""

    declared: Resource


Question: TypeAlias = Found | Every | Reach


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a unit is judged: ``contexts`` names the file of what all units learnt; ``scopes`` that were
    read, by provider; ``possible`` are declarations of no certain place that a live resource may be. What
    nobody declares and is not listed is told one by one where somebody asks for it: ``remembered`` by what
    it is, ``leftovers`` whole; else it is counted. ``withdrawn`` gives reasons by the ids of findings: what
    seems to be missing, and nobody knows."""

    contexts: str
    scopes: Mapping[str, frozenset[str]]
    possible: Mapping[Cell, tuple[Resource, ...]]
    remembered: bool
    leftovers: bool
    withdrawn: Mapping[str, str]


class Confirmed(NamedTuple):
    """What came of reading findings once more, and how many resources each cell of the unit has since."""

    answers: Answers
    counts: Mapping[Cell, int]


@dataclass(slots=True)
class Judged:
    """What judging a unit told, but for what is told one by one; ``parts`` names the files of that."""

    declared: int = 0
    declared_types: set[tuple[str, str, str, str]] = field(default_factory=set)
    unverifiable: list[Unverifiable] = field(default_factory=list)
    #: Live resources that a declaration may mean.
    possible: list[Unverifiable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    coverage: dict[Cell, Coverage] = field(default_factory=dict)
    observed: dict[Key, list[Change]] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    system: int = 0
    ignored: int = 0
    unlisted: Counter[Cell] = field(default_factory=Counter)
    left: Counter[Cell] = field(default_factory=Counter)
    known: set[str] = field(default_factory=set)
