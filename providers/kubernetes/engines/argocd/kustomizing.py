"""An Application's Kustomize folder, with what the Application says over it, as ``kustomize edit`` would.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/; argo-cd, util/kustomize.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.engines import apart
from providers.kubernetes.engines.apart import Whole
from providers.kubernetes.engines.argocd.said import entries, mapping, text
from providers.kubernetes.engines.argocd.words import filled
from providers.kubernetes.engines.edited import Edited
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World
from providers.kubernetes.exceptions import texts

#: ``name=newName:tag``, ``name=newName@digest``, ``name:tag``, ``name@digest``.
#: Source: kustomize, edit set image.
_IMAGE = re.compile(r"(?:(?P<name>[^=]+)=)?(?P<new>[^@]*?)(?::(?P<tag>[^:/@]*))?(?:@(?P<digest>.+))?")
#: Of a folder's own kustomization what an edit replaces, or would be carried out in another order above it.
_OWN = ("images", "namePrefix", "nameSuffix", "replicas")


def rendered(
    tree: Tree,
    folder: Path,
    said: Mapping[str, Any],
    environment: Mapping[str, str],
    options: list[str],
    world: World,
) -> Whole:
    """The objects, and what of them could not be had. ``options`` are those that Argo CD is told to run
    kustomize with. Raises DeclaredError."""
    file = kustomization(folder)
    if file is None:
        raise DeclaredError(f"{tree.shown(folder)}: has no kustomization")
    over = _over(said, environment)
    enable_helm = bool(world.options.get("enable-helm")) or "--enable-helm" in options
    remote = bool(world.options.get("remote") or world.options.get("enable-helm"))
    unrestricted = "LoadRestrictionsNone" in " ".join(options) and not world.trees.location.foreign
    own = _said(file, tree)
    components = texts(said.get("components"))
    if not components and not (over and any(own.get(name) for name in _OWN)) and not unrestricted:
        if not over:
            return apart.rendered(tree, folder, world, remote=remote, enable_helm=enable_helm)
        return Whole(world.renderers.kustomize(tree, folder, over, remote=remote, enable_helm=enable_helm))
    edited = _edited(own, over, components, folder, said.get("ignoreMissingComponents") is True)
    options = [
        *["--enable-helm"] * enable_helm,
        *["--load-restrictor", "LoadRestrictionsNone"] * unrestricted,
    ]
    rendering = Edited(tree, folder, edited, options, world.deadline, remote=remote)
    return Whole(world.renderers.once(["argocd", folder, edited, options, remote], rendering.found))


def _over(said: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """What the Application says, as a kustomization says it."""
    over: dict[str, Any] = {}
    for name in ("namePrefix", "nameSuffix", "namespace"):
        if text(said.get(name)):
            over[name] = text(said[name])
    if images := [_image(one) for one in texts(said.get("images"))]:
        over["images"] = images
    if replicas := entries(said.get("replicas")):
        over["replicas"] = [_replicas(one) for one in replicas]
    if labels := mapping(said, "commonLabels"):
        labels = {key: filled(text(value), environment) for key, value in labels.items()}
        if said.get("labelWithoutSelector") is True:
            entry: dict[str, Any] = {"pairs": labels, "includeSelectors": False}
            if said.get("labelIncludeTemplates") is True:
                entry["includeTemplates"] = True
            over["labels"] = [entry]
        else:
            over["commonLabels"] = labels
    if annotations := mapping(said, "commonAnnotations"):
        subst = said.get("commonAnnotationsEnvsubst") is True
        over["commonAnnotations"] = {
            key: filled(text(value), environment) if subst else text(value)
            for key, value in annotations.items()
        }
    if patches := entries(said.get("patches")):
        over["patches"] = patches
    return over


def _image(said: str) -> dict[str, str]:
    """An image's entry. Raises DeclaredError."""
    parts = _IMAGE.fullmatch(said)
    if parts is None or not (parts["name"] or parts["new"]):
        raise DeclaredError(f"{said!r} is no image of Kustomize's")
    found = {"name": parts["name"] or parts["new"]}
    if parts["name"] and parts["new"] and parts["new"] != parts["name"]:
        found["newName"] = parts["new"]
    if parts["tag"]:
        found["newTag"] = parts["tag"]
    if parts["digest"]:
        found["digest"] = parts["digest"]
    return found


def _replicas(one: Mapping[str, Any]) -> dict[str, Any]:
    count = one.get("count")
    try:
        return {"name": text(one.get("name")), "count": int(text(count))}
    except ValueError as error:
        raise DeclaredError(f"replicas of {text(one.get('name'))}: {count!r} is no number") from error


def _said(file: Path, tree: Tree) -> dict[str, Any]:
    shown = tree.shown(file)
    try:
        said = load(reading.content(file, shown))
    except YamlError as error:
        raise DeclaredError(f"{error.at(shown)}: {error}") from error
    return said if isinstance(said, dict) else {}


def _edited(
    own: Mapping[str, Any], over: Mapping[str, Any], components: list[str], folder: Path, lenient: bool
) -> dict[str, Any]:
    """The folder's own kustomization with what is said over it."""
    found = dict(own)
    for name, value in over.items():
        if name in ("images", "replicas"):
            said = {one["name"] for one in value}
            kept = [one for one in entries(found.get(name)) if one.get("name") not in said]
            found[name] = [*kept, *value]
        elif isinstance(value, Mapping):
            found[name] = {**mapping(found, name), **value}
        elif isinstance(value, list):
            found[name] = [*(found.get(name) or []), *value]
        else:
            found[name] = value
    if components:
        there = [one for one in components if not lenient or (folder / one).is_dir()]
        found["components"] = [*texts(found.get("components")), *there]
    return found
