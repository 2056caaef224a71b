"""One issue a group for what a person is to restore: opened, brought up to date, closed when all of it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drift.config.remediate import Remediate
from drift.errors import DriftError
from drift.forge import Hosted, Issue
from drift.remediate.known import Sight, same
from drift.remediate.publish import Published
from drift.remediate.words import closing, mark_of

#: The label by which ours are found again, besides those of the configuration.
LABEL = "drift-revert"


@dataclass(frozen=True, slots=True)
class Report:
    """What an issue is to say; ``body`` takes the mark and gives the text."""

    group: str
    title: str
    body: Callable[[Mapping[str, Any]], str]
    digests: Mapping[str, str]
    assignees: tuple[str, ...] = ()
    #: Those that a person has chosen.
    chosen: tuple[str, ...] = ()


@dataclass
class Issues:
    """The issues of one repository, of one environment."""

    hosted: Hosted
    said: Remediate
    sight: Sight
    dry: bool = False
    _known: list[Issue] = field(default_factory=list)
    _asked: bool = False

    def tell(self, report: Report) -> Published:
        """Opens or updates the issue of a group. Raises DriftError."""
        known = self.of(report.group)
        before = (mark_of(known.body) or {}).get("chosen") if known is not None else None
        by_hand = {*report.chosen, *(before if isinstance(before, list) else ())} & report.digests.keys()
        more = {"chosen": sorted(by_hand)} if by_hand else {}
        mark = self.sight.mark(report.group, report.digests, **more)
        if known is not None and known.state == "closed":
            had = mark_of(known.body) or {}
            told = isinstance(had.get("findings"), Mapping) and all(
                had["findings"].get(id_) == digest for id_, digest in report.digests.items()
            )
            if told and had.get("closed") != "gone":
                why = "a person closed it; it is told again when the findings are others"
                return Published("", "left", why, known.url, title=report.title)
            known = None
        if self.dry:
            url = known.url if known else None
            return Published("", "would update" if known else "would open", url=url, title=report.title)
        if known is None:
            labels = [LABEL, *self.said.labels]
            opened, notes = self.hosted.open_issue(
                report.title, report.body(mark), labels, list(report.assignees)
            )
            return Published("", "opened", url=opened.url, notes=list(notes), title=report.title)
        if same(mark_of(known.body), mark) and known.title == report.title:
            return Published("", "unchanged", url=known.url, title=report.title)
        updated = self.hosted.update_issue(known, report.title, report.body(mark))
        return Published("", "updated", url=updated.url, title=report.title)

    def open(self) -> list[tuple[Issue, Mapping[str, Any]]]:
        """The open ones, each with its mark. Raises DriftError."""
        found = ((one, mark_of(one.body)) for one in self._all() if one.state == "open")
        return [(one, mark) for one, mark in found if mark is not None]

    def withdraw(self, one: Issue) -> Published:
        """Closes one of whose findings a person has chosen something else."""
        try:
            if not self.dry:
                self.hosted.close_issue(one, closing("A person has chosen to have Git changed instead."))
        except DriftError as error:
            return Published("", "refused", str(error), one.url, title=one.title)
        return Published("", "closed", "a person has chosen something else", one.url, title=one.title)

    def close_others(self, kept: Sequence[str]) -> list[Published]:
        """Closes those of which no finding is left, as :meth:`Publisher.close_others` does."""
        found = []
        for one in self._all():
            mark = mark_of(one.body)
            if one.state != "open" or mark is None or mark.get("group") in kept:
                continue
            if not self.sight.over(mark):
                continue
            try:
                if not self.dry:
                    self.hosted.close_issue(one, closing("What this tells of is no longer different."))
                found.append(Published("", "closed", "it is no longer different", one.url, title=one.title))
            except DriftError as error:
                found.append(Published("", "refused", str(error), one.url, title=one.title))
        return found

    def of(self, group: str) -> Issue | None:
        """The open issue of a group, else the newest that was. Raises DriftError."""
        mine = [
            one
            for one in self._all()
            if (mark := mark_of(one.body))
            and mark.get("group") == group
            and mark.get("environment") == self.sight.environment
        ]
        return next((one for one in mine if one.state == "open"), next(iter(mine), None))

    def _all(self) -> list[Issue]:
        if not self._asked:
            self._known, self._asked = list(self.hosted.issues(LABEL)), True
        return self._known
