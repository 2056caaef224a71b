"""What a report says in a few words, for mails and chats: how much is new, how much is blind, the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from drift.report.fresh import came_back, fresh
from reports import verdicts, view

AGAIN, CHANGED = "came back", "changed again"
BLIND = ("denied", "throttled", "failed", "unsupported")


@dataclass(frozen=True)
class Counts:
    """How many drifted, are fresh (new, come back, changed again), could not be read again, and what of the
    fresh is critical; ``remembered`` says whether a history tells them apart."""

    drifted: int
    fresh: int
    new: int
    again: int
    changed: int
    unknown: int
    severities: Mapping[str, int]
    remembered: bool

    @property
    def known(self) -> int:
        return self.drifted - self.fresh


class Glance:
    """Each of it told once of a report, which may have very many findings."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report = report
        self._findings = report.get("findings") or []

    @cached_property
    def verdict(self) -> verdicts.Verdict:
        return verdicts.verdict(self.report)

    @cached_property
    def drifted(self) -> list[view.Row]:
        return view.drifted(self._findings)

    @cached_property
    def fresh(self) -> list[view.Row]:
        """The findings that are news, in the report's order."""
        return [one for one in self.drifted if fresh(one)]

    @cached_property
    def blind(self) -> int:
        """How many cells could not be read."""
        return sum(1 for one in self.report.get("coverage") or [] if one.get("status") in BLIND)

    @cached_property
    def counts(self) -> Counts:
        statuses = Counter(map(view.status_of, self._findings))
        marks = Counter(map(mark, self.fresh))
        return Counts(
            len(self.drifted),
            len(self.fresh),
            marks[""],
            marks[AGAIN],
            marks[CHANGED],
            statuses["unknown"],
            view.by_severity(self.fresh),
            remembered=bool(statuses.keys() - {"", "pending"}),
        )

    @cached_property
    def headline(self) -> str:
        """The verdict in a few words, which a subject begins with: ``3 new, 1 critical, 8 cells blind``."""
        told = self.counts
        if self.verdict.tone == "blind":
            return "nothing could be read"
        if told.fresh:
            said = []
            if not told.remembered:
                said.append(f"{told.drifted:,} drifted")
            else:
                parts = ((told.new, "new"), (told.again, AGAIN), (told.changed, CHANGED))
                said += [f"{number:,} {word}" for number, word in parts if number]
            worst = next(iter(told.severities))
            if worst in ("critical", "high"):
                said.append(f"{told.severities[worst]:,} {worst}")
        elif told.drifted:
            said = ["nothing new", f"{told.drifted:,} known"]
        else:
            words = self.verdict.drift.rstrip(".").split(":")[0]
            said = [words[0].lower() + words[1:]]
        if self.blind:
            said.append(f"{view.count(self.blind, 'cell')} blind")
        return ", ".join(said)


def mark(finding: Mapping[str, Any]) -> str:
    """How a fresh finding is not simply new."""
    if came_back(finding):
        return AGAIN
    again = (finding.get("history") or {}).get("changed_again")
    return CHANGED if again and view.status_of(finding) in ("recurring", "flapping") else ""
