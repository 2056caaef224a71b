"""Finds what people mean by an id, the beginning of one, or a resource's name, in a report."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.errors import DriftError
from drift.visible import visible

#: The beginning of an id is at least so long: ``f-1a2b``.
_SHORTEST = 4
_MOST = 12

Told = Mapping[str, Any]


def found(report: Told, said: str) -> str:
    """The id of the one finding, hidden finding or undeclared value that ``said`` means: its id or the
    beginning of it, or, in any letter case, its resource's name, id or declared address.

    Raises DriftError where it means none, with what is like it, or several, with their ids.
    """
    every = list(_every(report))
    ids = {one["id"] for one in every}
    if said in ids:
        return said
    like = said.lower()
    begins = {id_ for id_ in ids if id_.startswith(like)} if len(like) >= _SHORTEST else set()
    meant = begins or {one["id"] for one in every if like in {name.lower() for name in _names(one)}}
    if len(meant) == 1:
        return str(next(iter(meant)))
    run = report["run"]["id"]
    if meant:
        ones = [f"{one['id']} {_title(one)}" for one in {one["id"]: one for one in every}.values()]
        told = [text for text in ones if text.split(" ", 1)[0] in meant]
        more = f"; and {len(told) - _MOST:,} more" if len(told) > _MOST else ""
        raise DriftError(f"{said}: means {len(told):,} of run {run}: {'; '.join(told[:_MOST])}{more}")
    raise DriftError(f"{said}: no such finding in run {run}{_suggested(every, said)}")


def _every(report: Told) -> Iterator[Told]:
    """Findings first, as their lines tell most."""
    for part in ("findings", "suppressed", "undeclared"):
        yield from report.get(part) or ()


def _names(one: Told) -> Iterator[str]:
    where = one.get("declared_at") or {}
    for name in (one.get("name"), one.get("resource_id"), where.get("address")):
        if name:
            yield str(name)


def _title(one: Told) -> str:
    name = one.get("name") or one.get("resource_id") or ""
    return visible(" ".join(filter(None, (one.get("kind") or "undeclared", one.get("type"), str(name)))))


def _suggested(every: Iterable[Told], said: str) -> str:
    names: dict[str, Told] = {}
    for one in every:
        for name in (one["id"], *_names(one)):
            names.setdefault(name.lower(), one)
    inside = [name for name in names if len(said) >= _SHORTEST and said.lower() in name]
    close = inside or difflib.get_close_matches(said.lower(), names, n=3, cutoff=0.6)
    ones = list({names[name]["id"]: names[name] for name in close}.values())[:3]
    if not ones:
        return "; its table and its pages show the ids"
    return "; did you mean " + " or ".join(f"{one['id']} ({_title(one)})" for one in ones) + "?"
