"""Tells what Azure makes for itself (``system.yaml``, and groups that a service manages), so that nobody is
asked to declare it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.kinds.scalars import fold_case
from drift.model import Resource
from drift.pointer import get, split
from drift.safe_yaml import data
from providers.azure.ids import GROUPS, parse

_WORDS = frozenset({"type", "name", "group", "where", "why"})
_AUTHORIZATION = "microsoft.authorization/"


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """The rules, checked, their globs and values in lower case."""
    said = data(Path(__file__).with_name("system.yaml"))
    for rule in said:
        unknown = sorted(set(rule) - _WORDS)
        if unknown or not {"type", "why"} <= set(rule):
            raise DriftError(f"system.yaml: {rule}: needs type and why, knows no {unknown}")
    return tuple(
        {
            **{word: _low(rule[word]) for word in ("type", "name", "group") if word in rule},
            "where": {path: _low(value) for path, value in rule.get("where", {}).items()},
            "why": rule["why"],
        }
        for rule in said
    )


def made_by_azure(live: Resource, context: Mapping[str, Any]) -> str | None:
    """Why Azure made this live resource; None when somebody did.

    ``context["managed_groups"]`` tells which resource groups a service manages: id → id of the managing
    resource.
    """
    kind = fold_case(live.type)
    found = parse(live.id or "")
    owner = live.attributes.get("managedBy")
    if kind == GROUPS and isinstance(owner, str) and owner:
        return f"managed by {owner.rpartition('/')[2]}"
    group = fold_case(found.resource_group) if found is not None and found.resource_group else ""
    if found is not None and group and not kind.startswith(_AUTHORIZATION):
        managed = context.get("managed_groups", {}).get(
            f"/subscriptions/{fold_case(found.subscription or '')}/resourcegroups/{group}"
        )
        if managed:
            return f"lies in a resource group that {managed.rpartition('/')[2]} manages"
    name = fold_case(found.name if found is not None else live.name or "")
    for rule in rules():
        if (
            _fits(kind, rule["type"])
            and ("name" not in rule or _fits(name, rule["name"]))
            and ("group" not in rule or _fits(group, rule["group"]))
            and all(_at(live.attributes, path) in values for path, values in rule["where"].items())
        ):
            return str(rule["why"])
    return None


def _low(said: Any) -> list[str]:
    return [fold_case(str(one)) for one in (said if isinstance(said, list) else [said])]


def _fits(text: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)


def _at(body: Any, path: str) -> str | None:
    found = get(body, split(path))
    return None if found is None else fold_case(str(found))
