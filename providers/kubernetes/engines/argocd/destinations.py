"""Which cluster an Application's destination is: by server or name, of cluster Secrets that are declared or
live.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.kubernetes.engines.argocd.said import mapping
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

SECRET_TYPE = "argocd.argoproj.io/secret-type"  # noqa: S105 - a label
HERE, HERE_NAME = "https://kubernetes.default.svc", "in-cluster"


@dataclass(frozen=True, slots=True)
class Registered:
    """A cluster that Argo CD knows. ``server`` is empty where its Secret can't be read."""

    name: str
    server: str
    project: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""


def registered(world: World) -> list[Registered]:
    """All clusters with a Secret, declared ones first."""
    key = f"argocd: clusters of {len(world.known.get('Secret', ()))} Secrets"
    if key not in world.memory:
        world.memory[key] = _registered(world)
    known: list[Registered] = world.memory[key]
    return known


def _registered(world: World) -> list[Registered]:
    found: dict[str, Registered] = {}
    for made in world.of("Secret"):
        one = _of(made.manifest.body, made.ref.name)
        if one is not None:
            found.setdefault(made.ref.name, one)
    for live in world.every(world.scope, "Secret"):
        name = (live.id or "").rpartition("/")[2]
        one = _of(live.attributes, name)
        if one is not None:
            known = found.get(name)
            if known is None or not known.server:
                found[name] = one
    return list(found.values())


def is_here(server: str, name: str) -> bool:
    """Whether a destination is the cluster that Argo CD runs in."""
    return server.rstrip("/") == HERE or (not server and name == HERE_NAME)


def scope_of(server: str, name: str, world: World) -> str:
    """The scope of a destination. Raises NotFollowed where none of the clusters that were read is it."""
    if is_here(server, name):
        return world.scope
    for one in registered(world):
        if (server and one.server.rstrip("/") == server.rstrip("/")) or (not server and one.name == name):
            if is_here(one.server, ""):
                return world.scope
            scope = next((word for word in _names(one) if word in world.clusters()), None)
            if scope is not None:
                return scope
            name = one.name
    if not server and name in world.clusters():
        return name
    called = name or server
    if not called:
        raise NotFollowed("it names no destination cluster")
    raise NotFollowed(
        f"its destination cluster {called} is none of those that were read; name a cluster's `scope` "
        f"{name or 'as its cluster Secret is called'} to have it compared"
    )


def _names(one: Registered) -> Iterator[str]:
    yield one.name
    yield one.secret
    yield one.server.removeprefix("https://").rstrip("/")


def _of(body: Mapping[str, Any], secret: str) -> Registered | None:
    metadata = mapping(body, "metadata")
    labels = _texts(metadata.get("labels"))
    if labels.get(SECRET_TYPE) != "cluster":
        return None
    said = {**_decoded(body.get("data")), **_texts(body.get("stringData"))}
    annotations = _texts(metadata.get("annotations"))
    name = said.get("name") or said.get("server") or secret
    return Registered(name, said.get("server", ""), said.get("project", ""), labels, annotations, secret)


def _texts(value: Any) -> dict[str, str]:
    return (
        {str(key): one for key, one in value.items() if isinstance(one, str)}
        if isinstance(value, Mapping)
        else {}
    )


def _decoded(data: Any) -> dict[str, str]:
    found = {}
    for key, value in _texts(data).items():
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            continue
    return found
