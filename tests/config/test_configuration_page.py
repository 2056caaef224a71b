"""The page of all options is as the schema says, and its example is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drift import safe_yaml
from drift.config.model import json_schema, parse
from tests import configuration_page as made


def said(value: Any, above: str = "") -> Iterator[str]:
    """Every key of the example, as the schema's are named; options of a source under the entry itself."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield f"{above}{name}".replace("-", "_")
            yield from said(one, "declared." if f"{above}{name}" == "declared.options" else f"{above}{name}.")
            yield from said(one, above)  # a mapping of the user's own names: environments, options
    elif isinstance(value, list):
        for one in value:
            yield from said(one, above)


def test_the_page_is_as_the_schema_says() -> None:
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run `python -m tests.configuration_page`"


def test_the_example_has_every_option_and_is_read() -> None:
    text = made.EXAMPLE.read_text(encoding="utf-8")
    schema = json_schema()
    every = {
        one.replace("-", "_")
        for one in made.keys(schema, schema)
        if not any(one == known or one.startswith(f"{known}.") for known in made.ELSEWHERE)
    }
    assert every - set(said(safe_yaml.data(made.EXAMPLE))) == set()
    parse(text, "drift.yaml", made.EXAMPLE.parent, None, {})
