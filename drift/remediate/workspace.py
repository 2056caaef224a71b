"""A private copy of a repository at its base branch: edits are tried in it, and what is proved leaves it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from drift import reading, temporary
from drift.deadline import Deadline
from drift.declared import git, git_address, git_run
from drift.editor import NotEdited, Place, Replacement
from drift.errors import DeclaredError
from drift.forge import Login
from drift.remediate.login import environment

#: The largest file that is edited. Forges refuse more than 100 MB; nobody reviews one of this size.
_LARGEST = 16 * 1024 * 1024
_HEAD = "HEAD"


@dataclass
class Workspace:
    """One repository. ``url`` is what it was cloned from, with its login; ``name`` the same for people;
    ``branch`` the base branch and ``commit`` what it was at; ``root`` the copy's files."""

    url: str
    name: str
    branch: str
    commit: str
    root: Path
    git_dir: Path
    #: Globs over paths that are never edited.
    protected: tuple[str, ...] = ()
    #: Whether the base branch is the one that the repository itself names.
    default: bool = True
    _originals: dict[Path, bytes | None] = field(default_factory=dict)

    def read(self, file: Path) -> bytes:
        """The bytes of one of its files as they are now; empty of one that is not there. Raises NotEdited for
        what is no regular file of the repository."""
        inside = self.inside(file)
        if not os.path.lexists(file):
            return b""
        if file.is_symlink() or not file.is_file():
            raise NotEdited(f"{inside} is no regular file", Place(file))
        if file.stat().st_size > _LARGEST:
            raise NotEdited(f"{inside} is too large to be edited", Place(file))
        return file.read_bytes()

    def inside(self, file: Path) -> str:
        """The path of one of its files within the repository, with slashes. Raises NotEdited for what lies
        outside, or behind a link."""
        if not file.is_absolute():
            file = self.root / file
        way = Path(os.path.normpath(file))
        if not way.is_relative_to(self.root) or way == self.root:
            raise NotEdited(f"{file.name} lies outside of {self.name}")
        told = way.relative_to(self.root)
        if told.parts[0] == ".git":
            raise NotEdited(f"{told.as_posix()} belongs to Git itself")
        at = self.root
        for part in told.parts[:-1]:
            at = at / part
            if at.is_symlink():
                raise NotEdited(f"{told.as_posix()} lies behind a link", Place(file))
        return told.as_posix()

    def apply(self, replacements: Iterable[Replacement]) -> None:
        """Makes replacements, whose places are those of the files as they are now. Raises NotEdited, and then
        nothing is made, where they overlap or lead elsewhere."""
        by_file: dict[Path, list[Replacement]] = {}
        for one in replacements:
            by_file.setdefault(self.root / self.inside(one.file), []).append(one)
        made = {file: self._made(file, ones) for file, ones in by_file.items()}
        for file in made:
            inside = self.inside(file)
            if any(_fits(inside, glob) for glob in self.protected):
                raise NotEdited(f"{inside} is protected (remediate.protected)", Place(file))
        for file, content in made.items():
            self.write(file, content)

    def _made(self, file: Path, replacements: list[Replacement]) -> bytes | None:
        body = self.read(file)
        if any(one.removes for one in replacements):
            if len(replacements) > 1:
                raise NotEdited(f"{self.inside(file)} can't be both removed and edited", Place(file))
            return None
        parts, at = [], 0
        for one in sorted(replacements, key=lambda each: (each.start, each.end)):
            if not at <= one.start <= one.end <= len(body):
                raise NotEdited(f"two edits of {self.inside(file)} overlap", Place(file))
            parts += [body[at : one.start], one.content]
            at = one.end
        return b"".join([*parts, body[at:]])

    def write(self, file: Path, content: bytes | None) -> None:
        """Gives a file its content; None: it goes. What it was is kept."""
        self.inside(file)
        if file not in self._originals:
            self._originals[file] = self.read(file) if os.path.lexists(file) else None
        if content is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def original(self, file: Path) -> bytes | None:
        """What a file is in the commit; None where it is not there."""
        if file in self._originals:
            return self._originals[file]
        return self.read(file) if os.path.lexists(file) else None

    @property
    def changed(self) -> dict[Path, bytes | None]:
        """Each file that is another one than in the commit, as it is now; None where it went."""
        now = {file: file.read_bytes() if file.exists() else None for file in self._originals}
        return {file: content for file, content in now.items() if content != self._originals[file]}

    def diff(self, files: Mapping[Path, bytes | None]) -> str:
        """What is changed of some files against the commit, as `git diff` shows it."""
        parts: list[str] = []
        for file, content in sorted(files.items()):
            old, name = self.original(file), reading.shown(self.inside(file))
            one = f"a/{name}" if old is not None else os.devnull
            other = f"b/{name}" if content is not None else os.devnull
            for line in difflib.unified_diff(_texts(old), _texts(content), one, other):
                parts += [line] if line.endswith("\n") else [line, "\n\\ No newline at end of file\n"]
        return "".join(parts)

    def restore(self, files: Iterable[Path] | None = None) -> None:
        """Makes files (None: all) what they are in the commit."""
        for file in list(self._originals if files is None else files):
            if file in self._originals:
                self.write(file, self._originals.pop(file))
                del self._originals[file]


