"""Git: which commit a working tree is at, and repositories by URL, fetched shallowly into a cache. Uses the
git command."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from drift.errors import DeclaredError

TIMEOUT_SECONDS = 300
ATTEMPTS = 4
# What git and curl say of a connection that broke, or of a server or proxy that is not up for a moment.
_PASSING = re.compile(
    r"Empty reply from server|Connection reset|Recv failure|Send failure|early EOF|unexpected disconnect"
    r"|hung up unexpectedly|returned error: (?:429|502|503|504)|Operation timed out|SSL_ERROR_SYSCALL"
)
_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"}
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A tree of files at a commit. ``committed_at`` is RFC 3339; ``dirty`` that files differ from the
    commit."""

    root: Path
    commit: str | None = None
    committed_at: str | None = None
    dirty: bool = False
    url: str | None = None
    ref: str | None = None


def working_tree(path: Path) -> Checkout:
    """What is known of the Git working tree around ``path``; an empty Checkout where there is none."""
    folder = path if path.is_dir() else path.parent
    try:
        told = _git(folder, "log", "-1", "--format=%H %cI", check=False)
    except DeclaredError:
        return Checkout(folder)
    if told.returncode != 0 or not told.stdout.strip():
        return Checkout(folder)
    commit, committed_at = told.stdout.split()
    root = Path(_git(folder, "rev-parse", "--show-toplevel").stdout.strip())
    dirty = bool(_git(folder, "status", "--porcelain", "--", str(path.resolve()), check=False).stdout.strip())
    remote = _git(folder, "remote", "get-url", "origin", check=False)
    ref = _git(folder, "rev-parse", "--abbrev-ref", "HEAD", check=False).stdout.strip() or None
    url = remote.stdout.strip() if remote.returncode == 0 else ""
    return Checkout(root, commit, committed_at, dirty, without_password(url) or None, ref)


def fetch(url: str, ref: str | None, cache: Path | None = None) -> Checkout:
    """The tree of ``ref`` (branch, tag or full commit; None: the remote's HEAD), fetched with depth 1 and
    kept by commit.

    Raises DeclaredError naming the URL and the ref when it can't be had.
    """
    if url.startswith("-") or (ref or "").startswith("-"):
        raise DeclaredError(f"{url}: neither URL nor ref may begin with a dash")
    home = (cache or user_cache_path("drift")) / "git" / hashlib.sha256(url.encode()).hexdigest()[:24]
    name = without_password(url)
    with _locked(home):
        repository = home / "repository"
        if not (repository / "HEAD").exists():
            shutil.rmtree(repository, ignore_errors=True)
            _git(home, "init", "--quiet", "--bare", str(repository))
        wanted = ref or "HEAD"
        got = _fetched(repository, url, wanted)
        if got.returncode != 0:
            raise DeclaredError(_refusal(name, wanted, got.stderr))
        commit = _git(repository, "rev-parse", "FETCH_HEAD^{commit}").stdout.strip()
        committed_at = _git(repository, "log", "-1", "--format=%cI", commit).stdout.strip()
        tree = home / commit
        if not tree.exists():
            _unpack(repository, commit, tree)
    return Checkout(tree, commit, committed_at, False, name, ref)


def _fetched(repository: Path, url: str, wanted: str) -> subprocess.CompletedProcess[str]:
    """git's own answer; a connection that broke is tried again a few times, about five seconds in all."""
    import stamina

    class Broken(Exception):
        pass

    got: subprocess.CompletedProcess[str] | None = None
    with contextlib.suppress(Broken):
        for attempt in stamina.retry_context(on=Broken, attempts=ATTEMPTS, timeout=None, wait_initial=0.5):
            with attempt:
                got = _git(repository, "fetch", "--quiet", "--depth=1", "--no-tags", url, wanted, check=False)
                if got.returncode != 0 and _PASSING.search(got.stderr):
                    raise Broken
    assert got is not None
    return got


def without_password(url: str) -> str:
    """The URL without user and password."""
    return re.sub(r"(?<=://)[^/@]*@", "", url)


def _unpack(repository: Path, commit: str, tree: Path) -> None:
    beside = tree.with_name(f"{tree.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    environment = {"GIT_INDEX_FILE": str(beside.with_suffix(".index"))}
    try:
        _git(repository, f"--work-tree={beside}", "read-tree", commit, extra=environment)
        _git(repository, f"--work-tree={beside}", "checkout-index", "--all", "--force", extra=environment)
    finally:
        beside.with_suffix(".index").unlink(missing_ok=True)
    beside.rename(tree)


def _refusal(name: str, ref: str, stderr: str) -> str:
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    last = without_password(
        next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "")
    )
    if any(said in stderr for said in ("couldn't find remote ref", "unadvertised object", "not our ref")):
        return f"{name}: there is no ref {ref!r}; correct `ref` in the declared entry"
    return f"{name}: can't be fetched at {ref!r}: {last.removeprefix('fatal: ') or 'git gave no reason'}"


def _git(
    folder: Path, *arguments: str, check: bool = True, extra: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**_environment(), **(extra or {})},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise DeclaredError(
            "the git command is not installed; it is needed to read declared state from Git"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise DeclaredError(f"git {arguments[0]} did not end within {TIMEOUT_SECONDS} seconds") from error
    if check and done.returncode != 0:
        raise DeclaredError(f"git {arguments[0]} failed: {without_password(done.stderr.strip())}")
    return done


def _environment() -> dict[str, str]:
    """The process's own, without what a Git hook around it says of another repository; git asks nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in _REPOSITORY}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Two runs on one cache wait for each other."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / "lock").open("w")
    except OSError as error:
        raise DeclaredError(
            f"{home}: the cache can't be written: {error.strerror}; set XDG_CACHE_HOME"
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
