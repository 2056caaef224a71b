"""Changes of an instance's arguments, in the words of a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from drift.model import MISSING


@dataclass(frozen=True, slots=True)
class Op:
    """One change of an instance's arguments as a state has them. ``steps`` lead to a value, by names and
    numbers: it becomes ``value``, or goes (MISSING); ``appends``: ``value`` is one more member of the list
    there."""

    steps: tuple[Any, ...]
    value: Any = MISSING
    appends: bool = False


def applied(attributes: Mapping[str, Any], ops: Sequence[Op]) -> dict[str, Any]:
    """A copy of arguments with changes made."""
    made = dict(attributes)
    for op in ops:
        first = op.steps[0]
        if len(op.steps) == 1 and not op.appends:
            if op.value is MISSING:
                made[first] = None
            else:
                made[first] = op.value
            continue
        held = made[first] = deepcopy(made.get(first))
        if held is None:
            held = made[first] = [] if (op.appends and len(op.steps) == 1) else {}
        _set(held, op)
    return made


def _set(place: Any, op: Op) -> None:
    *above, last = op.steps[1:] if not op.appends else (*op.steps[1:], None)
    for step in above:
        if isinstance(place, dict):
            inner = place.get(step)
            if inner is None:
                inner = place[step] = {} if last is not None or step != op.steps[-1] else []
            place = inner
        else:
            place = place[step]
    if op.appends:
        place.append(op.value)
    elif op.value is not MISSING:
        place[last] = op.value
    elif isinstance(place, dict):
        place.pop(last, None)
    else:
        del place[last]


def wanted(old: Any, op: Op) -> Any:
    """What an argument is to give, which gives ``old`` (MISSING: it is not set); MISSING where it goes."""
    if len(op.steps) == 1 and not op.appends:
        return op.value
    steps = _along(op.steps, old)
    if len(steps) == 1 and not op.appends:
        return op.value
    held: dict[Any, Any] = {op.steps[0]: None if old is MISSING else old}
    return applied(held, [replace(op, steps=steps)])[op.steps[0]]


def _along(steps: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    """The steps through a value in which single blocks may be written as objects, as JSON has them."""
    found = list(steps[:1])
    for step in steps[1:]:
        if isinstance(value, Mapping) and isinstance(step, int):
            continue
        found.append(step)
        inside = isinstance(value, list) and isinstance(step, int) and step < len(value)
        value = value[step] if inside else value.get(step) if isinstance(value, Mapping) else None
    return tuple(found)
