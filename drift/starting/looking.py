"""Looks through a folder for what declares something, and asks providers which logins there are."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from drift import declared, listing, plugins
from drift.config.entry import DeclaredEntry
from drift.deadline import Deadline, Passed
from drift.declared.pulumi import hint as pulumi
from drift.errors import DriftError
from drift.proposal import Found, Hint, Proposal
from drift.source import Source
from drift.starting.aside import aside

#: How deep, and among how many folders and files, one looks.
DEPTH, MOST = 12, 200_000
#: Endings of files that may declare something.
_ENDINGS = (".yaml", ".yml", ".json", ".tf", ".tofu", ".bicep", ".tfstate", ".hcl")
#: What no path of drift.yaml holds: bytes that are no UTF-8, control characters, what refers to a value.
_UNSAID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]|\$\{|://")
_RENAME = "has a name that drift.yaml can't say; rename it, or declare a folder above"
#: The file that is written.
OWN = "drift.yaml"
#: Of files of JSON that nobody recognises these alone are told: most are no declaration of anything.
_TOLD = frozenset({"cdk.json"})
#: So many files that nobody recognises are named.
NAMED = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """What is proposed to be declared: ``path`` relative to the folder, read by ``sources``, which have to be
    said (``forced``, then one) where others recognise it, too; ``doubt`` why it is left a comment."""

    path: str
    sources: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    forced: bool = False
    doubt: str = ""


@dataclass(slots=True)
class Looked:
    """What was found; ``notes`` are what to know of it, ``strange`` what nobody recognises."""

    entries: list[Entry] = field(default_factory=list)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: What of the strange files the core knows, and what to do.
    hints: dict[str, str] = field(default_factory=dict)

    def advised(self) -> dict[str, str]:
        """What is known of files that can't be read as they are: path → what to do."""
        advice = [self.hints, *(one.advice for one in self.proposals.values())]
        return {path: told for each in advice for path, told in each.items()}

    def not_understood(self) -> list[str]:
        """The files of which nothing is known."""
        known = self.advised()
        return [one for one in self.strange if one not in known]


def look(folder: Path, environment: Mapping[str, str], home: Path, deadline: Deadline) -> Looked:
    """All that can be told without asking anybody: nothing is fetched, nobody is logged in. Raises DriftError
    for what is no folder."""
    if not folder.is_dir():
        raise DriftError(f"{folder}: there is no such folder")
    walk = _Walk(folder.resolve(), deadline)
    try:
        deadline.ask(walk.run)
    except Passed:
        walk.notes.append(f"not all of the folder was looked at: {deadline.reason}")
    found = Looked(notes=walk.notes)
    kept = [one for one in walk.found if one.path.resolve() not in walk.taken_in]
    places = {one.path: aside(one.path, walk.folder) for one in kept}
    found.entries = [
        _tried(_placed(one, places[walk.folder / one.path]), walk.folder, deadline, distant=distant)
        for one, distant in walk.entries(kept)
    ]
    if deadline.passed and not found.notes:
        found.notes.append(f"not all that is declared was parsed: {deadline.reason}")
    read = [one.path for one in kept]
    inside = {name for name in walk.strange if any((walk.folder / name).is_relative_to(one) for one in read)}
    found.strange = sorted(
        name for name in walk.strange - inside if not aside(walk.folder / name, walk.folder)
    )
    for name in found.strange:
        if told := pulumi.advice(folder.resolve() / name):
            found.hints[name] = told
    estates = [one for one in kept if not places[one.path]]
    about = Found(
        folder.resolve(),
        frozenset(one.source.name for one in estates),
        frozenset().union(*(one.hint.types for one in estates)),
        tuple(found.strange),
        environment,
        home,
    )
    for name, provider in plugins.providers().items():
        proposal = provider.propose(about)
        if proposal is not None:
            found.proposals[name] = proposal
    return found


@dataclass(frozen=True, slots=True)
class _One:
    """Something that a source recognises."""

    path: Path
    source: Source
    hint: Hint
    options: Mapping[str, str] = field(default_factory=dict)


