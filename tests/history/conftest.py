"""The same tests on a file of SQLite's and on a PostgreSQL server."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from drift.history.database import HEAD, VERSIONS, Database
from drift.history.place import Place, place
from drift.history.tables import ABOUT, METADATA
from tests.history.support import Nights

_SCHEMAS = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place without a history."""
    if request.param == "sqlite":
        return place("history.db", tmp_path)
    import psycopg

    url = request.getfixturevalue("postgres_server")
    schema = f"history{next(_SCHEMAS)}"
    with psycopg.connect(url, connect_timeout=60) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")  # type: ignore[arg-type]
    return place(f"{url}?options=-csearch_path%3D{schema}")


@pytest.fixture
def history(nowhere: Place) -> Place:
    """An empty history, made without the migrations, which take longer and have a test of their own."""
    with Database(nowhere) as database, database.engine.begin() as connection:
        METADATA.create_all(connection)
        connection.execute(text(f"CREATE TABLE {VERSIONS} (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text(f"INSERT INTO {VERSIONS} VALUES (:head)"), {"head": HEAD})  # noqa: S608
        connection.execute(insert(ABOUT), [{"key": "id", "value": "made for a test"}])
    return nowhere


@pytest.fixture
def nights(history: Place, tmp_path: Path) -> Nights:
    return Nights(tmp_path, history)
