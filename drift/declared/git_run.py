"""Runs git so that nothing which a repository holds is run: its configuration is not read, and the user's
own (credentials, proxy, certificates, ssh) holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from drift import processes, reading, temporary
from drift.declared import git_address
from drift.errors import DeclaredError

FETCH_SECONDS = 300.0
LOCAL_SECONDS = 60.0
# What a Git hook around this process says of another repository (git rev-parse --local-env-vars, but for the
# user's GIT_CONFIG_*), and what would run a program or bend an answer.
_FOREIGN = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_EXTERNAL_DIFF",
        "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
        "GIT_ATTR_SOURCE", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
    }
)  # fmt: skip
# Above every file of configuration, the user's too: what runs programs on reading, or asks, or leaves
# processes behind.
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.commitGraph": "false",
    "core.fileMode": "false",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "log.showSignature": "false",
    "gc.autoDetach": "false",
    "maintenance.autoDetach": "false",
}
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
#: Above every .gitattributes: files are what the commit holds, and no filter (LFS, encryption) is run.
_AS_COMMITTED = "* -filter -text -ident -working-tree-encoding -diff -merge\n"
#: The same for files that git wrote for the user, whose line ends may differ from the commit's.
_AS_CHECKED_OUT = "* -filter -diff -merge\n"


def git(
    *arguments: str,
    repository: Path | None = None,
    extra: Mapping[str, str] | None = None,
    folder: Path | None = None,
    given: bytes = b"",
    seconds: float = LOCAL_SECONDS,
    writes: Sequence[Path] = (),
) -> processes.Done:
    """What git says. Raises DeclaredError when it is not installed, does not end, never stops printing or
    writes too much (to the folders ``writes``)."""
    named = [f"--git-dir={repository}"] if repository else []
    try:
        return processes.run(
            ["git", *named, *arguments],
            environment={**environment(), **(extra or {})},
            seconds=seconds,
            folder=folder or repository,
            given=given,
            writes=writes,
        )
    except FileNotFoundError as error:
        raise DeclaredError(
            "the git command is not installed; it is needed to read declared state from Git"
        ) from error
    except processes.Overdue as error:
        raise DeclaredError(f"git {_verb(arguments)} did not end within {seconds:.0f} seconds") from error
    except processes.Endless as error:
        raise DeclaredError(f"git {_verb(arguments)} {error}, so it was ended") from error


def answer(
    *arguments: str,
    repository: Path | None = None,
    extra: Mapping[str, str] | None = None,
    writes: Sequence[Path] = (),
) -> str:
    """What git prints. Raises DeclaredError, in one line, when it refuses."""
    done = git(*arguments, repository=repository, extra=extra, writes=writes)
    if done.returncode != 0:
        raise DeclaredError(f"git {_verb(arguments)} failed: {git_address.shown(last_words(done))}")
    return text(done.stdout)


def text(said: bytes) -> str:
    """What git printed; bytes that are no UTF-8 are replaced."""
    return said.decode("utf-8", "replace").strip()


def last_words(done: processes.Done) -> str:
    """The line of git's complaint that says why."""
    lines = [line for line in text(done.stderr).splitlines() if line.strip()]
    fatal = next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "")
    return fatal.removeprefix("fatal: ") or "git gave no reason"


def environment(*, local: bool = True) -> dict[str, str]:
    """The process's own, without what it says of another repository; git asks nothing and runs nothing that a
    repository names. Also for programs that run git themselves, whose submodules could name what is on this
    machine: ``local`` says whether git may read from there."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    count = kept.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    for number, (key, value) in enumerate(_SETTINGS.items(), first):
        kept |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    kept["GIT_CONFIG_COUNT"] = str(first + len(_SETTINGS))
    transports = [name for name in git_address.allowed() if local or name != "file"]
    return {**kept, **_ENVIRONMENT, "GIT_ALLOW_PROTOCOL": ":".join(transports)}


def make_bare(repository: Path) -> None:
    """An empty bare repository of our own."""
    answer("init", "--quiet", "--bare", "--template=", str(repository))
    as_committed(repository)


def as_committed(repository: Path) -> None:
    """What a bare repository of our own writes out is what its commits hold."""
    (repository / "info").mkdir(exist_ok=True)
    (repository / "info" / "attributes").write_text(_AS_COMMITTED)


@contextmanager
def view(git_dir: Path) -> Iterator[Path]:
    """The repository of ``git_dir`` without its configuration, hooks, attributes and index: a folder for
    ``--git-dir`` with its HEAD, refs and objects, for as long as the context lasts.

    Raises DeclaredError where it is no repository.
    """
    common = common_dir(git_dir)
    head = line(git_dir / "HEAD")
    if not head or not (common / "objects").is_dir():
        raise DeclaredError(f"{git_dir}: is no Git repository")
    with temporary.passing() as own:
        (own / "HEAD").write_text(head + "\n")
        for name in ("objects", "refs", "packed-refs", "shallow", "reftable"):
            if (common / name).is_dir() or (common / name).is_file():
                (own / name).symlink_to(common / name)
        (own / "refs").mkdir(exist_ok=True)
        (own / "info").mkdir()
        (own / "info" / "attributes").write_text(_AS_CHECKED_OUT)
        (own / "config").write_text(_format(common))
        yield own


def common_dir(git_dir: Path) -> Path:
    """Where the refs and objects of a git directory are: of a linked working tree, in the first one's."""
    told = line(git_dir / "commondir")
    return (git_dir / told).resolve() if told else git_dir.resolve()


def cut(view: Path) -> frozenset[str]:
    """The commits whose parents were not fetched."""
    file = view / "shallow"
    try:
        return frozenset(reading.content(file, str(file)).decode("ascii", "replace").split())
    except (DeclaredError, OSError):
        return frozenset()


def line(file: Path) -> str:
    """The one line of a small regular file; empty where there is none."""
    try:
        if not file.is_file() or file.stat().st_size > 4096:
            return ""
        return file.read_text("utf-8", "surrogateescape").strip("\n\r ")
    except (OSError, ValueError):
        return ""


def _format(common: Path) -> str:
    """How the repository is kept, the one thing that git is told of its configuration."""
    held = settings(common)
    kept = "".join(
        f"\t{key} = {value}\n"
        for key, value in (("objectFormat", "sha256"), ("refStorage", "reftable"))
        if held.get(f"extensions.{key.lower()}") == value
    )
    version = 1 if kept else 0
    extensions = f"[extensions]\n{kept}" if kept else ""
    return f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extensions}"


def settings(common: Path) -> dict[str, str]:
    """What a repository's own file of configuration holds, read as data and without what it includes, by key
    in lower case (but for names in the middle); the last value of each."""
    file = common / "config"
    if not file.is_file():
        return {}
    done = git("config", "--file", str(file), "--no-includes", "-z", "--list", folder=common)
    pairs = (each.partition("\n") for each in done.stdout.decode("utf-8", "replace").split("\0"))
    return {key: value for key, _, value in pairs if key}


def _verb(arguments: tuple[str, ...]) -> str:
    return next((each for each in arguments if not each.startswith("-")), "")
