"""Tells of changes which a record of the declared side (a Terraform state) has taken in already, so that who
reads it alone sees no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from drift.compare.readable import readable
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
