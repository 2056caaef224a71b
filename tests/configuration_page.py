"""Writes docs/reference/configuration.md: every option of drift.yaml as the schema has it, beside the example
that has them all."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.config.model import json_schema

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
EXAMPLE, PAGE = REFERENCE / "drift.yaml", REFERENCE / "configuration.md"
#: Sections with a page of their own, which has their examples.
ELSEWHERE = {
    "mail": "../mail.md",
    "notify": "../mail.md",
    "remediate.forges": "../remediate-forges.md",
    "secrets": "../secrets.md",
    "engine.local": "../engine.md",
}
_HEAD = """# All options of drift.yaml

Made by `python -m tests.configuration_page` of the JSON Schema (`drift schema config`) and of
[drift.yaml](drift.yaml), which has every option once and is read by the tests. Every key but `version` may be
left out; an unknown one is refused with its line. `${NAME}` and `${NAME:-default}` take environment
variables, `$${` is `${` itself; a value may be [kept elsewhere](../secrets.md): `vault://mount/path#key`, or
`${vault://mount/path#key}` in a longer text.
"""


def page() -> str:
    """The page."""
    schema, blocks = json_schema(), dict(_blocks(EXAMPLE.read_text(encoding="utf-8")))
    parts = [_HEAD]
    for name, said in schema["properties"].items():
        parts.append(f"## {name}\n")
        if text := said.get("description"):
            parts.append(f"{text}\n")
        if name in ELSEWHERE:
            parts.append(f"Examples: [{ELSEWHERE[name].rpartition('/')[2]}]({ELSEWHERE[name]}).\n")
        if name in blocks:
            parts.append(f"```yaml\n{blocks[name].rstrip()}\n```\n")
        rows = list(_rows(said, schema, "", environments=name == "environments"))
        if rows:
            parts.append(
                "| key | type | default | what it says |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
            )
        elif "default" in said:
            parts.append(f"{_type(said, schema)}; default `{json.dumps(said['default'])}`.\n")
    return "\n".join(parts)


def keys(said: Mapping[str, Any], schema: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Every option below a section, as ``section.key``."""
    for name, one in _properties(said, schema):
        yield f"{above}{name}"
        if not (above.startswith("environments") and name in ("live", "declared")):
            yield from keys(one, schema, f"{above}{name}.")


def _rows(
    said: Mapping[str, Any], schema: Mapping[str, Any], above: str, *, environments: bool = False
) -> Iterator[str]:
    for name, one in _sorted(_properties(said, schema)):
        default = one.get("default")
        shown = "" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"
        text = " ".join(str(one.get("description") or "").split()).replace("|", "\\|")
        yield f"| `{above}{name}` | {_type(one, schema)} | {shown} | {text} |"
        if not (environments and name in ("live", "declared")):
            yield from _rows(one, schema, f"{above}{name}.", environments=environments)


def _sorted(
    properties: Iterable[tuple[str, Mapping[str, Any]]],
) -> list[tuple[str, Mapping[str, Any]]]:
    """An entry's options of sources by name, as these are found in any order; all others as they stand."""
    found = list(properties)
    names = [name for name, _ in found]
    own = names.index("options") + 1 if "options" in names else len(found)
    return [*found[:own], *sorted(found[own:], key=lambda one: one[0])]


def _properties(
    said: Mapping[str, Any], schema: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in _meant(said, schema):
        yield from one.get("properties", {}).items()
        inner = one.get("items") or one.get("additionalProperties")
        if isinstance(inner, Mapping):
            yield from _properties(inner, schema)


def _meant(said: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A part of the schema, and what it refers to."""
    if "$ref" in said:
        yield from _meant(schema["$defs"][said["$ref"].rpartition("/")[2]], schema)
        return
    branches = [*said.get("anyOf", ()), *said.get("allOf", ())]
    if not branches:
        yield said
    for one in branches:
        yield from _meant(one, schema)


def _type(said: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    found: dict[str, None] = {}
    for one in _meant(said, schema):
        if "enum" in one:
            found[", ".join(f"`{value}`" for value in one["enum"])] = None
        elif "const" in one:
            found[f"`{one['const']}`"] = None
        elif one.get("type") not in (None, "null"):
            found[
                {"string": "text", "array": "list", "object": "mapping", "boolean": "true or false"}.get(
                    one["type"], one["type"]
                )
            ] = None
    return " or ".join(found) or "any value"


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The example by its top-level keys."""
    for block in re.split(r"^(?=[a-z_]+:)", text, flags=re.M)[1:]:
        yield block.partition(":")[0], block


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
