"""Files in an object store, by URL: each is written whole or not at all, and nothing waits for ever.

URLs are those of fsspec: ``s3://BUCKET/FOLDER``, ``gs://BUCKET/FOLDER``, ``az://CONTAINER/FOLDER``,
``abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER``, ``file:///FOLDER``. They are read by obstore: s3fs
would hold botocore back to the version that aiobotocore is made for. Who this run is, each cloud's own SDK
says (:meth:`drift.backend.Backend.identity`), unless the environment says it of the store itself.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from drift import plugins
from drift.deadline import Cut, Deadline
from drift.errors import ConfigError, CredentialsError, DriftError
from drift.files import replacing
from drift.redaction import told

T = TypeVar("T")
SCHEMES = ("s3", "gs", "az", "abfs", "abfss", "file")
#: A file that is larger is none that a run writes.
MOST_BYTES = 4 * 2**30
#: Seconds: to connect, for one request, for one file with all tries, and how long tries are made. How many.
CONNECT, REQUEST, LONGEST, TRYING, TRIES = 10.0, 120.0, 600.0, 60.0, 4
#: Seconds to the first try again, and the longest wait between two.
WAITS = (0.1, 10.0)
#: The name of an object that there never is.
NOWHERE = ".no-such-object"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ANSWERED = re.compile(r"status code: (?P<status>\d{3}[ \w]*)", re.ASCII)
_SAID = re.compile(r"<(Code|Message)>(?P<said>.*?)</\1>", re.DOTALL)
_MOST_SAID = 400


class StoreError(DriftError):
    """An object can't be written or read; the message says which, why and what to do."""


class Missing(StoreError):
    """There is no such object, or nothing that holds it."""


def is_url(said: str | Path) -> bool:
    """Whether it is the URL of an object, and no path on this machine."""
    return _URL.match(str(said)) is not None


