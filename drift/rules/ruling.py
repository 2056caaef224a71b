"""Applies all rules to one finding after another and keeps the account: what each rule hid, which are
stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from drift.finding import Change, Finding
from drift.rule import Again, Note, Rule


@dataclass(frozen=True, slots=True)
class Hidden:
    """One thing that a rule hides: a change, or (``change`` None) a whole missing or unmanaged resource.

    ``partial``: the rest of the finding stays.
    """

    finding: Finding
    change: Change | None
    note: Note
    partial: bool = False


@dataclass(slots=True)
class Ruling:
    """The rules of one run, in the order in which they are asked; the first that hides something is named for
    it.

    ``whole``: everything was compared, so that a rule which matches nothing is stale.
    """

    rules: list[Rule] = field(default_factory=list)
    today: date = date.min
    whole: bool = True
    hidden: list[Hidden] = field(default_factory=list)
    matched: Counter[int] = field(default_factory=Counter)

    def left_of(self, finding: Finding, again: Again) -> Finding | None:
        """The finding without what the rules hide; None where nothing is left of it."""
        work: Finding | None = finding
        hidden: list[tuple[Change | None, Note]] = []
        for index, rule in enumerate(self.rules):
            if rule.note.unusable:
                continue
            alone = rule.apply(finding, again)
            if alone is finding:
                continue
            self.matched[index] += 1
            if work is None or self._expired(rule.note):
                continue
            after = alone if work is finding else rule.apply(work, again)
            if after is not work:
                hidden.extend((change, rule.note) for change in _gone(work, after))
                work = after
        partial = work is not None
        self.hidden.extend(Hidden(finding, change, note, partial) for change, note in hidden)
        if work is None or not hidden:
            return None if work is None else finding
        return replace(finding, changes=work.changes)

    def _expired(self, note: Note) -> bool:
        return note.until is not None and note.until < self.today

    def told(self) -> Iterator[dict[str, Any]]:
        """Each rule with its status, as reports say it."""
        for index, rule in enumerate(self.rules):
            note, matched = rule.note, self.matched[index]
            if note.quiet and not matched:
                continue
            status = "active" if matched or not self.whole else "unused"
            if note.unusable:
                status = "unusable"
            elif self._expired(note):
                status = "expired"
            yield {
                "rule": note.rule,
                "file": note.file,
                "line": note.line,
                "status": status,
                "matched": matched,
                "reason": note.reason,
                "owner": note.owner,
                "until": note.until.isoformat() if note.until else None,
                **({"message": note.unusable} if note.unusable else {}),
            }


def _gone(before: Finding, after: Finding | None) -> Iterable[Change | None]:
    """What a rule took out of a finding; of a change that is only smaller now, the whole change."""
    if before.kind != "changed":
        return [None]
    left = {} if after is None else {change.path: change for change in after.changes}
    return [change for change in before.changes if left.get(change.path) != change]
