"""Tells what AWS makes by itself, so that nobody is asked to declare it: the ``system`` rules of the type
facts."""

from __future__ import annotations

from collections.abc import Mapping
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