class Store:
    """The folder at a URL. ``name``s are below it, with ``/`` between their parts.

    Raises ConfigError for a URL that is none of an object store, and where the extra is not installed.
    Nothing is asked before the first call. Each call raises StoreError, and Missing where it finds nothing.
    """

    def __init__(self, url: str, clock: Deadline | None = None) -> None:
        self.url = url.rstrip("/")
        self.clock = clock or Deadline()
        self._scheme = checked(url).scheme
        #: Whether it was seen to be a store.
        self._sure = False
        if find_spec("obstore") is None:
            raise ConfigError(f"{url}: needs a package that is not installed; install driftline[objects]")

    @cached_property
    def _store(self) -> Any:
        from obstore.store import from_url

        options: dict[str, Any] = {"mkdir": True}
        if self._scheme != "file":
            client = {"connect_timeout": f"{CONNECT:g}s", "timeout": f"{REQUEST:g}s", "allow_http": True}
            first, longest = (timedelta(seconds=one) for one in WAITS)
            retries = {
                "max_retries": TRIES - 1,
                "retry_timeout": timedelta(seconds=TRYING),
                "backoff": {"init_backoff": first, "max_backoff": longest, "base": 2},
            }
            options = {"client_options": client, "retry_config": retries}
            backend = next((one for one in plugins.backends().values() if self._scheme in one.stores), None)
            identity = None if backend is None else backend.identity(self.clock)
            if identity is not None:
                options |= {"config": identity.settings, "credential_provider": identity.credentials}
        return from_url(self.url, **options)

    def shown(self, name: str = "") -> str:
        """How people call it."""
        return f"{self.url}/{name}" if name else self.url

    def put(self, name: str, file: Path) -> None:
        """Writes an object of a file's bytes."""
        import obstore

        self._asked(name, lambda: obstore.put(self._store, name, file))

    def get(self, name: str, file: Path) -> None:
        """Writes a file of an object's bytes, whole or not at all."""
        import obstore

        def read() -> None:
            answer = obstore.get(self._store, name)
            size = answer.meta["size"]
            if size > MOST_BYTES:
                raise StoreError(f"{self.shown(name)}: is larger than {MOST_BYTES:,} bytes")
            with replacing(file) as out:
                for piece in answer.stream():
                    out.write(piece)

        self._asked(name, read)

    def listed(self, name: str = "") -> tuple[list[str], list[str]]:
        """The names of the folders and of the objects right below a folder."""
        import obstore

        def ask() -> tuple[list[str], list[str]]:
            found = obstore.list_with_delimiter(self._store, name or None)
            ones = [one["path"] for one in found["objects"]]
            if not ones and not found["common_prefixes"]:
                self._answers_as_store()
            return [_last(one) for one in found["common_prefixes"]], [_last(one) for one in ones]

        return self._asked(name, ask)

    def moment(self, name: str) -> datetime:
        """When an object was written, by the store's own clock."""
        import obstore

        # not by HEAD, whose answers say nothing of what went wrong
        found: datetime = self._asked(name, lambda: obstore.get(self._store, name).meta["last_modified"])
        return found

    def every(self) -> dict[str, datetime]:
        """All objects by name, at any depth, and when each was written, by the store's own clock."""
        import obstore

        def ask() -> dict[str, datetime]:
            pages = obstore.list(self._store)
            there = {one["path"]: one["last_modified"] for page in pages for one in page}
            if not there:
                self._answers_as_store()
            return there

        return self._asked("", ask)

    def _answers_as_store(self) -> None:
        """Raises StoreError where whoever answers is no object store, after a list of nothing: the library
        reads what is no list (a page to sign in) as an empty one. Of an object that there is not a store says
        so."""
        import obstore
        from obstore.exceptions import BaseError, PermissionDeniedError

        if self._scheme == "file" or self._sure:
            return
        why = (
            f"{self.url}: whoever answers is no object store: it has every object that it is asked for. Is "
            "there a page to sign in, or a proxy, in between? Correct the address that the environment names"
        )
        try:
            obstore.get(self._store, NOWHERE)
        except (FileNotFoundError, PermissionDeniedError):
            self._sure = True
            return
        except BaseError as error:
            if _ANSWERED.search(str(error)):
                raise
            raise StoreError(why) from error
        raise StoreError(why)

    def remove(self, names: Iterable[str]) -> None:
        """Takes objects away, as far as they are there."""
        import obstore

        def ask() -> None:
            several = list(names)
            try:
                if several:
                    obstore.delete(self._store, several)
            except FileNotFoundError:  # of some stores; what comes after it is there still
                for one in several:
                    with contextlib.suppress(FileNotFoundError):
                        obstore.delete(self._store, one)

        self._asked("", ask)

    def _asked(self, name: str, ask: Callable[[], T]) -> T:
        """What a call gives, within the time."""
        try:
            return self.clock.ask(partial(self._told, name, ask), LONGEST)
        except Cut as error:
            raise StoreError(f"{self.shown(name)}: {error}") from error

    def _told(self, name: str, ask: Callable[[], T]) -> T:
        """What a call gives, with the library's errors as ours."""
        from obstore.exceptions import BaseError

        try:
            return ask()
        except CredentialsError as error:
            raise StoreError(f"{self.shown(name)}: {error}") from error
        except FileNotFoundError as error:
            raise Missing(f"{self.shown(name)}: {_why(error)}") from error
        except BaseError as error:
            raise StoreError(f"{self.shown(name)}: {_why(error)}") from error
        except OSError as error:
            raise StoreError(f"{self.shown(name)}: {error.strerror or _why(error)}") from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # what the library did not foresee
                raise
            why = "is each endpoint that the environment names a URL?"
            raise StoreError(f"{self.shown(name)}: its library broke off: {_why(error)}; {why}") from error


def placed(said: str, base: Path) -> str:
    """The URL that is said, or that of a folder, which is said as a path from ``base`` on."""
    return said if is_url(said) else (base.absolute() / Path(said).expanduser()).as_uri()


def checked(url: str) -> SplitResult:
    """The parts of the URL of a folder. Raises ConfigError with what is expected."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError(f"{url}: is no URL: {error}") from error
    if parts.scheme not in SCHEMES or not (
        parts.netloc or (parts.scheme == "file" and parts.path.strip("/"))
    ):
        raise ConfigError(
            f"{url.partition('?')[0]}: is no object store; write s3://BUCKET/FOLDER, gs://BUCKET/FOLDER, "
            "az://CONTAINER/FOLDER, abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/FOLDER or file:///FOLDER"
        )
    if parts.query or parts.fragment or ":" in parts.netloc:
        raise ConfigError(
            f"{parts.scheme}://{parts.hostname}: a login is no part of the URL; give it by the environment"
        )
    return parts


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _why(error: BaseException) -> str:
    """What a store answered, in one line, without what logs in."""
    text = str(error).partition("\n\nDebug source")[0]
    status = _ANSWERED.search(text)
    said = [" ".join(one["said"].partition("RequestId:")[0].split()) for one in _SAID.finditer(text)]
    why = ": ".join([status["status"].strip(), *said]) if status else " ".join(text.split())
    return told(why)[:_MOST_SAID]
