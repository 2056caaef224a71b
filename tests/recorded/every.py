"""Whether every property that a template may set is read of answers that say all: what the facts of a type do
not give, expressions and hooks alike."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.model import Resource
from providers.aws.facts import Entry
from tests.reading import read_yaml
from tests.recorded.replay import plain, read
from tests.recorded.whole import Whole, paths

#: Answers with the first, the second, … of enumerated values, until all is given.
TURNS = 12


@cache
def known() -> Mapping[str, Mapping[str, Any]]:
    """By type ``answered``, the values of members, and ``why``, the reason by pattern of a path."""
    found: Mapping[str, Mapping[str, Any]] = read_yaml(Path(__file__).with_name("every.yaml"))
    return found


def missing(entry: Entry) -> list[str]:
    """The paths that a template may set, that nobody gave a reason for, and that no answer gives."""
    left = set(_wanted(entry))
    for turn in range(TURNS):
        if not left:
            break
        left -= _given(entry, turn)
    return sorted(left)


def _wanted(entry: Entry) -> Iterator[str]:
    for path in entry.schema.get("paths", {}):
        node = entry.facts.root
        told = False
        for part in path.split("/"):
            node = node.member() if part == "*" else node.child(part)
            told = told or bool(node.unread) or node.read_only or node.write_only
        reasons = known().get(entry.type, {}).get("why", {})
        if not told and not any(fnmatch.fnmatchcase(path, pattern) for pattern in reasons):
            yield path


def _given(entry: Entry, turn: int) -> set[str]:
    said = known().get(entry.type, {}).get("answered", {})

    def answer(service: str, call: str, model: Any) -> Mapping[str, Any]:
        return Whole(model.output_shape, turn, said).answer

    resources = (one for one in read(plain(entry), answer) if isinstance(one, Resource))
    return {path for one in resources for path in paths(one.attributes)}
