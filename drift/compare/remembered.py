"""Tells of changes which a record of the declared side (a Terraform state) has taken in already, so that who
reads it alone sees no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from drift.compare.readable import readable
from drift.facts import PathFacts
from drift.hooks import Acceptance, Filled
from drift.model import MISSING, Change, Resource
from drift.pointer import get, split
from drift.values import same

ABSORBED = "the state has absorbed it: a refresh wrote what is live there"

CHOSEN = "left to the cloud by the configuration, and as the state has it"


def accepting(
    accept: Acceptance, declared: Resource, canonical: Callable[[Mapping[str, Any]], Any]
) -> Acceptance:
    """``accept``, and what the cloud chose as the record has it: nobody can tell whether somebody else
    did."""
    known: list[Any] = []

    def asked(path: str, value: Any) -> str | None:
        answer = accept(path, value)
        if answer is not None or split(path)[0] not in declared.chosen:
            return answer
        if not known:
            known.append(canonical(declared.remembered))
        return Filled(CHOSEN) if same(get(known[0], split(path)), value) else None

    return asked


def framed(
    known: Mapping[str, Any], record: Mapping[str, Any], facts: PathFacts, *, lists: bool = False
) -> dict[str, Any]:
    """``known``, with the objects that the whole record has, empty where nothing in them is known: so that
    what only the record says is told at its own place. With ``lists`` also those of members with a key, which
    a part of a resource is not asked about else."""
    made = dict(known)
    for name, value in record.items():
        below = facts.child(name)
        if isinstance(value, dict) and (below.kind is None or below.kind.name == "object"):
            inner = made.get(name, {})
            if isinstance(inner, dict):
                made[name] = framed(inner, value, below, lists=lists)
        elif lists and isinstance(value, list) and below.kind is not None:
            made.setdefault(name, [])
    return made


def recorded(declared: Resource, path: str, live: Any) -> bool:
    """Whether a live value that a service may have filled in has members, and a record says them."""
    return isinstance(live, (list, dict)) and bool(live) and bool(get(declared.attributes, split(path)))


def noted(changes: Iterable[Change], remembered: Any) -> list[Change]:
    """The changes, with a note on those whose live value is as the record has it. ``remembered`` is the
    record's own canonical form."""
    return [replace(one, note=ABSORBED) if _absorbed(one, remembered) else one for one in changes]


def _absorbed(change: Change, remembered: Any) -> bool:
    value = readable(get(remembered, split(change.path)))
    if change.live is MISSING or value is MISSING or value is None:
        return False
    if same(value, change.live):
        return True
    if isinstance(value, list) and isinstance(change.live, list):
        return all(any(same(item, other) for other in value) for item in change.live)
    return False
