"""Runs another program within limits of time and size, and ends it together with all that it started."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from drift import temporary
from drift.deadline import Deadline

#: How much of what a program prints, and of what it complains, is kept (bytes).
MAX_BYTES = 256 * 1024 * 1024
#: How much it may write (bytes): more than any repository, at one commit, or chart has.
MOST_WRITTEN = 4 * 2**30
_CHUNK = 65536
_LOOK_UP_SECONDS = 0.25
# What left the session (ssh's ControlPersist) may hold a stream open after the program has ended.
_GRACE_SECONDS = 2.0
#: The programs that run now, by their session.
_running: set[int] = set()


class Overdue(Exception):
    """A program did not end in time; it was ended."""


class Endless(Exception):
    """A program printed, or wrote to files, more than is taken from one; it was ended. The message goes on
    from its name."""


@dataclass(frozen=True, slots=True)
class Done:
    """A program that ended: its exit code and what it wrote, as bytes."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    seconds: float,
    folder: Path | None = None,
    given: bytes = b"",
    max_bytes: int = MAX_BYTES,
    deadline: Deadline | None = None,
    writes: Sequence[Path] = (),
    memory: int | None = None,
) -> Done:
    """What a program answers to ``given`` on its standard input.

    It runs without a terminal, so it can ask nobody, and in a session of its own: what it started ends with
    it, however that comes, at the latest with the run (``deadline``, :func:`end_all`). What it writes for a
    moment goes to the run's folder. ``writes`` are other folders that it writes to; in all of them together
    it may add as much as one file may be (``MOST_WRITTEN``). ``memory`` is how much it may take of that
    (bytes, each program of the session; on Linux): more is not given to it. Raises Overdue, Endless, and
    OSError where it can't be started.
    """
    before = sum(map(_size, writes))
    if deadline is not None:
        seconds = min(seconds, deadline.rest())
    if memory is not None:
        command, given = _held(command, environment), b"\n" + given
    process = subprocess.Popen(
        list(command),
        cwd=folder,
        env={**environment, "TMPDIR": str(temporary.home())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with contextlib.suppress(AttributeError, OSError):  # not on every system; it may have ended
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
        if memory is not None:
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (memory, memory))
    _running.add(process.pid)
    assert process.stdin and process.stdout and process.stderr
    ends = [_End(process, stream, max_bytes) for stream in (process.stdout, process.stderr)]
    feeder = threading.Thread(target=_feed, args=(process.stdin, given), daemon=True)
    try:
        for thread in (feeder, *ends):
            thread.start()
        if writes:
            _watch(process, seconds, writes, before)
        else:
            process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise Overdue from error
    finally:
        _end_all(process)
        _running.discard(process.pid)
        feeder.join(_GRACE_SECONDS)
        for end in ends:
            end.close()
    if any(end.full for end in ends):
        raise Endless("printed without end")
    too_large = f"signal {signal.SIGXFSZ:d}".encode()  # as git tells it of one that it started
    if process.returncode == -signal.SIGXFSZ or (process.returncode and too_large in ends[1].read):
        raise _wrote_too_much()
    return Done(process.returncode, bytes(ends[0].read), bytes(ends[1].read))


def _held(command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The same program, which begins once it has been given a line: by then its limits hold. Raises
    FileNotFoundError."""
    if shutil.which(command[0], path=environment.get("PATH")) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    return ["/bin/sh", "-c", 'read -r _ && exec "$@"', "sh", *command]


def _watch(process: subprocess.Popen[bytes], seconds: float, folders: Sequence[Path], before: int) -> None:
    """Waits for a program. Raises Endless where the folders have grown too much, TimeoutExpired."""
    until = time.monotonic() + seconds
    while True:
        left = until - time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, min(left, _LOOK_UP_SECONDS)))
        if sum(map(_size, folders)) - before >= MOST_WRITTEN:
            raise _wrote_too_much()
        if process.returncode is not None:
            return
        if left <= 0:
            raise subprocess.TimeoutExpired(process.args, seconds)


def _wrote_too_much() -> Endless:
    return Endless(f"wrote more than {MOST_WRITTEN / 2**30:g} GiB")


def _size(folder: Path) -> int:
    """The bytes of all files below a folder, as far as they can be seen."""
    size = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.lstat(os.path.join(top, name)).st_size  # noqa: PTH116, PTH118 - very many
    return size


class _End(threading.Thread):
    """Reads one stream of a program to its end, and ends the program where it does not stop."""

    def __init__(self, process: subprocess.Popen[bytes], stream: IO[bytes], max_bytes: int) -> None:
        super().__init__(daemon=True)
        self._process, self._stream, self._max_bytes = process, stream, max_bytes
        self.read = bytearray()
        self.full = False

    def run(self) -> None:
        while chunk := os.read(self._stream.fileno(), _CHUNK):
            if len(self.read) + len(chunk) > self._max_bytes:
                self.full = True
                _end_all(self._process)
                return
            self.read += chunk

    def close(self) -> None:
        """Waits until all that the program wrote is read, however busy the machine is: until the stream ends,
        or nothing more comes out of it."""
        self.join(_GRACE_SECONDS)
        more = select.poll()
        more.register(self._stream, select.POLLIN)
        while self.is_alive() and more.poll(0):
            self.join(_GRACE_SECONDS)
        if not self.is_alive():
            self._stream.close()


def end_all() -> None:
    """Ends every program that runs, with all that it started: for the end of the run."""
    for session in list(_running):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(session, signal.SIGKILL)


def _feed(stream: IO[bytes], given: bytes) -> None:
    """A program need not read what it is given."""
    with contextlib.suppress(BrokenPipeError):
        stream.write(given)
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """Ends the session that a program leads, if anything of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
