"""Tells what AWS makes by itself, so that nobody is asked to declare it: the ``system`` rules of the type
facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from drift.model import Resource
from providers.aws import expressions
from providers.aws.facts import catalogue


def made_by_aws(live: Resource, context: Mapping[str, Any]) -> str | None:
    """Why AWS made this live resource, None when somebody did.

    A rule is ``{when: expression, why: text}`` over the resource's attributes, plus ``id``, ``name``,
    ``account`` and the snapshot's ``context``.
    """
    entry = catalogue().entry(live.type)
    if entry is None:
        return None
    document: dict[str, Any] | None = None
    for rule in entry.said.get("system", ()):
        if live.bare and not _asks(rule["when"]) <= _TOLD:
            continue
        if document is None:
            document = {
                **live.attributes,
                "id": live.id,
                "name": live.name,
                "account": live.scope,
                "context": context,
            }
        if expressions.compile(rule["when"])(document):
            return str(rule["why"])
    return None


def needs_reading(type_: str) -> bool:
    """Whether only what a resource holds tells if AWS made it, so that an inventory does not: a network
    interface is a load balancer's, or somebody's."""
    entry = catalogue().entry(type_)
    return entry is not None and any(
        not _asks(rule["when"]) <= _TOLD | _OF_OTHERS for rule in entry.said.get("system", ())
    )


#: What an inventory tells of a resource, and what only one of another account has otherwise.
_TOLD, _OF_OTHERS = frozenset({"id", "name"}), frozenset({"OwnerId", "ShareStatus", "account"})


@cache
def _asks(when: str) -> frozenset[str]:
    """The names that a rule asks for.

    >>> sorted(_asks("starts_with(name, 'default.')")), sorted(_asks("!Managed && name == 'x'"))
    (['name'], ['Managed', 'name'])
    """
    plain = re.sub(r"'[^']*'|`[^`]*`", "", when)
    return frozenset(re.findall(r"[A-Za-z_]\w*(?!\w|\s*\()", plain))
