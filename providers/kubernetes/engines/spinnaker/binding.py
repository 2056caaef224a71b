"""What Spinnaker puts in place of names in a manifest: versions of what it deployed, and images.

Source: spinnaker/clouddriver, clouddriver-kubernetes, artifact/Replacer.java (paths and kinds).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from providers.kubernetes.exceptions import member

_VERSION = re.compile(r"-v\d{3,}")
#: In a pod's volumes, their projected sources, and a container's environment: the member that refers, the
#: name in it, and the kind that is named.
_VOLUMES = (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret"))
_SOURCES = (("configMap", "name", "ConfigMap"), ("secret", "name", "Secret"))
_VALUES = (("configMapKeyRef", "name", "ConfigMap"), ("secretKeyRef", "name", "Secret"))
_FROM = (("configMapRef", "name", "ConfigMap"), ("secretRef", "name", "Secret"))

#: Gives for a kind and a name (and what stands live in its place) the name that it has live.
Named = Callable[[str, str, Any], str]


def bound(
    body: Mapping[str, Any], live: Mapping[str, Any] | None, named: Named, images: Collection[str]
) -> dict[str, Any]:
    """A manifest as it is deployed: with the live names of what it refers to, and the images that an
    execution bound. ``live`` is the live object, from which it is seen what was bound."""
    made = copy.deepcopy(dict(body))
    for spec, other in _pod_specs(made, live or {}):
        _references(spec, other, named)
        _images(spec, other, images)
    target, there = member(made, "spec", "scaleTargetRef"), member(live or {}, "spec", "scaleTargetRef")
    if isinstance(target, dict) and str(target.get("kind")).lower() == "replicaset":
        _renamed(target, "name", "apps/ReplicaSet", there, named)
    return made


def _pod_specs(value: Any, other: Any) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """The pods' specs at any depth (``$..spec.template.spec``), each with what stands live in its place; the
    own spec of a Pod."""
    if not isinstance(value, dict):
        return
    there = other if isinstance(other, Mapping) else {}
    if value.get("kind") == "Pod" and isinstance(value.get("spec"), dict):
        yield value["spec"], mapping(there.get("spec"))
        return
    spec = member(value, "spec", "template", "spec")
    if isinstance(spec, dict):
        yield spec, mapping(member(there, "spec", "template", "spec"))
    for name, item in value.items():
        yield from _pod_specs(item, there.get(name))


def _references(spec: dict[str, Any], live: Mapping[str, Any], named: Named) -> None:
    for volume, there in _paired(spec.get("volumes"), live.get("volumes")):
        for place, name, kind in _VOLUMES:
            _renamed(volume.get(place), name, kind, there.get(place), named)
        said, other = (member(one, "projected", "sources") for one in (volume, there))
        for source, beside in _paired(said, other, by=None):
            for place, name, kind in _SOURCES:
                _renamed(source.get(place), name, kind, beside.get(place), named)
    for container, there in _containers(spec, live):
        for variable, beside in _paired(container.get("env"), there.get("env")):
            for place, name, kind in _VALUES:
                said, other = (member(one, "valueFrom", place) for one in (variable, beside))
                _renamed(said, name, kind, other, named)
        for source, beside in _paired(container.get("envFrom"), there.get("envFrom"), by=None):
            for place, name, kind in _FROM:
                _renamed(source.get(place), name, kind, beside.get(place), named)


def _images(spec: dict[str, Any], live: Mapping[str, Any], images: Collection[str]) -> None:
    for container, there in _containers(spec, live):
        said, runs = container.get("image"), there.get("image")
        if not isinstance(said, str) or not isinstance(runs, str):
            continue
        name = repository(said)
        if (name in images or name == said) and repository(runs) == name:
            container["image"] = runs


def repository(image: str) -> str:
    """An image without its tag and digest, as Spinnaker names it as an artifact.

    >>> repository("gcr.io/acme/web:1.2")
    'gcr.io/acme/web'
    """
    image = image.partition("@")[0]
    head, sign, tag = image.rpartition(":")
    return head if sign and "/" not in tag else image


def _renamed(said: Any, name: str, kind: str, live: Any, named: Named) -> None:
    if isinstance(said, dict) and isinstance(said.get(name), str):
        other = live.get(name) if isinstance(live, Mapping) else None
        said[name] = named(kind, said[name], other)


def may_be_version(name: str, live: Any) -> bool:
    """Whether a live name is that of a version of ``name``."""
    return isinstance(live, str) and live.startswith(name) and bool(_VERSION.fullmatch(live[len(name) :]))


def _containers(
    spec: Mapping[str, Any], live: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    for place in ("containers", "initContainers"):
        yield from _paired(spec.get(place), live.get(place))


def _paired(
    said: Any, live: Any, by: str | None = "name"
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """The mappings of a list, each with the live one of its name, or at its place."""
    others = [one for one in live if isinstance(one, Mapping)] if isinstance(live, list) else []
    for number, one in enumerate(said if isinstance(said, list) else ()):
        if not isinstance(one, dict):
            continue
        if by is None:
            yield one, others[number] if number < len(others) else {}
        else:
            yield one, next((each for each in others if each.get(by) == one.get(by)), {})


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping; an empty one in place of what is none."""
    return value if isinstance(value, Mapping) else {}
