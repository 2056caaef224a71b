"""Has Git say what is live: editors propose, the copies are read again and compared, and what is proved
stays.

In rounds: each asks for the next proposal of every change that is still open, makes all that do not touch
each other, and compares once. What did not do what it should is taken back and its next proposal is tried in
the next round; where a round breaks something else, it is halved until it is known which proposal did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from drift import plugins
from drift.compare.readable import holds_secret
from drift.editor import Edit, Editor, NotEdited, Place, Replacement, Restoring, Wish
from drift.errors import DriftError
from drift.live.tasks import unexpected
from drift.model import Change, Finding
from drift.remediate import accept
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof, Verdict, worse
from drift.remediate.workspace import Workspace
from drift.source import Declaration

#: So many proposals are tried of a change.
_PROPOSALS = 8
#: Why something is accepted where nobody says it.
_ACCEPTED = "Accepted by a person; say here why it is no drift."
#: So many rounds at most; each is a comparison or, where something broke, several.
_ROUNDS = 40


@dataclass
class Item:
    """One change of a finding (None: all of a resource) on its way into Git."""

    finding: str
    path: str | None
    tried: int = 0
    edit: Edit | None = None
    why: str = ""
    places: tuple[Place, ...] = ()
    broke: str = ""

    @property
    def key(self) -> tuple[str, str | None]:
        return self.finding, self.path


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
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    items: list[Item] = field(default_factory=list)
    result: Adopted = field(default_factory=Adopted)
    _editors: dict[str, Editor | None] = field(default_factory=dict)

    def run(self) -> Adopted:
        for id_ in sorted(self.ids):
            self._begin(id_)
        now = self.before
        for _ in range(_ROUNDS):
            opened = [one for one in self.items if one.edit is None and not one.why]
            if not opened or self.proof.deadline.passed:
                break
            # What failed before waits for what was not tried yet: it may hold once others are made.
            now = self._round(sorted(opened, key=lambda one: one.tried), now)
        for one in self.items:
            if one.edit is None and not one.why:
                one.why = one.broke or "no edit that could be proved was found"
        self._settle(now)
        return self.result

    def validate(self, files: Sequence[Path]) -> None:
        """Has the languages' own tools look at edited files. Raises NotEdited where one finds fault."""
        for editor in self._editors.values():
            if editor is not None:
                editor.validate(files, self.proof.deadline)

    def home(self, finding: Finding) -> Workspace | None:
        """The copy in which a finding would be adopted, or its declaration lies; None where it is in none."""
        source = self.before.source_of(finding)
        if source is None and self._accepts(finding.id):
            spaces = map(self.proof.space_of, (one.location.path for one in self.before.said.sources))
            return next((one for one in spaces if one is not None), None)
        try:
            location = self._beside(finding, self.before)[0].location if source is None else source.location
        except NotEdited:
            return None
        return self.proof.space_of(location.path)

    def restoring(self, finding: Finding) -> Restoring | None:
        """How a person brings the live side back to what Git says of a finding; None where that is not
        known."""
        source = self.before.source_of(finding)
        editor = None if source is None else self._editor(source.source)
        if source is None or editor is None:
            return None
        return editor.restoring(self._wished(finding, None, source, self.before))

    def _begin(self, id_: str) -> None:
        """The changes of a finding, as items; nothing of what holds a secret."""
        finding = self.before.findings.get(id_)
        if finding is None:
            self._describe(id_, "it is no longer so at the base branch")
            return
        if finding.kind != "changed" or self._accepts(id_):
            self.items.append(Item(id_, None))
            return
        hidden = [one.path for one in finding.changes if one.sensitive or holds_secret(_live(one))]
        if hidden:
            self._describe(id_, f"a secret is never written to Git ({', '.join(hidden[:3])})")
            return
        self.items += [Item(id_, one.path) for one in finding.changes]

    def _accepts(self, id_: str) -> bool:
        chosen = self.chosen.get(id_)
        return chosen is not None and chosen.action == "accept"

    def _describe(self, id_: str, why: str, places: Iterable[Place] = ()) -> None:
        self.result.described.setdefault(id_, (why, tuple(places)))

    # One round

    def _round(self, items: list[Item], now: Verdict) -> Verdict:
        """Tries the next proposal of each; gives what the copies say afterwards."""
        batch: list[Item] = []
        taken: dict[Path, list[tuple[int, int]]] = {}
        for one in items:
            if self._moot(one, now):
                continue
            edit = self._proposal(one, now)
            if edit is not None and _free(edit, taken):
                one.edit = edit
                batch.append(one)
            elif edit is not None:  # asked for again in the next round, where its place is free
                one.tried -= 1
        if not batch:
            return now
        return self._tried(batch, now)

    def _moot(self, item: Item, now: Verdict) -> bool:
        """Whether another edit has done already what an item asks for."""
        finding = now.findings.get(item.finding)
        if self._accepts(item.finding) and finding is not None:
            return False
        change = None if finding is None else _change(finding, item.path)
        if finding is None or (item.path is not None and change is None):
            item.edit = Edit((), "comes with another edit")
            return True
        return False

    def _proposal(self, item: Item, now: Verdict) -> Edit | None:
        """The next proposal of an item; None where there is none, which is said in the item."""
        if item.tried >= _PROPOSALS:
            item.why = item.broke or f"none of {item.tried} edits could be proved"
            return None
        finding = now.findings[item.finding]
        try:
            proposals = self._proposals(finding, item, now)
            edit = next(islice(proposals, item.tried, None), None)
        except NotEdited as error:
            item.why, item.places = error.reason, error.places
            return None
        except DriftError as error:
            item.why = str(error)
            return None
        except Exception as error:  # noqa: BLE001 - whatever an editor does wrong is said
            item.why = f"the editor failed: {unexpected(error)}"
            return None
        item.tried += 1
        if edit is None:
            item.why = item.broke or "the editor knows no other way to write it"
        return edit

    def _proposals(self, finding: Finding, item: Item, now: Verdict) -> Iterable[Edit]:
        if self._accepts(item.finding):
            return self._accepting(finding, now)
        wish, editor = self._wish(finding, item, now)
        return _asked(editor, wish, finding)

    def _accepting(self, finding: Finding, now: Verdict) -> Iterable[Edit]:
        """Proposals of a rule that hides a finding, and no other: beside its declaration, else beside what is
        declared of its kind."""
        chosen = self.chosen[finding.id]
        until = chosen.until or self.today + timedelta(days=self.accept_days)
        terms = accept.Terms(chosen.reason or _ACCEPTED, finding.owner, until)
        source = now.source_of(finding)
        sources = [source] if source is not None else now.said.sources
        locations = [one.location for one in sources if self.proof.space_of(one.location.path) is not None]
        return accept.proposals(finding, terms, locations)

    def _wish(self, finding: Finding, item: Item, now: Verdict) -> tuple[Wish, Editor]:
        source = now.source_of(finding)
        if source is None:
            return self._beside(finding, now)
        editor = self._editor(source.source)
        if editor is None:
            raise NotEdited(f"there is no editor of {source.source}")
        if not self.proof.covers(source.location):
            raise NotEdited(f"{source.location.display} lies in no Git repository")
        return self._wished(finding, _change(finding, item.path), source, now), editor

    def _wished(self, finding: Finding, change: Change | None, source: Declaration, now: Verdict) -> Wish:
        """What a declaration is to say of a finding."""
        estate = now.estate
        return Wish(
            finding,
            change,
            source,
            source.location,
            estate.providers,
            around=tuple(now.said.sources),
            context=estate.context(finding.resource.provider),
            view=estate,
            settings=self.proof.config.settings,
        )

    def _beside(self, finding: Finding, now: Verdict) -> tuple[Wish, Editor]:
        """Where a resource that nobody declares fits best."""
        best: tuple[int, Wish, Editor] | None = None
        for source in now.said.sources:
            editor = self._editor(source.source)
            if editor is None or not self.proof.covers(source.location):
                continue
            wish = self._wished(finding, None, source, now)
            fits = editor.adopts(wish)
            if fits > 0 and (best is None or fits > best[0]):
                best = fits, wish, editor
        if best is None:
            raise NotEdited("no declared source is a place for it")
        return best[1:]

    def _editor(self, source: str) -> Editor | None:
        if source not in self._editors:
            known = plugins.names("editors")
            self._editors[source] = plugins.editor(source) if source in known else None
        return self._editors[source]

    # Proof

    def _tried(self, batch: Sequence[Item], now: Verdict) -> Verdict:
        """Makes the edits of a batch and keeps those that are proved."""
        files = {one.file for item in batch for one in _edit(item).replacements}
        held = {file: _content(file) for file in files}
        replacements = [one for item in batch for one in _edit(item).replacements]
        try:
            for space, ones in self._by_space(replacements):
                space.apply(ones)
            after = self.proof.judged(self.ids.__contains__)
        except DriftError as error:
            self._back(held)
            return self._halves(batch, now, str(error))
        hidden = frozenset(item.finding for item in batch if self._accepts(item.finding))
        others = frozenset(item.finding for item in batch) if hidden else hidden
        pending = [now.findings[one.finding] for one in batch if _edit(one).outcome == "pending"]
        broken = worse(now, after, lambda finding: _meant(finding, pending), others)
        if broken:
            self._back(held)
            return self._halves(batch, now, broken[0])
        failed = [item for item in batch if not _done(item, after)]
        if not failed:
            return after
        self._back(held)
        for item in failed:
            item.edit = None
        done = [item for item in batch if item.edit is not None]
        if not done:
            return now
        return self._tried(done, now)

    def _halves(self, batch: Sequence[Item], now: Verdict, why: str) -> Verdict:
        """Half of a batch, then the other, with the proposals made anew, as their places may have moved."""
        if len(batch) == 1:
            batch[0].edit, batch[0].broke = None, why
            return now
        for item in batch:
            item.edit = None
            item.tried -= 1
        half = len(batch) // 2
        for part in (batch[:half], batch[half:]):
            now = self._round(list(part), now)
        return now

    def _by_space(self, replacements: Iterable[Replacement]) -> list[tuple[Workspace, list[Replacement]]]:
        found: dict[int, tuple[Workspace, list[Replacement]]] = {}
        for one in replacements:
            space = self.proof.space_of(one.file)
            if space is None:
                raise NotEdited(f"{one.file.name} lies in no Git repository of this run")
            found.setdefault(id(space), (space, []))[1].append(one)
        return list(found.values())

    def _back(self, held: dict[Path, bytes | None]) -> None:
        for file, content in held.items():
            space = self.proof.space_of(file)
            assert space is not None
            space.write(file, content)

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
        again = Adopting(self.proof, left, self.before, self.chosen, self.accept_days, self.today)
        self.result = again.run()
        self.result.described = {**described, **self.result.described}
        self.items = again.items


