"""Where Flux's objects take their files from: GitRepositories and the like, declared or live."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from providers.kubernetes.engines.flux.artifacts import artifact, assembled
from providers.kubernetes.engines.flux.said import SOURCES, known, mapping, reference, spec_of, text
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.engines.world import World

#: What ``World.memory`` calls the source that this repository is: (URL, ref).
HOME = "flux home"


@dataclass(frozen=True, slots=True)
class Files:
    """The tree of a source. ``ignore`` is its own list of what it leaves out; ``note`` what had to be taken
    for granted."""

    tree: Tree
    ignore: str | None = None
    note: str = ""


def object_of(world: World, ref: Ref) -> Mapping[str, Any] | None:
    """What a source says: as declared, else as it is in the cluster."""
    made = world.declared(ref)
    if made is not None:
        return made.manifest.body
    live = world.found(ref)
    return None if live is None else live.attributes


def files_of(world: World, owner: Ref, said: Any, path: str) -> Files:
    """The files that a ``sourceRef`` means. ``path`` is where in them its owner looks.

    Raises NotFollowed where they may not be read, DeclaredError where they can't.
    """
    kind, namespace, name = reference(said, owner.namespace)
    ref = Ref(owner.scope, f"{SOURCES}/{kind}", namespace, name)
    body = object_of(world, ref)
    if body is None:
        if kind == "ExternalArtifact":
            return Files(assembled(world, ref, files_of))
        return _unknown(world, ref, path)
    spec = spec_of(body)
    if kind == "ExternalArtifact":
        return Files(assembled(world, ref, files_of))
    if kind == "Bucket":
        bucket = text(spec.get("bucketName"))
        raise NotFollowed(f"its files lie in the bucket {bucket!r} of {ref}, and buckets are not read")
    ignore = spec.get("ignore") if isinstance(spec.get("ignore"), str) else None
    url = known(spec.get("url"), "source's URL")
    if kind == "OCIRepository":
        return Files(artifact(world, ref, url, spec, mapping(body.get("status"))), ignore)
    if kind != "GitRepository":
        raise NotFollowed(f"{kind or 'nothing'} is no kind of source that is known")
    if spec.get("include"):
        raise NotFollowed(f"{ref} includes files of other repositories, which is not followed")
    try:
        return Files(_git(world, ref, url, spec, body), ignore)
    except NotFollowed as error:
        if world.declared(ref) is not None:
            raise
        raise NotFollowed(f"{error} (the cluster alone says so: no file declares {ref})") from error


def branch(spec: Mapping[str, Any]) -> str:
    """The ref that a GitRepository says, a semver range apart."""
    said = mapping(spec.get("ref"))
    for name in ("commit", "name", "tag", "branch"):
        if text(said.get(name)):
            found = text(said[name])
            return found.removeprefix("refs/heads/").removeprefix("refs/tags/")
    return "master"


def _git(world: World, ref: Ref, url: str, spec: Mapping[str, Any], body: Mapping[str, Any]) -> Tree:
    semver = text(mapping(spec.get("ref")).get("semver")) and not text(mapping(spec.get("ref")).get("commit"))
    if semver:
        live = world.found(ref)
        status = mapping((live.attributes if live else body).get("status"))
        revision = text(mapping(status.get("artifact")).get("revision"))
        if not revision:
            raise NotFollowed(
                f"{ref} follows the newest tag of a range, and its status in the cluster is not read"
            )
        return world.source(url, revision.partition("@")[0])
    wanted = branch(spec)
    home = world.memory.get(HOME)
    if home == (url, wanted) or (home is None and world.trees.is_home(url)):
        return world.tree
    return world.source(url, wanted)


def _unknown(world: World, ref: Ref, path: str) -> Files:
    """What nobody says where it is may be this repository: if the path is in it."""
    kind = ref.key.rpartition("/")[2]
    told = f"the {kind} {ref.namespace}/{ref.name} is neither declared here nor in the cluster"
    if kind != "GitRepository":
        raise NotFollowed(told)
    try:
        placed(world, world.tree, path)
    except DeclaredError:
        raise NotFollowed(f"{told}, and there is no {path or '.'} in this repository") from None
    return Files(world.tree, None, f"{told}: taken for this repository, in which its paths are")


def placed(world: World, tree: Tree, path: str) -> Path:
    """The folder or file of a tree. Of the entry's own, whose top may not be that of the repository that it
    lies in, it may be in the entry's folder. ``..`` does not lead out, as in Flux, which joins the path to
    the tree's top. Raises DeclaredError.

    Source: kustomize-controller, reconcile (securejoin.SecureJoin).
    """
    path = posixpath.normpath(f"/{path}").lstrip("/")
    try:
        return tree.place(path or ".")
    except DeclaredError:
        inside = Path(os.path.normpath(world.folder / path.lstrip("/")))
        if tree.own and path and inside.is_relative_to(world.folder) and inside.exists():
            return tree.place(inside.relative_to(tree.root).as_posix())
        raise
