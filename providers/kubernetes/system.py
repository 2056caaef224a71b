"""Tells what a cluster makes for itself (``system.yaml``), so that nobody is asked to declare it.

What an owner reference makes it somebody's child, too; but what gives access must not hide behind one that a
person wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from drift.errors import DriftError
from drift.model import Resource
from drift.safe_yaml import data
from providers.kubernetes.facts import facts_of
from providers.kubernetes.managers import is_kubectl, named
from providers.kubernetes.names import namespace_of, parse
from providers.kubernetes.ownership import Owner, owners_of

_WORDS = frozenset(("kind", "name", "namespace", "type", "label", "annotation", "written_by", "known", "why"))
#: Field managers of Kubernetes itself and of what installs it.
_CONTROL_PLANE = (
    "kube-controller-manager",
    "kube-apiserver",
    "kube-scheduler",
    "kubelet",
    "kubeadm",
    "cloud-controller-manager",
    "*-cloud-controller-manager",
    "k3s",
)


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """The rules, checked."""
    said = data(Path(__file__).with_name("system.yaml"))
    for rule in said:
        if set(rule) - _WORDS or not {"kind", "why"} <= set(rule):
            raise DriftError(
                f"system.yaml: {rule}: needs kind and why, knows no {sorted(set(rule) - _WORDS)}"
            )
    return tuple(said)


def made_by_the_cluster(live: Resource) -> str | None:
    """Why the cluster made this object; None when somebody did."""
    name = parse(live.type)
    if name is None:
        return None
    metadata = live.attributes.get("metadata") or {}
    owners = owners_of(live.attributes)
    parent = _parent(metadata, live.type, owners)
    if parent is not None:
        return parent
    for rule in rules():
        if _fits_any(name.key, rule["kind"]) and _fits(rule, live, metadata, owners):
            return str(rule["why"])
    return None


def _parent(metadata: Mapping[str, Any], type_: str, owners: list[Owner]) -> str | None:
    references = metadata.get("ownerReferences")
    if not isinstance(references, list) or not references or not isinstance(references[0], Mapping):
        return None
    facts = facts_of(type_)
    if facts is not None and facts.access:
        by_hand = any(is_kubectl(owner.manager) or named(owner.manager) == "person" for owner in owners)
        if by_hand or not owners:
            return None
    return f"owned by {references[0].get('kind')} {references[0].get('name')}"


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


def _has(said: Any, wanted: str) -> bool:
    name, sign, value = wanted.partition("=")
    return isinstance(said, Mapping) and name in said and (not sign or said[name] == value)


def _fits_any(text: str, globs: str | Iterable[str]) -> bool:
    return any(fnmatchcase(text, glob) for glob in ((globs,) if isinstance(globs, str) else globs))
