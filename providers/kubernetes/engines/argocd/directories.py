"""An Application's folder of plain files: which of them count, YAML, JSON and Jsonnet.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/directory/
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.listing import beginning, leads_out
from drift.model import Problem
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.engines.argocd import globs, jsonnet
from providers.kubernetes.engines.argocd.said import mapping, text
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World
from providers.kubernetes.manifests import SOURCE

_SUFFIXES = (".yaml", ".yml", ".json", ".jsonnet")
_SKIPPED = b"+argocd:skip-file-rendering"


def rendered(
    tree: Tree, folder: Path, said: Mapping[str, Any], environment: Mapping[str, str], world: World
) -> Found:
    """The objects in the files that count; one that can't be read is a problem of its own.

    Raises NotFollowed where there is Jsonnet and nothing that reads it.
    """
    if folder.is_file():
        chosen = [folder]
    else:
        chosen = [one for one in _files(folder, said.get("recurse") is True) if _counts(one, folder, said)]
    found = world.renderers.files(tree, [one for one in chosen if one.suffix != ".jsonnet"])
    for one in chosen:
        if one.suffix == ".jsonnet":
            try:
                found.add(jsonnet.rendered(tree, one, mapping(said, "jsonnet"), environment))
            except jsonnet.Refused as error:
                found.problems.append(Problem(SOURCE, str(error), unread=True))
    return found


def _files(folder: Path, recurse: bool) -> list[Path]:
    """The files in a folder, or at any depth, in the order of their paths."""
    try:
        there = sorted(folder.iterdir())
    except OSError as error:
        raise DeclaredError(f"{reading.shown(folder.name)}: {error.strerror}") from error
    found = []
    for one in there:
        if one.is_dir():
            if recurse and not one.is_symlink() and one.name != ".git":
                found += _files(one, recurse)
        elif one.suffix in _SUFFIXES and one.is_file() and not leads_out(one):
            found.append(one)
    return found


def _counts(file: Path, folder: Path, said: Mapping[str, Any]) -> bool:
    inside = file.relative_to(folder).as_posix()
    include, exclude = text(said.get("include")), text(said.get("exclude"))
    if exclude and globs.matches(exclude, inside, across=True):
        return False
    if include and not globs.matches(include, inside, across=True):
        return False
    return _SKIPPED not in beginning(file)