def _asked(editor: Editor, wish: Wish, finding: Finding) -> Iterable[Edit]:
    asks: Callable[[Wish], Iterable[Edit]]
    asks = {"changed": editor.change, "missing": editor.remove, "unmanaged": editor.add}[finding.kind]
    return asks(wish)


def _live(change: Change) -> Any:
    return change.live if change.raw is None else [change.live, change.raw.live]


def _edit(item: Item) -> Edit:
    assert item.edit is not None
    return item.edit


def _change(finding: Finding, path: str | None) -> Change | None:
    return next((one for one in finding.changes if one.path == path), None) if path is not None else None


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _free(edit: Edit, taken: dict[Path, list[tuple[int, int]]]) -> bool:
    """Whether an edit touches nothing that another one of the round does; if so, it is noted."""
    mine = [(one.file, one.start, one.end if not one.removes else 1 << 62) for one in edit.replacements]
    for file, start, end in mine:
        if any(start <= other_end and other <= end for other, other_end in taken.get(file, ())):
            return False
    for file, start, end in mine:
        taken.setdefault(file, []).append((start, end))
    return True


def _meant(finding: Finding, pending: Sequence[Finding]) -> bool:
    """Whether a finding that was not there before is what an edit says that it leaves: something to apply, of
    the very resource that it speaks of."""
    one = finding.resource
    return finding.status == "pending" and any(
        one.type == other.resource.type
        and {one.id, one.name} & {other.resource.id, other.resource.name} - {None}
        for other in pending
    )


def _done(item: Item, after: Verdict) -> bool:
    finding = after.findings.get(item.finding)
    if finding is None:
        return True
    if _edit(item).outcome == "pending" and finding.status == "pending":
        return True
    return item.path is not None and _change(finding, item.path) is None
