"""Tells whose child an object is by its owner references, where these can be true.

Anybody may write an owner reference. It counts where the owner is there, is of a kind that makes such objects
(``owners.yaml``), and no person made the object.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from drift.hooks import Around
from drift.model import Resource
from drift.safe_yaml import data
from providers.kubernetes.facts import facts_of, is_custom
from providers.kubernetes.managers import is_person
from providers.kubernetes.names import TypeName, namespace_of, object_id, of_object, parse
from providers.kubernetes.ownership import Owner, owners_of

#: For each live side the type by which it knows a kind of a cluster.
_TYPES: WeakKeyDictionary[Around, dict[tuple[str, str], str]] = WeakKeyDictionary()


@cache
def _makes() -> Mapping[str, frozenset[str]]:
    said = data(Path(__file__).with_name("owners.yaml"))
    return {kind: frozenset(made) for kind, made in said.items()}


def made_by(live: Resource, around: Around) -> str | None:
    """Which other object made this one, in words; None where none did."""
    metadata = live.attributes.get("metadata")
    references = metadata.get("ownerReferences") if isinstance(metadata, Mapping) else None
    if not isinstance(references, list):
        return None
    owners = owners_of(live.attributes)
    creator = maker(owners)
    if creator is not None and is_person(creator):
        return None
    facts = facts_of(live.type)
    if facts is not None and facts.access and (not owners or any(map(is_person, owners))):
        return None
    for reference in references:
        if isinstance(reference, Mapping) and _is_true(reference, live, around):
            return f"owned by {reference.get('kind')} {reference.get('name')}"
    return None


def maker(owners: list[Owner]) -> Owner | None:
    """The entry of whoever made an object: who wrote its owner references, else who wrote first."""
    wrote = [owner for owner in owners if not owner.subresource]
    for owner in wrote:
        metadata = owner.fields.get("f:metadata")
        if isinstance(metadata, Mapping) and "f:ownerReferences" in metadata:
            return owner
    return min(wrote, key=lambda one: one.time or "", default=None)


def _is_true(reference: Mapping[str, Any], live: Resource, around: Around) -> bool:
    """Whether the owner that a reference names is there, and makes such objects. Where its kind could not be
    read, it may be there."""
    owner, child = of_object(reference), parse(live.type)
    if owner is None or child is None or not _may_make(owner, child):
        return False
    type_ = _types(around).get((live.scope, owner.key))
    if type_ is None:
        return not _reads_all(live.scope, around)
    name = str(reference.get("name"))
    namespace = namespace_of(live.id)
    found = around.find("kubernetes", live.scope, type_, object_id(namespace or None, name))
    if found is None and namespace:
        found = around.find("kubernetes", live.scope, type_, name)
    if found is None:
        return not around.listed("kubernetes", live.scope, type_)
    uid = (found.attributes.get("metadata") or {}).get("uid")
    return uid is None or "uid" not in reference or uid == reference["uid"]


def _may_make(owner: TypeName, child: TypeName) -> bool:
    if is_custom(owner) or is_custom(child):
        return True
    return child.key in _makes().get(owner.key, ())


def _types(around: Around) -> dict[tuple[str, str], str]:
    known = _TYPES.get(around)
    if known is None:
        known = {}
        for scope, type_ in sorted(around.types("kubernetes")):
            name = parse(type_)
            if name is not None:
                known[scope, name.key] = type_
        _TYPES[around] = known
    return known


def _reads_all(scope: str, around: Around) -> bool:
    """Whether the cluster said which kinds it serves, so that another kind has no objects."""
    return bool(around.context("kubernetes").get("clusters", {}).get(scope, {}).get("kinds"))
