"""Compares two renders of the same thing: what differs between them can't be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from drift.model import MISSING, Unresolved
from providers.kubernetes.declared_objects import Manifest

CHANGES = Unresolved("changes at each render (random function)")
NAME_CHANGES = "its name changes at each render (random function)"
_UNTOLD = "what a cluster's version and kinds make of it is not known: not all of these could be read"


def settled(
    one: Iterable[Manifest],
    other: Iterable[Manifest],
    changes: Unresolved = CHANGES,
    name_changes: str = NAME_CHANGES,
) -> list[Manifest]:
    """The objects of the first render; values that the second one has otherwise are unknown (``changes``),
    and so is what it does not have (``name_changes``)."""
    known = dict(_numbered(other))
    return [
        replace(manifest, body=_common(manifest.body, known[key].body, changes))
        if key in known
        else replace(manifest, left_out=name_changes)
        for key, manifest in _numbered(one)
    ]


def doubtful(one: Iterable[Manifest], other: Iterable[Manifest]) -> list[Manifest]:
    """The objects of two renders for clusters that may both be the one; what they do not agree on is unknown,
    and so is what only one of them has."""
    one, other = list(one), list(other)
    known = dict(_numbered(one))
    more = [replace(manifest, left_out=_UNTOLD) for key, manifest in _numbered(other) if key not in known]
    return [*settled(one, other, Unresolved(_UNTOLD), _UNTOLD), *more]


def _numbered(manifests: Iterable[Manifest]) -> Iterable[tuple[tuple[Any, ...], Manifest]]:
    seen: Counter[tuple[Any, ...]] = Counter()
    for one in manifests:
        key = (one.type.key, one.namespace, one.name or one.metadata.get("generateName"))
        seen[key] += 1
        yield (*key, seen[key]), one


def _common(one: Any, other: Any, changes: Unresolved) -> Any:
    """The first value; ``changes`` wherever the second differs."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = dict.fromkeys([*one, *other])
        return {name: _common(one.get(name, MISSING), other.get(name, MISSING), changes) for name in names}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_common(item, another, changes) for item, another in zip(one, other, strict=True)]
    return one if type(one) is type(other) and one == other else changes
