"""The ``pg`` backend: a state in a table of a PostgreSQL database.

Source: https://developer.hashicorp.com/terraform/language/backend/pg. The table ``states`` of the schema has
one row a workspace: ``name`` and ``data``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from drift.backend import BaseBackend, Stored
from drift.errors import ConfigError, DeclaredError

_SCHEMA = "terraform_remote_state"
#: A word of Terraform's beside those that libpq knows.
_OWN = "schema_name"
_PIECE, _WORKSPACES = 1 << 22, 5_000
#: Letters of an error that are told.
_WORDS = 500


class PostgresBackend(BaseBackend):
    name = "pg"
    schemes = ("postgres", "postgresql")

    def configuration(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        if not parts.path.strip("/"):
            raise ConfigError(f"{_shown(url)}: names no database; write postgres://HOST/DATABASE")
        words = parse_qsl(parts.query)
        left = urlencode([(name, value) for name, value in words if name != _OWN])
        own = {name: value for name, value in words if name == _OWN}
        return {"conn_str": urlunsplit(parts._replace(query=left)), **own}

    def shown(self, stored: Stored, workspace: str) -> str:
        said = stored.said("conn_str", os.environ.get("PG_CONN_STR")) or ""
        place = _shown(said) if "://" in said else "postgres://"
        return f"{place}/{stored.said(_OWN, _SCHEMA)}/{workspace}"

    def workspaces(self, stored: Stored) -> Sequence[str]:
        with _rows(stored, "SELECT name FROM {} ORDER BY name", ()) as rows:
            return [str(name) for (name,) in islice(rows, _WORKSPACES)]

    def read(self, stored: Stored, workspace: str) -> Iterator[bytes]:
        # Not as a whole: one value of the protocol has a limit of 1 GiB, and memory one, too.
        start, found = 1, False
        query = "SELECT substr(data, %s, %s) FROM {} WHERE name = %s"
        while True:
            with _rows(stored, query, (start, _PIECE, workspace)) as rows:
                row = next(iter(rows), None)
            if row is None:
                if found:
                    raise DeclaredError("it went away while it was read")
                raise DeclaredError(f"there is no workspace {workspace} in it; correct `workspace`")
            found = True
            said = row[0] or ""
            piece = said if isinstance(said, bytes) else str(said)
            yield piece if isinstance(piece, bytes) else piece.encode()
            if len(piece) < _PIECE:
                return
            start += _PIECE


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


@contextmanager
def _rows(stored: Stored, query: str, values: tuple[Any, ...]) -> Iterator[Any]:
    """The rows that a query gives, in a transaction that can only read. Raises DeclaredError."""
    try:
        import psycopg
        from psycopg import sql
    except ImportError as error:
        raise DeclaredError(
            f"the package {error.name} is missing: pip install 'driftline[postgresql]'"
        ) from error
    milliseconds = int(stored.seconds * 1000)
    place = stored.said("conn_str", os.environ.get("PG_CONN_STR")) or ""
    if stored.said("conn_str"):
        stored.lend("who runs this (PGUSER, PGPASSWORD, .pgpass)", *_hosts(place))
    try:
        connection = psycopg.connect(
            place,
            connect_timeout=max(2, int(min(stored.seconds, 10))),
            options=f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}",
            tcp_user_timeout=milliseconds,
        )
        with connection:
            schema = stored.said(_OWN, os.environ.get("PG_SCHEMA_NAME")) or _SCHEMA
            table = sql.Identifier(schema, "states")
            # Row by row: what does not end is not held in memory.
            rows: Any = connection.cursor().stream(sql.SQL(query).format(table), values)
            with closing(rows):
                yield rows
    except psycopg.Error as error:
        raise DeclaredError(_why(error)) from error


def _hosts(conn_str: str) -> list[str]:
    """Each host, or folder of a socket, that a connection string may lead to. Raises DeclaredError."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        said = conninfo_to_dict(conn_str)
    except psycopg.Error as error:
        raise DeclaredError(f"`conn_str` can't be understood: {_why(error)}") from error
    names = [*str(said.get("host") or "").split(","), *str(said.get("hostaddr") or "").split(",")]
    more = [str(said[key]) for key in ("service", "passfile", "sslkey") if said.get(key)]
    return [*filter(None, names), *more] or ["localhost"]


def _why(error: Exception) -> str:
    """The server's words on one short line, without what may repeat the connection's."""
    diagnosis = getattr(error, "diag", None)
    words = getattr(diagnosis, "message_primary", None) or str(error).partition("\n")[0]
    return " ".join(str(words)[:_WORDS].split())
