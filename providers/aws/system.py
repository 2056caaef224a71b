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
        if live.bare and not _by_name_alone(rule["when"]):
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


@cache
def _by_name_alone(when: str) -> bool:
    """Whether a rule asks for nothing of a resource but its id and name, which an inventory tells.

    >>> _by_name_alone("starts_with(name, 'default.')"), _by_name_alone("!Managed && name == 'x'")
    (True, False)
    """
    words = re.findall(r"[A-Za-z_]\w*(?!\w|\s*\()", re.sub(r"'[^']*'|`[^`]*`", "", when))
    return {*words} <= {"id", "name"}
