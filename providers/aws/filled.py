"""Decides what a live value is that Git leaves unsaid, of a type of which nothing but its schema is known:
what people add is a change, of what a service may have filled in nobody can tell.

Cloud Control answers with every setting of a resource, said or not, and schemas tell few defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import TypeFacts
from drift.hooks import Filled
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import Resource
from drift.pointer import split, step
from drift.values import same
from providers.aws.resource_types import resource_type

#: Names of properties that only people fill: who gets at what, from where.
PEOPLES = re.compile(
    r"Principal|Permission|Grant(?!Type|Name|\w*Filter)|Cidr|(?:In|E)gress(?:$|/|Rule|Cidr)|Allow|Trusted|"
    r"SourceIp|Admin(?:s|istrator\w*|istrationRole\w*|(?:User|Role|Account|Group)\w*)?(?:$|\W)|"
    r"Public(?!ation|Key|Version|Type|Signing)|Anonymous|Unauthenticated|"
    r"Privileged(?:$|/)|ExecuteCommand$|(?:^|/|[a-z])Account(?:Id)?s(?:$|/)|"
    r"(?:^|/)Statements?(?:$|/)|(?:^|/|[a-z])Tags/"
)
#: Names of policies: documents that say who may do what, but also how something scales, restarts or ends.
_POLICY = re.compile(r"Polic(?:y|ies)")
#: How the text of such a document begins, or what names one: JSON, an ARN, Cedar.
_DOCUMENT = re.compile(r"\s*(?:[{[]|arn:|(?:@\w|permit|forbid)\b)")
#: Words that let nobody in.
NOTHING = frozenset({"NONE", "DISABLED", "DISABLE", "OFF", "NO", "FALSE"})
_CLOSES = re.compile(r"(?:^|/)(?:Block|Restrict|Ignore|Deny|Prevent)\w*$")
_FILLED = Filled("filled in by the service where nothing is declared")
DOCUMENTED = "the default that its schema names"


class Unsaid:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.facts, self.context = declared, facts, context

    @cached_property
    def _want(self) -> Any:
        return canonicalise(self.declared.attributes, self.facts.root, self.context)

    @cached_property
    def _own(self) -> tuple[str, ...]:
        known = resource_type(self.facts.type)
        return known.listed if known is not None else ()

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change, or that nobody can tell; None where it is
        one."""
        parts = split(path)
        node = self.facts.root
        want, names = self._want, []
        place: list[str] = []
        for part in parts:
            owned = isinstance(want, Keyed | Unordered | list)
            want, node = step(want, part), node.child(part)
            place.append("*" if owned else part)
            if owned and want is None:  # a member that was added to what is declared
                own = "/".join(place) in self._own and not _peoples(path, value)
                return _FILLED if own else None
            if not owned:
                names.append(part)
        if node.documented is not None:
            default = canonicalise(node.documented, node, self.context)
            return DOCUMENTED if same(value, node.documented) or same(value, default) else None
        if node.defaults or _peoples("/".join(names), value):
            return None
        return _FILLED


def _peoples(names: str, value: Any) -> bool:
    """Whether only people fill what is called so; that nobody is let in may be a service's own word, unless
    it is said of what keeps people out."""
    if value is False or (isinstance(value, str) and value.upper() in NOTHING):
        return PEOPLES.search(names) is not None and _CLOSES.search(names) is not None
    if isinstance(value, Mapping | list):
        names += "/"  # ``CopyTags: true`` are no tags
    if isinstance(value, list) and any(_opens(names, one) for one in value):
        return True
    return PEOPLES.search(names) is not None or (_POLICY.search(names) is not None and _document(value))


def _opens(names: str, value: Any) -> bool:
    """Whether a member of a list that nobody declares has what only people fill, at any depth."""
    if isinstance(value, list):
        return any(_opens(names, one) for one in value)
    if not isinstance(value, Mapping):
        return False
    named = ((f"{names}{name}", one) for name, one in value.items())
    return any(_peoples(name, one) or _opens(f"{name}/", one) for name, one in named)


def _document(value: Any) -> bool:
    """Whether a value says who may do what, or names what does."""
    if isinstance(value, Mapping):
        return "Statement" in value or any(_document(one) for one in value.values())
    if isinstance(value, list):
        return any(_document(one) for one in value)
    return isinstance(value, str) and _DOCUMENT.match(value) is not None
