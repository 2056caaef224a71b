"""The names of operations and members, taken apart: their words, and what they mean beside a type's noun."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
#: What the end of a member's name adds to what it means.
_ENDS = re.compile(
    r"(?:arns?|ids?|identifiers?|names?|list|document|configurations?|config|specifications?|updates?)$"
)
#: Words of an event's name that say nothing.
_FILLING = frozenset({"configuration", "config", "specification", "settings", "attributes", "attribute"})
#: Names whose plain form is kept.
_KEPT = 1 << 16


class Rest(NamedTuple):
    """What an operation's name says beside its verb and the type's noun; whether it says just that noun."""

    text: str
    exact: bool


def rest_of(name: str, nouns: Iterable[str]) -> Rest:
    """PutBucketVersioning, versioning; CreateBucket, nothing."""
    left = words(name)[1:]
    for noun in sorted(nouns, key=len, reverse=True):
        for count in range(len(left), 0, -1):
            if noun in ("".join(left[:count]), singular("".join(left[:count]))):
                rest = left[count:]
                return Rest("".join(word for word in rest if word not in _FILLING), not rest)
    return Rest("".join(left), exact=False)


@lru_cache(_KEPT)
def words(name: str) -> tuple[str, ...]:
    """The words of a name: the verb as it is, the others in lower case."""
    first, *rest = _WORD.findall(name) or [""]
    return (first, *(word.lower() for word in rest))


@lru_cache(_KEPT)
def plain(name: str) -> str:
    """A name without case and signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(_KEPT)
def stem(name: str) -> str:
    """A name without what its end only adds: VpcSecurityGroupIds, vpcsecuritygroup."""
    left = plain(name)
    short = singular(_ENDS.sub("", left))
    return short if len(short) > 2 else left


def singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
