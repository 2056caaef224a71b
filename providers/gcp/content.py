"""What a resource of Google Cloud is and gives, in words: members, roles, open ports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from drift.hooks import Around
from drift.model import Resource
from drift.rules.content import Content, Function

_EVERYBODY = {"allUsers": "anybody in the internet", "allAuthenticatedUsers": "anybody with a Google account"}


@cache
def content() -> Content:
    functions: dict[str, Function] = {"member": _member, "ports": _ports, "part": _part}
    return Content(Path(__file__).with_name("content.yaml"), functions)


def _member(resource: Resource, around: Around, said: Any) -> str | None:
    """A member of a binding, in words.

    >>> _member(None, None, "allUsers"), _member(None, None, "user:sam@acme.example")
    ('anybody in the internet (allUsers)', 'sam@acme.example (user)')
    """
    if not isinstance(said, str):
        return None
    if said in _EVERYBODY:
        return f"{_EVERYBODY[said]} ({said})"
    kind, colon, name = said.partition(":")
    return f"{name} ({kind})" if colon else said


def _ports(resource: Resource, around: Around, allowed: Any) -> str | None:
    """What a firewall rule lets through."""
    if not isinstance(allowed, Mapping):
        return None
    protocol = allowed.get("IPProtocol") or allowed.get("protocol")
    ports = allowed.get("ports") or ["every port"]
    return "everything" if protocol == "all" else f"{protocol} {', '.join(map(str, ports))}"


def _part(resource: Resource, around: Around, name: Any, after: Any) -> str | None:
    """The part of a name that follows another one.

    >>> _part(None, None, "projects/p/serviceAccounts/a@p.iam/keys/1", "serviceAccounts")
    'a@p.iam'
    """
    parts = name.split("/") if isinstance(name, str) else []
    return parts[parts.index(after) + 1] if after in parts[:-1] else None
