"""Canonical values as people read them: sets as lists, what is not known in words, secrets not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from drift.finding import Change
from drift.kinds.base import Unordered
from drift.model import MISSING, Unresolved
from drift.redaction import is_secret, marked
from drift.values import children


def change(path: str, declared: Any, live: Any, *, undeclared: bool) -> Change:
    """The change between two canonical values; of a secret only that there is one."""
    sensitive = holds_secret(declared) or holds_secret(live)
    return Change(
        path=path,
        declared=MISSING if sensitive else readable(declared),
        live=MISSING if sensitive else readable(live),
        undeclared=undeclared,
        sensitive=sensitive,
    )


def keyed_of(value: Any) -> str:
    """A hash of a value that holds secrets, made of their keyed ones, with the id of their key before a
    colon; empty where it holds none, or of several keys."""
    keys = set(_keys(value))
    if len(keys) != 1:
        return ""
    text = orjson.dumps(_readable(value), option=orjson.OPT_SORT_KEYS, default=str)
    return f"{keys.pop()}:{hashlib.sha256(text).hexdigest()[:16]}"


def _keys(value: Any) -> Iterator[str]:
    if is_secret(value):
        yield value["$secret"]["key"]
    else:
        for inner in children(value):
            yield from _keys(inner)


def readable(value: Any) -> Any:
    """The value with sets as lists of members; MISSING for an empty set that is all of it."""
    return MISSING if isinstance(value, Unordered) and not value else _readable(value)


def _readable(value: Any) -> Any:
    if isinstance(value, Unordered):
        return [_readable(item) for _, item in sorted(value.items())]
    if isinstance(value, dict):
        return {key: _readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return f"(not known: {value.reason})" if isinstance(value, Unresolved) else value


def holds_secret(value: Any) -> bool:
    """Whether a secret stands at or below a value."""
    if is_secret(value) or (isinstance(value, str) and marked(value)):
        return True
    return any(map(holds_secret, children(value)))
