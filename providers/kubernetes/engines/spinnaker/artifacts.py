"""Where the file lies that a stage takes its manifests of, told from the artifact that names it.

Source: spinnaker.io, "Types of Artifacts"; spinnaker/clouddriver, clouddriver-artifacts.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from providers.kubernetes import declared_objects
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_yaml import documents
from providers.kubernetes.engines.spinnaker.expressions import is_expression
from providers.kubernetes.engines.spinnaker.pipelines import SOURCE, Stage, artifacts
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.engines.world import World

#: A file's address at the API of a forge: which host, repository, ref and path it is of.
_REPO = r"(?P<repo>[^/]+/[^/]+)"
_ADDRESSES = (
    re.compile(rf"https?://api\.(?P<host>github\.com)/repos/{_REPO}/contents/(?P<path>.+)", re.I),
    re.compile(rf"https?://(?P<host>[^/]+)/api/v3/repos/{_REPO}/contents/(?P<path>.+)"),
    re.compile(rf"https?://raw\.github(?P<host>)usercontent\.com/{_REPO}/(?P<ref>[^/]+)/(?P<path>.+)", re.I),
    re.compile(
        r"https?://(?P<host>[^/]+)/api/v4/projects/(?P<repo>[^/]+)/repository/files/(?P<path>[^/]+)(?:/raw)?"
    ),
    re.compile(
        rf"https?://api\.(?P<host>bitbucket\.org)/2\.0/repositories/{_REPO}/src/(?P<ref>[^/]+)/(?P<path>.+)"
    ),
)
_FILES = frozenset(("github/file", "gitlab/file", "bitbucket/file", "http/file"))


def manifests(stage: Stage, world: World) -> tuple[Found, Tree]:
    """The objects of the file that a stage deploys, and the tree that it lies in. Raises NotFollowed where it
    can't be told which file, or it may not be read; DeclaredError where it can't be."""
    said = stage.said
    id_ = said.get("manifestArtifactId")
    if isinstance(id_, str) and id_ in stage.baked:
        raise NotFollowed(f"it deploys what the stage {stage.baked[id_]!r} bakes, which is not rendered")
    inline = said.get("manifestArtifact")
    several = [inline] if isinstance(inline, Mapping) else []
    several += list(artifacts(stage.expected.get(str(id_), {})))
    for one in several:
        if one.get("type") == "embedded/base64" and isinstance(one.get("reference"), str):
            return _embedded(one["reference"], stage), world.tree
        if str(one.get("type")) in _FILES and (tree := _tree(one, world)) is not None:
            return world.renderers.file(*tree), tree[0]
    raise NotFollowed(
        "its manifest is an artifact of which no file is named here: only an execution knows which it was"
    )


def _embedded(reference: str, stage: Stage) -> Found:
    try:
        content = base64.b64decode(reference, validate=True)
    except binascii.Error as error:
        raise NotFollowed("its embedded artifact is no base64") from error
    found = Found()
    for one in documents(content):
        found.add(declared_objects.read(one, stage.file, SOURCE, rendered=True))
    return found


def _tree(artifact: Mapping[str, Any], world: World) -> tuple[Tree, Any] | None:
    """The tree and the file of an artifact; None where it names none."""
    reference, name = artifact.get("reference"), artifact.get("name")
    ref = artifact.get("version") if isinstance(artifact.get("version"), str) else None
    if is_expression(reference) or is_expression(name) or is_expression(ref):
        return None
    for pattern in _ADDRESSES:
        told = pattern.fullmatch(str(reference or "").partition("?")[0])
        if told is not None:
            host = told["host"] or "github.com"
            url = f"https://{host}/{unquote(told['repo'])}"
            path = unquote(told["path"])
            return _at(url, told.groupdict().get("ref") or ref, path, world)
    if isinstance(name, str) and artifact.get("type") != "http/file" and "://" not in name:
        place = world.tree.root / name
        inside = place.resolve().is_relative_to(world.tree.root.resolve())
        return (world.tree, place) if inside and place.is_file() else None
    return None


def _at(url: str, ref: str | None, path: str, world: World) -> tuple[Tree, Any]:
    if world.trees.is_home(url) is None and (world.tree.root / path).is_file():
        return world.tree, world.tree.place(path)
    tree = world.source(url, ref or None)
    return tree, tree.place(path)