def _texts(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _fits(path: str, glob: str) -> bool:
    """Whether a path, or a folder that it lies in, is one that a glob names; ``**/`` is any, or none."""
    ways = [path, *(str(one) for one in PurePosixPath(path).parents)]
    globs = (glob, glob.replace("**/", "")) if "**/" in glob else (glob,)
    return any(fnmatchcase(way, one) for way in ways for one in globs)


def opened(
    url: str, branch: str | None, deadline: Deadline | None = None, login: Login | None = None
) -> Workspace:
    """A copy of a repository at a branch (None: the one that its HEAD names). Raises DeclaredError where it
    can't be had."""
    git_address.check(url, branch)
    clock = deadline or Deadline()
    folder = temporary.folder()
    repository, tree = folder / "repository", folder / "tree"
    git_run.make_bare(repository)
    with git.reached(url) as address, environment(url, login) as extra:
        own = _default(address, url, clock, extra)
        base = branch or own
        if base is None:
            raise DeclaredError(
                f"{git_address.shown(url)}: does not tell its default branch; name one in remediate.base"
            )
        got = git.obtained(repository, address, f"refs/heads/{base}", clock, 1, extra)
    if got.returncode != 0:
        why = git.refusal(url, base, got)
        if "there is no ref" in why:
            name = git_address.shown(url)
            why = (
                f"{name}: nothing can be merged into {base!r}, which is no branch; name one in remediate.base"
            )
        raise DeclaredError(why)
    commit = git_run.answer("rev-parse", "FETCH_HEAD^{commit}", repository=repository)
    name = git_address.shown(url)
    git.unpack(repository, commit, tree, name)
    # What asks whether a link leads out of the repository looks for this.
    (tree / ".git").write_text(f"gitdir: {repository}\n")
    return Workspace(url, name, base, commit, tree.resolve(), repository, default=base == own)


def _default(address: str, url: str, clock: Deadline, extra: Mapping[str, str]) -> str | None:
    """The branch that a repository's HEAD names; None where it names none."""
    done = git.patient(
        "ls-remote", "--symref", "--", address, _HEAD, repository=None, deadline=clock, extra=extra
    )
    if done.returncode != 0:
        why = git_address.hidden(git_run.last_words(done), url)
        raise DeclaredError(f"{git_address.shown(url)}: can't be asked for its default branch: {why}")
    for line in git_run.text(done.stdout).splitlines():
        if line.startswith("ref: refs/heads/") and line.endswith(f"\t{_HEAD}"):
            return line.removeprefix("ref: refs/heads/").removesuffix(f"\t{_HEAD}")
    return None
