"""Says what of a resource only a Terraform state tells: arguments that the provider or the cloud chooses
where nobody sets them, and lists that others may add to.

A refresh writes into them what anybody changed by hand, and no plan ever takes it out again; so, without the
configuration, a state's word on them is no intent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drift.declared.terraform.unmapped import OWN, empty, identifies
from drift.dialect import Foreign, TerraformDialect
from drift.model import Resource
from drift.terraform_schemas import Attribute

#: Names and the sum of all tags, which are said or made once, and which an apply takes back.
_SAID = Attribute("optional")
_KEPT = OWN | {"tags_all", "name"}


def certain(
    dialect: TerraformDialect,
    foreign: Foreign,
    translated: Sequence[Resource],
    said: frozenset[str] = frozenset(),
) -> list[dict[str, Any] | None]:
    """Of each translated resource the attributes that do not rest on the state's word alone; None where all
    do not. ``said`` are arguments that a configuration is known to set."""
    schema = dialect.attributes(foreign.type)
    if schema is None or not translated:
        return [None] * len(translated)
    ids = [one.id.lower() for one in translated if one.id]
    added = dialect.added(foreign.type) - said
    left = _without(foreign.attributes, "", {**schema, **dict.fromkeys(said, _SAID)}, added, ids)
    if left == foreign.attributes:
        return [None] * len(translated)
    less = dialect.translate(replace(foreign, attributes=left)) or ()
    found: dict[tuple[Any, ...], list[Resource]] = {}
    for one in less:
        found.setdefault(_place(one), []).append(one)
    lists = any(foreign.attributes.get(name) != left.get(name) for name in added)
    return [_of(one, found.get(_place(one), []), lists) for one in translated]


def _of(whole: Resource, less: list[Resource], lists: bool) -> dict[str, Any] | None:
    """What is left of a resource in the translation of what is left of its arguments: nothing where it was a
    member of ``lists`` that others may add to (a grant of a role to many)."""
    if not less:
        return {} if (whole.partial or lists) and whole.attributes else None
    known = less.pop(0).attributes
    return None if known == whole.attributes else known


def _place(resource: Resource) -> tuple[Any, ...]:
    return resource.type, resource.id, resource.partial


def _without(
    attributes: Mapping[str, Any],
    above: str,
    schema: Mapping[str, Attribute],
    added: frozenset[str],
    ids: Sequence[str],
) -> dict[str, Any]:
    """Arguments without those that nobody may have set."""
    left: dict[str, Any] = {}
    for name, value in attributes.items():
        path = above + name
        known = schema.get(path)
        if path in added or (known is not None and known.mode == "chosen" and name not in _KEPT):
            if empty(value) or (not above and identifies(value, ids)):
                left[name] = value
            continue
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
            inner = _without(value[0], f"{path}.", schema, added, ids)
            value = value if inner == value[0] else [inner]
        left[name] = value
    return left
