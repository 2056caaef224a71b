"""Values of an enumeration, whose letter case Azure changes, and several of them in one text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.scalars import STRING, fold_case
from drift.kinds.versions import is_prefix

_COMMA = re.compile(r"\s*,\s*")


def _enum(value: Any, context: Context, *, names: Mapping[str, str] | None = None) -> Canonical:
    """The value in the schema's spelling, else in lower case; several in one text in the order of the
    alphabet, as flags are.

    ``names`` maps the schema's values in lower case to their spelling.

    >>> _enum("userassigned,SystemAssigned", Context(), names={"userassigned": "UserAssigned"})
    'UserAssigned, systemassigned'
    """
    value = STRING.canonical(value, context)
    if not isinstance(value, str):
        return value
    known = names or {}
    text = fold_case(value)
    if text in known or "," not in text:
        return known.get(text, text)
    words = [known.get(word, word) for word in _COMMA.split(text.strip())]
    return ", ".join(sorted(words))


def _admits(declared: Any, live: Any, context: Context, *, names: Mapping[str, str] | None = None) -> bool:
    """A version of an enumeration, made exact (``11`` declared admits ``11.17`` live), and the number of a
    name in it."""
    known = list((names or {}).values())
    if isinstance(live, str) and live.isdecimal() and not any(name.isdecimal() for name in known):
        return int(live) < len(known) and known[int(live)] == declared or is_prefix(declared, live)
    return isinstance(declared, (str, int)) and str(declared)[:1].isdigit() and is_prefix(declared, live)


ENUM = Kind("azure-enum", _enum, admits=_admits)
