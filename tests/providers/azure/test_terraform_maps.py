"""The maps of azurerm's types: every attribute leads to a property that Azure's own models have and let be
set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drift.facts import PathFacts
from providers.azure import models
from providers.azure.facts import anything, facts_of
from providers.azure.terraform import entry_of
from providers.azure.terraform_entries import Entry, EntryError, Fields, entries, read

#: Properties of versions of an API that are newer than the models, by type.
NEWER: dict[str, tuple[str, ...]] = {
    "Microsoft.DBforPostgreSQL/flexibleServers": (
        "properties/authConfig/",
        "properties/cluster/",
        "properties/dataEncryption/",
        "properties/replicationRole",
        "properties/storage/",
    ),
    "Microsoft.DBforMySQL/flexibleServers": ("properties/storage/",),
    "Microsoft.Insights/scheduledQueryRules": ("properties/",),
    "Microsoft.Insights/diagnosticSettings": ("properties/",),
    "Microsoft.MachineLearningServices/workspaces": ("properties/",),
    "Microsoft.Synapse/workspaces": ("properties/azureADOnlyAuthentication",),
    "Microsoft.Synapse/workspaces/bigDataPools": ("properties/dynamicExecutorAllocation/",),
    # What a criterion is like depends on its kind.
    "Microsoft.Insights/metricAlerts": ("properties/criteria/allOf/",),
}


def targets(fields: Fields, at: str = "") -> Iterator[tuple[str, str]]:
    """(attribute, path in the body) of every field of which a verdict is possible, blocks entered."""
    for name, known in fields.items():
        for field in known:
            if field.says("unread"):
                continue
            base = "" if field.to.startswith("/") else at
            path = base if field.to == "." else f"{base}/{field.to}".strip("/").replace("[]", "/*")
            below = field.block or field.each
            if below is not None:
                deeper = f"{path}/*" if field.each is not None else path
                yield from ((f"{name}/{one}", there) for one, there in targets(below, deeper))
            elif field.says("pairs") or field.says("wrap"):
                names = field.says("pairs") or [field.says("wrap")]
                yield from ((name, f"{path}/*/{one}") for one in names)
            else:
                yield name, path


def known(facts: PathFacts, path: str) -> str:
    """What is wrong with a path; empty where it is a property that can be set."""
    node = facts
    for name in path.split("/"):
        if node is anything() or (name not in node.children and node.any is not None and name != "*"):
            return "" if node.any is not None and node.any.children is not anything().children else "unknown"
        node = node.child(name)
        if node.read_only:
            return "read-only"
    return ""


ALL = [(name, entry) for name in entries() if (entry := entry_of(name)) and entry.type]


@pytest.mark.parametrize(("name", "entry"), ALL, ids=[name for name, _ in ALL])
def test_every_attribute_leads_to_a_property_that_can_be_set(name: str, entry: Entry) -> None:
    kinds = [(entry.type, entry.fields)]
    for at, below in entry.also.values():
        kinds.append(("/".join([entry.type, *at.split("/")[::2]]), below.fields))
    for type, fields in kinds:
        facts = facts_of(type)
        assert facts is not None
        if type.lower() not in models.types():
            continue
        wrong = {
            f"{attribute} -> {path}: {why}"
            for attribute, path in targets(fields)
            if not path.startswith(NEWER.get(type, ("-",)))
            and not (entry.into and path == "name")
            and (why := known(facts.root, path))
        }
        assert wrong == set()


def test_a_word_that_does_not_exist_is_refused() -> None:
    with pytest.raises(EntryError, match="azurerm_x y: unknown word 'too'"):
        read("azurerm_x", {"type": "A.B/c", "fields": {"y": {"to": "z", "too": 1}}})
    with pytest.raises(EntryError, match="azurerm_x: unknown word 'colour'"):
        read("azurerm_x", {"type": "A.B/c", "colour": 1})
