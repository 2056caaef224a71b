"""What is declared but known only in parts: the live values that it may stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.compare.canonical import UNKNOWN
from drift.kinds.base import Keyed, Unordered
from drift.kinds.text import canonical_text
from drift.model import MISSING, Unresolved
from drift.values import is_empty, is_hollow, is_off, same, unresolved


def as_set(members: list[Any]) -> Unordered:
    """A list that a kind could not make a set of, because some members are not known."""
    return Unordered(
        (canonical_text(item) or f"{UNKNOWN}{number})", item) for number, item in enumerate(members, 1)
    )


def could_be(pattern: Any, have: Any) -> bool:
    """Whether a live member may be what a declared one, known only in parts, stands for."""
    if isinstance(pattern, Unresolved):
        return True
    if isinstance(pattern, (Keyed, Unordered)) and isinstance(have, dict):
        unknown = [item for key, item in pattern.items() if key.startswith(UNKNOWN)]
        if unknown:
            return _could_be_members(pattern, unknown, have)
    if isinstance(pattern, dict) and isinstance(have, dict):
        return all(
            could_be(pattern[key], have[key])
            if key in pattern and key in have
            else key in pattern and (unresolved(pattern[key]) is not None or is_empty(pattern[key]))
            for key in {**pattern, **have}
        )
    if isinstance(pattern, dict):  # an entry of which only the value is left (a tag)
        values = [value for value in pattern.values() if not isinstance(value, Unresolved)]
        return len(values) < len(pattern) - 1 or any(same(value, have) for value in values)
    if isinstance(pattern, list) and isinstance(have, Unordered):
        known = [item for item in pattern if unresolved(item) is None]
        rest = [item for item in have.values() if not any(same(item, one) for one in known)]
        return len(rest) <= len(pattern) - len(known)
    if isinstance(pattern, list) and isinstance(have, list):
        return len(pattern) == len(have) and all(map(could_be, pattern, have))
    return same(pattern, have)


def _could_be_members(pattern: Mapping[str, Any], unknown: list[Any], have: Mapping[str, Any]) -> bool:
    """The same of a set or keyed list with members whose key is not known: what no known member is, one of
    these is, each at most once."""
    known = {key: item for key, item in pattern.items() if not key.startswith(UNKNOWN)}
    if not all(key in have and could_be(item, have[key]) for key, item in known.items()):
        return False
    left = list(unknown)
    for key, item in have.items():
        if key in known:
            continue
        found = next((index for index, one in enumerate(left) if could_be(one, item)), None)
        if found is None:
            return False
        del left[found]
    return True


def says(guess: Any, have: Any) -> bool:
    """Whether a live value holds all that a guess says, and no other members."""
    if have is MISSING:
        return is_hollow(guess) or is_off(guess)
    if isinstance(guess, dict) and isinstance(have, dict):
        if isinstance(guess, (Keyed, Unordered)) and len(guess) != len(have):
            return False
        return all(says(value, have.get(key, MISSING)) for key, value in guess.items())
    if isinstance(guess, list) and isinstance(have, list):
        return len(guess) == len(have) and all(map(says, guess, have))
    return same(guess, have)
