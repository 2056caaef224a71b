"""The contract of an ignore rule, whoever wrote it: ours, Argo CD's, Flux's, driftctl's; a provider offers
its own by hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from drift.finding import Change, Finding
from drift.model import Resource

#: ``(declared, live) -> changes``: compares a finding's two sides again, after a rule took something out of
#: them.
Again = Callable[[Resource, Resource], tuple[Change, ...]]


@dataclass(frozen=True, slots=True)
class Note:
    """What is told of a rule. ``rule`` is its name for people, unique within a run.

    ``quiet`` rules are not reported where they match nothing (what holds for every run is nobody's stale
    rule). ``unusable`` says why the rule can't be applied at all.
    """

    rule: str
    reason: str
    file: str | None = None
    line: int | None = None
    owner: str | None = None
    until: date | None = None
    quiet: bool = False
    unusable: str = ""


class Rule(Protocol):
    """One ignore rule. ``note`` tells of it."""

    @property
    def note(self) -> Note: ...

    def apply(self, finding: Finding, again: Again) -> Finding | None:
        """What the rule leaves of a finding: the same object where it hides nothing, None where it hides all.

        A rule that takes something out of both sides gives them back with the changes, for the rules after
        it.
        """
        ...
