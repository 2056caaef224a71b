"""Decides what a live value is that Git leaves unsaid, of a type of which nothing but its schema is known:
what people add is a change, of what a service may have filled in nobody can tell.

Cloud Control answers with every setting of a resource, said or not, and schemas tell few defaults.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from drift.compare.canonical import canonicalise
from drift.facts import TypeFacts
from drift.hooks import Filled
from drift.kinds.base import Context, Keyed, Unordered
from drift.model import Resource
from drift.pointer import split, step
from drift.values import same

#: Names of properties that only people fill: who gets at what, from where.
PEOPLES = re.compile(
    r"Polic(?:y|ies)|Principal|Permission|Grant|Cidr|Ingress|Egress|Allow|Trusted|SourceIp|SecurityGroup|Admin|"
    r"Public|Anonymous|Unauthenticated|(?:^|[a-z])Tags(?:$|/)"
)
_POLICIES = frozenset({"Policy", "Policies"})
_FILLED = Filled("filled in by the service where nothing is declared")
DOCUMENTED = "the default that its schema names"


class Unsaid:
    """One pair's undeclared values. Nothing is worked out before the first question."""

    def __init__(self, declared: Resource, facts: TypeFacts, context: Context) -> None:
        self.declared, self.facts, self.context = declared, facts, context

    @cached_property
    def _want(self) -> Any:
        return canonicalise(self.declared.attributes, self.facts.root, self.context)

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change, or that nobody can tell; None where it is
        one."""
        parts = split(path)
        node = self.facts.root
        want, names = self._want, []
        for part in parts:
            owned = isinstance(want, Keyed | Unordered | list)
            want, node = step(want, part), node.child(part)
            if owned and want is None:
                return None  # a member that was added to what is declared
            if not owned:
                names.append(part)
        if node.documented is not None:
            default = canonicalise(node.documented, node, self.context)
            return DOCUMENTED if same(value, node.documented) or same(value, default) else None
        if node.defaults or (value is not False and _peoples("/".join(names), value)):
            return None
        return _FILLED


def _peoples(names: str, value: Any) -> bool:
    """Whether only people fill what is called so; a policy that is a mere word (``TLS_1_2``) says how
    something is done, not who may do it."""
    found = {one[0] for one in PEOPLES.finditer(names)}
    word = isinstance(value, str) and not value.startswith(("arn:", "{"))
    return bool(found - _POLICIES if word else found)
