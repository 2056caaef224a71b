"""Reads the stages of pipelines that deploy manifests, as Spinnaker stores them and ``spin pipeline save``
takes them.

Source: spinnaker/orca, DeployManifestStage and DeployManifestContext; armory/dinghy, the form of a
dinghyfile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.model import Problem
from providers.kubernetes.declared_layouts import pipeline_files
from providers.kubernetes.declared_yaml import Broken, Document, Node, documents
from providers.kubernetes.engines.objects import Ref, Unfollowed
from providers.kubernetes.engines.spinnaker.deleting import Deletion, deletion
from providers.kubernetes.engines.world import World

SOURCE = "spinnaker"
#: Stages that change objects without a manifest that says how, or run a Job anew each time.
_CHANGES = frozenset(
    ("patchManifest", "scaleManifest", "deleteManifest", "undoRolloutManifest", "runJobManifest")
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployManifest stage. ``expected`` are its pipeline's artifacts by id, ``images`` the names of
    images that an execution may bind, ``baked`` the names of stages by the id of what they make."""

    pipeline: str
    name: str
    application: str
    file: str
    said: Mapping[str, Any]
    node: Node
    expected: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    images: frozenset[str] = frozenset()
    baked: Mapping[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        return str(self.said.get("account") or self.said.get("credentials") or "")

    @property
    def via(self) -> tuple[str, ...]:
        return (self.pipeline, self.name)

    @property
    def what(self) -> str:
        return f"the stage {self.name!r} of the pipeline {self.pipeline!r} ({self.file}:{self.node.line})"

    @property
    def evaluates(self) -> bool:
        """Whether its manifests' expressions are evaluated."""
        return not self.said.get("skipExpressionEvaluation")

    @property
    def condition(self) -> str:
        """The expression that it runs by; empty where it always does."""
        said = self.said.get("stageEnabled")
        if isinstance(said, Mapping) and said.get("type") == "expression":
            return str(said.get("expression") or "")
        return ""


@dataclass(slots=True)
class Read:
    """What all pipelines of a folder say."""

    stages: list[Stage] = field(default_factory=list)
    unfollowed: list[Unfollowed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)


def application(scope: str, name: str) -> Ref:
    """What stands for an application of Spinnaker, for which no object of a cluster does."""
    return Ref(scope, "spinnaker.io/Application", "", name)


def read(world: World) -> Read:
    """All pipelines of the entry's folder; one that can't be read takes no other with it."""
    found = Read()
    for file in pipeline_files(world.folder):
        shown = world.tree.shown(file)
        try:
            content = reading.content(file, shown)
        except DeclaredError as error:
            found.problems.append(Problem(SOURCE, str(error), unread=True))
            continue
        for one in documents(content, is_json=True):
            if isinstance(one, Document):
                for said, node, app in _pipelines(one.value, one.node, ""):
                    _pipeline(said, node, app, shown, world, found)
            else:
                _broken(one, content, shown, found)
    return found


def _broken(one: Broken, content: bytes, shown: str, found: Read) -> None:
    if b"{{" in content:
        why = "it is a template of dinghy, which is not rendered: declare what dinghy makes of it"
        found.unfollowed.append(Unfollowed(f"the pipelines of {shown}", why, None, (shown,)))
    else:
        found.problems.append(Problem(SOURCE, f"{shown}:{one.line}: {one.reason}", unread=True))


def _pipelines(value: Any, node: Node, app: str) -> Iterator[tuple[Mapping[str, Any], Node, str]]:
    """The pipelines in a document: itself, a list of them, or a dinghyfile's."""
    if isinstance(value, list):
        for one, below in zip(value, node.items, strict=True):
            yield from _pipelines(one, below, app)
    elif isinstance(value, Mapping):
        app = str(value.get("application") or app)
        if isinstance(value.get("pipelines"), list):
            yield from _pipelines(value["pipelines"], node.members["pipelines"], app)
        elif "stages" in value or "template" in value:
            yield value, node, app


def _pipeline(said: Mapping[str, Any], node: Node, app: str, shown: str, world: World, found: Read) -> None:
    name = str(said.get("name") or "unnamed")
    stages = said.get("stages")
    where = f"{shown}:{node.line}"
    if said.get("template") or not isinstance(stages, list):
        what, why = f"the pipeline {name!r} ({where})", "it is made of a pipeline template, which is not read"
        found.unfollowed.append(Unfollowed(what, why, application(world.scope, app), (name,)))
        return
    if said.get("disabled"):
        found.notes.append(f"{where}: the pipeline {name!r} is disabled, so that it deploys nothing")
        return
    expected, baked = dict(_expected(said)), {}
    for one in stages:
        if isinstance(one, Mapping) and one.get("type") in ("bakeManifest", "evaluateArtifacts"):
            for id_, artifact in _expected(one):
                baked[id_] = str(one.get("name") or one["type"])
                expected.setdefault(id_, artifact)
    images = frozenset((*_images(expected.values()), *_triggers(said)))
    for one, below in zip(stages, node.members["stages"].items, strict=True):
        if not isinstance(one, Mapping):
            continue
        own = {**expected, **dict(_expected(one))}
        stage = Stage(name, str(one.get("name") or one.get("refId") or ""), app, shown, one, below, own,
                      images | frozenset(_required(one, own)), baked)  # fmt: skip
        type_ = str(one.get("type"))
        if type_ == "deployManifest" and one.get("cloudProvider") in (None, "kubernetes"):
            found.stages.append(stage)
        elif type_ == "deleteManifest" and (deleted := deletion(one)) is not None:
            found.deletions.append(deleted)
        elif type_ in _CHANGES:
            why = f"it is a {type_}, and what it makes and changes of live objects is not followed"
            found.unfollowed.append(Unfollowed(stage.what, why, application(world.scope, app), stage.via))


def _expected(said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    several = said.get("expectedArtifacts")
    for one in several if isinstance(several, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("id"), str):
            yield one["id"], one


def artifacts(expected: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The artifacts that an expected one may be: what it falls back to first."""
    for place in ("boundArtifact", "defaultArtifact", "matchArtifact"):
        one = expected.get(place)
        if isinstance(one, Mapping) and one.get("type"):
            yield one


def _images(several: Any) -> Iterator[str]:
    for expected in several:
        for one in artifacts(expected):
            if one["type"] == "docker/image" and isinstance(one.get("name"), str):
                yield one["name"]


def _triggers(said: Mapping[str, Any]) -> Iterator[str]:
    """What a trigger of a registry brings along: an image by REGISTRY/REPOSITORY."""
    several = said.get("triggers")
    for one in several if isinstance(several, list) else ():
        if isinstance(one, Mapping) and one.get("type") == "docker" and one.get("repository"):
            registry = one.get("registry")
            yield f"{registry}/{one['repository']}" if registry else str(one["repository"])
            yield str(one["repository"])


def _required(stage: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    ids = stage.get("requiredArtifactIds")
    named = [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
    yield from _images(expected[id_] for id_ in named if id_ in expected)
    several = stage.get("requiredArtifacts")
    for one in several if isinstance(several, list) else ():
        artifact = one.get("artifact") if isinstance(one, Mapping) else None
        if isinstance(artifact, Mapping) and artifact.get("type") == "docker/image":
            yield str(artifact.get("name"))
