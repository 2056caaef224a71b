"""The generator that looks into a repository: a set of parameters for each folder or for each file's content.

Source: argo-cd.readthedocs.io, "Git Generator" and "Git File Generator Globbing".
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from providers.kubernetes.engines.argocd import globs
from providers.kubernetes.engines.argocd.applications import Source
from providers.kubernetes.engines.argocd.filling import Filling, Params, flat
from providers.kubernetes.engines.argocd.locating import tree_of
from providers.kubernetes.engines.argocd.said import entries, mapping, text
from providers.kubernetes.engines.gotemplate.encodings import floats
from providers.kubernetes.engines.gotemplate.texts import normalized
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World

_PARAMETERS = "argocd-cmd-params-cm"
_NEWER = "applicationsetcontroller.enable.new.git.file.globbing"


def params(own: Mapping[str, Any], filling: Filling, world: World) -> list[Params]:
    """What a ``git`` generator gives. Raises NotFollowed, DeclaredError."""
    tree = tree_of(Source({"repoURL": own.get("repoURL"), "targetRevision": own.get("revision")}), world)
    folders, files = entries(own.get("directories")), entries(own.get("files"))
    found: list[Params] = []
    if folders:
        for path in _chosen(folders, globs.folders(tree.root), _is_folder):
            one = _path(path, text(own.get("pathParamPrefix")), filling)
            filling.values(mapping(own, "values"), one)
            found.append(one)
        return found
    if not files:
        raise DeclaredError("its git generator names neither directories nor files")
    there = [one.relative_to(tree.root).as_posix() for one in globs.files(tree.root, "**/*")]
    for path in _chosen(files, there, globs.matches if _newer(world) else _is_file):
        for content in _contents(tree, tree.root / path):
            one = floats(content) if filling.go else flat(floats(content))
            one.update(_path(path, text(own.get("pathParamPrefix")), filling, file=True))
            filling.values(mapping(own, "values"), one)
            found.append(one)
    return found


def _chosen(said: list[dict[str, Any]], there: list[str], matches: Any) -> list[str]:
    """The paths that an entry includes and none excludes."""
    within = [text(one.get("path")).removeprefix("./") for one in said if one.get("exclude") is not True]
    out = [text(one.get("path")).removeprefix("./") for one in said if one.get("exclude") is True]
    return sorted(
        path
        for path in there
        if any(matches(glob, path) for glob in within) and not any(matches(glob, path) for glob in out)
    )


def _is_folder(glob: str, path: str) -> bool:
    while "**" in glob:
        glob = glob.replace("**", "*")
    return globs.matches(glob.rstrip("/"), path)


def _is_file(glob: str, path: str) -> bool:
    """As ``git ls-files`` tells, whose ``*`` goes on at a slash."""
    return fnmatchcase(path, glob)


def _newer(world: World) -> bool:
    """Whether the controller is told to match files so that ``*`` ends at a slash.

    Source: argo-cd.readthedocs.io, "Git File Generator Globbing".
    """
    for one in world.of("ConfigMap"):
        if one.manifest.name == _PARAMETERS:
            return mapping(one.manifest.body, "data").get(_NEWER) == "true"
    live = (
        one for one in world.every(world.scope, "ConfigMap") if (one.id or "").endswith(f"/{_PARAMETERS}")
    )
    return any(mapping(one.attributes, "data").get(_NEWER) == "true" for one in live)


def _path(path: str, prefix: str, filling: Filling, *, file: bool = False) -> Params:
    """The parameters that a path gives."""
    folder = posixpath.dirname(path) or "." if file else path
    name = posixpath.basename(folder)
    told = {"path": folder, "basename": name, "basenameNormalized": normalized(name)}
    if file:
        own = posixpath.basename(path)
        told.update(filename=own, filenameNormalized=normalized(own))
    if filling.go:
        whole: Params = {"path": {**told, "segments": folder.split("/")}}
        return {prefix: whole} if prefix else whole
    called = f"{prefix}.path" if prefix else "path"
    found = {called if key == "path" else f"{called}.{key}": value for key, value in told.items()}
    found.update({f"{called}[{at}]": one for at, one in enumerate(folder.split("/")) if one})
    return found


def _contents(tree: Tree, file: Path) -> list[dict[str, Any]]:
    """The mapping in a file, or those in its list. Raises DeclaredError."""
    shown = tree.shown(file)
    try:
        said = load(reading.content(file, shown))
    except YamlError as error:
        raise DeclaredError(f"{error.at(shown)}: {error}") from error
    if said is None:
        return [{}]
    if isinstance(said, list) and all(isinstance(one, dict) for one in said):
        return said
    if not isinstance(said, dict):
        raise DeclaredError(f"{shown}: must hold a mapping, or a list of them")
    return [said]
