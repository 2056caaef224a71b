"""Keeps what was read of declared entries and what that told; reads again only what edits of files touch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drift import declared
from drift.config.entry import DeclaredEntry
from drift.errors import DeclaredError
from drift.model import Resource
from drift.remediate.told import Item, Told
from drift.remediate.trace import Trace
from drift.remediate.workspace import Workspace
from drift.source import Declaration, LiveView, Loader, Location
from drift.store import DeclaredStore

#: So many readings of an entry are kept besides its first.
_VERSIONS = 3
#: Each file that is another one than in the commit, as it is; None where it went.
State = Mapping[Path, bytes | None]


@dataclass
class Readings:
    """The readings of one proof, whose live side stays the same.

    A reading holds as long as no file is another one that it depends on. Those are the files that were opened
    for it, and what its declarations say (:meth:`drift.source.Declaration.inputs`). Of what does not say it,
    nothing holds that was read by another program, or before a file came or went, which may have been looked
    for. Of each entry some readings are kept: that of the commit, and the last ones, as edits are taken back.
    """

    spaces: Mapping[str, Workspace]
    #: Why some entries (:func:`id`) can't be read at all.
    unread: Mapping[int, str] = field(default_factory=dict)
    _state: dict[Path, bytes | None] = field(default_factory=dict)
    _originals: dict[Path, bytes | None] = field(default_factory=dict)
    _kept: dict[int, list[_Reading]] = field(default_factory=dict)
    _by_source: dict[int, _Reading] = field(default_factory=dict)
    _store: DeclaredStore = field(default_factory=DeclaredStore)

    def look(self) -> None:
        """Sees what the files are now. What is asked for until the next look is of these."""
        self._state = {}
        for space in self.spaces.values():
            for file, content in space.changed.items():
                self._state[file] = content
                self._originals[file] = space.original(file)

    def read(self, entry: DeclaredEntry, location: Location, loader: Loader) -> Sequence[Declaration]:
        """What an entry declares, read again where the last reading does not hold. Raises as
        :func:`drift.declared.read`."""
        if id(entry) in self.unread:
            raise DeclaredError(self.unread[id(entry)])
        for known in reversed(self._kept.get(id(entry), ())):
            if known.whole and self._holds(known):
                return known.declarations
        one = _Reading(self._state)
        with one.trace.listening():
            one.declarations = declared.read(entry, location, loader)
            one.inputs = _inputs(one.declarations)
        kept = self._kept.setdefault(id(entry), [])
        if len(kept) > _VERSIONS:
            for source in kept.pop(1).declarations:
                self._by_source.pop(id(source), None)
        kept.append(one)
        self._by_source.update((id(source), one) for source in one.declarations)
        return one.declarations

    def told(self, source: Declaration, live: LiveView) -> Iterator[Item]:
        """What a declaration tells, kept where its reading is."""
        one = self._by_source.get(id(source))
        if one is None:
            yield from source.resources(live)
            return
        known = one.told.get(id(source))
        if known is not None:
            yield from (self._store.take(each) if isinstance(each, int) else each for each in known.items)
            return
        told = Told()
        with one.trace.listening():
            for each in source.resources(live):
                if isinstance(each, Resource):
                    told.note(each)
                    told.items.append(self._store.add(each))
                else:
                    told.items.append(each)
                yield each
            for _ in source.rules():  # what they read is heard, too
                pass
        if one.state == self._state:
            one.told[id(source)] = told

    def tellers(self, sources: Iterable[Declaration]) -> list[tuple[Declaration, Told]]:
        """Declarations, each with what it told."""
        found = []
        for source in sources:
            one = self._by_source.get(id(source))
            if one is not None and id(source) in one.told:
                found.append((source, one.told[id(source)]))
        return found

    def _holds(self, one: _Reading) -> bool:
        """Whether no file is another one that a reading depends on."""
        changed, moved = set(), False
        for file in {*self._state, *one.state}:
            now, then = self._content(file, self._state), self._content(file, one.state)
            if now != then:
                changed.add(file)
                moved = moved or now is None or then is None
        if one.inputs is None and changed and (moved or one.trace.ran):
            return False
        if changed & one.opened():
            return False
        inputs = set(one.inputs or ())
        return not any(inputs & {file, *file.parents} for file in changed)

    def _content(self, file: Path, state: State) -> bytes | None:
        return state[file] if file in state else self._originals[file]


@dataclass
class _Reading:
    """What one entry was read as, when the files were in ``state``. ``inputs``: what its declarations say
    that it depends on; None where one does not say it."""

    state: State
    declarations: list[Declaration] = field(default_factory=list)
    inputs: list[Path] | None = None
    trace: Trace = field(default_factory=Trace)
    told: dict[int, Told] = field(default_factory=dict)
    _real: dict[str, Path] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether all was told that it declares."""
        return len(self.told) == len(self.declarations)

    def opened(self) -> set[Path]:
        """The files that were opened for it, as they are when no link is followed any more."""
        for one in self.trace.opened - self._real.keys():
            self._real[one] = Path(os.path.realpath(one))
        return set(self._real.values())


def _inputs(declarations: Iterable[Declaration]) -> list[Path] | None:
    found: list[Path] = []
    for one in declarations:
        said = one.inputs()
        if said is None:
            return None
        found += (Path(os.path.realpath(each)) for each in said)
    return found
