"""Builds without kustomize what it would leave as it is: a folder's files, and those of folders whose
kustomizations only name resources.

Starting kustomize a thousand times costs more than all else. What it might change (numbers and dates that
YAML's versions read differently, annotations of its own, objects of one name) is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Tree

_MARKS = re.compile(rb"config\.kubernetes\.io|kustomize\.config\.k8s\.io|[\x80-\xff]|\r|\t")
_ALLOWED = frozenset(("apiVersion", "kind", "resources", "metadata"))
#: Plain scalars that every reader of YAML takes for the same thing.
_SURE = re.compile(
    r"(?:true|false|null|0|-?[1-9][0-9]{0,14}|(?:0|[1-9][0-9]{0,8})\.[0-9]{0,6}[1-9]"
    r"|(?![nNyYoO~.<=](?:\b|$))(?!(?:yes|no|on|off|true|false|null)$)[A-Za-z/$][^\n]*"
    r"|[0-9]+(?:ms|[hmsdwKMGTkB]|[KMGT]i)|[0-9]+\.[0-9]+\.[0-9]+(?:[-.][0-9A-Za-z.-]*)?)",
    re.I,
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20


class _Not(Exception):
    """Something that kustomize is to decide."""


def plainly(renderers: Renderers, tree: Tree, folder: Path, said: Mapping[str, Any]) -> Found | None:
    """The objects of a folder as its kustomization ``said`` names them; None where kustomize is needed."""
    try:
        files = list(_files(folder, said, 0))
        if len(set(files)) != len(files):
            return None
        found = Found()
        for file in files:
            found.add(_file(renderers, tree, file))
    except (_Not, DeclaredError, OSError):
        return None
    seen = set()
    for one in found.manifests:
        key = (one.type.key, one.namespace, one.name)
        if one.name is None or key in seen:
            return None
        seen.add(key)
    return found


def _files(folder: Path, said: Mapping[str, Any], depth: int) -> Iterator[Path]:
    if not set(said) <= _ALLOWED or depth > _DEEPEST or said.get("kind", "Kustomization") != "Kustomization":
        raise _Not
    resources = said.get("resources")
    if not isinstance(resources, list) or not resources:
        raise _Not
    for one in resources:
        if not isinstance(one, str) or "\n" in one or "://" in one:
            raise _Not
        place = folder / one
        if place.is_symlink():
            raise _Not
        if place.is_file():
            yield place.resolve()
        elif place.is_dir() and (own := kustomization(place)) is not None:
            try:
                below = load(reading.content(own, str(own)))
            except YamlError as error:
                raise _Not from error
            if not isinstance(below, dict):
                raise _Not
            yield from _files(place.resolve(), below, depth + 1)
        else:
            raise _Not


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
