"""Where the machines of a run leave files for each other: a folder that all see, or an object store."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from drift import temporary
from drift.errors import DriftError
from drift.objects import Missing, Store, StoreError, is_url

#: So many objects of a store are read or written at once where there are many.
_AT_ONCE = 16


class DepotError(DriftError):
    """A file can't be written or read there; the message says which, and why."""


class Gone(DepotError):
    """There is no such file."""


class Depot(Protocol):
    """A folder of files that are each written whole or not at all. Each call raises DepotError, and Gone
    where what it reads is not there."""

    #: How people call it, and how another machine comes to it (:func:`at`).
    shown: str
    #: Seconds after which it may be looked into again without harm.
    pause: float

    def below(self, name: str) -> Depot:
        """A folder in it."""
        ...

    def folders(self) -> list[str]:
        """The names of the folders right below."""
        ...

    def make(self, *, again: bool = False) -> None:
        """Has it be there, where that is anything to do; ``again``: it may be there already."""
        ...

    def put(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """Writes a file, which is there whole or not at all."""
        ...

    def puts(self) -> contextlib.AbstractContextManager[None]:
        """What is put meanwhile is there at the end of it, all of it, and need not be before."""
        ...

    def get(self, name: str) -> IO[bytes]:
        """Reads a file."""
        ...

    def gets(self, names: Iterable[str]) -> Iterator[IO[bytes]]:
        """Reads files one after the other; whoever takes one closes it."""
        ...

    def names(self) -> list[str]:
        """The names of the files right in it."""
        ...

    def moment(self, name: str) -> float:
        """When a file was written, in seconds of the place's own clock."""
        ...

    def changed(self) -> float | None:
        """When something in it, at any depth, was last written; None where nothing is there."""
        ...

    def remove(self, names: Iterable[str]) -> None:
        """Takes files away, as far as they are there."""
        ...

    def clear(self) -> None:
        """Takes all of it away."""
        ...

    def succeed(self, earlier: Depot) -> Depot:
        """Takes over what lies in another folder of the same place; gives where it lies now."""
        ...


class Folder:
    """A folder that only its user may look into, on a disk that all see at this path."""

    pause = 2.0

    def __init__(self, path: Path) -> None:
        self.path, self.shown = path, str(path)

    def below(self, name: str) -> Folder:
        return Folder(self.path / name)

    def folders(self) -> list[str]:
        with _told(self.path, "can't be read"):
            return [one.name for one in os.scandir(self.path) if one.is_dir(follow_symlinks=False)]

    def make(self, *, again: bool = False) -> None:
        with _told(self.path, "can't be made"):
            self.path.mkdir(mode=0o700, exist_ok=again)

    @contextlib.contextmanager
    def put(self, name: str) -> Iterator[IO[bytes]]:
        beside = self.path / f".{name}.{os.urandom(4).hex()}"
        with _told(self.path / name, "can't be written"):
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    yield file
                beside.replace(self.path / name)
            finally:
                beside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def puts(self) -> Iterator[None]:
        yield

    def get(self, name: str) -> IO[bytes]:
        with _told(self.path / name, "can't be read"):
            return (self.path / name).open("rb")

    def gets(self, names: Iterable[str]) -> Iterator[IO[bytes]]:
        return map(self.get, names)

    def names(self) -> list[str]:
        with _told(self.path, "can't be read"):
            return [one.name for one in os.scandir(self.path) if not one.is_dir(follow_symlinks=False)]

    def moment(self, name: str) -> float:
        with _told(self.path / name, "can't be read"):
            return (self.path / name).stat().st_mtime

    def changed(self) -> float | None:
        last = []
        for folder, _, files in os.walk(self.path):
            for name in ("", *files):
                with contextlib.suppress(OSError):  # taken away meanwhile
                    last.append(Path(folder, name).lstat().st_mtime)
        return max(last, default=None)

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            with _told(self.path / name, "can't be taken away"):
                (self.path / name).unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def succeed(self, earlier: Depot) -> Folder:
        with _told(self.path, "can't be made"):
            Path(earlier.shown).rename(self.path)
        return self


class Bucket:
    """A folder in an object store (:mod:`drift.objects`); who this machine is there, its own environment
    says. Raises ConfigError as :class:`Store` does."""

    pause = 10.0

    def __init__(self, url: str) -> None:
        self._store = Store(url)
        self.shown = self._store.url
        self._sending: ThreadPoolExecutor | None = None
        self._sent: deque[Future[None]] = deque()

    def below(self, name: str) -> Bucket:
        return Bucket(f"{self.shown}/{name}")

    def folders(self) -> list[str]:
        with _stored():
            return self._store.listed()[0]

    def make(self, *, again: bool = False) -> None:
        pass  # folders are no things of their own

    @contextlib.contextmanager
    def put(self, name: str) -> Iterator[IO[bytes]]:
        path = temporary.folder() / "object"
        try:
            with _told(path, "can't be written"), path.open("wb") as file:
                yield file
        except BaseException:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise
        if self._sending is None:
            self._send(name, path)
            return
        self._sent.append(self._sending.submit(self._send, name, path))
        while len(self._sent) > _AT_ONCE:
            self._sent.popleft().result()

    def _send(self, name: str, path: Path) -> None:
        try:
            with _stored():
                self._store.put(name, path)
        finally:
            shutil.rmtree(path.parent, ignore_errors=True)

    @contextlib.contextmanager
    def puts(self) -> Iterator[None]:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="put") as self._sending:
            try:
                yield
                while self._sent:
                    self._sent.popleft().result()
            finally:
                self._sending = None
                self._sent.clear()

    def get(self, name: str) -> IO[bytes]:
        with temporary.passing() as folder, _stored():
            self._store.get(name, folder / "object")
            return (folder / "object").open("rb")

    def gets(self, names: Iterable[str]) -> Iterator[IO[bytes]]:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="get") as pool:
            coming: deque[Future[IO[bytes]]] = deque()
            try:
                for name in names:
                    coming.append(pool.submit(self.get, name))
                    if len(coming) >= _AT_ONCE:
                        yield coming.popleft().result()
                while coming:
                    yield coming.popleft().result()
            finally:
                for one in coming:
                    one.cancel()

    def names(self) -> list[str]:
        with _stored():
            return self._store.listed()[1]

    def moment(self, name: str) -> float:
        with _stored():
            return self._store.moment(name).timestamp()

    def changed(self) -> float | None:
        with _stored():
            return max((one.timestamp() for one in self._store.every().values()), default=None)

    def remove(self, names: Iterable[str]) -> None:
        with _stored():
            self._store.remove(names)

    def clear(self) -> None:
        with contextlib.suppress(StoreError):  # the next run finds what is left
            self._store.remove(self._store.every())

    def succeed(self, earlier: Depot) -> Depot:
        return earlier  # a store would have to copy each


def at(said: str) -> Depot:
    """The place that a path or a URL names. Raises ConfigError."""
    if is_url(said) and (parts := urlsplit(said)).scheme != "file":
        return Bucket(said)
    from urllib.request import url2pathname

    return Folder(Path(url2pathname(parts.path)) if is_url(said) else Path(said))


@contextlib.contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    """The system's errors as ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise Gone(f"{path}: {what}: {error.strerror}") from error
    except OSError as error:
        raise DepotError(f"{path}: {what}: {error.strerror or error}") from error


@contextlib.contextmanager
def _stored() -> Iterator[Any]:
    """A store's errors as ours."""
    try:
        yield
    except Missing as error:
        raise Gone(str(error)) from error
    except StoreError as error:
        raise DepotError(str(error)) from error
