"""Patches that make one value of an object another one: strategic merge of Kubernetes' own kinds, JSON Patch
of all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drift.editing.document import Step
from drift.editing.target import Target
from drift.editing.yaml_spelling import Style, item
from drift.editor import NotEdited
from drift.model import MISSING
from drift.pointer import join
from drift.values import same
from providers.kubernetes.editing.places import LANGUAGE

#: The lists that a strategic merge merges, and by which key. Source: ``x-kubernetes-patch-merge-key`` of the
#: API's OpenAPI.
MERGED = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "ports": ("containerPort", "port"),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "secrets": ("name",),
    "webhooks": ("name",),
}


def merge_key(name: Step, members: Sequence[Any]) -> str | None:
    """The key by which the members of a list are merged; None for one that is replaced as a whole."""
    for key in MERGED.get(str(name), ()):
        if members and all(isinstance(one, Mapping) and key in one for one in members):
            return key
    return None


def way(steps: Sequence[Step], rendered: Any) -> list[tuple[Step, Any]]:
    """The steps in a patch: names of mappings, and ``(key, value)`` of merged lists; ends at a list that is
    replaced as a whole."""
    found: list[tuple[Step, Any]] = []
    name: Step = ""
    for step in steps:
        if isinstance(rendered, list):
            key = merge_key(name, rendered)
            if key is None or not isinstance(step, int):
                return found
            found.append((key, rendered[step][key]))
        else:
            found.append((step, None))
        name = step
        rendered = rendered[step] if _has(rendered, step) else None
    return found


def value(target: Target, rendered: Any, depth: int) -> Any:
    """What a patch says at the end of its way, which has ``depth`` steps of the target's; None takes the
    value away."""
    if depth == len(target.steps):
        if target.new is MISSING:
            return None
        return _merging(target, rendered)
    old = rendered
    for step in target.steps[:depth]:
        old = old[step]
    return _put(old, target.steps[depth:], target.new)


def json_patch(target: Target) -> str:
    """The text of a JSON Patch of one operation."""
    path = ""
    for step in target.steps:
        path = join(path, step)
    if target.new is MISSING:
        said: dict[str, Any] = {"op": "remove", "path": path}
    else:
        said = {"op": "add" if target.old is MISSING else "replace", "path": path, "value": target.new}
    return item(said, 0, LANGUAGE, Style()) + "\n"


def _merging(target: Target, rendered: Any) -> Any:
    """A list that is merged as what differs of it; anything else as it is."""
    old, new = target.old, target.new
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        changed = {name: one for name, one in new.items() if name not in old or not same(old[name], one)}
        return {**changed, **{name: None for name in old if name not in new}}
    if not isinstance(old, list) or not isinstance(new, list):
        return new
    key = merge_key(target.steps[-1], [*old, *new])
    if key is None:
        return new
    before = {one[key]: one for one in old}
    after = {one[key] for one in new}
    changed_ = [one for one in new if not (one[key] in before and same(before[one[key]], one))]
    return [*changed_, *({"$patch": "delete", key: one} for one in before if one not in after)]


def _put(body: Any, steps: Sequence[Step], new: Any) -> Any:
    if not steps:
        return new
    copy = list(body) if isinstance(body, list) else dict(body or {})
    step: Any = steps[0]
    if new is MISSING and len(steps) == 1:
        del copy[step]
        return copy
    if isinstance(copy, list) and step > len(copy):
        raise NotEdited("there is no such member of the list")
    if isinstance(copy, list) and step == len(copy):
        copy.append(None)
    copy[step] = _put(copy[step] if _has(copy, step) else None, steps[1:], new)
    return copy


def _has(body: Any, step: Step) -> bool:
    if isinstance(body, Mapping):
        return step in body
    return isinstance(body, list) and isinstance(step, int) and step < len(body)
