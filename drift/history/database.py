"""Opens a history and brings it to this version: SQLite or PostgreSQL, every wait bounded."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from drift.history.disk import Disk, disk
from drift.history.errors import HistoryError, NoHistory, Outdated
from drift.history.place import Place
from drift.history.tables import ABOUT
from drift.moment import now, rfc3339
from drift.redaction import told

#: How long one waits for another run that writes, for a server to answer, and for one statement.
LOCK_SECONDS, CONNECT_SECONDS, STATEMENT_SECONDS = 15, 10, 60
#: The newest migration (``migrations/versions``).
HEAD = "0003"
VERSIONS = "drift_history_version"
#: PostgreSQL: one run at a time changes the tables, and one at a time records in them.
_LOCK = 0x6472_6966_74


class Database:
    """An open history. ``notes`` are said to people. Close it."""

    def __init__(self, place: Place, lock_seconds: float | None = None) -> None:
        self.place = place
        self._lock_seconds = LOCK_SECONDS if lock_seconds is None else lock_seconds
        self.notes: list[str] = []
        self._wal = True
        if place.file is not None:
            kind = disk(place.file)
            if kind is Disk.OBJECTS:
                raise HistoryError(
                    f"{place.shown}: is on a mounted object store, where SQLite's file would be damaged; "
                    "name a file on a local disk, or a postgresql:// address"
                )
            self._wal = kind is Disk.LOCAL
            if not self._wal:
                self.notes.append(
                    f"{place.shown} is on a network's file system: SQLite keeps no write-ahead log there, "
                    "and two runs at once are as safe as its locks; better a local disk, or PostgreSQL"
                )
        self.engine = self._engine()

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; of a history that is there, in this version."""
        file = self.place.file
        if file is not None and not file.exists():  # SQLite would make one
            raise NoHistory(f"{file}: there is no such history; run `drift scan`, or name it with --history")
        with (
            self._telling(),
            self.engine.connect() as connection,
            self._begun(connection, "BEGIN"),
        ):
            version = _version(connection)
            if version is None:
                raise NoHistory(f"{self.place.shown}: holds no history: no run was remembered there")
            self._known(version)
            if version != HEAD:
                raise Outdated(
                    f"{self.place.shown}: is of an older version of drift; the next `drift scan` brings it "
                    "to this one"
                )
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, all or nothing, while no other run records; the tables are made, or brought to
        this version, where they are not."""
        with self._telling():
            if self.place.file is not None:
                self.place.file.parent.mkdir(parents=True, exist_ok=True)
            with self.engine.connect() as connection, self._begun(connection, "BEGIN IMMEDIATE"):
                if self.place.file is None:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                self._migrate(connection)
                yield connection

    @contextlib.contextmanager
    def _begun(self, connection: Connection, begin: str) -> Iterator[None]:
        connection.info["begin"] = begin
        with connection.begin():
            if self.place.file is None:
                limits = {
                    "lock_timeout": self._lock_seconds,
                    "statement_timeout": STATEMENT_SECONDS,
                    "idle_in_transaction_session_timeout": STATEMENT_SECONDS,
                }
                for name, length in limits.items():
                    connection.execute(text(f"SET LOCAL {name} = {int(length * 1000)}"))
            yield

    def _engine(self) -> Engine:
        with self._telling():
            if self.place.file is None:
                # Nothing that a pool between this and the server would refuse, or give to another session.
                arguments = {
                    "connect_timeout": CONNECT_SECONDS,
                    "application_name": "drift",
                    "prepare_threshold": None,
                }
                return create_engine(self.place.url, poolclass=NullPool, connect_args=arguments)
            url = URL.create("sqlite", database=str(self.place.file))
            engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": self._lock_seconds})
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "begin", _begin)
        return engine

    def _connected(self, raw: sqlite3.Connection, _: object) -> None:
        raw.isolation_level = None  # SQLAlchemy's BEGIN is the only one
        with contextlib.suppress(sqlite3.OperationalError):  # a folder that can't be written has no log
            (mode,) = raw.execute(f"PRAGMA journal_mode={'WAL' if self._wal else 'DELETE'}").fetchone()
            if self._wal and mode != "wal":
                note = f"{self.place.shown}: this file system has no write-ahead log (journal: {mode})"
                if note not in self.notes:
                    self.notes.append(note)
        raw.execute("PRAGMA synchronous=FULL")

    def _migrate(self, connection: Connection) -> None:
        version = _version(connection)
        if version == HEAD:
            return
        self._known(version)
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config(attributes={"connection": connection, "version_table": VERSIONS})
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise HistoryError(
                f"{self.place.shown}: can't be brought to this version: {error}; name another history"
            ) from error
        if version is None:
            about = {"id": uuid.uuid4().hex, "created_at": rfc3339(now())}
            connection.execute(insert(ABOUT), [{"key": key, "value": value} for key, value in about.items()])

    def _known(self, version: str | None) -> None:
        if version is not None and version > HEAD:
            raise HistoryError(
                f"{self.place.shown}: was written by a newer drift (its version is {version}, this one knows "
                f"{HEAD}); update drift, or name another history"
            )

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Says what went wrong in one line, without a password."""
        try:
            yield
        except DBAPIError as error:
            raise HistoryError(f"{self.place.shown}: {_why(error.orig or error)}") from error
        except SQLAlchemyError as error:
            raise HistoryError(f"{self.place.shown}: {_why(error)}") from error
        except ModuleNotFoundError as error:
            raise HistoryError(
                f"{self.place.shown}: {error.name} is not installed; install driftline[postgres]"
            ) from error
        except OSError as error:
            raise HistoryError(f"{self.place.shown}: {error.strerror or error}") from error


def about(connection: Connection) -> dict[str, str]:
    """What a history says of itself."""
    return {row.key: row.value for row in connection.execute(select(ABOUT))}


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.info.pop("begin", "BEGIN"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).first()  # noqa: S608 - our own name
    return None if row is None else str(row[0])


def _why(error: BaseException) -> str:
    """What a database says, in one line; what can be done about it where that is known."""
    said = " ".join(told(str(error)).split())
    if "database is locked" in said or "due to lock timeout" in said:
        return (
            "another run has been writing to it for longer than one waits; it is tried again in the next run"
        )
    return said or type(error).__name__
