"""Which deployers a folder is a repository of, told by the objects in it and by its layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drift.listing import beginning
from providers.kubernetes.declared_folders import is_chart, kustomization
from providers.kubernetes.engines.every import engines, named
from providers.kubernetes.engines.mixture import Unit, laid

if TYPE_CHECKING:
    from providers.kubernetes.engines.step import Engine

_API = re.compile(rb"""^[\s\-"'{]*apiVersion["']?\s*:\s*["']?([a-z0-9.-]+)/""", re.M)
_KIND = re.compile(rb"""^[\s\-"'{]*kind["']?\s*:\s*["']?(\w+)""", re.M)


def kinds_in(several: Iterable[Unit], wanted: frozenset[str]) -> dict[str, set[Unit]]:
    """Of some kinds (group and kind) those that the files of units seem to hold, with the units."""
    found: dict[str, set[Unit]] = {}
    groups = {one.rpartition("/")[0].encode() for one in wanted}
    for unit in several:
        if unit.kind == "chart":
            continue
        for file in unit.inputs:
            head = beginning(file)
            said = {one for one in _API.findall(head) if one in groups}
            if not said:
                continue
            for kind in set(_KIND.findall(head)):
                for group in said:
                    key = f"{group.decode()}/{kind.decode()}"
                    if key in wanted:
                        found.setdefault(key, set()).add(unit)
    return found


def mixed(several: Iterable[Unit]) -> bool:
    """Whether a folder is more than what one other source reads: several Kustomize folders or charts, or some
    beside plain files."""
    kinds = [one.kind for one in several]
    wholes = [one for one in kinds if one != "files"]
    return len(wholes) > 1 or (bool(wholes) and "files" in kinds)


def engines_of(several: Sequence[Unit], folder: Path, asked: str | None = None) -> list[Engine]:
    """The engines whose objects or layout are there; the one that was ``asked`` for, and no other (none for
    ``none``)."""
    if asked is not None:
        one = named(asked)
        return [] if one is None else [one]
    known = engines()
    there = kinds_in(several, frozenset().union(*(one.kinds for one in known)))
    return [one for one in known if one.layout(folder) or not one.kinds.isdisjoint(there)]


def is_gitops(folder: Path) -> bool:
    """Whether a folder is a deployer's repository, or holds more than another source reads."""
    found = laid(folder).units
    whole = kustomization(folder) is not None or is_chart(folder)
    return (not whole and mixed(found)) or bool(engines_of(found, folder))
