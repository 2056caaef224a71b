"""Git: which commit a working tree is at, and repositories by URL, fetched shallowly into a cache. Uses the
git command, which runs nothing that a repository holds."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from platformdirs import user_cache_path

from drift.deadline import Deadline
from drift.declared import git_address, git_run, signed
from drift.declared.git_address import without_password
from drift.errors import DeclaredError
from drift.files import alone
from drift.processes import Done, Endless
from drift.source import Signers

ATTEMPTS = 4
# What git and curl say of a connection that broke, or of a server or proxy that is not up for a moment.
_PASSING = re.compile(
    r"Empty reply from server|Connection reset|Recv failure|Send failure|early EOF|unexpected disconnect"
    r"|hung up unexpectedly|returned error: (?:429|502|503|504)|Operation timed out|SSL_ERROR_SYSCALL"
)
_NO_REF = ("couldn't find remote ref", "unadvertised object", "not our ref")
_COMMIT = re.compile("(?:[0-9a-f]{40}|[0-9a-f]{64})")
_LINK = "120000"
# Where a link that leads out of a fetched repository leads instead: out of it still, to what can't exist.
_NOWHERE = f"{os.devnull}/leads-out-of-the-repository"

__all__ = [
    "Checkout",
    "at",
    "fetch",
    "holding",
    "obtained",
    "patient",
    "reached",
    "refusal",
    "unpack",
    "without_password",
    "working_tree",
]


@dataclass(frozen=True, slots=True)
class Checkout:
    """A tree of files at a commit. ``committed_at`` is RFC 3339; ``dirty`` that files differ from the
    commit, or are not in it."""

    root: Path
    commit: str | None = None
    committed_at: str | None = None
    dirty: bool = False
    url: str | None = None
    ref: str | None = None


def working_tree(path: Path) -> Checkout:
    """What is known of the Git working tree around ``path``; an empty Checkout where there is none.

    Files are compared with the commit itself, not with the repository's index, which may say that they need
    no look. A bare repository that lies in the tree as files is none.
    """
    folder = path if path.is_dir() else path.parent
    found = _git_dir(folder.resolve())
    if found is None:
        return Checkout(folder)
    root, git_dir = found
    try:
        with git_run.view(git_dir) as own:
            told = git_run.answer("log", "-1", "--no-walk", "--no-mailmap", "--format=%H %cI", repository=own)
            commit, committed_at = told.split()
            ref = git_run.answer("rev-parse", "--abbrev-ref", "HEAD", repository=own)
            dirty = _differs(own, root, path.resolve(), commit)
        url = git_run.settings(git_run.common_dir(git_dir)).get("remote.origin.url", "")
    except (DeclaredError, ValueError, OSError):
        return Checkout(folder)
    return Checkout(root, commit, committed_at, dirty, git_address.shown(url) or None, ref or None)


def top(path: Path) -> Path | None:
    """The root of the working tree around ``path``; None where there is none."""
    found = _git_dir((path if path.is_dir() else path.parent).resolve())
    return found and found[0]


def _git_dir(folder: Path) -> tuple[Path, Path] | None:
    """The root of the working tree around a folder and its git directory: `.git`, or what that file names."""
    for root in (folder, *folder.parents):
        beside = root / ".git"
        if beside.is_dir():
            return root, beside
        told = git_run.line(beside)
        if told.startswith("gitdir: "):
            return root, (root / told.removeprefix("gitdir: ")).resolve()
    return None


def _differs(own: Path, root: Path, path: Path, commit: str) -> bool:
    """Whether what lies at ``path`` is not what the commit holds there."""
    inside = path.relative_to(root).as_posix()
    listed = git_run.git("ls-tree", "-r", "-z", "--full-tree", commit, "--", inside, repository=own)
    if listed.returncode != 0 or not listed.stdout:
        return True
    if any(_other_commit(root, name, commit) for name, commit in _entries(listed.stdout, "160000")):
        return True
    extra = {"GIT_INDEX_FILE": str(own / "index"), "GIT_WORK_TREE": str(root)}
    made = git_run.git(
        "update-index", "-z", "--index-info", repository=own, extra=extra, folder=root, given=listed.stdout
    )
    if made.returncode != 0:
        return True
    said = git_run.git(
        "status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=all",
        "--no-renames", "--no-ahead-behind", "--", inside,
        repository=own, extra=extra, folder=root,
    )  # fmt: skip
    return said.returncode != 0 or bool(said.stdout)


def _other_commit(root: Path, name: str, commit: str) -> bool:
    """Whether a submodule that is checked out is not at the commit that the tree around it names."""
    folder = root / name
    if not folder.is_dir() or not any(folder.iterdir()):
        return False
    inner = working_tree(folder)
    return inner.root.resolve() != folder.resolve() or inner.commit != commit or inner.dirty


def _entries(listed: bytes, mode: str) -> Iterator[tuple[str, str]]:
    """Name and object of what `git ls-tree -r -z` lists of one mode."""
    for entry in listed.split(b"\0"):
        head, _, name = entry.partition(b"\t")
        if head.startswith(mode.encode()):
            yield os.fsdecode(name), head.split()[2].decode()


def holding(file: Path) -> tuple[Path, Path, bool] | None:
    """The root of the tree around a file, its git directory, and whether the tree is one that was fetched;
    None where it is in none."""
    for root in file.parents:
        home = root.parent
        if (
            (home / "lock").is_file()
            and (home / "repository" / "HEAD").is_file()
            and _COMMIT.fullmatch(root.name)
        ):
            return root, home / "repository", True
    found = _git_dir(file.parent)
    return None if found is None else (*found, False)


def fetch(
    url: str,
    ref: str | None,
    cache: Path | None = None,
    deadline: Deadline | None = None,
    *,
    history: int = 1,
    signers: Signers | None = None,
) -> Checkout:
    """The tree of ``ref`` (branch, tag or full commit; None: the remote's HEAD), fetched with so many commits
    of its history and kept by commit.

    Raises DeclaredError naming the URL and the ref when it can't be had, Unsigned where ``signers`` have not
    signed it.
    """
    git_address.check(url, ref)
    home = (cache or user_cache_path("drift")) / "git" / hashlib.sha256(url.encode()).hexdigest()[:24]
    name = git_address.shown(url)
    clock = deadline or Deadline()
    with _locked(home, clock), reached(url) as address:
        repository = home / "repository"
        if not (repository / "HEAD").exists():
            shutil.rmtree(repository, ignore_errors=True)
            git_run.make_bare(repository)
        git_run.as_committed(repository)
        wanted = ref or "HEAD"
        try:
            got = obtained(repository, address, wanted, clock, history)
        except DeclaredError as error:
            if isinstance(error.__cause__, Endless):  # what was fetched in part is as large
                shutil.rmtree(repository, ignore_errors=True)
            raise DeclaredError(f"{name}: can't be fetched at {wanted!r}: {error}") from error
        if got.returncode != 0:
            raise DeclaredError(refusal(url, wanted, got))
        commit = git_run.answer("rev-parse", "FETCH_HEAD^{commit}", repository=repository)
        signed.check(repository, commit, name, signers)
        committed_at = git_run.answer("log", "-1", "--no-walk", "--format=%cI", commit, repository=repository)
        tree = home / commit
        if not tree.exists():
            unpack(repository, commit, tree, name)
    return Checkout(tree, commit, committed_at, False, name, ref)


def at(root: Path, ref: str, tree: Path, signers: Signers | None = None) -> Checkout:
    """The files that the repository around ``root`` has at a commit, tag or branch (also of its remote
    ``origin``), written to the folder ``tree``, which is not there yet; nothing is fetched.

    Raises DeclaredError where the ref is not at hand, Unsigned where ``signers`` have not signed its commit.
    """
    git_address.check("local", ref)
    found = holding(root / "any")
    if found is None:
        raise DeclaredError(f"{root}: is in no Git repository")
    with git_run.view(found[1]) as own:
        names = [ref] if _COMMIT.fullmatch(ref) else [f"refs/remotes/origin/{ref}", f"refs/tags/{ref}", ref]
        for name in names:
            told = git_run.git("rev-parse", "--quiet", "--verify", f"{name}^{{commit}}", repository=own)
            if told.returncode == 0:
                break
        else:
            raise DeclaredError(f"the commit or ref {ref} is not in the repository at hand; fetch it")
        commit = git_run.text(told.stdout)
        signed.check(own, commit, ref, signers)
        committed_at = git_run.answer("log", "-1", "--no-walk", "--format=%cI", commit, repository=own)
        (own / "info" / "attributes").unlink()
        git_run.as_committed(own)
        unpack(own, commit, tree, ref)
    return Checkout(tree, commit, committed_at, ref=ref)


def leads_to(root: Path, commit: str, tip: str) -> bool:
    """Whether a commit is one that ``tip`` (a commit or HEAD) was made from, or is it; False where the
    repository around ``root`` does not hold what tells. Raises DeclaredError where there is none."""
    found = holding(root / "any")
    if found is None or not _COMMIT.fullmatch(commit):
        return False
    with git_run.view(found[1]) as own:
        told = git_run.git("merge-base", "--is-ancestor", commit, tip, repository=own)
    return told.returncode == 0


@contextlib.contextmanager
def reached(url: str) -> Iterator[str]:
    """What git is to fetch from: of a folder on this machine, its objects and refs without its
    configuration, which the other end of the fetch would read."""
    path = unquote(url.removeprefix("file://")) if url.startswith("file:///") else url
    folder = next((each for each in (Path(path), Path(f"{path}.git")) if each.is_dir()), None)
    if folder is None or not folder.is_absolute():
        yield url
        return
    found = _git_dir(folder) if (folder / ".git").exists() else (folder, folder)
    if found is None or found[0] != folder or not git_run.line(found[1] / "HEAD"):
        raise DeclaredError(f"{git_address.shown(url)}: is no Git repository; correct `git`")
    with git_run.view(found[1]) as own:
        yield str(own)


def obtained(
    repository: Path,
    url: str,
    wanted: str,
    deadline: Deadline,
    history: int,
    extra: Mapping[str, str] | None = None,
) -> Done:
    """git's own answer to a fetch, as :func:`patient` gives it."""
    return patient(
        "fetch", "--quiet", f"--depth={history}", "--no-tags", "--no-recurse-submodules", "--", url, wanted,
        repository=repository, deadline=deadline, writes=[repository / "objects"], extra=extra,
    )  # fmt: skip


def patient(
    *arguments: str,
    repository: Path | None,
    deadline: Deadline,
    writes: Sequence[Path] = (),
    extra: Mapping[str, str] | None = None,
) -> Done:
    """git's own answer to what it asks a remote; a connection that broke is tried again a few times, within
    the time of one."""
    from drift.retries import retry_context

    class Broken(Exception):
        pass

    got: Done | None = None
    until = time.monotonic() + git_run.FETCH_SECONDS
    with contextlib.suppress(Broken):
        for attempt in retry_context(on=Broken, attempts=ATTEMPTS, timeout=None, wait_initial=0.5):
            with attempt:
                left = deadline.within(max(until - time.monotonic(), 1.0))
                got = git_run.git(*arguments, repository=repository, seconds=left, writes=writes, extra=extra)
                if got.returncode != 0 and _PASSING.search(git_run.text(got.stderr)):
                    raise Broken
    assert got is not None
    return got


def unpack(repository: Path, commit: str, tree: Path, name: str) -> None:
    """The files of a commit, in a folder that is not there yet. Raises DeclaredError."""
    beside = tree.with_name(f"{tree.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    extra = {"GIT_INDEX_FILE": str(beside.with_suffix(".index")), "GIT_WORK_TREE": str(beside)}
    try:
        git_run.answer("read-tree", commit, repository=repository, extra=extra)
        git_run.answer(
            "checkout-index", "--all", "--force", repository=repository, extra=extra, writes=[beside]
        )
        _cut_links(repository, commit, beside)
    except DeclaredError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise DeclaredError(f"{name}: the files of {commit} can't be written: {error}") from error
    finally:
        beside.with_suffix(".index").unlink(missing_ok=True)
    beside.rename(tree)


def _cut_links(repository: Path, commit: str, tree: Path) -> None:
    """Links that lead out of a fetched tree lead nowhere, so that no reader follows them."""
    listed = git_run.git("ls-tree", "-r", "-z", "--full-tree", commit, repository=repository)
    top = tree.resolve()
    out = [tree / name for name, _ in _entries(listed.stdout, _LINK) if not _leads_inside(tree / name, top)]
    for link in out:
        link.unlink()
        link.symlink_to(_NOWHERE)


def _leads_inside(link: Path, top: Path) -> bool:
    """A link in circles leads nowhere already."""
    if link.readlink().is_absolute():
        return False
    try:
        return link.resolve().is_relative_to(top)
    except (OSError, RuntimeError):
        return True


def refusal(url: str, ref: str, got: Done) -> str:
    """Why git did not fetch, in one line."""
    name, stderr = git_address.shown(url), git_run.text(got.stderr)
    if any(said in stderr for said in _NO_REF):
        return f"{name}: there is no ref {ref!r}; correct `ref` in the declared entry"
    return f"{name}: can't be fetched at {ref!r}: {git_address.hidden(git_run.last_words(got), url)}"


@contextlib.contextmanager
def _locked(home: Path, deadline: Deadline) -> Iterator[None]:
    """Two runs on one cache wait for each other, for as long as a fetch may take."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)  # what a repository declares may hold secrets
        handle = (home / "lock").open("w")
    except OSError as error:
        raise DeclaredError(
            f"{home}: the cache can't be written: {error.strerror}; set XDG_CACHE_HOME"
        ) from error
    with handle:
        if not alone(handle.fileno(), git_run.FETCH_SECONDS, deadline.sleep):
            raise DeclaredError(
                f"{home}: another run has held this copy for {git_run.FETCH_SECONDS:g} seconds; "
                "end it, or set XDG_CACHE_HOME"
            )
        yield
