"""Whether a live object gives access: what may do something, or is reached from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Resource
from providers.kubernetes.facts import facts_of

_PUBLIC = frozenset(("LoadBalancer", "NodePort"))


def gives_access(live: Resource) -> bool:
    """Whether it does, as far as its kind and its own words tell."""
    facts = facts_of(live.type)
    if facts is not None and facts.access:
        return True
    if live.type == "v1/Service":
        spec: Mapping[str, Any] = live.attributes.get("spec") or {}
        return spec.get("type") in _PUBLIC or bool(spec.get("externalIPs"))
    return live.type == "v1/Secret" and live.attributes.get("type") == "kubernetes.io/service-account-token"
