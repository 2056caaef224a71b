"""Finds the place of a rendered object's value in another text that says part of it: lists' members go by
what they are known by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.editing.document import Step
from drift.values import same
from providers.kubernetes.declared_lines import KEYS


def remapped(
    steps: Sequence[Step], rendered: Any, other: Any, *, by_place: bool = False
) -> tuple[tuple[Step, ...], Sequence[Step]]:
    """The way in ``other`` as far as it has what stands on the way, and the rest of the steps. ``by_place``
    takes the member at the same place of a list of the same length where names don't tell."""
    found: list[Step] = []
    for number, step in enumerate(steps):
        place = _place(step, rendered, other)
        if place is None and by_place and isinstance(other, list) and isinstance(rendered, list):
            place = step if len(other) == len(rendered) else None
        if place is None:
            return tuple(found), steps[number:]
        found.append(place)
        rendered, other = rendered[step], other[place]
    return tuple(found), ()


def _place(step: Step, rendered: Any, other: Any) -> Step | None:
    if isinstance(step, str):
        there = isinstance(other, Mapping) and step in other and isinstance(rendered, Mapping)
        return step if there and step in rendered else None
    if not isinstance(rendered, list) or not isinstance(other, list) or step >= len(rendered):
        return None
    member = rendered[step]
    name = known_by(member)
    if name is None:
        alike = [place for place, one in enumerate(other) if same(one, member)]
        if len(alike) == 1:
            return alike[0]
        return step if len(other) == len(rendered) else None
    fitting = [
        place for place, one in enumerate(other) if isinstance(one, Mapping) and one.get(name) == member[name]
    ]
    return fitting[0] if len(fitting) == 1 else None


def known_by(member: Any) -> str | None:
    """The key by which a member of a list is told from others; None where it has none."""
    if not isinstance(member, Mapping):
        return None
    return next((name for name in KEYS if isinstance(member.get(name), (str, int))), None)
