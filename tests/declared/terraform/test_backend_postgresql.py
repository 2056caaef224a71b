"""A database whose owner wears a client out, lies to it or would have it write: one problem, in time, and
nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from drift import backends
from drift.model import Problem

STATE = '{"version": 4, "terraform_version": "1.9.0", "lineage": "l", "serial": 1, "resources": []}'
PLAIN = f"CREATE TABLE {{schema}}.states AS SELECT 'default'::text AS name, '{STATE}'::text AS data"
#: A view whose rows, or the one row's data, are what SQL says.
ROWS = "CREATE VIEW {{schema}}.states AS SELECT {name} AS name, {data} AS data {more}"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "SILENCE", 1.0)
    monkeypatch.setattr(backends, "LONGEST", 3.0)
    for name in [one for one in os.environ if one.startswith("PG")]:
        monkeypatch.delenv(name)


@pytest.fixture
def database(postgres_server: str) -> Iterator[Any]:
    """Makes a schema by statements; gives a backend's block that leads there."""
    with psycopg.connect(postgres_server, autocommit=True, connect_timeout=60) as connection:
        connection.execute("DROP SCHEMA IF EXISTS hostile CASCADE")
        connection.execute("CREATE SCHEMA hostile")

        def make(*statements: str) -> dict[str, Any]:
            for one in statements:
                connection.execute(one.format(schema="hostile").encode())
            return {"conn_str": postgres_server, "schema_name": "hostile"}

        make.connection = connection  # type: ignore[attr-defined]
        yield make
        connection.execute("DROP SCHEMA hostile CASCADE")


def told(config: dict[str, Any], workspace: str = "default") -> str:
    (one,) = backends.open("pg", config, workspace=workspace)
    assert isinstance(one, Problem), one
    return one.message


def function(name: str, body: str, returns: str = "text", language: str = "plpgsql") -> str:
    return f"CREATE FUNCTION {{schema}}.{name} RETURNS {returns} LANGUAGE {language} AS $$ {body} $$"


def test_data_that_does_not_come(database: Any) -> None:
    late = ROWS.format(name="'default'::text", data="(SELECT 'x'::text FROM pg_sleep(60))", more="")
    assert "statement timeout" in told(database(late))


def test_names_without_end(database: Any) -> None:
    many = ROWS.format(name="n::text", data="''::text", more="FROM generate_series(1, 1000000000000) n")
    found = backends.open("pg", database(many), workspace="*")
    assert found and all(isinstance(one, Problem) for one in found)
    assert len(found) <= backends.MOST_WORKSPACES


def test_data_without_end(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a type of its own, of which each piece is as long as asked for."""
    monkeypatch.setattr(backends, "MOST_BYTES", 30_000_000)
    config = database(
        "CREATE TYPE {schema}.endless AS (x int)",
        "DROP FUNCTION IF EXISTS public.substr(hostile.endless, int, int)",
        "CREATE FUNCTION public.substr({schema}.endless, int, int) RETURNS text LANGUAGE sql AS "
        "$$ SELECT repeat('x', $3) $$",
        ROWS.format(name="'default'::text", data="ROW(1)::hostile.endless", more=""),
    )
    assert "larger than 30,000,000 bytes" in told(config) or "was not there after" in told(config)


def test_a_view_that_writes_is_refused(database: Any) -> None:
    config = database(
        "CREATE TABLE {schema}.written (x int)",
        function("writes()", "BEGIN INSERT INTO hostile.written VALUES (1); RETURN 'x'; END"),
        ROWS.format(name="'default'::text", data="hostile.writes()", more=""),
    )
    assert "read-only transaction" in told(config)
    assert database.connection.execute("SELECT count(*) FROM hostile.written").fetchone() == (0,)


def test_a_view_that_would_have_the_transaction_write_is_refused(database: Any) -> None:
    config = database(
        "CREATE TABLE {schema}.written (x int)",
        function(
            "writes()",
            "BEGIN SET TRANSACTION READ WRITE; INSERT INTO hostile.written VALUES (1); RETURN 'x'; END",
        ),
        ROWS.format(name="'default'::text", data="hostile.writes()", more=""),
    )
    assert "read-write mode" in told(config)
    assert database.connection.execute("SELECT count(*) FROM hostile.written").fetchone() == (0,)


def test_notices_without_end(database: Any) -> None:
    config = database(
        function("talks()", "BEGIN LOOP RAISE NOTICE '%', repeat('x', 10000); END LOOP; RETURN ''; END"),
        ROWS.format(name="'default'::text", data="hostile.talks()", more=""),
    )
    assert "statement timeout" in told(config) or "was not there after" in told(config)


def test_an_error_in_many_lines_is_one_without_escapes(database: Any) -> None:
    config = database(
        function("fails()", r"BEGIN RAISE EXCEPTION E'one\ntwo\x1b[31m %', repeat('y', 100000); END"),
        ROWS.format(name="'default'::text", data="hostile.fails()", more=""),
    )
    said = told(config)
    assert "one two" in said and "\n" not in said and len(said) < 700


@pytest.mark.parametrize(
    ("data", "read"),
    [("'<html>'::text", "<html>"), (r"'\x6162'::bytea", "ab")],
)
def test_what_is_no_state_is_read_as_it_is(database: Any, data: str, read: str) -> None:
    config = database(ROWS.format(name="'default'::text", data=data, more=""))
    (one,) = backends.open("pg", config, workspace="default")
    assert isinstance(one, backends.State) and one.path.read_text() == read


@pytest.mark.parametrize("data", ["NULL::text", "''::text"])
def test_no_data_is_told(database: Any, data: str) -> None:
    config = database(ROWS.format(name="'default'::text", data=data, more=""))
    assert "the state is empty" in told(config)


def test_data_of_another_type_is_a_problem(database: Any) -> None:
    assert "function substr(integer, " in told(
        database(ROWS.format(name="'default'::text", data="17", more=""))
    )


def test_a_plain_one_is_read(database: Any) -> None:
    (one,) = backends.open(
        "pg", database(PLAIN.replace("'{", "'{{").replace("}'", "}}'")), workspace="default"
    )
    assert isinstance(one, backends.State) and one.path.read_text() == STATE
