"""A branch of a repository: a commit of what is proved, pushed under a name of its own and never to the base.

A commit is made of blobs, in an index of its own: no hook, filter or attribute of the repository is run. Each
carries a trailer that says whose it is, by which the next run knows its own work from a person's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift import reading
from drift.config.model import Config
from drift.config.remediate import Commit, Remediate
from drift.deadline import Deadline
from drift.declared import git, git_address, git_run
from drift.errors import ConfigError, DeclaredError, DriftError
from drift.forge import Login
from drift.processes import Done
from drift.remediate import login
from drift.remediate.workspace import Workspace
from drift.visible import visible

TRAILER = "Drift-Remediation"
#: What a pull request's text would say, where there is none: read by the next run alone.
MARK = "Drift-Mark"
#: So many commits of a branch are looked at to tell whose they are.
_COMMITS = 50
_MODE = "100644"
#: What git, or a forge, says where a branch is there whose name is a folder of another one's.
_IN_THE_WAY = ("cannot lock ref", "cannot create '")


class Moved(DriftError):
    """A branch is no longer where it was a moment ago: somebody else pushed to it."""


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a branch is: its commit, and whether all that it has over its base is ours. ``parent``, ``tree``
    and ``title`` are the commit's own, ``mark`` what it says of itself."""

    commit: str
    ours: bool
    parent: str = ""
    tree: str = ""
    title: str = ""
    mark: Mapping[str, Any] | None = None


@dataclass
class Remote:
    """The repository that a workspace was cloned from, with how to log in; None: Git's own credentials."""

    space: Workspace
    login: Login | None = None
    deadline: Deadline | None = None

    def branches(self, prefix: str) -> dict[str, str]:
        """Names of branches that begin so, with the commit that each is at."""
        told = self._asked("ls-remote", "--heads", "--", self.space.url, f"refs/heads/{prefix}*")
        found = {}
        for line in git_run.text(told.stdout).splitlines():
            commit, _, ref = line.partition("\t")
            found[ref.removeprefix("refs/heads/")] = commit
        return found

    def tip(self, branch: str, group: str, author: str) -> Tip | None:
        """Where a branch is; None where there is none of this name."""
        commit = self.branches(branch).get(branch)
        if commit is None:
            return None
        self._asked(
            "fetch", "--quiet", f"--depth={_COMMITS}", "--no-tags", "--no-recurse-submodules", "--",
            self.space.url, f"+refs/heads/{branch}:refs/drift/{branch}",
            writes=[self.space.git_dir],
        )  # fmt: skip
        return self._tip(branch, commit, author, _line(group))

    def tips(self, prefix: str, author: str) -> dict[str, Tip]:
        """Where the branches are whose names begin so."""
        found = self.branches(prefix)
        if found:
            self._asked(
                "fetch", "--quiet", f"--depth={_COMMITS}", "--no-tags", "--no-recurse-submodules", "--",
                self.space.url, f"+refs/heads/{prefix}*:refs/drift/{prefix}*",
                writes=[self.space.git_dir],
            )  # fmt: skip
        return {branch: self._tip(branch, commit, author) for branch, commit in found.items()}

    def _tip(self, branch: str, commit: str, author: str, group: str | None = None) -> Tip:
        """What a branch that was fetched is; ours, if its commit is one of ``group`` (None: any)."""
        keys = "".join(f"%n%(trailers:key={key},valueonly,separator=%x00)" for key in (MARK, TRAILER))
        shown = git_run.answer(
            "log", "-1", "--no-walk", f"--format=%P%n%T%n%ce%n%s{keys}", f"refs/drift/{branch}",
            repository=self.space.git_dir,
        )  # fmt: skip
        parent, tree, who, title, mark, trailers = [*shown.split("\n"), *[""] * 6][:6]
        groups = [one for one in trailers.split("\0") if one]
        mine = bool(groups) if group is None else group in groups
        ours = mine and who == _address(author) and " " not in parent
        return Tip(commit, ours, parent, tree, title, _told(mark))

    def push(self, branch: str, commit: str, old: str | None) -> None:
        """Makes a branch be at a commit, if it is still where it was (None: not there). Raises Moved."""
        lease = f"--force-with-lease=refs/heads/{branch}:{old or ''}"
        done = self._run(
            "push", "--quiet", "--no-verify", "--no-follow-tags", lease, "--",
            self.space.url, f"{commit}:refs/heads/{branch}",
        )  # fmt: skip
        self._pushed(done, branch, old)

    def delete(self, branch: str, old: str) -> None:
        """Takes a branch away, if it is still where it was. Raises Moved."""
        lease = f"--force-with-lease=refs/heads/{branch}:{old}"
        done = self._run(
            "push", "--quiet", "--no-verify", lease, "--", self.space.url, f":refs/heads/{branch}"
        )
        self._pushed(done, branch, old)

    def _pushed(self, done: Done, branch: str, old: str | None) -> None:
        if done.returncode == 0:
            return
        if self.branches(branch).get(branch) != old:
            raise Moved(f"{self.space.name}: somebody else pushed to {branch} meanwhile")
        why = self._hidden(_why(done))
        if any(said in why for said in _IN_THE_WAY):
            why = f"a branch that is a part of this name is there; delete it, or set remediate.branch ({why})"
        raise DeclaredError(f"{self.space.name}: {branch} can't be pushed: {why}")

    def _asked(self, *arguments: str, writes: list[Path] | None = None) -> Done:
        done = self._run(*arguments, writes=writes)
        if done.returncode != 0:
            said = self._hidden(git_run.last_words(done))
            raise DeclaredError(f"{self.space.name}: git {arguments[0]} failed: {said}")
        return done

    def _run(self, *arguments: str, writes: list[Path] | None = None) -> Done:
        clock = self.deadline or Deadline()
        with login.environment(self.space.url, self.login) as extra:
            return git.patient(
                *arguments,
                repository=self.space.git_dir,
                deadline=clock,
                writes=writes or (),
                extra=extra,
            )

    def _hidden(self, said: str) -> str:
        return login.hidden(said, self.space.url, self.login)


