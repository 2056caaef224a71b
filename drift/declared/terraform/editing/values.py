"""What a live value may be called in a Terraform argument: candidates, the likeliest first."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import orjson

_ON = frozenset({"enabled", "enable", "true", "on", "yes", "active"})
_OFF = frozenset({"disabled", "disable", "false", "off", "no", "inactive", "suspended"})


def candidates(live: Any, like: Any = None) -> list[Any]:
    """Spellings of a live value for an argument that has a value ``like``; None where that is not known."""
    found: list[Any] = []
    for one in _all(live, like):
        if not any(type(one) is type(other) and one == other for other in found):
            found.append(one)
    return found


def _all(live: Any, like: Any) -> Iterator[Any]:
    if isinstance(like, bool):
        yield from _bools(live)
    if isinstance(like, str) and isinstance(live, (bool, int, float)):
        yield _text(live)
    if isinstance(like, (int, float)) and not isinstance(like, bool):
        yield from _numbers(live)
    if isinstance(like, list) and not isinstance(live, list):
        yield [deepcopy(live)]
        if isinstance(live, str):
            yield live.split(",")
    if isinstance(like, str) and isinstance(live, list) and len(live) == 1:
        yield live[0]
    yield deepcopy(live)
    if isinstance(live, str):
        yield from _texts(live)
    if not isinstance(like, bool):
        yield from _bools(live)
    if isinstance(live, (bool, int, float)):
        yield _text(live)
    yield from _numbers(live)
    if isinstance(live, list) and live and all(isinstance(one, Mapping) for one in live):
        yield from _named(live)
    if isinstance(live, (Mapping, list)):
        yield orjson.dumps(live).decode()
        yield [deepcopy(live)]
        snake = snaked(live)
        yield snake
        yield [snake]
    elif like is None:
        yield [live]


def _named(live: list[Any]) -> Iterator[dict[str, Any]]:
    """A list of names with values as a map."""
    for key in ("Key", "key", "Name", "name"):
        values = [[item for name, item in one.items() if name != key] for one in live]
        if all(key in one for one in live) and all(len(one) == 1 for one in values):
            yield {str(one[key]): item[0] for one, item in zip(live, values, strict=True)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _bools(live: Any) -> Iterator[bool]:
    if isinstance(live, bool):
        yield live
        yield not live
    elif isinstance(live, str) and live.lower() in _ON | _OFF:
        yield live.lower() in _ON


def _numbers(live: Any) -> Iterator[int | float]:
    if isinstance(live, str):
        with contextlib.suppress(ValueError):
            yield int(live)
        digits = re.fullmatch(r"(\d+)[a-zA-Z]+", live)
        if digits:
            yield int(digits[1])
    elif isinstance(live, (int, float)) and not isinstance(live, bool):
        yield live
        for factor in (60, 1024, 3600, 86400):
            if live % factor == 0:
                yield int(live // factor)
            yield live * factor


def _texts(live: str) -> Iterator[str]:
    yield live.lower()
    yield live.upper()
    yield live.capitalize()
    for sign in ("/", ":", "_", "-", "."):
        if sign in live:
            yield live.rpartition(sign)[2]
            yield live.partition(sign)[0]
            yield live.partition(sign)[2]
    yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", live).lower()
    yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", live).lower()


def snaked(value: Any) -> Any:
    """With the names of members as Terraform has them."""
    if isinstance(value, Mapping):
        return {
            re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(key)).lower(): snaked(item)
            for key, item in value.items()
        }
    return [snaked(item) for item in value] if isinstance(value, list) else value


def words(text: str) -> frozenset[str]:
    """The words that a name is made of, in any of the ways in which clouds write them."""
    parts = re.split(r"[^A-Za-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text))
    return frozenset(one.lower().removesuffix("s") for one in parts if one)


def scalars(value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every plain value at any depth, with the steps that lead to it."""
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        yield (), value
        return
    for step, item in pairs:
        for steps, found in scalars(item):
            yield (step, *steps), found
