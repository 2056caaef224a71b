"""A Kustomize folder that can't be rendered whole, because a part of it would be fetched: what can be is
rendered, and each part that can't is said by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes import kustomize
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.engines.edited import Edited
from providers.kubernetes.engines.objects import Unfollowed
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World

_DEEPEST = 16
#: Sections that change no object of ``resources``. Source: kubectl.docs.kubernetes.io, "kustomization".
_CHANGES_NOTHING = frozenset(
    (
        "apiVersion",
        "kind",
        "metadata",
        "resources",
        "bases",
        "helmCharts",
        "helmGlobals",
        "generatorOptions",
        "sortOptions",
    )
)


@dataclass
class Whole:
    """What was rendered, and what was not."""

    found: Found = field(default_factory=Found)
    unfollowed: list[Unfollowed] = field(default_factory=list)


def rendered(tree: Tree, folder: Path, world: World, *, remote: bool, enable_helm: bool) -> Whole:
    """A folder's objects, all that can be had. Raises DeclaredError where nothing can."""
    return _rendered(tree, folder, world, remote, enable_helm, 0)


def _rendered(tree: Tree, folder: Path, world: World, remote: bool, enable_helm: bool, depth: int) -> Whole:
    try:
        return Whole(world.renderers.kustomize(tree, folder, remote=remote, enable_helm=enable_helm))
    except DeclaredError as error:
        said = _said(folder)
        if remote or depth > _DEEPEST or not said:
            raise
        try:
            return _apart(tree, folder, said, world, enable_helm, depth)
        except DeclaredError:
            raise error from None


def _apart(
    tree: Tree, folder: Path, said: Mapping[str, Any], world: World, enable_helm: bool, depth: int
) -> Whole:
    """Without what would be fetched. Raises DeclaredError where that is not why it fails."""
    whole = Whole()
    good: list[str] = []
    apart: list[Path] = []
    shown = tree.shown(folder)
    for entry in _entries(said):
        place = folder / entry
        if not place.exists():
            if not kustomize.REMOTE.search(entry):
                raise DeclaredError(f"{shown}: there is no {entry}")
            why = "is remote and not fetched silently; vendor it, or set the option 'remote: true'"
            whole.unfollowed.append(Unfollowed(f"{shown}: {entry}", why))
        elif (
            place.is_dir()
            and kustomization(place) is not None
            and not _alone(tree, place, world, enable_helm)
        ):
            apart.append(place.resolve())
        else:
            good.append(entry)
    charts = [one for one in said.get("helmCharts") or () if isinstance(one, dict)]
    for one in charts:
        what = f"{shown}: chart {one.get('name')} {one.get('version') or ''}".rstrip()
        why = "is not inflated; set the option 'enable-helm: true' to let kustomize inflate (and fetch) it"
        whole.unfollowed.append(Unfollowed(f"{what} of {one.get('repo') or 'this folder'}", why))
    if not whole.unfollowed and not apart:
        raise DeclaredError(f"{shown}: nothing in it would be fetched")
    edited = {key: value for key, value in said.items() if key != "bases"}
    if charts:
        edited.pop("helmCharts", None)
    edited["resources"] = good
    if good or any(key not in _CHANGES_NOTHING for key in edited):
        rendering = Edited(tree, folder, edited, [], world.deadline, remote=False)
        whole.found.add(world.renderers.once(["apart", folder, edited], rendering.found))
    for place in apart:
        try:
            below = _rendered(tree, place, world, False, enable_helm, depth + 1)
        except DeclaredError as error:
            whole.unfollowed.append(Unfollowed(tree.shown(place), str(error)))
            continue
        whole.unfollowed += below.unfollowed
        if set(said) <= _CHANGES_NOTHING:
            whole.found.add(below.found)
        else:
            why = f"is rendered in part only, so that what {shown} makes of it is not known"
            whole.unfollowed.append(Unfollowed(tree.shown(place), why))
    return whole


def _alone(tree: Tree, place: Path, world: World, enable_helm: bool) -> bool:
    """Whether a folder can be rendered by itself."""
    try:
        world.renderers.kustomize(tree, place.resolve(), enable_helm=enable_helm)
    except DeclaredError:
        return False
    return True


def _entries(said: Mapping[str, Any]) -> list[str]:
    several = [*(said.get("resources") or ()), *(said.get("bases") or ())]
    return [one for one in several if isinstance(one, str)]


def _said(folder: Path) -> dict[str, Any]:
    file = kustomization(folder)
    try:
        said = load(reading.content(file, str(file))) if file is not None else None
    except (DeclaredError, YamlError):
        return {}
    return said if isinstance(said, dict) else {}
