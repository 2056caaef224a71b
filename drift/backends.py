"""Reads Terraform states from backends: several at a time, within limits of size and time, each into a
file."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from drift import plugins, temporary
from drift.backend import DEFAULT, Backend, Stored
from drift.deadline import Cut, Deadline, Passed
from drift.errors import ConfigError, DeclaredError, DriftError
from drift.model import Problem

#: A state that is larger is none.
MOST_BYTES = 4 * 2**30
#: So long may one state take as a whole, and so long may a backend be silent (seconds).
LONGEST, SILENCE = 600.0, 30.0
#: More workspaces than these are not read of one place.
MOST_WORKSPACES = 5_000
#: So many are read at a time.
AT_ONCE = 10
#: Names every workspace of a backend.
ALL = "*"
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class State:
    """A state that was read: the file at ``path`` goes when the run ends."""

    workspace: str
    display: str
    path: Path


def open(
    type: str,
    config: Mapping[str, Any],
    *,
    workspace: str | None = None,
    settings: Mapping[str, BaseModel] | None = None,
    allowed: Sequence[str] | None = None,
    deadline: Deadline | None = None,
) -> list[State | Problem]:
    """The states that a backend block (``type`` and its arguments) keeps: of one workspace (None: of the
    default one), or of all (``*``). ``allowed`` is what the block may name where it is not the user's own
    (:class:`drift.backend.Stored`).

    Never raises for what can't be read: that is a Problem, and its siblings are read. Raises ConfigError
    where no such backend is installed.
    """
    backend = of_type(type)
    stored = Stored(config, settings or {}, SILENCE, allowed, deadline or Deadline())

    def named() -> list[str]:
        return [*islice(backend.workspaces(stored), MOST_WORKSPACES)]

    try:
        names = stored.deadline.ask(named, LONGEST) if workspace == ALL else [workspace or DEFAULT]
    except Exception as error:  # noqa: BLE001 - a backend's own fault must not end the run; it is said
        told = f"{backend.shown(stored, ALL)}: its workspaces can't be listed: {_why(error)}"
        return [Problem("declared", told, unread=True)]
    folder = temporary.folder()
    many = [(backend, stored, name, folder) for name in names]
    return together(many)


def together(wanted: Iterable[tuple[Backend, Stored, str, Path]]) -> list[State | Problem]:
    """States of several backends, read at a time, in the order in which they are wanted."""
    wanted = list(wanted)
    if len(wanted) < 2:
        return [_one(*each) for each in wanted]
    with ThreadPoolExecutor(AT_ONCE, "backend") as pool:
        return list(pool.map(lambda each: _one(*each), wanted))


def of_type(type: str) -> Backend:
    """The backend of Terraform's name. Raises ConfigError with what is installed."""
    known = plugins.names("backends")
    name = {"cloud": "remote"}.get(type, type)
    if name not in known:
        raise ConfigError(f"backend {type!r}: no plugin reads it; installed are {', '.join(known) or 'none'}")
    return plugins.backend(name)


def of_scheme(scheme: str) -> Backend | None:
    """The backend that reads URLs of a scheme."""
    return next((one for one in plugins.backends().values() if scheme in one.schemes), None)


def schemes() -> list[str]:
    """Every scheme that a backend reads."""
    return [scheme for one in plugins.backends().values() for scheme in one.schemes]


def _one(backend: Backend, stored: Stored, workspace: str, folder: Path) -> State | Problem:
    display = backend.shown(stored, workspace)
    # The number keeps apart what only odd signs tell apart.
    number = f"{threading.get_ident()}-{time.monotonic_ns()}"
    file = folder / f"{_PLAIN.sub('_', workspace)}-{number}.tfstate"
    until = time.monotonic() + LONGEST
    size = 0
    # What a client waits for takes no time-out that counts all of it: one that drips is left behind.
    pieces = chain.from_iterable(backend.read(stored, workspace) for _ in (None,))
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            while True:
                left = max(until - time.monotonic(), 0.0)
                piece = stored.deadline.ask(partial(next, pieces, None), left)
                if piece is None:
                    break
                size += len(piece)
                if size > MOST_BYTES:
                    raise DeclaredError(f"it is larger than {MOST_BYTES:,} bytes, which no state is")
                target.write(piece)
    except Passed as error:
        return Problem("declared", f"{display}: not read: {error}", unread=True)
    except Cut as error:
        why = f"it was not there after {LONGEST:.0f} s" if time.monotonic() > until else str(error)
        return Problem("declared", f"{display}: can't be read: {why}", unread=True)
    except Exception as error:  # noqa: BLE001 - a backend's own fault must not end the run; it is said
        return Problem("declared", f"{display}: can't be read: {_why(error)}", unread=True)
    if not size:
        return Problem("declared", f"{display}: the state is empty; was it ever applied?", unread=True)
    return State(workspace, display, file)


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, DriftError) else f"{type(error).__name__}: {error}"


def from_url(url: str, settings: Mapping[str, BaseModel]) -> tuple[Backend, Stored]:
    """The backend and the configuration that a URL says. Raises ConfigError."""
    backend = of_scheme(urlsplit(url).scheme)
    if backend is None:
        raise ConfigError(f"{url}: the scheme is not known; known are {', '.join(schemes())}")
    return backend, Stored(backend.configuration(url), settings, SILENCE)
