"""One round of adopting: the next proposal of each change is made, all are compared once, and what is not
proved is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from drift.editor import Edit, NotEdited, Place, Replacement
from drift.errors import DriftError
from drift.finding import Finding
from drift.live.tasks import unexpected
from drift.remediate.asking import Asking, change_at
from drift.remediate.proof import Proof
from drift.remediate.verdict import Broken, Verdict, worse
from drift.remediate.workspace import Workspace

#: So many proposals are tried of a change.
_PROPOSALS = 8


@dataclass
class Item:
    """One change of a finding (None: all of a resource) on its way into Git. Once it is said ``why`` it is
    not adopted, nothing more is tried; ``broke`` is what its last proposal did."""

    finding: str
    path: str | None
    tried: int = 0
    edit: Edit | None = None
    why: str = ""
    places: tuple[Place, ...] = ()
    broke: str = ""


@dataclass
class Batch:
    """What is tried together. ``held`` is what the files were before; ``stacked``: some of the edits were
    made upon others, and speak of places as they were then."""

    items: list[Item] = field(default_factory=list)
    held: dict[Path, bytes | None] = field(default_factory=dict)
    stacked: bool = False


@dataclass
class Rounds:
    """Tries proposals in the copies of ``proof``; ``wanted`` are the findings of which all is asked."""

    proof: Proof
    asking: Asking
    wanted: Callable[[str], bool]

    def round(self, items: Sequence[Item], now: Verdict) -> Verdict:
        """Tries the next proposal of each; gives what the copies say afterwards.

        Proposals that do not touch each other are all made of what the copies say ``now``. What is left is
        proposed and made one after the other, of the files as they are then: very many may belong at the end
        of one and the same list. But not what may be done already by an edit of the same finding, or the same
        edit: it waits for the next round.
        """
        batch, later = Batch(), list[Item]()
        made: set[Replacement] = set()
        taken: dict[Path, list[tuple[int, int]]] = {}
        for one in items:
            if self._moot(one, now):
                continue
            edit = self._proposal(one, now)
            if edit is not None and _free(edit, taken):
                one.edit = edit
                batch.items.append(one)
                made.update(edit.replacements)
            elif edit is not None:
                one.tried -= 1
                if made.isdisjoint(edit.replacements):
                    later.append(one)
        if not batch.items:
            return now
        try:
            self._make([one for item in batch.items for one in _edit(item).replacements], batch)
        except DriftError as error:
            self._back(batch)
            return self._parts(batch.items, now, [Broken(str(error))])
        for one in later:
            if all(one.finding != each.finding for each in batch.items):
                self._made_upon(one, batch, now)
        return self._tried(batch, now)

    def _moot(self, item: Item, now: Verdict) -> bool:
        """Whether another edit has done already what an item asks for."""
        finding = now.findings.get(item.finding)
        if self.asking.accepts(item.finding) and finding is not None:
            return False
        change = None if finding is None else change_at(finding, item.path)
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
            proposals = self.asking.proposals(finding, item.path, now)
            edit = next(iter(islice(proposals, item.tried, None)), None)
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

    def _made_upon(self, item: Item, batch: Batch, now: Verdict) -> None:
        """Makes an item's next proposal upon what a batch has made. Where there is none, it is asked again in
        the next round, when all of this is proved."""
        tried = item.tried
        edit = self._proposal(item, now)
        try:
            if edit is not None:
                self._make(edit.replacements, batch)
        except DriftError:
            edit = None
        if edit is None:
            item.tried, item.why, item.places = tried, "", ()
            return
        item.edit = edit
        batch.items.append(item)
        batch.stacked = True

    # Proof

    def _tried(self, batch: Batch, now: Verdict) -> Verdict:
        """Keeps of what a batch has made what is proved."""
        items = batch.items
        try:
            after = self.proof.judged(self.wanted)
        except DriftError as error:
            self._back(batch)
            return self._parts(items, now, [Broken(str(error))])
        hidden = frozenset(item.finding for item in items if self.asking.accepts(item.finding))
        others = frozenset(item.finding for item in items) if hidden else hidden
        pending = [now.findings[one.finding] for one in items if _edit(one).outcome == "pending"]
        broken = worse(now, after, lambda finding: _meant(finding, pending), others)
        if broken:
            self._back(batch)
            return self._parts(items, now, broken)
        failed = [item for item in items if not _done(item, after)]
        if not failed:
            return after
        self._back(batch)
        for item in failed:
            item.edit = None
        done = [item for item in items if item.edit is not None]
        if not done:
            return now
        if batch.stacked:  # whose places are others without what failed
            _put_back(done)
            return self.round(done, now)
        again = Batch(done)
        self._make([one for item in done for one in _edit(item).replacements], again)
        return self._tried(again, now)

    def _parts(self, items: Sequence[Item], now: Verdict, broken: Sequence[Broken]) -> Verdict:
        """In parts, with the proposals made anew, as their places may have moved: first what has surely
        nothing to do with what broke, then the rest; half of a batch of which that can't be told, then the
        other."""
        if len(items) == 1:
            items[0].edit, items[0].broke = None, broken[0].why
            return now
        suspected = self._suspected(items, now, broken)
        known = set(map(id, suspected))
        others = [one for one in items if id(one) not in known]
        _put_back(items)
        half = len(items) // 2
        for part in (others, suspected) if others and suspected else (items[:half], items[half:]):
            now = self.round(part, now)
        return now

    def _suspected(self, items: Sequence[Item], now: Verdict, broken: Sequence[Broken]) -> list[Item]:
        """The items of the very resources that are worse now, else those of their files, else those of what
        can't be read any more; none where none is."""
        ids = {one.finding.id for one in broken if one.finding is not None}
        files = {_declared_in(one.finding) for one in broken if one.finding is not None} - {""}
        words = [one.why for one in broken if one.finding is None]

        def unread(item: Item) -> bool:
            source = now.source_of(now.findings[item.finding])
            shown = "" if source is None else source.location.display
            return bool(shown) and any(shown in one for one in words)

        found = [one for one in items if one.finding in ids]
        found = found or [one for one in items if _declared_in(now.findings[one.finding]) in files]
        return found or [one for one in items if unread(one)]

    def _make(self, replacements: Iterable[Replacement], batch: Batch) -> None:
        """Makes replacements. Raises DriftError, and then nothing of a repository is made."""
        found: dict[int, tuple[Workspace, list[Replacement]]] = {}
        for one in replacements:
            space = self.proof.space_of(one.file)
            if space is None:
                raise NotEdited(f"{one.file.name} lies in no Git repository of this run")
            found.setdefault(id(space), (space, []))[1].append(one)
            if one.file not in batch.held:
                batch.held[one.file] = one.file.read_bytes() if one.file.is_file() else None
        self.asking.changed()
        for space, ones in found.values():
            space.apply(ones)

    def _back(self, batch: Batch) -> None:
        self.asking.changed()
        for file, content in batch.held.items():
            space = self.proof.space_of(file)
            assert space is not None
            space.write(file, content)


def _declared_in(finding: Finding) -> str:
    origin = finding.declared.origin if finding.declared else None
    return (origin.file or "") if origin is not None else ""


def _put_back(items: Iterable[Item]) -> None:
    """Has the same proposals asked for once more."""
    for item in items:
        item.edit = None
        item.tried -= 1


def _edit(item: Item) -> Edit:
    assert item.edit is not None
    return item.edit


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
    return item.path is not None and change_at(finding, item.path) is None
