"""Tells what Google Cloud makes by itself, so that nobody is asked to declare it: the rules of
``system.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from drift.model import Resource
from drift.safe_yaml import data

_FILE = Path(__file__).with_name("system.yaml")
#: Stands for a project's number where none is known: no text has it.
_NONE = "(?!)"


@cache
def _rules() -> tuple[Mapping[str, Any], ...]:
    return tuple(data(_FILE))


@cache
def _rules_of(type_: str) -> tuple[Mapping[str, Any], ...]:
    """The rules that speak of a type."""
    return tuple(rule for rule in _rules() if any(fnmatchcase(type_, glob) for glob in _list(rule["types"])))


def made_by_google(live: Resource, context: Mapping[str, Any]) -> str | None:
    """Why Google Cloud made this live resource; None when somebody did.

    ``context`` tells the numbers of projects (``projects``: number → id): what a rule says of a project's
    number holds of no resource of a project whose number is not known.
    """
    rules = _rules_of(live.type)
    if not rules:
        return None
    own = _own(live.scope, context)
    return next((str(rule["why"]) for rule in rules if _holds(rule, live, own)), None)


def _holds(rule: Mapping[str, Any], live: Resource, own: Mapping[str, str]) -> bool:
    if "name" in rule and not _fits(rule["name"], str(live.id).rpartition("/")[2], own):
        return False
    if "label" in rule:
        labels = live.attributes.get("labels") or live.attributes.get("resourceLabels") or {}
        if not any(str(key).startswith(rule["label"]) for key in labels):
            return False
    found = {
        path: [_fits(form, text, own) for text in _texts(live.attributes, path.split("/"))]
        for path, form in {**rule.get("is", {}), **rule.get("only", {})}.items()
    }
    return all(any(found[path]) for path in rule.get("is", {})) and all(
        all(found[path]) for path in rule.get("only", {})
    )


def _fits(form: str, text: str, own: Mapping[str, str]) -> bool:
    for name, value in own.items():
        form = form.replace(f"{{{name}}}", value)
    return re.fullmatch(form, text, re.DOTALL) is not None


def _own(scope: str, context: Mapping[str, Any]) -> dict[str, str]:
    """What stands for a resource's own project in the rules."""
    projects: Mapping[str, str] = context.get("projects") or {}
    number = next((number for number, project in projects.items() if project == scope), None)
    return {"scope": re.escape(scope), "number": re.escape(number) if number else _NONE}


def _texts(value: Any, path: list[str]) -> Iterator[str]:
    """The texts at a path, ``*`` for each member of a list."""
    if not path:
        if isinstance(value, (str, int)):
            yield str(value)
    elif isinstance(value, Mapping):
        yield from _texts(value.get(path[0]), path[1:])
    elif isinstance(value, list) and path[0] == "*":
        for member in value:
            yield from _texts(member, path[1:])


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
