"""Who last touched the lines that findings speak of: ``git blame``, one call a file, bounded in number and
time.

The repository's own configuration is not read (:mod:`drift.declared.git_run`). A commit whose parents were
not fetched is nobody's: a shallow clone would give every line to it.
"""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from drift import reading
from drift.deadline import Deadline
from drift.declared import git, git_run
from drift.errors import DriftError
from drift.model import Origin
from drift.moment import rfc3339
from drift.redaction import told as without_secrets
from drift.rules.places import Places
from drift.source import Location
from drift.visible import visible

#: How many files are asked about in one run, and for how long: a file, and all of them (seconds).
MOST_FILES, FILE_SECONDS, ALL_SECONDS = 500, 10.0, 60.0
#: git runs as often at a time.
AT_ONCE = 4
#: More lines of one file make one call no cheaper than all of it.
_MOST_RANGES = 500
_LONGEST = 200


class Spot(NamedTuple):
    """One line of a declared file, named as an :class:`~drift.model.Origin` names it."""

    file: str
    line: int
    commit: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Touched:
    """The commit that last touched a line; all None of a line that is not committed yet. ``date`` is when
    its author wrote it."""

    commit: str | None = None
    author: str | None = None
    email: str | None = None
    date: str | None = None
    subject: str | None = None


class _At(NamedTuple):
    """A file in a repository. ``commit``: of one that was fetched; None: the working tree ``root``."""

    git_dir: Path
    root: Path
    path: str
    commit: str | None


