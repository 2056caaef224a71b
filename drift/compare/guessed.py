"""Says which properties are live as they are declared of a resource of whose type only existence is read."""

from __future__ import annotations

from typing import Any

from drift.facts import ONLY_THERE
from drift.model import MISSING, Resource, Unresolved
from drift.values import same

#: Names that are told of one resource.
_MOST = 12


def by_name(declared: Resource, live: Resource) -> str | None:
    """What of a declaration's guesses is live as it says, and what is not; None where there are none."""
    guesses = {
        name: value.likely
        for name, value in declared.attributes.items()
        if isinstance(value, Unresolved) and value.likely is not None
    }
    if not guesses:
        return None
    alike = [name for name, value in guesses.items() if _alike(value, live.attributes.get(name, MISSING))]
    others = [name for name in guesses if name not in alike]
    told = [f"that its {_named(alike)} {'is' if len(alike) == 1 else 'are'} as declared"] if alike else []
    rest = f"; not verified: {_named(others)}" if others else ""
    return f"{ONLY_THERE}{f', and {told[0]}' if told else ''}{rest}"


def only_guessed(declared: Resource) -> bool:
    """Whether a declaration says nothing for certain of what it declares."""
    return all(isinstance(value, Unresolved) for value in declared.attributes.values())


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(sorted(names)[:_MOST]) + more


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    return other is not MISSING and (same(one, other) or _text(one) == _text(other))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
