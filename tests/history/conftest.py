"""The same tests on a file of SQLite's and on a PostgreSQL server."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from drift.history.place import Place, place
from tests.history.support import Nights

_SCHEMAS = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty history."""
    if request.param == "sqlite":
        return place("history.db", tmp_path)
    import psycopg

    url = request.getfixturevalue("postgres_server")
    schema = f"history{next(_SCHEMAS)}"
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")  # type: ignore[arg-type]
    return place(f"{url}?options=-csearch_path%3D{schema}")


@pytest.fixture
def nights(history: Place, tmp_path: Path) -> Nights:
    return Nights(tmp_path, history)
