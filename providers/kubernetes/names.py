"""The names of types and objects: ``apps/v1/Deployment``, ``v1/Service``; ``namespace/name`` or ``name``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

#: Where kinds went that began in ``extensions``. Source: kubernetes.io, "Deprecated API Migration Guide".
_MOVED = {
    "Deployment": "apps",
    "DaemonSet": "apps",
    "ReplicaSet": "apps",
    "Ingress": "networking.k8s.io",
    "NetworkPolicy": "networking.k8s.io",
    "PodSecurityPolicy": "policy",
}


class TypeName(NamedTuple):
    """A served kind. ``group`` is empty for the core."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def key(self) -> str:
        """Group and kind: what makes it one type, whatever the version (``apps/Deployment``, ``Service``); of
        what moved to another group, the one of now."""
        group = _MOVED.get(self.kind, self.group) if self.group == "extensions" else self.group
        return f"{group}/{self.kind}" if group else self.kind

    def __str__(self) -> str:
        return f"{self.api_version}/{self.kind}"


@lru_cache(maxsize=4096)
def parse(type_: str) -> TypeName | None:
    """The parts of a type's name; None where it is none.

    >>> parse("apps/v1/Deployment")
    TypeName(group='apps', version='v1', kind='Deployment')
    """
    parts = type_.split("/")
    if not all(parts) or len(parts) not in (2, 3):
        return None
    return TypeName(*parts) if len(parts) == 3 else TypeName("", *parts)


def of_object(body: Mapping[str, Any]) -> TypeName | None:
    """The type of an object by its apiVersion and kind."""
    version, kind = body.get("apiVersion"), body.get("kind")
    return parse(f"{version}/{kind}") if isinstance(version, str) and isinstance(kind, str) else None


def object_id(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def namespace_of(id_: str | None) -> str:
    """The namespace in an object's id; empty for one that has none."""
    return id_.rpartition("/")[0] if id_ else ""
