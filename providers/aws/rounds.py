"""Which calls about one resource can be made at once: those that need nothing that another of them tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jmespath

Step = Mapping[str, Any]

#: The parts of a step that are looked at before its call is made.
_BEFORE = ("with", "region", "when", "needless", "bulk")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def rounds(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps of a type's facts (``describe``), in their order, as rounds of which each needs only what earlier
    ones told. A word of an expression counts as a need, whatever it means there."""
    return list(_rounds(steps))


def _rounds(steps: Sequence[Step]) -> Iterator[list[Step]]:
    together: list[Step] = []
    told: set[str] | None = set()
    for step in steps:
        if together and (told is None or told & _needs(step)):
            yield together
            together, told = [], set()
        together.append(step)
        found = _tells(step)
        told = None if told is None or found is None else told | found
    if together:
        yield together


def _needs(step: Step) -> set[str]:
    return set(_WORD.findall(json.dumps([step.get(part) for part in _BEFORE])))


def _tells(step: Step) -> set[str] | None:
    """The members that a step adds; None where only its answer says which."""
    bulk = step.get("bulk", {})
    more = {bulk["as"], *bulk.get("fixed", {}).get("of", ())} if bulk else set()
    if "as" in step:
        return {step["as"], *more}
    parsed = jmespath.compile(step.get("take", "@")).parsed
    if parsed["type"] != "multi_select_dict":
        return None
    return {pair["value"] for pair in parsed["children"]} | more
