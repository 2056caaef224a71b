"""A PostgreSQL server of one's own on loopback: Debian's, or another that is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from drift.deadline import Deadline
from tests import ports

#: Another user than root, as whom PostgreSQL does not run.
_NOBODY = 65534


class Absent(Exception):
    """There is no PostgreSQL here; the message says why."""


class Served(str):
    """The URL of a server's database."""

    restart: Callable[[], None]


@contextlib.contextmanager
def serving() -> Iterator[Served]:
    """The URL of the server's database for as long as the block lasts. Raises Absent."""
    # Not below pytest's folder: other sessions of its user take that away from everybody else.
    home = Path(tempfile.mkdtemp(prefix="drift-pg-"))
    try:
        with _served(home) as url:
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _served(home: Path) -> Iterator[Served]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    initdb = shutil.which("initdb", path=os.pathsep.join([*map(str, found), os.environ.get("PATH", "")]))
    if initdb is None:
        raise Absent("PostgreSQL is not installed (Debian's package postgresql)")
    as_whom: list[str] = []
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            raise Absent("PostgreSQL does not run as root, and setpriv is not installed")
        as_whom = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        shutil.chown(home, _NOBODY, _NOBODY)
    data = home / "data"
    made = [*as_whom, initdb, "-D", str(data), "-U", "tf", "-A", "trust", "-N", "--no-locale", "-E", "UTF8"]
    done = subprocess.run(made, capture_output=True, text=True, timeout=120, cwd=home, check=False)
    if done.returncode:
        raise Absent(f"PostgreSQL can't be set up here: {done.stderr.strip()[-300:]}")
    port = ports.free()
    command = [*as_whom, str(Path(initdb).with_name("postgres")), "-D", str(data), "-p", str(port)]
    command += ["-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        null = subprocess.DEVNULL
        running.append(subprocess.Popen(command, stdout=null, stderr=null, cwd=home))
        _answering(url, running[-1])

    def end() -> None:
        running[-1].send_signal(signal.SIGINT)  # which hangs up on everybody
        running[-1].wait(120)

    def restart() -> None:
        end()
        start()

    url = Served(f"postgres://tf@127.0.0.1:{port}/postgres")
    url.restart = restart
    try:
        start()
        yield url
    finally:
        end()


def _answering(url: str, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    clock = Deadline(120)
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, "the server ended"
            clock.sleep(0.1)
