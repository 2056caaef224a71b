"""Decides whether a live value that Git leaves unsaid is a change: a person's is, a controller's at its work
is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from drift.facts import TypeFacts
from drift.model import Resource
from drift.pointer import join, split
from providers.kubernetes.defaults import conditional
from providers.kubernetes.edge import LAST_APPLIED
from providers.kubernetes.facts import is_custom
from providers.kubernetes.managers import is_kubectl, named, role
from providers.kubernetes.names import parse
from providers.kubernetes.ownership import Owner, holds, owners_of

#: Maps and lists that own their members whoever wrote them, by a part of their path.
_OWNING = frozenset(
    ("labels", "data", "binaryData", "stringData", "env", "envFrom", "rules", "ports", "subjects")
)


class Judge:
    """One pair's undeclared values. Nothing is parsed before the first question."""

    def __init__(self, declared: Resource, live: Resource, facts: TypeFacts) -> None:
        self.declared, self.live, self.facts = declared, live, facts
        name = parse(live.type)
        self._custom = name is not None and is_custom(name)
        self._owners: list[Owner] | None = None
        self._deployer: str | None = None

    @property
    def owners(self) -> list[Owner]:
        if self._owners is None:
            self._owners = owners_of(self.live.attributes)
            self._deployer = _deployer(self.declared.attributes, self._owners, self.facts)
        return self._owners

    def reason(self, path: str, value: Any) -> str | None:
        """Why the live value at a canonical path is no change; None where it is one."""
        told = conditional(self.declared.attributes, self.live.attributes, path, value)
        if told is not None:
            return told
        if not self.owners:
            return self._without_owners(path)
        found = [owner for owner in self.owners if holds(owner, path, self.facts.root)]
        if not found:
            return None if self._owning(path) else "owned by nobody: filled in by the API server"
        reasons = [self._owned(owner, path) for owner in found]
        return None if None in reasons else reasons[0]

    def _owned(self, owner: Owner, path: str) -> str | None:
        what = role(owner, self.owners)
        if path.endswith("/caBundle") and what != "person" and not is_kubectl(owner.manager):
            return f"injected by {owner.manager}"
        if self.facts.access and not path.startswith("/metadata/"):
            return None if what != "deployer" else f"written by {owner.manager}, which deploys it"
        if what == "controller":
            if path.startswith("/spec/template/") and not self._custom:
                return None
            return f"written by the controller {owner.manager}"
        if what == "deployer":
            return f"written by {owner.manager}, which deploys it"
        if what == "person" or owner.manager != self._deployer:
            return None
        return self._by_deployer(owner, path)

    def _by_deployer(self, owner: Owner, path: str) -> str | None:
        """Of what the unknown tool or ``kubectl apply`` that made the object wrote: what it asked for
        counts."""
        if owner.operation == "Apply":
            return None
        applied = self._last_applied()
        if applied is not None:
            if _says(applied, path):
                return None
            return f"not asked for by {owner.manager}: filled in by the API server or a webhook"
        return self._without_owners(path)

    def _without_owners(self, path: str) -> str | None:
        if path.startswith(("/metadata/annotations/", "/metadata/finalizers")):
            return "others annotate it, too"
        if path.endswith("/caBundle"):
            return "a certificate authority that a controller injects"
        if self._owning(path):
            return None
        if self._custom and not path.startswith("/metadata/"):
            return "a custom resource's own defaults are not known"
        return None

    def _owning(self, path: str) -> bool:
        """Whether the map or list that a path is in owns its members; of a custom resource only its labels
        are known."""
        if self._custom:
            return path.startswith("/metadata/labels/")
        parts = path.split("/")[:-1]
        return "annotations" not in parts and any(part in _OWNING for part in parts)

    def _last_applied(self) -> Any:
        metadata = self.live.attributes.get("metadata") or {}
        text = (metadata.get("annotations") or {}).get(LAST_APPLIED)
        if not isinstance(text, str):
            return None
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return None


def _deployer(declared: Mapping[str, Any], owners: list[Owner], facts: TypeFacts) -> str | None:
    """The manager that wrote most of what Git declares; never a person's."""
    able = [
        owner for owner in owners if not owner.subresource and named(owner.manager) in ("unknown", "deployer")
    ]
    if not able:
        return None
    paths = list(_said(declared, "", 0))
    scores = {owner.manager: sum(holds(owner, path, facts.root) for path in paths) for owner in able}
    return max(scores, key=lambda manager: (scores[manager], -[one.manager for one in able].index(manager)))


def _said(value: Any, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value and depth < 4:
        for key, item in value.items():
            if depth or key not in ("apiVersion", "kind"):
                yield from _said(item, join(path, key), depth + 1)
    else:
        yield path


def _says(applied: Any, path: str) -> bool:
    """Whether a configuration has something at a canonical path; lists' members are found by their names."""
    for name in split(path):
        if isinstance(applied, Mapping):
            if name not in applied:
                return False
            applied = applied[name]
        elif isinstance(applied, list):
            found = [one for one in applied if isinstance(one, Mapping) and _named(one, name)]
            if not found:
                return any(one is None for one in applied)
            applied = found[0]
        else:
            return True
    return True


def _named(member: Mapping[str, Any], label: str) -> bool:
    texts = {str(item) for item in member.values() if isinstance(item, (str, int))}
    return bool(texts & {label, *label.split("|")[:1]})
