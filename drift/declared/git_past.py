"""What the files of some folders of a repository were in the last commits that touched them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drift import reading
from drift.declared import git, git_run
from drift.errors import DeclaredError, DriftError

#: How many commits are looked at, how large a file may be (bytes), and how long each call of git may take
#: (seconds).
MOST_COMMITS, LARGEST, SECONDS = 30, 2 * 2**20, 20.0
_SPECIAL = re.compile(r"([*?\[\]\\])")
#: What a diff says in place of the blob of a file that is not there.
_NO_BLOB = re.compile(rb"0+\Z")


@dataclass(frozen=True, slots=True)
class Past:
    """``versions`` are the files that were otherwise than now by their path: their texts, "" where there
    was no such file; the newest version first. ``whole`` says that there is no older one."""

    versions: Sequence[Mapping[Path, str]] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """Files of ``folders`` in ``root`` (relative, "" for itself), not of those below them, by their
    ``endings``, and those called ``names``; as ``commit`` and those before it have them."""

    view: Path
    root: Path
    commit: str
    folders: Sequence[str]
    endings: tuple[str, ...]
    names: frozenset[str] = frozenset()

    def holds(self, name: str) -> bool:
        known = name.endswith(self.endings) and name.rpartition("/")[0] in self.folders
        return known or name in self.names

    def patterns(self) -> Iterator[str]:
        for folder in self.folders:
            place = _SPECIAL.sub(r"\\\1", folder) + "/" if folder else ""
            yield from (f":(top,glob){place}*{ending}" for ending in self.endings)
        for name in sorted(self.names):
            special = _SPECIAL.sub(r"\\\1", name)
            yield f":(top,glob){special}"


def past(
    folders: Iterable[Path],
    endings: Iterable[str],
    commit: str | None = None,
    files: Iterable[Path] = (),
) -> Past | None:
    """Of the files of ``folders`` whose names end so, and of ``files`` in the same repository, as ``commit``
    (None: HEAD) and those before it have them; None where the folders lie in no repository. What a merge
    brought to the branch is one step."""
    places = list(dict.fromkeys(folder.resolve() for folder in folders))
    held = {git.holding(place / "x") for place in places}
    if held <= {None}:
        return None
    found = next(iter(held)) if len(held) == 1 else None
    if found is None or (found[2] and commit is None):
        return Past()
    root, git_dir, _ = found
    base = root.resolve()
    inside = [place.relative_to(base).as_posix() for place in places]
    more = (file.resolve() for file in files)
    called = frozenset(file.relative_to(base).as_posix() for file in more if file.is_relative_to(base))
    try:
        with git_run.view(git_dir) as view:
            names = ["" if one == "." else one for one in inside]
            return _past(_Asked(view, base, commit or "HEAD", names, tuple(endings), called))
    except (DriftError, OSError):
        return Past()


def _past(asked: _Asked) -> Past:
    """Raises DeclaredError, OSError."""
    steps, whole = _steps(asked)
    if not steps:
        return Past()  # none of it is in Git
    at: dict[str, str | None] = {**dict.fromkeys(_there(asked)), **dict(_listed(asked))}
    long = any(blob is not None and len(blob) == 64 for blob in at.values())
    now: dict[str, str | None] = {}
    kept: list[dict[str, str | None]] = []
    for step in ({}, *steps):
        at.update(step)
        now.update({name: _blob(asked.root / name, long) for name in at if name not in now})
        otherwise = {name: blob for name, blob in at.items() if blob != now[name]}
        if otherwise and otherwise not in kept[-1:]:
            kept.append(otherwise)
    texts = _texts(asked, {blob for one in kept for blob in one.values() if blob is not None})
    versions = [
        {
            asked.root / name: "" if blob is None else texts[blob]
            for name, blob in one.items()
            if blob is None or blob in texts
        }
        for one in kept
    ]
    return Past(versions, whole)


def _there(asked: _Asked) -> Iterator[str]:
    """The files that lie there now."""
    for folder in asked.folders:
        place = asked.root / folder
        names = (
            (file.relative_to(asked.root).as_posix() for file in place.iterdir()) if place.is_dir() else ()
        )
        yield from filter(asked.holds, names)
    yield from (name for name in asked.names if (asked.root / name).is_file())


def _blob(file: Path, long: bool) -> str | None:
    """The name of the blob that a file would be; None where there is none."""
    try:
        content = reading.content(file, str(file))
    except (DeclaredError, OSError):
        return None
    made = hashlib.sha256() if long else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()


def _listed(asked: _Asked) -> Iterator[tuple[str, str]]:
    """The files and their blobs at the commit."""
    places = [["--", f"{folder}/"] if folder else [] for folder in asked.folders]
    if asked.names:
        places.append(["--", *sorted(asked.names)])
    for below in places:
        for entry in _git(asked.view, "ls-tree", "-z", "--full-tree", asked.commit, *below).split(b"\0"):
            head, _, name = entry.partition(b"\t")
            if head.split()[1:2] == [b"blob"] and asked.holds(os.fsdecode(name)):
                yield os.fsdecode(name), head.split()[2].decode()


def _steps(asked: _Asked) -> tuple[list[dict[str, str | None]], bool]:
    """What each of the last commits found, blobs by file, the last one first; and whether no commit is
    before the oldest one told."""
    said = _git(
        asked.view,
        "log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-abbrev", "-z", "--no-renames",
        "--format=%x01%H", f"-n{MOST_COMMITS + 1}", asked.commit, "--", *asked.patterns(),
        globs=True,
    )  # fmt: skip
    cut = git_run.cut(asked.view)
    steps: list[dict[str, str | None]] = []
    told = said.split(b"\x01")[1:]
    for one in told[:MOST_COMMITS]:
        words = one.split(b"\0")
        if words[0].strip().decode("ascii", "replace") in cut:
            return steps, False
        fields = [word.strip().split() for word in words]
        steps.append(
            {
                os.fsdecode(name): None if _NO_BLOB.match(field[2]) else field[2].decode()
                for field, name in zip(fields, words[1:], strict=False)
                if len(field) == 5 and field[0].startswith(b":")
            }
        )
    return steps, len(told) <= MOST_COMMITS and not cut


def _texts(asked: _Asked, blobs: set[str]) -> dict[str, str]:
    """The texts of blobs; those that are too large are left out."""
    if not blobs:
        return {}
    said = _git(
        asked.view, "cat-file", "--batch", given="".join(f"{one}\n" for one in sorted(blobs)).encode()
    )
    texts: dict[str, str] = {}
    place = 0
    while place < len(said):
        end = said.index(b"\n", place)
        name, _, *size = said[place:end].split()
        place = end + 1
        if size:  # else it is missing
            length = int(size[0])
            if length <= LARGEST:
                texts[name.decode()] = said[place : place + length].decode("utf-8", "replace")
            place += length + 1
    return texts


def _git(view: Path, *arguments: str, given: bytes = b"", globs: bool = False) -> bytes:
    """What git prints. Raises DeclaredError."""
    extra = {"GIT_LITERAL_PATHSPECS": "0"} if globs else {}
    done = git_run.git(*arguments, repository=view, given=given, seconds=SECONDS, extra=extra)
    if done.returncode != 0:
        raise DeclaredError(f"git {arguments[0]}: {git_run.last_words(done)}")
    return done.stdout
