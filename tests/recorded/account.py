"""What of a recorded answer is not in the resource that the facts make of it, though a property is called
so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from drift.model import Resource
from providers.aws.facts import Entry


def suspects(entry: Entry, value: Any, resources: Iterable[Resource]) -> Iterator[tuple[str, Any]]:
    """The leaves of an answer of which a writable property has the name and none the value: (path, value)."""
    known = {
        word(path.rpartition("/")[2])
        for path, marks in entry.schema.get("paths", {}).items()
        if "r" not in marks[1:]
    }
    there: set[str] = set()
    for one in resources:
        there |= {said(leaf) for _, leaf in leaves(one.attributes)}
        there.add(said(one.id))
    for path, leaf in leaves(value):
        name = next((part for part in reversed(path) if part != "*"), "")
        if word(name) in known and said(leaf) not in there and leaf not in ("", None):
            yield "/".join(path), leaf


def word(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("s")


def leaves(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, str) and value[:1] in "{[" and value[-1:] in "}]":
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from leaves(one, (*at, str(name)))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from leaves(one, (*at, "*"))
    else:
        yield at, value


def said(value: Any) -> str:
    """A leaf as both sides may write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value).lower().rstrip(".")
