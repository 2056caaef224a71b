"""What a kustomization names, and all that these name: whether it lies in the repository, and what of it
would be fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.listing import leads_out
from providers.kubernetes import kustomize
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_units import laid_names
from providers.kubernetes.engines.flux.generated import written
from providers.kubernetes.engines.flux.said import several
from providers.kubernetes.engines.objects import Unfollowed
from providers.kubernetes.engines.trees import Tree

_MOST_FOLDERS = 10_000
_DEEPEST = 16
_RESOURCES = ("resources", "bases")
#: Sections that change no object of ``resources``. Source: kubectl.docs.kubernetes.io, "kustomization".
_CHANGES_NOTHING = frozenset((*_RESOURCES, "apiVersion", "kind", "metadata"))


def inside(tree: Tree, folder: Path, said: Mapping[str, Any], *, remote: bool) -> None:
    """Raises DeclaredError where a kustomization names what lies out of the repository, or would be
    fetched."""
    root = tree.root.resolve()
    todo: list[tuple[Path, Mapping[str, Any]]] = [(folder, said)]
    seen = {folder}
    while todo and len(seen) < _MOST_FOLDERS:
        place, own = todo.pop()
        if not remote:
            for name in _remote(place, own):
                raise kustomize.Remote(f"{tree.shown(place)}: {name} is remote")
        for one in laid_names(place, dict(own)):
            if not Path(os.path.realpath(one)).is_relative_to(root) or leads_out(one):
                raise DeclaredError(
                    f"{tree.shown(place)}: {os.path.relpath(one, place)} leads out of the repository"
                )
            if one not in seen and one.is_dir() and kustomization(one) is not None:
                seen.add(one)
                todo.append((one, written(one, {}, tree.shown(one), lambda _: False)))


def _remote(place: Path, said: Mapping[str, Any]) -> Iterator[str]:
    for section in kustomize.BASES:
        for name in several(said.get(section)):
            if isinstance(name, str) and "\n" not in name and kustomize.REMOTE.search(name):
                try:
                    there = (place / name).exists()
                except OSError:
                    there = False
                if not there:
                    yield name


def without_remote(
    tree: Tree, folder: Path, said: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Unfollowed]]:
    """A kustomization without those of its resources that would be fetched, and these. A folder that names
    such is left out whole, or, where its kustomization does nothing but name resources, replaced by the
    others of these. Raises DeclaredError where something else would be fetched."""
    lost: list[Unfollowed] = []
    kept = list(_kept(tree, folder, "", said, lost, 0))
    rest = {name: value for name, value in said.items() if name not in _RESOURCES}
    inside(tree, folder, rest, remote=False)
    return {**rest, "resources": kept}, lost


def _kept(
    tree: Tree, place: Path, above: str, said: Mapping[str, Any], lost: list[Unfollowed], depth: int
) -> Iterator[str]:
    for section in _RESOURCES:
        for name in several(said.get(section)):
            only = {"resources": [name]}
            try:
                inside(tree, place, only, remote=False)
            except kustomize.Remote as error:
                below = place / str(name)
                own = {} if list(_remote(place, only)) else written(below, {}, tree.shown(below), _nothing)
                if own and set(own) <= _CHANGES_NOTHING and depth < _DEEPEST:
                    yield from _kept(tree, below, f"{above}{name}/", own, lost, depth + 1)
                else:
                    lost.append(Unfollowed(tree.shown(place), str(error)))
            else:
                yield f"{above}{name}"


def _nothing(_: Path) -> bool:
    return False
