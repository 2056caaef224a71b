"""Each attribute that a map has, alone: in sync it is silent, and another live value is found where the map
says."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from drift.dialect import Foreign
from drift.facts import NOTHING, PathFacts
from drift.model import Resource, Sensitive, Unresolved
from providers.azure.facts import facts_of
from providers.azure.terraform import AzureTerraform, entry_of
from providers.azure.terraform_entries import Entry, Field, Fields, entries
from tests.comparing import told
from tests.providers.azure.test_terraform_pairs import GROUP, _covers, changed, judged, leaves

PLAIN = [
    (name, entry)
    for name in entries()
    if (entry := entry_of(name)) and entry.type and entry.part is None and not entry.id
]


def sample(field: Field, facts: PathFacts) -> Any:
    """A value that the attribute of a field may have."""
    if field.block is not None:
        return [samples(field.block, facts)]
    if field.each is not None:
        return [{**samples(field.each, facts.member()), **(field.says("where") or {})}]
    if field.says("switch") or field.says("invert") or field.says("add") or field.says("value") is not None:
        return True
    if field.says("map"):
        return next(iter(field.says("map")))
    if field.says("json"):
        return '{"a": {"b": "c"}}'
    if field.says("times") or field.says("text"):
        return 8
    if field.says("pairs"):
        return {"k": "v"}
    if field.says("wrap") and not field.says("list") and not field.says("split"):
        return ["sample"]
    if field.says("join") or field.says("child") and facts.any is not None and facts.any is not NOTHING:
        return ["sample"]
    if field.says("split"):
        return "one_two"
    kind = facts.kind.name if facts.kind else ""
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return 7
    if kind in ("map", "id-map"):
        return {"k": "v"}
    if not field.says("list") and (
        kind in ("set", "list", "keyed-list", "joined-list") or (not kind and facts.any)
    ):
        return ["sample"]
    return "sample"


def samples(fields: Fields, facts: PathFacts) -> dict[str, Any]:
    """Values for all attributes of a block."""
    found: dict[str, Any] = {}
    for name, known in fields.items():
        found.update(one(name, known[0], facts))
    return found


def one(name: str, field: Field, facts: PathFacts) -> dict[str, Any]:
    """A value of one attribute, and of those beside it on which the field depends."""
    node = facts if field.to == "." or field.to.startswith("/") else facts.find(field.to.replace("[]", "/*"))
    beside = {
        other: next((value for value in (wanted if isinstance(wanted, list) else [wanted]) if value), None)
        for other, wanted in (field.says("when") or {}).items()
        if other != name
    }
    return {**beside, name: sample(field, node)}


def plain(value: Any) -> Any:
    """The body as Azure would answer it: without what can't be known."""
    if isinstance(value, Sensitive):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items() if not isinstance(inner, Unresolved)}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def declared(terraform: str, entry: Entry, attributes: Mapping[str, Any]) -> Resource:
    words = entry.type.split("/")
    id_ = f"{GROUP}/{words[0]}" + "".join(f"/{word}/n{at}" for at, word in enumerate(words[1:]))
    made = AzureTerraform().translate(Foreign(terraform, "a.b", {"id": id_, **attributes}))
    assert made
    return made[0]


@pytest.mark.parametrize(("terraform", "entry"), PLAIN, ids=[name for name, _ in PLAIN])
def test_each_attribute_alone(terraform: str, entry: Entry) -> None:
    facts = facts_of(entry.type)
    assert facts is not None
    wrong: list[Any] = []
    for name, known in entry.fields.items():
        if all(field.says("unread") for field in known):
            continue
        mine = declared(terraform, entry, one(name, known[0], facts.root))
        live = plain(mine.attributes)
        if found := told(judged(mine, live)):
            wrong.append((name, "is not silent", sorted(found)))
            continue
        seen = 0
        for steps, shown in leaves(mine.attributes, live):
            seen += 1
            body = copy.deepcopy(live)
            changed(body, steps)
            found = told(judged(mine, body))
            if not any(_covers(path, shown) for path in found):
                wrong.append((name, shown, sorted(found)))
        if not seen and not mine.attributes:
            wrong.append((name, "declares nothing"))
    assert wrong == []
