"""Short words for the tests of the source: manifests in, what they declare out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from drift.finding import Unverifiable
from drift.model import Resource
from drift.source import Loader, Location
from providers.gcp.config_connector import ConfigConnector, Declaration


def declaration(folder: Path, text: str, *, name: str = "objects.yaml", **options: Any) -> Declaration:
    """The loaded source of one file."""
    file = folder / name
    file.write_text(dedent(text), encoding="utf-8")
    return ConfigConnector().load(Location(file, name, options=options), Loader({}))


def declared(folder: Path, text: str, **options: Any) -> list[Resource | Unverifiable]:
    """What the manifests declare, in their order; the project is ``shop`` unless an option says otherwise."""
    options.setdefault("scope", "shop")
    return list(declaration(folder, text, **options).resources(None))  # type: ignore[arg-type]


def first(folder: Path, text: str, **options: Any) -> Resource:
    """The first object's resource."""
    found = declared(folder, text, **options)[0]
    assert isinstance(found, Resource), found
    return found


def manifest(group: str, kind: str, name: str, spec: str = "{}", *, metadata: str = "") -> str:
    """One object; ``spec`` and more of the ``metadata`` in flow style."""
    more = f", {metadata}" if metadata else ""
    return (
        f"---\napiVersion: {group}.cnrm.cloud.google.com/v1beta1\nkind: {kind}\n"
        f"metadata: {{name: {name}{more}}}\nspec: {spec}\n"
    )
