"""Tells which properties of a resource another one may set, by the words of its type's name and of its
arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from drift.facts import TypeFacts

#: Arguments that almost every resource has of its own, so that they tell nothing of another one.
OWN = frozenset("arn description enabled id kind labels name region state status tags tagsall type".split())
#: Words that are shorter are the beginning of too many names.
_LEAST = 4


def paths(facts: TypeFacts, beyond: str, arguments: Iterable[str]) -> list[str]:
    """The top-level properties that are meant, sorted: by ``beyond``, what the type's name says after its
    parent's (``versioning`` → VersioningConfiguration, "" for nothing), and by the names of ``arguments``."""
    known = {
        word(name): name
        for name, node in facts.root.children.items()
        if not node.read_only and word(name) not in OWN
    }
    return sorted(
        {*_spoken_of(known, word(beyond)), *(known[one] for one in map(word, arguments) if one in known)}
    )


def _spoken_of(known: dict[str, str], said: str) -> Iterator[str]:
    """The properties whose name a word is, begins, or goes on."""
    if said in known:
        yield known[said]
        return
    for name, spelled in known.items():
        shorter = min(name, said, key=len)
        if len(shorter) >= _LEAST and (name.startswith(said) or said.startswith(name)):
            yield spelled


def word(name: str) -> str:
    """A name without its letter case and its breaks: ``min_size`` and ``MinSize`` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
