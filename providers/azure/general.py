"""What a property's name says in every type (``types/general.yaml``), whether a schema of it is known or
not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from drift.facts import PathFacts
from drift.kinds.registry import KINDS as GENERAL_KINDS
from drift.kinds.scalars import fold_case
from drift.safe_yaml import data
from providers.azure import models
from providers.azure.kinds import KINDS as OWN

TYPES_FOLDER = Path(__file__).parent / "types"
KINDS = {**GENERAL_KINDS, **OWN}


def read(file: Path) -> dict[str, Any]:
    """The content of a YAML file."""
    found: dict[str, Any] = data(file) or {}
    return found


@cache
def general() -> dict[str, Any]:
    """The content of ``general.yaml``."""
    return read(TYPES_FOLDER / "general.yaml")


@cache
def anything() -> PathFacts:
    """The facts of what no schema tells of, to any depth."""
    node = PathFacts(kind=KINDS["plain"])
    node.any = node
    said: dict[str, Mapping[str, Any]] = {name: {"kind": "azure-enum"} for name in models.names("enums")}
    said.update({name: {"kind": "location"} for name in models.names("texts") if is_place(name)})
    said.update(
        {name: {"secret": True, "write_only": True} for name in models.names("texts") if is_secret(name)}
    )
    said.update({name: {"kind": "version-prefix"} for name in models.names("texts") if is_version(name)})
    said.update(general()["names"])
    for name, words in said.items():
        child = PathFacts(kind=node.kind, any=node, children=node.children)
        child.say(words, KINDS, f"general.yaml {name}")
        node.children[name] = child
    node.children["tags"].children = {}  # whose keys are anybody's words
    node.children["sku"] = sku(PathFacts(any=node, children=node.children))
    return node


@cache
def secrets() -> Mapping[str, PathFacts]:
    """What is a secret by its name, in a map whose keys no schema tells."""
    known = anything().children
    return {name: known[name] for name in models.names("texts") if is_secret(name)}


@cache
def named() -> Mapping[str, PathFacts]:
    """What holds for a property of these names also where a schema of its object does not know it."""
    known = anything().children
    return {**{name: known[name] for name in general()["names"]}, **secrets()}


def in_schema(facts: PathFacts, name: str) -> bool:
    """Whether an object's schema, or what we say of it, knows a property. True where there is no schema."""
    if (
        facts.kind is None
        or facts.kind.name != "object"
        or facts.params["names"].get(fold_case(name)) == name
    ):
        return True
    return name in facts.children and facts.children[name] is not named().get(name)


def sku(facts: PathFacts) -> PathFacts:
    """A ``sku``, whose words are enumerated, also where a schema calls them texts.

    Nobody can take one of them away: where an answer has none, it is not given back.
    """
    facts.children = dict(facts.children)
    for name in (*general()["sku"], "capacity"):
        known = replace(facts.children.get(name, PathFacts()), write_only=True)
        if name != "capacity" and (known.kind is None or known.kind.name == "plain"):
            known.kind, known.params = KINDS["azure-enum"], {}
        facts.children[name] = known
    return facts


def is_place(name: str) -> bool:
    """Whether a text of this name is a region."""
    return name.lower().endswith(("location", "locationname", "region"))


@cache
def is_secret(name: str) -> bool:
    return re.search(f"(?:{general()['secrets']})$", name, re.I) is not None


@cache
def is_version(name: str) -> bool:
    """Whether a text of this name is a version, which a service makes exact."""
    return name.lower().endswith("version")


@cache
def peoples(name: str) -> bool:
    """Whether a list or map of this name is filled by people only."""
    return re.search(general()["people"], name, re.I) is not None


@cache
def platform_tag(name: str) -> bool:
    """Whether the platform writes a tag of this name by itself."""
    return re.search(general()["platform_tags"], name, re.I) is not None


@cache
def opens(name: str) -> bool:
    """Whether a switch of this name opens or loosens something."""
    return re.search(general()["opens"], name, re.I) is not None
