"""Has Git say what is live: editors propose, the copies are read again and compared, and what is proved
stays.

In rounds: each tries the next proposal of every change that is still open, all at once. What did not do what
it should is taken back and its next proposal is tried in the next round; where a round breaks something else,
it is halved until it is known which proposal did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.compare.readable import holds_secret
from drift.editor import Edit, Place
from drift.finding import Change
from drift.remediate.asking import Asking
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof
from drift.remediate.rounds import Item, Rounds
from drift.remediate.verdict import Verdict

#: So many rounds at most; each is a comparison or, where something broke, several.
_ROUNDS = 40


@dataclass
class Adopted:
    """What became of the findings: ``edits`` of those that are adopted, ``described`` why others are not and
    where to look."""

    edits: dict[str, list[Edit]] = field(default_factory=dict)
    described: dict[str, tuple[str, tuple[Place, ...]]] = field(default_factory=dict)


@dataclass
class Adopting:
    """Adopts findings in the copies of ``proof``, which keep what is proved."""

    proof: Proof
    ids: frozenset[str]
    before: Verdict
    #: What is to be done with each, where it is not adopted but accepted.
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    accept_days: int = 30
    items: list[Item] = field(default_factory=list)
    result: Adopted = field(default_factory=Adopted)

    def __post_init__(self) -> None:
        self.asking = Asking(self.proof, self.chosen, self.accept_days)

    def run(self) -> Adopted:
        for id_ in sorted(self.ids):
            self._begin(id_)
        now = self.before
        rounds = Rounds(self.proof, self.asking, self.ids.__contains__)
        for _ in range(_ROUNDS):
            opened = [one for one in self.items if one.edit is None and not one.why]
            if not opened or self.proof.deadline.passed:
                break
            # What failed before waits for what was not tried yet: it may hold once others are made.
            now = rounds.round(sorted(opened, key=lambda one: one.tried), now)
        for one in self.items:
            if one.edit is None and not one.why:
                one.why = one.broke or "no edit that could be proved was found"
        self._settle(now)
        return self.result

    def validate(self, files: Sequence[Path]) -> None:
        """Has the languages' own tools look at edited files. Raises NotEdited where one finds fault."""
        sources = dict.fromkeys(one.source for one in self.before.said.sources)
        self.asking.validate(sources, files)

    def _begin(self, id_: str) -> None:
        """The changes of a finding, as items; nothing of what holds a secret."""
        finding = self.before.findings.get(id_)
        if finding is None:
            self._describe(id_, "it is no longer so at the base branch")
            return
        if finding.kind != "changed" or self.asking.accepts(id_):
            self.items.append(Item(id_, None))
            return
        hidden = [one.path for one in finding.changes if one.sensitive or holds_secret(_live(one))]
        if hidden:
            self._describe(id_, f"a secret is never written to Git ({', '.join(hidden[:3])})")
            return
        self.items += [Item(id_, one.path) for one in finding.changes]

    def _describe(self, id_: str, why: str, places: Iterable[Place] = ()) -> None:
        self.result.described.setdefault(id_, (why, tuple(places)))

    # The end

    def _settle(self, now: Verdict) -> None:
        """A finding is adopted whole or not at all: edits of one that is not are taken back, and what is left
        is proved once more."""
        by_finding: dict[str, list[Item]] = {}
        for item in self.items:
            by_finding.setdefault(item.finding, []).append(item)
        partial = False
        for id_, items in by_finding.items():
            open_ = [one for one in items if one.edit is None]
            if not open_:
                self.result.edits[id_] = [edit for one in items if (edit := one.edit) and edit.replacements]
                continue
            partial = partial or any(one.edit is not None and one.edit.replacements for one in items)
            first = open_[0]
            where = f" at {first.path}" if first.path and len(items) > 1 else ""
            self._describe(id_, f"{first.why}{where}", first.places)
        if partial:
            self._again()

    def _again(self) -> None:
        """From the commit on, without the findings that can't be adopted whole."""
        left = frozenset(self.result.edits)
        described = self.result.described
        for space in self.proof.workspaces.values():
            space.restore()
        again = Adopting(self.proof, left, self.before, self.chosen, self.accept_days)
        self.result = again.run()
        self.result.described = {**described, **self.result.described}
        self.items = again.items


def _live(change: Change) -> Any:
    return change.live if change.raw is None else [change.live, change.raw.live]
