"""Whether a commit bears a good signature of somebody who may sign: asked of git, gpg and ssh-keygen, with
keys of the entry's own and nothing of the repository's or the user's."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from drift import processes, temporary
from drift.declared import git_run
from drift.errors import Unsigned
from drift.source import Signers

_SECONDS = 30.0
#: Above the user's own configuration of git: which programs are asked, and that any key that is given is
#: trusted. X.509 is not asked for: there is no key of that form to give.
_SETTINGS = {
    "gpg.program": "gpg",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.x509.program": "false",
    "gpg.minTrustLevel": "undefined",
}
#: gpg asks nobody for keys, and leaves no agent behind.
_GPG = "no-autostart\nno-auto-key-retrieve\nno-auto-key-locate\n"
_NONE = ("no principal matched", "no public key")


def check(repository: Path, commit: str, name: str, signers: Signers | None) -> None:
    """Raises Unsigned where a commit (full hash) of a bare repository of our own is not signed, or not by a
    key of ``signers``; None lets all pass. ``name`` is how people call the repository."""
    if signers is None:
        return
    what = f"{name}: the commit {commit[:12]}"
    with _home(signers) as home:
        settings = {**_SETTINGS, "gpg.ssh.allowedSignersFile": str(signers.allowed_signers or os.devnull)}
        done = git_run.git(
            *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            "verify-commit",
            commit,
            repository=repository,
            extra={"GNUPGHOME": str(home)},
        )
    if done.returncode == 0:
        return
    said = [line.removeprefix("gpg: ").strip() for line in git_run.text(done.stderr).splitlines()]
    raise Unsigned(f"{what} {_why(said)}; `verify` wants it signed")


def _why(said: Sequence[str]) -> str:
    """What git and the program that it asked complain of, in one line."""
    lines = [line for line in said if line]
    if not lines:
        return "is not signed"
    key = next((line for line in lines if " key " in line), "")
    if any(word in line.lower() for line in lines for word in _NONE):
        return f"is signed by nobody whose key is given ({key.removeprefix('using ') or lines[-1]})"
    return f"has no good signature: {lines[-1]}"


@contextlib.contextmanager
def _home(signers: Signers) -> Iterator[Path]:
    """A home for gpg that holds the keys of the keyring, and no others."""
    with temporary.passing() as home:
        (home / "gpg.conf").write_text(_GPG)
        if signers.keyring is not None:
            _imported(signers.keyring, home)
        yield home


def _imported(keyring: Path, home: Path) -> None:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--import", str(keyring)]
    try:
        done = processes.run(command, environment=git_run.environment(), seconds=_SECONDS)
    except FileNotFoundError as error:
        raise Unsigned(
            f"{keyring}: gpg is not installed; it is needed to verify what its keys sign"
        ) from error
    except (processes.Overdue, processes.Endless) as error:
        raise Unsigned(f"{keyring}: gpg does not come to an end with it") from error
    if done.returncode != 0:
        raise Unsigned(f"{keyring}: gpg can't read it as a keyring: {git_run.last_words(done)}")
