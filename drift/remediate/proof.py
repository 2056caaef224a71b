"""Compares copies of the repositories with one and the same live side, before an edit and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drift import declared, plugins
from drift.compare.workers import Workers
from drift.config.entry import DeclaredEntry
from drift.config.model import Config
from drift.deadline import Deadline
from drift.declared import git, git_address, git_run
from drift.errors import DriftError
from drift.finding import Finding
from drift.forge import Login
from drift.live.estate import Estate
from drift.provider import Provider
from drift.remediate.readings import Readings
from drift.remediate.verdict import Verdict, holds
from drift.remediate.workspace import Workspace, opened
from drift.report.forge import hosted
from drift.scan import Run
from drift.source import Location
from drift.store import held
from drift.terms import Judgement


@dataclass
class Proof:
    """The base branches of all declared repositories against ``live`` (snapshots), which are read once; what
    is declared is read again where an edit touches it.

    ``branch`` is the base branch of every repository, where entries do not name it; ``login`` tells by its
    URL how to log in at one. What lies in no repository is compared where it lies; what can't be had is
    ``unread``, why by its entry (:func:`id`). Raises DriftError where nothing can be had, or no snapshot be
    read.
    """

    config: Config
    live: Sequence[Path]
    branch: str | None = None
    deadline: Deadline = field(default_factory=Deadline)
    tell: Callable[[str], None] = lambda _: None
    login: Callable[[str], Login | None] = lambda _: None
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    _places: dict[int, Location] = field(default_factory=dict)
    _space: dict[int, Workspace] = field(default_factory=dict)
    _asked: dict[tuple[str, str | None], Workspace] = field(default_factory=dict)
    _notes: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        providers = plugins.providers()
        for entry in self.config.declared:
            try:
                self._places[id(entry)] = self._place(entry, providers)
            except DriftError as error:
                shown = entry.path or git_address.shown(entry.git or "")
                self._places[id(entry)] = Location(Path(), shown, options=entry.said())
                self.unread[id(entry)] = str(error)
        self._readings = Readings(self.workspaces, self.unread)
        self._run = Run(
            self.config,
            (),
            self.live,
            tell=self._tell_once,
            deadline=self.deadline,
            places=self._places,
            reading=self._readings,
        )
        self._estate = Estate(providers)
        self._problems = self._run.read_live(self._estate, (), hide=False)
        self._coverage = dict(self._estate.coverage)

    def _place(self, entry: DeclaredEntry, providers: Mapping[str, Provider]) -> Location:
        """Where an entry is read from: in a copy, if it lies in a repository. Raises DriftError."""
        found = declared.locate(
            entry, self.config.base, providers, self.config.settings, self.deadline, verify=False
        )
        space = self._workspace(entry, found)
        if space is None or found.root is None:
            return self._beside(entry, found)
        self._space[id(entry)] = space
        return _moved(found, found.root, space)

    def why_unread(self, told: Mapping[str, Any]) -> str | None:
        """Why nothing can be said of a finding of a report, as what declares it, or may do so, could not be
        read; None where it could be."""
        file = (told.get("declared_at") or {}).get("file")
        for entry, why in self.unread.items():
            if file is None or holds(self._places[entry], str(file)):
                return why
        return None

    def _tell_once(self, note: str) -> None:
        if note not in self._notes:
            self._notes.add(note)
            self.tell(note)

    def _beside(self, entry: DeclaredEntry, found: Location) -> Location:
        """What lies in no repository, and what it names beside drift.yaml (a state in a bucket, and its
        configuration) in the copy of the repository that this lies in."""
        held = None if found.base is None else git.holding(found.base.resolve() / "any")
        if held is None or found.base is None or git.working_tree(found.base).commit is None:
            return found
        top = held[0].resolve()
        space = self._opened(_origin(held[1], top), None)
        base = found.base.resolve()
        if not base.is_relative_to(top):
            return found
        self._space[id(entry)] = space
        return replace(found, root=space.root, base=space.root / base.relative_to(top), ref=space.branch)

    def _workspace(self, entry: DeclaredEntry, found: Location) -> Workspace | None:
        """The copy of the repository that an entry lies in; None where it lies in none."""
        if found.root is None:
            return None
        return self._opened(*_remote(entry, found, self.config.base))

    def _opened(self, url: str, branch: str | None) -> Workspace:
        """The copy of a repository at a branch: one, by whatever addresses and names entries ask for it."""
        branch = self.branch or branch
        there = hosted(url, self.config.forges)
        place = url if there is None else f"{there.site}/{there.path}"
        asked = place, branch
        if asked not in self._asked:
            made = opened(url, branch, self.deadline, self.login(url))
            self._asked[asked] = self.workspaces.setdefault(f"{place}\0{made.branch}", made)
        return self._asked[asked]

    def space(self, entry: DeclaredEntry) -> Workspace | None:
        """The copy that an entry is read from; None where it lies in no repository."""
        return self._space.get(id(entry))

    def covers(self, location: Location) -> bool:
        """Whether something of a declared entry lies in a copy."""
        places = [one for one in (location.path, location.root) if one is not None]
        return any(self.space_of(one) is not None for one in places)

    def space_of(self, file: Path) -> Workspace | None:
        """The copy that a file lies in."""
        return next((one for one in self.workspaces.values() if file.is_relative_to(one.root)), None)

    def judged(self, wanted: Callable[[str], bool]) -> Verdict:
        """Compares what the copies say now. ``wanted`` tells by its id of which finding both sides are kept
        whole."""
        run, estate = self._run, self._estate
        whole: dict[str, Finding] = {}

        def keep(finding: Finding, _: object) -> int:
            if wanted(finding.id):
                whole[finding.id] = finding
            return 0

        self._readings.look()
        estate.coverage = dict(self._coverage)  # matching adds to it
        said = run.read_declared(estate, self.deadline)
        problems = list(self._problems)
        with held(), Workers(1) as workers:
            matches = run.match(said, estate)
            judgement = run.judge(matches, said, estate, keep, workers)
        problems += [*said.problems, *matches.problems]
        if judgement.uncompared:
            raise DriftError(f"not all could be compared in time: {self.deadline.reason}")
        return Verdict(
            {one.id: _whole(one, whole) for one in judgement.findings},
            said,
            estate,
            _unverifiable(judgement),
            frozenset(one.message for one in problems),
            judgement.declared,
            judgement.in_sync,
            run.told,
            self._readings.tellers(said.sources),
        )


def _whole(finding: Finding, whole: Mapping[str, Finding]) -> Finding:
    return whole.get(finding.id, finding)


def _unverifiable(judgement: Judgement) -> Counter[tuple[str, str, str, str]]:
    return Counter((one.type, one.resource_id, one.path, one.reason) for one in judgement.unverifiable)


def _moved(found: Location, root: Path, space: Workspace) -> Location:
    """The same place in a copy."""

    def there(path: Path) -> Path:
        return space.root / path.resolve().relative_to(root) if path.resolve().is_relative_to(root) else path

    path = there(found.path)
    if not path.exists():
        raise DriftError(
            f"{found.display}: is not in the branch {space.branch} of {space.name}; push it first"
        )
    base = None if found.base is None else there(found.base)
    return replace(
        found, path=path, root=space.root, base=base, commit=space.commit, committed_at=None, ref=space.branch
    )


def _remote(entry: DeclaredEntry, found: Location, base: Path) -> tuple[str, str | None]:
    """What the repository of an entry is cloned from and pushed to, and the branch that the entry names."""
    if entry.git is not None:
        return declared.repository(entry.git, base), entry.ref
    assert found.root is not None
    held_by = git.holding(found.root / "any")
    return (_origin(held_by[1], found.root) if held_by else str(found.root)), None


def _origin(git_dir: Path, top: Path) -> str:
    """What a working tree was cloned from: its remote `origin`, else the only one; where it has none, itself.
    Raises DriftError where it can't be told which."""
    ends = ("remote.", ".url")
    told = git_run.settings(git_run.common_dir(git_dir))
    remotes = {
        key.removeprefix(ends[0]).removesuffix(ends[1]): url
        for key, url in told.items()
        if key.startswith(ends[0]) and key.endswith(ends[1]) and url
    }
    if not remotes:
        return str(top)
    if len(remotes) > 1 and "origin" not in remotes:
        raise DriftError(
            f"{top}: has the remotes {', '.join(sorted(remotes))}, and none is `origin`: say by `git:` in "
            "the declared entry which is to be pushed to"
        )
    return declared.repository(remotes.get("origin") or next(iter(remotes.values())), top)
