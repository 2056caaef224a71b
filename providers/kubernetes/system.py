"""Tells what a cluster makes for itself (``system.yaml``), so that nobody is asked to declare it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jmespath

from drift.errors import DriftError
from drift.model import Resource
from drift.safe_yaml import data
from providers.kubernetes.managers import is_person
from providers.kubernetes.names import namespace_of, parse
from providers.kubernetes.ownership import Owner, owners_of

_WORDS = frozenset(
    (
        "kind",
        "name",
        "namespace",
        "type",
        "label",
        "annotation",
        "written_by",
        "known",
        "when",
        "by_hand",
        "why",
    )
)
#: Field managers of Kubernetes itself and of what installs it.
_CONTROL_PLANE = (
    "kube-controller-manager",
    "kube-apiserver",
    "clusterrole-aggregation-controller",
    "kube-scheduler",
    "kubelet",
    "kubeadm",
    "cloud-controller-manager",
    "*-cloud-controller-manager",
    "k3s",
)


@lru_cache(maxsize=1024)
def is_control_plane(manager: str) -> bool:
    """Whether a field manager has the name of Kubernetes itself, or of what installs it."""
    return _fits_any(manager, _CONTROL_PLANE)


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """The rules, checked."""
    said = data(Path(__file__).with_name("system.yaml"))
    for rule in said:
        if set(rule) - _WORDS or not {"kind", "why"} <= set(rule):
            raise DriftError(
                f"system.yaml: {rule}: needs kind and why, knows no {sorted(set(rule) - _WORDS)}"
            )
        if "when" in rule:
            jmespath.compile(rule["when"])
    return tuple(said)


def made_by_the_cluster(live: Resource) -> str | None:
    """Why the cluster made this object; None when somebody did."""
    name = parse(live.type)
    if name is None:
        return None
    metadata = live.attributes.get("metadata") or {}
    owners = owners_of(live.attributes)
    for rule in rules():
        if _fits_any(name.key, rule["kind"]) and _fits(rule, live, metadata, owners):
            return str(rule["why"])
    return None


def _fits(rule: Mapping[str, Any], live: Resource, metadata: Mapping[str, Any], owners: list[Owner]) -> bool:
    if "name" in rule and not _fits_any(str(live.name), rule["name"]):
        return False
    if "namespace" in rule and not _fits_any(namespace_of(live.id), rule["namespace"]):
        return False
    if "type" in rule and not _fits_any(str(live.attributes.get("type", "")), rule["type"]):
        return False
    for word, place in (("label", "labels"), ("annotation", "annotations")):
        if word in rule and not _has(metadata.get(place), rule[word]):
            return False
    if rule.get("by_hand") is False and any(map(is_person, owners)):
        return False
    if "when" in rule and not _holds(rule["when"], live.attributes):
        return False
    if "written_by" not in rule:
        return True
    if not owners:
        return not rule.get("known")
    globs = [
        glob
        for said in rule["written_by"]
        for glob in (_CONTROL_PLANE if said == "control-plane" else (said,))
    ]
    return all(_fits_any(owner.manager, globs) for owner in owners)


def _holds(condition: str, body: Mapping[str, Any]) -> bool:
    """Whether a condition is true of an object; not where its values are of another sort than it asks for."""
    try:
        return bool(jmespath.search(condition, body))
    except jmespath.exceptions.JMESPathError:
        return False


def _has(said: Any, wanted: str) -> bool:
    name, sign, value = wanted.partition("=")
    return isinstance(said, Mapping) and name in said and (not sign or said[name] == value)


def _fits_any(text: str, globs: str | Iterable[str]) -> bool:
    return any(fnmatchcase(text, glob) for glob in ((globs,) if isinstance(globs, str) else globs))