def committed(
    space: Workspace,
    files: Mapping[Path, bytes | None],
    message: str,
    group: str,
    how: Commit,
    mark: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """(commit, tree) of the base commit with some files changed (None: gone); ``mark`` is what it is to say
    of itself. Raises DeclaredError, also where a signature is wanted and can't be made."""
    name, address = how.author.rpartition(" <")[0], _address(how.author)
    index = space.git_dir / "drift.index"
    index.unlink(missing_ok=True)
    extra = {
        "GIT_INDEX_FILE": str(index),
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
    }
    git_run.answer("read-tree", space.commit, repository=space.git_dir, extra=extra)
    paths = {os.fsencode(space.inside(file)): content for file, content in sorted(files.items())}
    modes = _modes(space, extra)
    entries = []
    for path, content in paths.items():
        if content is None:
            entries.append(b"0 %s\t%s\0" % (b"0" * len(space.commit), path))
            continue
        blob = _given("hash-object", "-w", "--stdin", given=content, space=space)
        entries.append(b"%s %s\t%s\0" % (modes.get(path, _MODE.encode()), blob.encode(), path))
    given = b"".join(entries)
    _given("update-index", "-z", "--add", "--index-info", given=given, space=space, extra=extra)
    tree = git_run.answer("write-tree", repository=space.git_dir, extra=extra)
    text = f"{reading.shown(message).strip()}\n\n{TRAILER}: {_line(group)}\n"
    if mark is not None:
        text += f"{MARK}: {json.dumps(mark)}\n"
    signed: list[str] = []
    settings: list[str] = []
    if how.sign:
        signed = [f"-S{how.key}"]
        settings = ["-c", f"gpg.format={'ssh' if how.sign == 'ssh' else 'openpgp'}"]
    done = git_run.git(
        *settings, "commit-tree", *signed, "-p", space.commit, tree,
        repository=space.git_dir, extra=extra, given=text.encode(),
    )  # fmt: skip
    index.unlink(missing_ok=True)
    if done.returncode != 0:
        raise DeclaredError(f"{space.name}: the commit can't be made: {_why(done)}")
    return git_run.text(done.stdout), tree


def signing(said: Remediate, config: Config) -> Remediate:
    """The settings with the SSH key's file as git finds it: beside drift.yaml, where it is no whole path.
    Raises ConfigError where it is not there."""
    how = said.commit
    if how.sign != "ssh" or how.key is None or how.key.startswith(("key::", "ssh-")):
        return said
    file = config.base / Path(how.key).expanduser()
    if not file.is_file():
        where = config.lines.at(("remediate", "commit", "key"))
        raise ConfigError(f"{where}: remediate.commit.key: {how.key}: there is no such file")
    commit = how.model_copy(update={"key": str(file.absolute())})
    return said.model_copy(update={"commit": commit})


def _modes(space: Workspace, extra: Mapping[str, str]) -> dict[bytes, bytes]:
    """How each file of the index is kept, by its path."""
    done = git_run.git("ls-files", "--stage", "-z", repository=space.git_dir, extra=extra)
    if done.returncode != 0:
        raise DeclaredError(f"{space.name}: git ls-files failed: {_why(done)}")
    rows = (row.partition(b"\t") for row in done.stdout.split(b"\0") if row)
    return {path: said.partition(b" ")[0] for said, _, path in rows}


def _told(mark: str) -> Mapping[str, Any] | None:
    """What a commit says of itself; None where that can't be read."""
    try:
        told = json.loads(mark)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _line(group: str) -> str:
    """A group as a trailer says it: in one line, whatever its owner or folder is called."""
    return " ".join(visible(group).split())


def _given(*arguments: str, given: bytes, space: Workspace, extra: Mapping[str, str] | None = None) -> str:
    done = git_run.git(*arguments, repository=space.git_dir, extra=extra, given=given)
    if done.returncode != 0:
        raise DeclaredError(f"{space.name}: git {arguments[0]} failed: {_why(done)}")
    return git_run.text(done.stdout)


def _address(author: str) -> str:
    return author.rpartition("<")[2].rstrip(">")


def _why(done: Done) -> str:
    """What git, or the server by it, says against a push or a commit."""
    lines = [line.strip() for line in git_run.text(done.stderr).splitlines() if line.strip()]
    told = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    refused = [line for line in lines if "rejected" in line or line.startswith(("error:", "fatal:"))]
    return git_address.shown("; ".join([*told[:3], *refused[:2]]) or "git gave no reason")[:500]
