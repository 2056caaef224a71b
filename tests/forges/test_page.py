"""The page on forges: its examples are read, and have every option."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from drift import plugins, safe_yaml
from drift.config.model import parse

PAGE = Path(__file__).parents[2] / "docs" / "remediate-forges.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_each_example_is_read(number: int, tmp_path: Path) -> None:
    parse(EXAMPLES[number], "drift.yaml", tmp_path, None, {})


def test_the_examples_have_every_option(tmp_path: Path) -> None:
    shown: dict[str, set[str]] = {name: set() for name in plugins.names("forges")}
    for number, text in enumerate(EXAMPLES):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        document: Any = safe_yaml.data(file)
        for name, section in document["remediate"]["forges"].items():
            shown[name] |= set(section)
    text = PAGE.read_text(encoding="utf-8")
    common = {"url", "token", "token_file", "vault", "ca", "plain_http"}
    for name in shown:
        own = set(plugins.forge(name).Settings.model_fields) - common
        assert {one for one in own - shown[name] if f"`{one}`" not in text and f"{one}:" not in text} == set()
    assert common <= set().union(*shown.values())
