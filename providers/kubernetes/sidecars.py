"""Tells what an injector put into a pod (``sidecars`` in ``unsaid.yaml``): by its mark, and by an image of
its project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.pointer import split
from providers.kubernetes import unsaid
from providers.kubernetes.unsaid import Sidecar

_CONTAINERS = ("containers", "initContainers")


def injected(pod: Mapping[str, Any], path: str) -> str | None:
    """Why a value of a live pod, by its canonical path, is an injector's; None where it is not."""
    metadata = pod.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(annotations, Mapping):
        return None
    for one in unsaid.sidecars():
        if one.marked in annotations and _is_of(one, pod, path):
            return f"put into the pod by {one.name}"
    return None


def _is_of(one: Sidecar, pod: Mapping[str, Any], path: str) -> bool:
    key = unsaid.metadata_key(path)
    if key is not None:
        return one.keys.match(key) is not None
    spec, parts = pod.get("spec"), split(path)
    if not isinstance(spec, Mapping) or len(parts) < 3 or parts[0] != "spec":
        return False
    name = parts[2]
    if parts[1] == "volumes":
        volume = _member(spec.get("volumes"), name)
        return bool(one.volumes.match(name)) and volume is not None and "hostPath" not in volume
    if parts[1] not in _CONTAINERS:
        return False
    if len(parts) > 4 and parts[3] == "volumeMounts" and one.mounts.match(parts[4]):
        return True
    return bool(one.containers.match(name)) and _is_plain(one, _member(spec.get(parts[1]), name))


def _is_plain(one: Sidecar, container: Mapping[str, Any] | None) -> bool:
    """Whether a container runs an image of the project and can do no more than its pod."""
    if container is None or not one.images.match(str(container.get("image"))):
        return False
    context = container.get("securityContext")
    return not (isinstance(context, Mapping) and context.get("privileged"))


def _member(members: Any, name: str) -> Mapping[str, Any] | None:
    if not isinstance(members, list):
        return None
    return next((one for one in members if isinstance(one, Mapping) and one.get("name") == name), None)
