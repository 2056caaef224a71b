"""How a run ends early: a first signal stops the reading, a second ends the run, and nothing that hangs holds
it up."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from drift import files, temporary
from drift.cli import streams
from drift.deadline import Deadline
from drift.errors import ConfigError

#: What is left of the time after a signal for ending what could not report in it.
_LAST_SECONDS = 2.0
#: What Python and the system's loader say where memory or threads run out.
_EXHAUSTED = ("can't start new thread", "failed to map segment", "Cannot allocate memory")
#: How long threads that are through may take to end by themselves.
_THREADS_SECONDS = 0.5
#: What ends a run: SIGHUP, that its terminal is gone.
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_SIGNALS = (*_ENDING, signal.SIGINT)


def deadline(said: str | None, configured: str | None) -> Deadline:
    """The clock of the run, from the start of this process on: by ``--deadline``, else by the configuration.
    Raises ConfigError."""
    from drift.config.durations import seconds

    text = said or configured
    if text is None:
        return Deadline()
    try:
        length = seconds(text)
    except ConfigError as error:
        raise ConfigError(f"{'--deadline' if said else 'deadline'}: {error}") from error
    if length <= 0:
        raise ConfigError(f"{'--deadline' if said else 'deadline'}: {text!r} leaves no time to read")
    return Deadline(length, began=time.monotonic() - _age(), said=text)


def _age() -> float:
    """For how many seconds this process has been there; 0 where the system does not tell."""
    try:
        told = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        started = int(told[19]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0
    return age if 0 <= age < 60 else 0.0


def begin() -> None:
    """This process is one run, which :func:`end` ends, whoever listens to it: SIGTERM ends it as Ctrl-C does,
    and SIGHUP but under ``nohup``, clearing away what is temporary. For the main thread."""
    global _ends_here  # noqa: PLW0603 - there is one process
    _ends_here = True
    streams.begin()
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> NoReturn:
    """Unwinds the run; once more ends the process where it is."""
    signal.signal(number, signal.SIG_DFL)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


@contextlib.contextmanager
def stopping(deadline: Deadline) -> Iterator[None]:
    """Within it SIGTERM, SIGHUP and SIGINT end the reading: what was read is reported, within the deadline's
    grace or not at all. A second one ends the run at once. For the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: FrameType | None) -> None:
        name = signal.Signals(number).name
        if deadline.stopped:
            _end(number, None)
        deadline.stop(name)
        # Nothing that takes a lock: the signal may have come within it.
        _said(f"drift: {name}: reporting what was read; once more ends at once\n")

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        if before[number] != signal.SIG_IGN:
            signal.signal(number, stop)
    over = threading.Event()
    threading.Thread(target=_watch, args=(deadline, over), daemon=True, name="stopping").start()
    try:
        yield
    finally:
        over.set()
        for number, handler in before.items():
            if not deadline.stopped:  # else a second signal still ends it
                signal.signal(number, handler)


def exhausted(error: BaseException) -> bool:
    """Whether an error says that the machine gives this process no more memory or threads."""
    return isinstance(error, MemoryError) or any(words in str(error) for words in _EXHAUSTED)


def _said(text: str) -> None:
    """Tells whoever still listens."""
    with contextlib.suppress(OSError):
        os.write(2, text.encode())


def _watch(deadline: Deadline, over: threading.Event) -> None:
    """Ends the process where a run that was told to stop can't report in time."""
    while not over.wait(0.2):
        if deadline.stopped and deadline.rest() < _LAST_SECONDS:
            _said("drift: ended: what was read could not be reported in time\n")
            _give_back(_LAST_SECONDS)
            _clear()
            os._exit(1)


def spared(*ones: object) -> None:
    """Has what a run holds kept until its process ends, where :func:`end` ends it: to free very many objects
    one by one, and to look for cycles in them, takes a tenth of the whole run."""
    if _ends_here:
        _spared.extend(ones)


#: What is kept to the end; only where this process is one run's.
_spared: list[object] = []
_ends_here = False


def end(code: int) -> NoReturn:
    """Ends the process; threads that hang in a call, and programs that run, end with it. What is registered
    for the end is done; nothing else is tidied up, as all of it goes with the process."""
    until = time.monotonic() + _THREADS_SECONDS
    _give_back()
    others = [one for one in threading.enumerate() if one is not threading.main_thread()]
    for thread in others:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        _clear()
    atexit._run_exitfuncs()  # what is there waits for no thread
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _give_back(seconds: float | None = None) -> None:
    """Ends what the run was lent by stores of secrets, within the time; nothing was where none was asked."""
    if (asked := sys.modules.get("drift.secrets.keyring")) is not None:
        asked.end_all(asked.CLOSING_SECONDS if seconds is None else seconds)


def _clear() -> None:
    """Ends other processes of the run and takes away what it wrote for a moment."""
    import multiprocessing

    from drift import processes

    processes.end_all()
    for child in multiprocessing.active_children():
        child.kill()
    files.clear()
    temporary.clear()
