"""The reference pages say what the program does: every option, exit code, member of the report and of a
record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main

from drift.cli.app import application
from drift.model import Resource
from drift.report.document import json_schema

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
TOP: Mapping[str, Any] = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
#: Every command, those of a group with its name before theirs.
COMMANDS: Mapping[str, Any] = {
    f"{name} {inner}".strip(): command
    for name, one in TOP.items()
    for inner, command in getattr(one, "commands", {"": one}).items()
}


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def words(text: str) -> set[str]:
    """What stands in backquotes."""
    return {one.split()[0] for one in re.findall(r"`([^`]+)`", text)}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_command_line_names_every_option(name: str) -> None:
    (row,) = (line for line in page("command-line").splitlines() if line.startswith(f"| `{name}` |"))
    options = {
        max(parameter.opts, key=len)
        for parameter in COMMANDS[name].params
        if parameter.param_type_name == "option" and "--help" not in parameter.opts
    }
    assert words(row.rsplit("|", 2)[1]) == options


def test_the_command_line_names_every_exit_code() -> None:
    codes = json_schema()["properties"]["run"]["properties"]["exit_code"]["enum"]
    told = re.findall(r"^\| `(\d)` \|", page("command-line"), re.M)
    assert told == sorted(map(str, {*codes, 1}))


def test_the_report_names_every_member() -> None:
    assert set(members(json_schema())) - words(page("report")) == set()


def members(schema: Any) -> Iterator[str]:
    """The names of an object's members, those within them too."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from members(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from members(inner)


def test_the_records_page_names_every_member() -> None:
    record = Resource("aws", "1", "T", "i", {}, region="r", name="n", unread={"/a": "b"}).record()
    assert set(record) - words(page("records")) == set()


def test_no_docstring_cites_what_is_not_here() -> None:
    cited = re.compile(r"(?:docs/)[\w/.-]+\.md")
    for package in ("drift", "providers", "reports", "channels", "forges"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert "DESIGN" not in text, file
            for name in cited.findall(text):
                assert (ROOT / name).is_file(), (file, name)