class _Walk:
    def __init__(self, folder: Path, deadline: Deadline) -> None:
        self.folder, self._deadline = folder, deadline
        self._sources = list(plugins.sources().values())
        self.found: list[_One] = []
        self.taken_in: set[Path] = set()
        self.strange: set[str] = set()
        self.notes: list[str] = []
        self._left = MOST

    def run(self) -> None:
        """Looks at everything."""
        self._folder(self.folder, frozenset(), 0)
        if self._left < 0:
            self.notes.append(
                f"only {MOST:,} files and folders were looked at; name the folders of others yourself"
            )

    def entries(self, found: Sequence[_One]) -> Iterator[tuple[Entry, bool]]:
        """An entry for each, and whether it is read over the network: one for all sources that read a path
        where an entry that names none of them has just these read it."""
        places: dict[Path, list[_One]] = {}
        for one in found:
            places.setdefault(one.path, []).append(one)
        for path, several in places.items():
            name, fitting = path.relative_to(self.folder).as_posix(), self._fitting(path)
            whole = {one.source.name for one in several} == {one.name for one in fitting} and _unnamed(
                fitting
            )
            if whole and len({(tuple(one.options.items()), one.hint.doubt) for one in several}) == 1:
                needs = {key: what for one in several for key, what in one.hint.needs.items()}
                names = tuple(one.source.name for one in several)
                first = several[0]
                entry = Entry(name, names, first.options, needs, doubt=first.hint.doubt)
                yield entry, any(one.hint.distant for one in several)
                continue
            for one in several:
                entry = Entry(
                    name, (one.source.name,), one.options, one.hint.needs, len(fitting) > 1, one.hint.doubt
                )
                yield entry, one.hint.distant

    def _fitting(self, path: Path) -> list[Source]:
        head = b"" if path.is_dir() else listing.beginning(path)
        return [one for one in self._sources if one.recognises(path, head)]

    def _folder(self, folder: Path, without: frozenset[str], depth: int) -> None:
        """Looks at a folder, for other sources than those ``without`` which read it as a part already."""
        self._deadline.check()
        fitting = [(one, one.hint(folder)) for one in self._sources if one.recognises(folder, b"")]
        whole = next(((one, hint) for one, hint in fitting if hint.whole and one.name not in without), None)
        folders, files = self._inside(folder)
        if whole is not None:
            self._take(folder, *whole)
            if whole[1].covers and not whole[1].reads:
                return
            without |= whole[1].reads
        if whole is None or whole[1].reads:
            without |= self._files(folder, files, without, [one for one, _ in fitting])
        before = len(self.found)
        if depth < DEPTH:
            for below in folders:
                self._folder(below, without, depth + 1)
        self._joined(folder, self.found[before:], [one for one, _ in fitting])

    def _files(
        self, folder: Path, files: Sequence[Path], without: frozenset[str], reading: Sequence[Source]
    ) -> frozenset[str]:
        """Takes the files of a folder: the folder itself for a source that reads all of it, where no other
        one reads a file of it. Gives the names of the sources that read all below then."""
        known: dict[str, list[Path]] = {}
        by_name = {one.name: one for one in self._sources}
        for file in files:
            if not file.name.lower().endswith(_ENDINGS):
                continue
            names = [one.name for one in self._sources if one.recognises(file, listing.beginning(file))]
            for name in names:
                if name not in without:
                    known.setdefault(name, []).append(file)
            if (
                not names
                and file.name != OWN
                and (not file.name.lower().endswith(".json") or file.name in _TOLD)
            ):
                self.strange.add(file.relative_to(self.folder).as_posix())
        folders = {one.name for one in reading}
        taken = frozenset(known)
        if taken and taken <= folders and _unnamed([by_name[one] for one in taken]) and folder != self.folder:
            for name in known:
                self._take(folder, by_name[name], by_name[name].hint(folder))
            return taken
        for name, several in known.items():
            for file in several:
                self._take(file, by_name[name], by_name[name].hint(file))
        return frozenset()

    def _joined(self, folder: Path, below: list[_One], fitting: Sequence[Source]) -> None:
        """Takes a folder in the place of several in it that are of one language, whose every file is alike:
        of one that has to be said of each (a stack) each stays."""
        names = {one.source.name for one in below}
        if (
            len(below) < 2
            or len(names) != 1
            or folder == self.folder
            or names != {one.name for one in fitting}
        ):
            return
        if any(one.hint.needs or (one.hint.whole and not one.hint.joins) for one in below):
            return
        here = aside(folder, self.folder)
        if any(aside(one.path, self.folder) != here for one in below):
            return
        del self.found[-len(below) :]
        self._take(folder, fitting[0], fitting[0].hint(folder))

    def _take(self, path: Path, source: Source, hint: Hint) -> None:
        self.taken_in.update(hint.takes_in)
        if not hint.instead:
            self.found.append(_One(path, source, hint))
        for other, options in hint.instead.items():
            self.found.append(_One(other, source, hint, options))

    def _inside(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """The folders and the files right in a folder, but for those that are nobody's declaration."""
        try:
            names = sorted(os.scandir(folder), key=lambda one: one.name)
        except OSError as error:
            self.notes.append(f"{folder.relative_to(self.folder)}: can't be read: {error.strerror}")
            return [], []
        folders: list[Path] = []
        files: list[Path] = []
        for one in names:
            self._left -= 1
            if self._left < 0:
                break
            path = Path(one.path)
            if listing.passed_over(one.name) or one.is_symlink():
                continue
            if one.is_dir():
                folders.append(path)
            elif one.is_file():
                files.append(path)
        return folders, files


def _unnamed(sources: Sequence[Source]) -> bool:
    """Whether an entry that names no source is read by all of these."""
    return sum(not one.adds for one in sources) <= 1


def _placed(entry: Entry, reason: str) -> Entry:
    """An entry, in doubt where its place says that it is no estate."""
    return replace(entry, doubt=entry.doubt or reason)


def _tried(entry: Entry, folder: Path, deadline: Deadline, *, distant: bool) -> Entry:
    """An entry, in doubt where it can't be parsed as it is; a program that is lacking here is no doubt."""
    programs = [one for name in entry.sources for one in plugins.source(name).programs]
    lacking = any(not any(shutil.which(each[0]) for each in one.commands) for one in programs)
    if _UNSAID.search(entry.path):
        return replace(entry, doubt=_RENAME)
    if entry.doubt or distant or lacking or deadline.passed:
        return entry
    source = entry.sources[0] if len(entry.sources) == 1 else None
    said = {"path": f"./{entry.path}", "source": source, **entry.options}
    try:
        deadline.ask(
            lambda: declared.load(
                [DeclaredEntry.model_validate(said)], folder, plugins.providers(), {}, deadline
            )
        )
    except DriftError as error:
        if deadline.passed:  # nothing is known of it
            return entry
        return replace(entry, doubt=" ".join(str(error).removeprefix(f"./{entry.path}: ").split()))
    return entry


def strange_shown(names: Sequence[str]) -> Iterator[str]:
    """What nobody recognises, a line each, the last of which counts the rest."""
    yield from names[:NAMED]
    if len(names) > NAMED:
        yield f"and {len(names) - NAMED:,} more"
