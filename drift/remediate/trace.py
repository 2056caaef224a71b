"""Tells which files this process opens meanwhile and whether it starts other programs, by the interpreter's
own audit events (PEP 578): whatever reads, and however, is heard."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The events by which another program is started. Source: docs.python.org, "Audit events table".
_STARTS = frozenset(("subprocess.Popen", "os.posix_spawn", "os.exec", "os.spawn", "os.system", "os.fork"))
#: Those that listen now.
_listening: list[Trace] = []
#: Whether the interpreter tells us; that can't be taken back.
_hooked = False


class Trace:
    """What was opened, as absolute paths, and whether a program was run that may have read what it liked. Git
    that is asked of a repository's commits reads no file of the tree."""

    def __init__(self) -> None:
        self.opened: set[str] = set()
        self.ran = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hears what happens within the block, in every thread."""
        global _hooked
        if not _hooked:
            _hooked = True
            sys.addaudithook(_heard)
        _listening.append(self)
        try:
            yield
        finally:
            _listening.remove(self)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """One event, of which nothing is refused."""
        if event == "open":
            if isinstance(arguments[0], (str, bytes, os.PathLike)):  # else a file that is open already
                self.opened.add(str(Path(os.fsdecode(arguments[0])).absolute()))
        elif event in _STARTS and not (event == "subprocess.Popen" and _asks_git(arguments[1])):
            self.ran = True


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    for one in _listening:
        one.hear(event, arguments)


def _asks_git(command: Any) -> bool:
    """Whether a command is git with the folder of a repository, and no tree."""
    words = list(command) if isinstance(command, (list, tuple)) else []
    return len(words) > 1 and words[0] == "git" and str(words[1]).startswith("--git-dir=")
