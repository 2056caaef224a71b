"""What may stand in a live object though Git does not say it, as data tells (``unsaid.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import translate
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.pointer import unescape
from drift.safe_yaml import data

_SECTIONS = frozenset(("dangerous", "marks", "requests", "filled", "sidecars", "injection", "strict"))
_FILLED = frozenset(("kinds", "paths", "value", "marked", "asked", "unowned", "tended", "label", "why"))
_METADATA = re.compile(r"(?:.*/)?metadata/(labels|annotations)/(?P<key>[^/]+)")
Globs = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class FilledIn:
    """One thing that is filled in: see ``filled`` in unsaid.yaml."""

    kinds: Globs
    paths: Globs
    why: str
    value: str = ""
    marked: str = ""
    label: str = ""
    asked: tuple[str, ...] = ()
    unowned: bool = False
    tended: bool = False


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What one injector puts into pods: see ``sidecars`` in unsaid.yaml."""

    name: str
    marked: str
    containers: Globs
    images: Globs
    volumes: Globs
    keys: Globs
    mounts: Globs


@dataclass(frozen=True, slots=True)
class _Danger:
    kinds: Globs
    paths: Globs
    values: str


@cache
def _said() -> Mapping[str, Any]:
    said = data(Path(__file__).with_name("unsaid.yaml"))
    if set(said) != _SECTIONS:
        raise DriftError(f"unsaid.yaml: has the sections {sorted(said)}; needs {sorted(_SECTIONS)}")
    for entry in said["filled"]:
        if set(entry) - _FILLED or not {"kinds", "paths", "why"} <= set(entry):
            raise DriftError(f"unsaid.yaml: filled: {entry}: knows {sorted(_FILLED)}")
    return dict(said)


def globs(several: Iterable[str]) -> Globs:
    """One expression for several globs; of none it fits nothing."""
    return re.compile("|".join(translate(one) for one in several) or r"(?!)")


def metadata_key(path: str) -> str | None:
    """The key of a label or annotation, of an object or of its pods, by its canonical path."""
    found = _METADATA.fullmatch(path)
    return unescape(found["key"]) if found else None


@lru_cache(maxsize=4096)
def is_mark(key: str) -> bool:
    """Whether tools mark by this label or annotation what they deploy or tend."""
    return _marks().match(key) is not None


@cache
def _marks() -> Globs:
    return globs(_said()["marks"])


def is_request(key: str, value: Any) -> bool:
    """Whether an annotation asks a controller for one piece of work, and is no setting."""
    return any(
        one["key"] == key and (one.get("value") != "time" or _is_time(value)) for one in _said()["requests"]
    )


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def is_dangerous(kind: str, path: str, value: Any) -> bool:
    """Whether a value must not be hidden by the name of whoever wrote it. ``kind`` is a group and kind."""
    return any(
        one.paths.match(path) and (not one.values or one.values == str(value).lower())
        for one in _dangers(kind)
    )


@lru_cache(maxsize=1024)
def _dangers(kind: str) -> tuple[_Danger, ...]:
    found = (
        _Danger(globs(one["kinds"]), globs(one["paths"]), one.get("values", ""))
        for one in _said()["dangerous"]
    )
    return tuple(one for one in found if one.kinds.match(kind))


@lru_cache(maxsize=1024)
def filled(kind: str) -> tuple[FilledIn, ...]:
    """What may be filled in in objects of a kind."""
    found = (
        FilledIn(
            **{
                **one,
                "kinds": globs(one["kinds"]),
                "paths": globs(one["paths"]),
                "asked": tuple(one.get("asked", ())),
            }
        )
        for one in _said()["filled"]
    )
    return tuple(one for one in found if one.kinds.match(kind))


@cache
def sidecars() -> tuple[Sidecar, ...]:
    """The injectors that are known."""
    words = ("containers", "images", "volumes", "keys", "mounts")
    return tuple(
        Sidecar(one["name"], one["marked"], *(globs(one.get(word, ())) for word in words))
        for one in _said()["sidecars"]
    )


@lru_cache(maxsize=1024)
def is_strict(kind: str) -> bool:
    """Whether a custom resource's own defaults are known."""
    return globs(_said()["strict"]).match(kind) is not None


@cache
def injection() -> tuple[str, ...]:
    """By what an object asks for a certificate authority."""
    return tuple(_said()["injection"])
