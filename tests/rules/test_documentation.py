"""What docs/rules.md shows works as it is written, and the published schema agrees."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from drift.config.lines import read, validate
from drift.config.model import json_schema, parse
from drift.config.rules import IgnoreFile, IgnoreRule, Where

TEXT = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.S | re.M)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_read(example: str) -> None:
    if example.startswith("version"):
        config = parse(example, "drift.yaml", Path("/"), None, {})
        assert config.ignore or config.severity or config.owners or config.declared

        class Loader(yaml.SafeLoader):
            """Leaves dates as texts, as JSON has them."""

        Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
        data = yaml.load(example, Loader)  # noqa: S506 - a safe loader
        jsonschema.Draft202012Validator(json_schema()).validate(data)
    else:
        data, lines = read(example, ".driftignore.yaml")
        assert validate(IgnoreFile, data, lines, ()).ignore


def test_every_condition_is_documented() -> None:
    said = set(re.findall(r"`(\w+)`", TEXT)) | set(re.findall(r"^\s+-? ?(\w+):", TEXT, re.M))
    assert set(IgnoreRule.model_fields) | set(Where.model_fields) <= said


@pytest.mark.parametrize(
    "wrong",
    [
        {"ignore": [{"path": "/a"}]},
        {"ignore": [{"reason": "r", "paht": "/a"}]},
        {"severity": [{"severity": "worst", "why": "w"}]},
        {"owners": [{"type": "a"}]},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong: dict[str, object]) -> None:
    assert list(jsonschema.Draft202012Validator(json_schema()).iter_errors({"version": 1, **wrong}))
