"""What an inventory lists, before it is known whose it is: which listings there are, of which regions they
tell, and what they lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

#: Where an inventory says that something has no region.
GLOBAL = "global"


class Told(NamedTuple):
    """One resource as an inventory names it: CloudFormation's type where one is known, and its ARN, or what
    else identifies it. None for all: an entry that says neither."""

    account: str | None
    region: str | None
    type: str | None
    id: str | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: ``name`` for people, the ``regions`` of which it tells, what it ``lacks`` in words (empty:
    nothing), and what reads it, which raises CellError where it breaks off."""

    name: str
    regions: frozenset[str]
    lacks: str
    read: Callable[[], Iterator[Told]]


@dataclass(slots=True)
class Plan:
    """What is to be listed, by which inventory; ``gaps`` are the regions of which nothing tells, with the
    reason, ``why`` that there is no inventory at all."""

    inventory: str
    listings: list[Listing] = field(default_factory=list)
    gaps: dict[str, str] = field(default_factory=dict)
    why: str = ""
