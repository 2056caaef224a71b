"""``cmd://PROGRAM ARGUMENT …``: what a program prints, of those programs alone that whoever starts drift lets
drift.yaml run."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from pydantic import BaseModel

from drift import processes
from drift.deadline import Deadline
from drift.secret import BaseSecretStore, OpenStore, Secret, SecretError

#: The programs that may be run, as they are written, separated by colons. No key of drift.yaml: that comes
#: out of a repository, and whoever can change it there could have anything run.
ALLOWED = "DRIFT_SECRET_COMMANDS"
_SECONDS = 20.0
_MOST = 1024 * 1024


class CommandSecrets(BaseSecretStore):
    """Password managers and other programs; without a shell."""

    name = "cmd"

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        return _Commands(base)


class _Commands:
    def __init__(self, base: Path) -> None:
        self._base = base

    def read(self, path: str, deadline: Deadline) -> Secret:
        try:
            words = shlex.split(path.replace("%23", "#"))  # nothing else: programs have a `%` of their own
        except ValueError as error:
            raise SecretError(f"the command can't be read: {error}") from None
        if not words or not words[0]:
            raise SecretError("names no program; write it after cmd://")
        if words[0] not in os.environ.get(ALLOWED, "").split(":"):
            raise SecretError(
                f"drift.yaml may not run this program by itself; whoever starts drift allows it by name in "
                f"the environment variable {ALLOWED} (several are separated by colons)"
            )
        try:
            done = processes.run(
                words,
                environment=os.environ,
                seconds=min(_SECONDS, deadline.rest()),
                folder=self._base if self._base.is_dir() else None,
                max_bytes=_MOST,
            )
        except processes.Overdue:
            raise SecretError(f"the program did not end within {_SECONDS:g} seconds") from None
        except processes.Endless as error:
            raise SecretError(f"the program {error}") from None
        except OSError as error:
            raise SecretError(f"the program can't be started: {error.strerror}") from None
        if done.returncode:
            why = f"the program ended with exit code {done.returncode}; run it yourself to see why"
            raise SecretError(why)
        try:
            return Secret(done.stdout.decode().removesuffix("\n").removesuffix("\r"))
        except UnicodeDecodeError:
            raise SecretError("what the program printed is no text") from None

    def close(self, deadline: Deadline) -> None:
        pass
