"""Tells how a person restores what Git is right of: in an issue a group, where the forge has them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import partial

from drift.errors import DriftError
from drift.forge import Hosted
from drift.remediate import people, words
from drift.remediate.here import Here
from drift.remediate.homes import Homes
from drift.remediate.issues import Issues, Report
from drift.remediate.outcome import restorable
from drift.remediate.plan import Group, Planned
from drift.remediate.publish import UNSEEN, Published
from drift.remediate.words import mark_of


@dataclass
class Reverting:
    """The issues of one repository; ``hosted`` None where its forge is not known. ``by_hand`` are the
    findings that a person has chosen in this run."""

    here: Here
    homes: Homes
    hosted: Hosted | None
    by_hand: Container[str] = ()
    dry: bool = False
    _kept: Sequence[str] = ()

    def __post_init__(self) -> None:
        here = self.here
        self.issues = None
        if self.hosted is not None and here.said.issues:
            self.issues = Issues(self.hosted, here.said, here.sight, self.dry)

    def tell(self, ones: Sequence[Planned], elsewhere: Container[str]) -> None:
        """Tells of these; an issue of which a person has chosen something else in part (``elsewhere``) goes
        on with the rest, and is closed where there is none."""
        here, issues = self.here, self.issues
        if issues is None:
            for one in ones:
                restorable(here.outcome, one, self.homes, one.chosen.why)
            return
        ones = [*ones, *self._left_by(issues, elsewhere)]
        groups = here.groups(ones)
        for group in groups:
            self._tell(group, issues)
        self._kept = [group.key for group in groups]

    def close_others(self) -> None:
        """Closes the issues of ours of which surely no finding is left."""
        if self.issues is not None:
            self.here.outcome.issues += map(self.here.record, self.issues.close_others(self._kept))

    def _left_by(self, issues: Issues, elsewhere: Container[str]) -> list[Planned]:
        here = self.here
        found: list[Planned] = []
        for issue, mark in issues.open():
            if not here.sight.holds(mark, elsewhere):
                continue
            more = here.more(mark, "revert")
            if more is None:
                left = Published("", "left", UNSEEN, issue.url, title=issue.title)
            elif more:
                found += more
                continue
            else:
                left = issues.withdraw(issue)
            here.outcome.issues.append(here.record(left))
        return found

    def _tell(self, group: Group, issues: Issues) -> None:
        here = self.here
        for one in group.rest:
            restorable(here.outcome, one, self.homes, one.chosen.why)
        early = self._unseen(issues, group)
        restoring = {one.id: self.homes.restoring(one.finding) for one in group.members}
        report = Report(
            group.key,
            words.title(group, "Restore", here.environment),
            partial(words.issue, group, restoring, here.run),
            {one.id: one.digest for one in group.members},
            people.assignees(group, here.said),
            tuple(one.id for one in group.members if one.id in self.by_hand),
        )
        try:
            told = early or issues.tell(report)
        except DriftError as error:
            told = Published("", "refused", str(error))
        ids = [one.id for one in group.members]
        here.outcome.issues.append({**here.record(told), "title": report.title, "findings": ids})
        more = {"issue": told.url} if told.url else {}
        for one in group.members:
            restorable(here.outcome, one, self.homes, told.why or one.chosen.why, **more)

    def _unseen(self, issues: Issues, group: Group) -> Published | None:
        """That a group's issue tells of more than this run knows, and is left; None where it does not."""
        known = issues.of(group.key)
        if known is None or known.state != "open":
            return None
        more = self.here.more(mark_of(known.body), "revert")
        if more is None:
            return Published("", "left", UNSEEN, known.url, title=known.title)
        mine = {one.id for one in group.members}
        group.members += [one for one in more if one.id not in mine]
        return None
