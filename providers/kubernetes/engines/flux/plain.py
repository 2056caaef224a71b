"""Builds without kustomize what it would leave as it is: a folder's files, and those of folders whose
kustomizations only name resources.

Starting kustomize a thousand times costs more than all else. What it might change (numbers and dates that
YAML's versions read differently, annotations of its own, objects of one name) is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.engines.flux.said import several
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Tree

_MARKS = re.compile(rb"config\.kubernetes\.io|kustomize\.config\.k8s\.io|[\x80-\xff]|\r|\t")
_ALLOWED = frozenset(("apiVersion", "kind", "resources", "metadata", "namespace", "patches"))
#: Plain scalars that every reader of YAML takes for the same thing.
_SURE = re.compile(
    r"(?:true|false|null|0|-?[1-9][0-9]{0,14}|(?:0|[1-9][0-9]{0,8})\.[0-9]{0,6}[1-9]"
    r"|(?![nNyYoO~.<=](?:\b|$))(?!(?:yes|no|on|off|true|false|null)$)[A-Za-z/$][^\n]*"
    r"|[0-9]+(?:ms|[hmsdwKMGTkB]|[KMGT]i)|[0-9]+\.[0-9]+\.[0-9]+(?:[-.][0-9A-Za-z.-]*)?)",
    re.I,
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
#: Kinds of which a namespace changes nothing but their own. Of others it is in subjects, services, names.
_SIMPLE = frozenset(
    (
        "ConfigMap",
        "Secret",
        "Service",
        "ServiceAccount",
        "PersistentVolumeClaim",
        "ResourceQuota",
        "LimitRange",
    )
)
_SIMPLE_GROUPS = frozenset(("apps", "batch", "autoscaling"))
_BUILT_IN = re.compile(r"[a-z]+|[a-z.]+\.k8s\.io")


class _Not(Exception):
    """Something that kustomize is to decide."""


class _Part(NamedTuple):
    """A file with what is said of it: its namespace, and the kinds that patches are for."""

    file: Path
    namespace: str
    patched: tuple[Mapping[str, Any], ...]


def plainly(renderers: Renderers, tree: Tree, folder: Path, said: Mapping[str, Any]) -> Found | None:
    """The objects of a folder as its kustomization ``said`` names them; None where kustomize is needed."""
    found = Found()
    seen: set[tuple[str, str | None, str]] = set()
    try:
        parts = list(_parts(folder, said, "", (), 0))
        if len({one.file for one in parts}) != len(parts):
            return None
        for part in parts:
            for one in _file(renderers, tree, part.file).manifests:
                made = _placed(one, part)
                key = (made.type.key, made.namespace, made.name or "")
                if not made.name or key in seen:
                    return None
                seen.add(key)
                found.manifests.append(made)
    except (_Not, DeclaredError, OSError):
        return None
    return found


def _placed(one: Manifest, part: _Part) -> Manifest:
    """An object in the namespace that its kustomization says. Raises _Not where a patch may be for it."""
    type_ = one.type
    for target in part.patched:
        own = (type_.group, type_.version, type_.kind)
        wanted = (target.get("group"), target.get("version"), target.get("kind"))
        if all(not want or want == have for want, have in zip(wanted, own, strict=True)):
            raise _Not
    if not part.namespace:
        return one
    if type_.kind not in _SIMPLE if not type_.group else not _is_simple(type_.group):
        raise _Not
    return replace(one, body={**one.body, "metadata": {**one.metadata, "namespace": part.namespace}})


def _is_simple(group: str) -> bool:
    return group in _SIMPLE_GROUPS or not _BUILT_IN.fullmatch(group)


def _parts(
    folder: Path, said: Mapping[str, Any], namespace: str, patched: tuple[Mapping[str, Any], ...], depth: int
) -> Iterator[_Part]:
    if not set(said) <= _ALLOWED or depth > _DEEPEST or said.get("kind", "Kustomization") != "Kustomization":
        raise _Not
    resources, own = said.get("resources"), said.get("namespace") or ""
    if not isinstance(resources, list) or not resources or not isinstance(own, str):
        raise _Not
    namespace = namespace or own
    patched = (*patched, *_targets(several(said.get("patches"))))
    for one in resources:
        if not isinstance(one, str) or "\n" in one or "://" in one:
            raise _Not
        place = folder / one
        if place.is_symlink():
            raise _Not
        if place.is_file():
            yield _Part(place.resolve(), namespace, patched)
        elif place.is_dir() and (file := kustomization(place)) is not None:
            try:
                below = load(reading.content(file, str(file)))
            except YamlError as error:
                raise _Not from error
            if not isinstance(below, dict):
                raise _Not
            yield from _parts(place.resolve(), below, namespace, patched, depth + 1)
        else:
            raise _Not


def _targets(patches: Any) -> Iterator[Mapping[str, Any]]:
    """What patches are for, by kind. Raises _Not for one that names no target."""
    for one in patches:
        target = one.get("target") if isinstance(one, Mapping) else None
        if not isinstance(target, Mapping) or not target.get("kind") or not isinstance(one.get("patch"), str):
            raise _Not
        yield target


def _file(renderers: Renderers, tree: Tree, file: Path) -> Found:
    if not file.is_relative_to(tree.root.resolve()) or file.suffix == ".json":
        raise _Not
    content = reading.content(file, str(file))
    if _MARKS.search(content) or not _is_sure(content):
        raise _Not
    found = renderers.file(tree, file)
    if found.problems or found.passed_over:
        raise _Not
    return found


def _is_sure(content: bytes) -> bool:
    """Whether every reader of YAML takes all of a text for the same thing."""
    try:
        for event in yaml.parse(content, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                return False
            if getattr(event, "tag", None) is not None:
                return False
            if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and not _SURE.fullmatch(event.value):
                return False
    except yaml.YAMLError:
        return False
    return True
