"""What an object of a cluster is and gives, in words: subjects, roles and what they allow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.hooks import Around
from drift.model import Resource
from drift.rules.content import Content, Function

_ROLES = "rbac.authorization.k8s.io/v1"


@cache
def content() -> Content:
    functions: dict[str, Function] = {
        "subject": _subject,
        "rule": _rule,
        "rules_of": _rules_of,
        "port": _port,
        "kind_of": _kind,
    }
    return Content(Path(__file__).with_name("content.yaml"), functions)


def _subject(resource: Resource, around: Around, said: Any) -> str | None:
    """Whom a binding names.

    >>> _subject(None, None, {"kind": "ServiceAccount", "name": "web", "namespace": "shop"})
    'ServiceAccount web in shop'
    """
    if not isinstance(said, Mapping):
        return None
    where = f" in {said['namespace']}" if said.get("namespace") else ""
    return f"{said.get('kind')} {said.get('name')}{where}"


def _rule(resource: Resource, around: Around, said: Any) -> str | None:
    """What a role's rule allows.

    >>> _rule(None, None, {"apiGroups": ["", "apps"], "resources": ["pods"], "verbs": ["get", "list"]})
    'get, list pods (core, apps)'
    """
    if not isinstance(said, Mapping):
        return None
    groups = ", ".join(group or "core" for group in map(str, said.get("apiGroups") or ()))
    objects = ", ".join(map(str, said.get("resources") or said.get("nonResourceURLs") or ()))
    names = f" named {', '.join(map(str, said['resourceNames']))}" if said.get("resourceNames") else ""
    verbs = ", ".join(map(str, said.get("verbs") or ()))
    return f"{verbs} {objects}{names}" + (f" ({groups})" if groups else "")


def _rules_of(resource: Resource, around: Around, role: Any) -> list[Any] | None:
    """What the role that a binding refers to allows, where it was read."""
    if not isinstance(role, Mapping):
        return None
    name, space = str(role.get("name")), (resource.attributes.get("metadata") or {}).get("namespace")
    id_ = name if role.get("kind") == "ClusterRole" else f"{space}/{name}"
    found = around.find("kubernetes", resource.scope, f"{_ROLES}/{role.get('kind')}", id_)
    rules = found.attributes.get("rules") if found is not None else None
    return [_rule(resource, around, one) for one in rules] if isinstance(rules, list) else None


def _port(resource: Resource, around: Around, said: Any) -> str | None:
    if not isinstance(said, Mapping):
        return None
    node = f" (node port {said['nodePort']})" if said.get("nodePort") else ""
    return f"{said.get('protocol') or 'TCP'} {said.get('port')}{node}"


def _kind(resource: Resource, around: Around, kind: Any) -> str | None:
    """A kind's name in words: ``NetworkPolicy`` is a network policy."""
    if not isinstance(kind, str):
        return None
    words = "".join(
        f" {c.lower()}" if c.isupper() and i and not kind[i - 1].isupper() else c for i, c in enumerate(kind)
    )
    return words[:1].upper() + words[1:]
