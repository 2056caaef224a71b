"""What somebody asked AWS to make, as a declaration, beside what AWS answered: the two say the same, and what
is told as a difference is noise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.cli.configured import entry as declared_entry
from drift.config.model import Config
from drift.model import Resource
from drift.scan import Run
from providers.aws import fitting
from providers.aws.facts import Entry
from tests.recorded.account import word

_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def declaration(entry: Entry, asked: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The properties that a call's parameters say, by the schema's names and by those that the facts read
    them of, and the parameters that no property has the name of."""
    writable = {word(name): name for name in entry.writable}
    read_of: dict[str, str] = {}
    for name, text in entry.said.get("properties", {}).items():
        if isinstance(text, str) and _PATH.fullmatch(text) and name in entry.writable:
            read_of.setdefault(word(text.rpartition(".")[2]), name)
    found: dict[str, Any] = {}
    rest: list[str] = []
    for name, value in asked.items():
        if name == "TagSpecifications":
            found["Tags"] = value[0].get("Tags", [])
            continue
        known = writable.get(word(name)) or read_of.get(word(name))
        if known is None:
            rest.append(name)
            continue
        try:
            fitted = fitting.live(_parsed(value), f"{entry.said.get('schema', entry.type)}/{known}")
        except KeyError:
            fitted = value
        if (
            "tag" in known.lower()
            and isinstance(value, Mapping)
            and entry.schema["paths"].get(known, "")[:1] == "a"
        ):
            fitted = [{"Key": key, "Value": one} for key, one in value.items()]
        elif known == "Tags" and isinstance(value, list):
            fitted = [
                {
                    "Key": one.get("Key", one.get("key", one.get("TagKey"))),
                    "Value": one.get("Value", one.get("value", one.get("TagValue"))),
                }
                for one in value
            ]
        found[known] = fitted
    return found, rest


def _parsed(value: Any) -> Any:
    return value


def noise(
    pairs: Iterable[tuple[Resource, Mapping[str, Any]]], folder: Path
) -> Iterator[tuple[str, str, Any, Any]]:
    """The changes that ``drift diff`` tells of pairs of a live resource and the declaration that it was made
    of: id, path, declared, live; and, as ``-``, what it says the service may have filled in."""
    live, said = [], []
    for number, (resource, attributes) in enumerate(pairs):
        record = json.loads(json.dumps(resource.record(), default=str))
        record["id"] = f"{record['id']}#{number}"
        record.pop("name", None)
        live.append(json.dumps(record))
        said.append(
            json.dumps(
                {**record, "attributes": json.loads(json.dumps(attributes, default=str)), "unread": {}}
            )
        )
    (folder / "live.jsonl").write_text("\n".join(live) + "\n", encoding="utf-8")
    (folder / "declared.jsonl").write_text("\n".join(said) + "\n", encoding="utf-8")
    config = Config(version=1).model_copy(update={"declared": [declared_entry("declared.jsonl")]})
    config._base = folder
    report = Run(config, live=[folder / "live.jsonl"]).scan().report
    for finding in report["findings"]:
        for change in finding["changes"]:
            yield finding["resource_id"], change["path"], change.get("declared", "∅"), change.get("live", "∅")
        if not finding["changes"]:
            yield finding["resource_id"], finding["kind"], "", ""
    for one in report.get("undeclared", ()):
        yield (
            str(one.get("resource_id", one.get("id"))),
            f"~{one.get('path')}",
            "∅",
            one.get("live", one.get("value")),
        )
    for one in report.get("unverifiable", ()):
        yield str(one.get("resource_id", one.get("id"))), f"?{one.get('path')}", one.get("reason"), ""