class Blame:
    """Asked once for all the lines of a run. ``tell`` is told what was left out."""

    def __init__(
        self, locations: Iterable[Location], deadline: Deadline, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._locations = list(locations)
        self._places = Places(self._locations)
        self._deadline, self._tell = deadline, tell
        self._files: dict[tuple[str, str | None, str | None], _At | None] = {}

    def of(self, spots: Iterable[Spot]) -> dict[Spot, Touched | None]:
        """Who touched each line that is in a repository, the first ones first; None where its history does
        not tell. What is in none is not in the answer."""
        wanted: dict[_At, set[Spot]] = defaultdict(set)
        for spot in spots:
            at = self._at(spot)
            if at is not None:
                wanted[at].add(spot)
        answer: dict[Spot, Touched | None] = {spot: None for ones in wanted.values() for spot in ones}
        asked = list(wanted)[:MOST_FILES]
        left_out = len(wanted) - len(asked)
        until = time.monotonic() + min(ALL_SECONDS, self._deadline.rest() / 2)
        with contextlib.ExitStack() as held, ThreadPoolExecutor(AT_ONCE, "blame") as pool:
            views = _views(asked, held)
            lines = ({spot.line for spot in wanted[at]} for at in asked)
            found = pool.map(
                lambda at, wanted: _blamed(at, wanted, views.get(at.git_dir), until), asked, lines
            )
            for at, touched in zip(asked, found, strict=True):
                left_out += touched is None
                answer.update((spot, (touched or {}).get(spot.line)) for spot in wanted[at])
        if left_out:
            self._tell(
                f"git blame: {left_out:,} of {len(wanted):,} files were not asked: too many or too large"
            )
        return answer

    def _at(self, spot: Spot) -> _At | None:
        key = (spot.file, spot.commit, spot.url)
        if key not in self._files:
            self._files[key] = self._found(spot)
        return self._files[key]

    def _found(self, spot: Spot) -> _At | None:
        origin = Origin("", file=spot.file, commit=spot.commit, url=spot.url)
        found = self._places.find(origin)
        if found is not None and found[1].is_file():
            return _repository(found[1], found[0])
        for base in {one.base for one in self._locations if one.root is None and one.base is not None}:
            file = base / spot.file  # the configuration of a state that lies elsewhere
            if file.is_file():
                return _repository(file, None)
        return None


def _repository(file: Path, location: Location | None) -> _At | None:
    """Where a file lies in the repository around it."""
    file = file.resolve()
    if location is not None and location.clone is not None and location.root is not None:
        copied = git.holding(location.clone / "x")  # the copy is of one commit, and has no history
        if copied is not None and file.is_relative_to(location.root):
            path = file.relative_to(location.root).as_posix()
            return _At(copied[1], location.root, path, location.commit)
    held = git.holding(file)
    if held is None:
        return None
    root, git_dir, fetched = held
    if not file.is_relative_to(root):
        return None
    commit = location.commit if location is not None and fetched else None
    return (
        None if fetched and commit is None else _At(git_dir, root, file.relative_to(root).as_posix(), commit)
    )


def _views(asked: Iterable[_At], held: contextlib.ExitStack) -> dict[Path, Path]:
    """Each repository without its configuration."""
    made: dict[Path, Path] = {}
    for git_dir in dict.fromkeys(at.git_dir for at in asked):
        with contextlib.suppress(DriftError, OSError):
            made[git_dir] = held.enter_context(git_run.view(git_dir))
    return made


def _blamed(at: _At, lines: set[int], view: Path | None, until: float) -> Mapping[int, Touched | None] | None:
    """Line → who touched it; nothing of what git does not know; None where there was no time to ask."""
    left = min(FILE_SECONDS, until - time.monotonic())
    if left <= 0:
        return None
    if view is None:
        return {}
    try:
        there = reading.content(at.root / at.path, at.path).count(b"\n") + 1
        wanted = sorted(line for line in lines if 0 < line <= there)[:_MOST_RANGES]
        if not wanted:
            return {}
        done = git_run.git(
            "-c", "blame.ignoreRevsFile=", "blame", "--incremental", "--no-textconv", "--encoding=UTF-8",
            *(f"-L{line},{line}" for line in wanted),
            *([at.commit] if at.commit else []),
            "--", at.path,
            repository=view, folder=at.root, seconds=left,
            extra={} if at.commit else {"GIT_WORK_TREE": str(at.root), "GIT_INDEX_FILE": str(view / "none")},
        )  # fmt: skip
    except (DriftError, OSError):
        return None
    if done.returncode != 0:
        new = not at.commit and b"no such path" in done.stderr
        return dict.fromkeys(wanted, Touched()) if new else {}
    return dict(_told(done.stdout, git_run.cut(view)))


def _told(said: bytes, cut: frozenset[str]) -> Iterator[tuple[int, Touched | None]]:
    """What ``git blame --incremental`` says: of each commit once, and which lines it touched."""
    known: dict[str, dict[str, str]] = {}
    commit, first, count = "", 0, 0
    for raw in said.split(b"\n"):
        name, _, value = raw.decode("utf-8", "replace").partition(" ")
        if len(name) >= 40 and name.isalnum():
            commit = name
            first, count = (int(number) for number in value.split()[1:3])
            known.setdefault(commit, {})
        elif name == "filename":  # ends each entry
            touched = None if commit in cut else _touched(commit, known[commit])
            yield from ((line, touched) for line in range(first, first + count))
        elif commit:
            known[commit].setdefault(name, value)


def _touched(commit: str, said: Mapping[str, str]) -> Touched:
    if not commit.strip("0"):
        return Touched()
    return Touched(
        commit,
        _shown(said.get("author", "")),
        _shown(said.get("author-mail", "").removeprefix("<").removesuffix(">")),
        _date(said.get("author-time", "")),
        _shown(without_secrets(said.get("summary", ""))),
    )


def _shown(text: str) -> str | None:
    """What a person wrote into a commit, on one short line."""
    line = visible(" ".join(text.split()))
    return (line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…") or None


def _date(seconds: str) -> str | None:
    try:
        return rfc3339(datetime.fromtimestamp(int(seconds), UTC))
    except (ValueError, OverflowError, OSError):
        return None
