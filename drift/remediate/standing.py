"""What pull requests are open already is kept by a run whose policy would not have opened them."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from drift.remediate.known import Sight, accepted, reverted
from drift.remediate.plan import Planned
from drift.remediate.policy import Chosen


@dataclass(frozen=True, slots=True)
class Open:
    """The pull requests and issues of ours that are open, by their ``marks`` and ``issues``; ``by_hand`` are
    the findings that a person has chosen in this run; what is accepted holds ``accept_days`` from the run on
    where no day is said."""

    marks: Sequence[Mapping[str, Any]]
    issues: Sequence[Mapping[str, Any]]
    sight: Sight
    by_hand: Container[str] = ()
    accept_days: int = 30

    def sorted_out(self, planned: Sequence[Planned]) -> tuple[list[Planned], list[Planned]]:
        """What is accepted in an open pull request and is left there, and all else as it is to be done.

        What is in an open one and has not changed since stays in it, whatever policy says of it now: a person
        has chosen it, and ends it by closing that. So does what a person has chosen to have restored, as long
        as its issue is open. A rule keeps the last day that was said of it, so that
        what is open is not another one each day.
        """
        opened = {item for mark in self.marks for item in self.sight.adopted(mark).items()}
        accepts = {id_: until for mark in self.marks for id_, until in accepted(mark).items()}
        reverts = {item for mark in self.issues for item in reverted(mark).items()}
        today = date.fromisoformat(self.sight.at[:10])
        left: list[Planned] = []
        found: list[Planned] = []
        for one in planned:
            if one.id not in self.by_hand and (one.id, one.digest) in reverts:
                one = replace(one, chosen=Chosen("revert", "a person chose it; its issue is open"))
                found.append(one)
                continue
            policy = one.id not in self.by_hand and one.chosen.action in ("describe", "revert")
            if policy and (one.id, one.digest) in opened:
                one = replace(one, chosen=Chosen("adopt", "it is in a pull request that is open"))
            if one.chosen.action == "accept" and one.chosen.until is None:
                until = accepts.get(one.id, date.min)
                until = until if until > today else today + timedelta(days=self.accept_days)
                one = replace(one, chosen=replace(one.chosen, until=until))
            (left if policy and one.id in accepts else found).append(one)
        return left, found
