"""The pipelines of docs/ci: YAML that parses, and calls of the program with options that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from drift import plugins
from drift.cli.app import application

FOLDER = Path(__file__).parents[1] / "docs" / "ci"
COMMANDS: dict[str, Any] = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
FILES = sorted(one.name for one in FOLDER.iterdir() if one.suffix != ".md")


@pytest.mark.parametrize("name", [one for one in FILES if one.endswith(".yaml")])
def test_a_pipeline_is_yaml(name: str) -> None:
    assert yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_a_pipeline_calls_what_there_is(name: str) -> None:
    calls = re.findall(r"\bdrift (scan|report) ([^\n'\";]*)", (FOLDER / name).read_text(encoding="utf-8"))
    assert {command for command, _ in calls} == {"scan", "report"}
    for command, rest in calls:
        options = {one for parameter in COMMANDS[command].params for one in parameter.opts}
        words = shlex.split(rest.split(">>")[0])
        assert {word for word in words if word.startswith("-")} <= options
        for before, word in zip(words, words[1:], strict=False):
            if before == "-f":
                assert word in plugins.names("renderers")
