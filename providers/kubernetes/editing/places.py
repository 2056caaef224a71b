"""Finds declared objects in their files: the document of many, the member of a List."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.editing.document import Step
from drift.editing.objects import Spot
from drift.editing.objects import spots as spots_of
from drift.editing.yaml_nodes import Language
from drift.editor import NotEdited, Wish, places
from drift.model import Resource
from drift.redaction import is_secret
from providers.kubernetes.declared_scalars import key, scalar

Way = tuple[Step, ...]
#: What scalars mean to a Kubernetes client.
LANGUAGE = Language(scalar, key)


def spots(file: Path) -> list[Spot]:
    """All objects of a file. Raises NotEdited where it can't be read."""
    return spots_of(file, LANGUAGE)


def spot(wish: Wish) -> Spot:
    """The object that a finding's declared side was read from. Raises NotEdited."""
    declared = wish.finding.declared
    if declared is None or declared.origin is None or declared.origin.file is None:
        raise NotEdited("it is not known which file declares it", *places(wish))
    file = wish.file(declared.origin.file)
    found = [one for one in spots(file) if is_of(one, declared)]
    exact = [one for one in found if one.line == declared.origin.line] or found
    if len(exact) != 1:
        why = "is not found" if not exact else "is declared several times"
        raise NotEdited(f"{declared.origin.address} {why} in {declared.origin.file}", *places(wish))
    return exact[0]


def is_of(one: Spot, declared: Resource) -> bool:
    """Whether an object of a file is the declared one, as far as type, name and namespace tell."""
    metadata = declared.attributes.get("metadata") or {}
    said = declared.attributes
    type_ = f"{said.get('apiVersion')}/{said.get('kind')}"
    if (one.type, one.name) != (type_, metadata.get("name")):
        return False
    return one.namespace in (None, "", metadata.get("namespace")) or not metadata.get("namespace")


def holds_secret(value: Any) -> bool:
    """Whether something hidden stands in a value, at any depth."""
    if is_secret(value):
        return True
    if isinstance(value, Mapping):
        return any(map(holds_secret, value.values()))
    return isinstance(value, list) and any(map(holds_secret, value))
