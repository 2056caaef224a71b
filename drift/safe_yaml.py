"""Tells of a YAML document that can't be read safely: what its aliases unfold to, or how deep it nests,
before it is built."""

from __future__ import annotations

from typing import Any

import yaml

MAX_DEPTH = 200
#: Values that a document may have once its aliases are unfolded.
MAX_VALUES = 1_000_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def danger(text: str | bytes) -> str | None:
    """What is wrong with a document, in words; None where nothing is. Raises yaml.YAMLError where it is no
    YAML.

    Reads events only: libyaml's composer recurses in C, so that a document nested deeply enough ends the
    process.
    """
    sizes: dict[str | None, int] = {}
    open_: list[tuple[str | None, int]] = []  # (anchor, values so far) of each collection around
    count = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_) == MAX_DEPTH:
                return f"line {line}: it nests deeper than {MAX_DEPTH} levels"
            open_.append((event.anchor, count))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor is not None:
                sizes[anchor] = count - before
        elif isinstance(event, yaml.AliasEvent):
            count += sizes.get(event.anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            count += 1
        if count > MAX_VALUES:
            return f"line {line}: its aliases unfold to more than {MAX_VALUES:,} values"
    return None
