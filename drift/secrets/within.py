"""The values of a configuration that are kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from drift.secret import Held


def within(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Held]]:
    """Each in settings, lists and mappings, with the keys that lead to it."""
    if isinstance(value, Held):
        yield place, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from within(getattr(value, name), (*place, name))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from within(one, (*place, str(name)))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from within(one, (*place, str(number)))
