"""What the ARM tests share: a live side made of plain data, and templates from Python objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drift.finding import Unverifiable
from drift.model import Problem, Resource
from drift.source import Loader, Location
from providers.azure.arm import ArmTemplates
from providers.azure.arm.source import Templates

SUB = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUB}/resourceGroups/rg"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


class Live:
    """A live side that was read before."""

    def __init__(self, resources: Sequence[Resource] = (), scopes: Sequence[str] = ()) -> None:
        self._resources, self._scopes = resources, frozenset(scopes)

    def context(self, provider: str) -> Mapping[str, Any]:
        return {}

    def scopes(self, provider: str) -> frozenset[str]:
        return self._scopes

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return next((one for one in self._resources if (one.type, one.id) == (type, id)), None)

    def types(self, provider: str) -> set[tuple[str, str]]:
        return {(one.scope, one.type) for one in self._resources}

    def every(self, provider: str, type: str) -> list[Resource]:
        return [one for one in self._resources if one.type == type]


def arm(*resources: Any, schema: str = SCHEMA, **sections: Any) -> dict[str, Any]:
    """A template."""
    return {"$schema": schema, "contentVersion": "1.0.0.0", **sections, "resources": list(resources)}


def account(name: str = "a", **words: Any) -> dict[str, Any]:
    """A storage account."""
    return {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "name": name, **words}


def load(folder: Path, document: Any, /, **options: Any) -> Templates:
    """Writes a template and loads it as a user's entry would, at a known place unless ``scope`` is None."""
    path = folder / "main.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document, indent=1))
    said = {"scope": SUB, "resource_group": "rg", **options}
    return ArmTemplates().load(
        Location(path, path.name, options={k: v for k, v in said.items() if v is not None}), Loader({})
    )


def declared(
    templates: Any, live: Live | None = None
) -> tuple[list[Resource], list[Unverifiable], list[Problem]]:
    """What is declared: resources, unverifiable ones, problems."""
    items = list(templates.resources(live or Live()))
    return (
        [one for one in items if isinstance(one, Resource)],
        [one for one in items if isinstance(one, Unverifiable)],
        [one for one in items if isinstance(one, Problem)],
    )


def tags(folder: Path, template: Any, live: Live | None = None, **options: Any) -> dict[str, Any]:
    """The tags of the template's storage account."""
    resources, _, problems = declared(load(folder, template, **options), live)
    assert not problems
    return next(one for one in resources if one.type.endswith("/storageAccounts")).attributes["tags"]
