"""Which members of a list become which of another, so that few of them are changed."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import Any

#: What a list's members are known by, the likeliest first.
_NAMES = tuple("name Name key Key id Id Sid containerPort port mountPath host".split())


def pairs(old: list[Any], new: list[Any]) -> list[tuple[int, int]] | None:
    """(place in the old list, place in the new one) of members that stay or change, in order of both; None
    where they only change places."""
    labels = [[_label(one) for one in members] for members in (old, new)]
    if labels[0] != labels[1] and sorted(labels[0]) == sorted(labels[1]):
        return None
    found: list[tuple[int, int]] = []
    for word, i, i_end, j, j_end in SequenceMatcher(None, labels[0], labels[1], autojunk=False).get_opcodes():
        if word in ("equal", "replace"):
            found += zip(range(i, i_end), range(j, j_end), strict=False)
    return found


def _label(value: Any) -> str:
    if isinstance(value, dict):
        for name in _NAMES:
            if isinstance(value.get(name), (str, int)):
                return f"{name}={value[name]}"
    return json.dumps(value, sort_keys=True, default=repr)
