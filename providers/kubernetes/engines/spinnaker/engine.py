"""The engine ``spinnaker``: what the stages of pipelines deploy, and the manifests of the folder, each as
Spinnaker deploys it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.model import Resource
from providers.kubernetes import declared_objects
from providers.kubernetes.declared_engines import engines_of
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE
from providers.kubernetes.declared_units import Unit, laid
from providers.kubernetes.declared_yaml import Document
from providers.kubernetes.engines.objects import Ref, Rendered
from providers.kubernetes.engines.plain import Applied
from providers.kubernetes.engines.spinnaker import artifacts, pipelines
from providers.kubernetes.engines.spinnaker.deploying import Deploying
from providers.kubernetes.engines.spinnaker.expressions import is_expression
from providers.kubernetes.engines.spinnaker.pipelines import SOURCE, Stage, application
from providers.kubernetes.engines.spinnaker.versions import Older, annotation
from providers.kubernetes.engines.step import BaseEngine, Step
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

_APPLICATION = "moniker.spinnaker.io/application"


@dataclass(eq=False)
class Deployment:
    """What one stage deploys, or one unit of the folder. ``raw`` are its manifests as they are written, or
    why there are none."""

    key: str
    via: tuple[str, ...]
    scope: str
    raw: Rendered | DeclaredError
    stage: Stage | None = None
    takes: Path | None = None
    owner: Ref | None = None
    made: Rendered | None = None

    def rendered(self, world: World) -> Rendered:
        """Raises what reading it raised."""
        if isinstance(self.raw, DeclaredError):
            raise self.raw
        assert self.made is not None
        return self.made


class Spinnaker(BaseEngine):
    """The engine ``spinnaker``."""

    name = "spinnaker"

    def begin(self, world: World) -> Sequence[Step]:
        read = pipelines.read(world)
        steps = list(self._stages(read, world))
        taken = {one.manifest_file for one in map(_Taken, steps) if one.manifest_file}
        steps += _units(world, frozenset(taken))
        _once(steps)
        deploying = Deploying(world, read.deletions)
        good = [one for one in steps if isinstance(one.raw, Rendered)]
        for one in good:
            deploying.see(one.scope, one.raw, one.stage)  # type: ignore[arg-type]
        older = Older(bodies=deploying.bodies)
        for one in good:
            one.made = deploying.made(one.scope, one.raw, one.stage)  # type: ignore[arg-type]
            one.made.rules.append(older)
        told = Rendered(Found(problems=read.problems), world.tree, notes=read.notes)
        told.unfollowed += read.unfollowed
        return [Deployment("spinnaker|pipelines", (), world.scope, told, made=told), *steps]

    def claims(self, live: Resource) -> Ref | None:
        said = annotation(live, _APPLICATION)
        return application(live.scope, said) if isinstance(said, str) and said else None

    def _stages(self, read: pipelines.Read, world: World) -> Iterator[Deployment]:
        accounts = {one.account for one in read.stages}
        for number, stage in enumerate(read.stages):
            key = f"spinnaker|{stage.file}|{stage.pipeline}|{stage.name}|{number}"
            raw: Rendered | DeclaredError
            scope = _cluster(stage.account, accounts, world)
            if scope is None:
                raw = NotFollowed(
                    f"it deploys to the account {stage.account!r}: say by `clusters` of the entry which "
                    f"cluster that is ({{{stage.account}: NAME}})"
                )
            else:
                raw = _raw(stage, world)
            owner = application(scope or world.scope, stage.application) if stage.application else None
            yield Deployment(key, stage.via, scope or "", raw, stage, owner=owner)


@dataclass(frozen=True)
class _Taken:
    step: Deployment

    @property
    def manifest_file(self) -> str | None:
        """The file, as people call it, that a stage takes from the repository."""
        raw = self.step.raw
        if not isinstance(raw, Rendered) or not raw.tree.own or self.step.stage is None:
            return None
        files = {one.file for one in raw.found.manifests} - {self.step.stage.file}
        return next(iter(files), None)


def _cluster(account: str, accounts: Iterable[str], world: World) -> str | None:
    """The cluster of an account: as the entry says, the one of its name, or the entry's where there is one
    account; None where nothing tells."""
    mapped = world.options.get("clusters")
    if isinstance(mapped, Mapping) and account in mapped:
        return str(mapped[account])
    if account in world.clusters():
        return account
    if is_expression(account) or len(set(accounts)) > 1:
        return None
    return world.scope


def _raw(stage: Stage, world: World) -> Rendered | DeclaredError:
    """What a stage says, or why it is not known."""
    override = stage.said.get("namespaceOverride")
    namespace = str(override or world.options.get("namespace") or DEFAULT_NAMESPACE)
    try:
        if stage.said.get("source") == "artifact" or "manifestArtifactId" in stage.said:
            found, tree = artifacts.manifests(stage, world)
        else:
            found, tree = _inline(stage), world.tree
    except DeclaredError as error:
        return error
    if override and not is_expression(override):
        found.manifests = [_moved(one, str(override)) for one in found.manifests]
    return Rendered(found, tree, namespace)


def _inline(stage: Stage) -> Found:
    found = Found()
    several, node = stage.said.get("manifests"), stage.node.members.get("manifests")
    if not isinstance(several, list):
        one = stage.said.get("manifest")
        several, node = ([one], None) if isinstance(one, Mapping) else ([], None)
        if not several:
            raise NotFollowed("it names no manifest")
        found.add(
            declared_objects.read(Document(several[0], stage.node.members["manifest"]), stage.file, SOURCE)
        )
        return found
    assert node is not None
    for value, below in zip(several, node.items, strict=True):
        found.add(declared_objects.read(Document(value, below), stage.file, SOURCE))
    return found


def _moved(one: Manifest, namespace: str) -> Manifest:
    """In the namespace that a stage says for all."""
    return replace(one, body={**one.body, "metadata": {**one.metadata, "namespace": namespace}})


def _units(world: World, taken: frozenset[str]) -> Iterator[Deployment]:
    """What lies in the folder and is Spinnaker's alone: its manifests, but for files that a stage names."""
    found = laid(world.folder)
    if engines_of(found.units, world.folder) not in ([], ["spinnaker"]):
        return
    for unit in found.units:
        if unit.kind == "ansible":
            continue
        shown = world.tree.shown(unit.folder)
        raw: Rendered | DeclaredError
        if unit.kind == "chart":
            raw = NotFollowed(
                "Spinnaker bakes a chart with values that its pipeline says: declare it as `helm`"
            )
        else:
            left = [file for file in unit.inputs if world.tree.shown(file) not in taken]
            if unit.kind == "files" and not left:
                continue
            own = Unit(unit.kind, unit.folder, tuple(left)) if unit.kind == "files" else unit
            try:
                raw = Applied(own, world.scope).rendered(world)
            except DeclaredError as error:
                raw = error
        yield Deployment(f"{world.scope}|{unit.kind}|{unit.folder}", (shown,), world.scope, raw)


def _once(steps: Sequence[Deployment]) -> None:
    """Of what several stages deploy alike one counts; where they say different things, nobody knows which was
    last."""
    first: dict[tuple[Any, ...], tuple[Deployment, Manifest]] = {}
    unsure: set[tuple[Any, ...]] = set()
    for step in steps:
        if not isinstance(step.raw, Rendered):
            continue
        kept = []
        for one in step.raw.found.manifests:
            namespace = one.namespace or step.raw.namespace
            place = (step.scope, one.type.key, namespace, one.name)
            known = first.get(place)
            if known is None or one.name is None:
                first[place] = (step, one)
                kept.append(one)
            elif known[1].body != one.body:
                unsure.add(place)
        step.raw.found.manifests = kept
    for place in unsure:
        step, one = first[place]
        assert isinstance(step.raw, Rendered)
        why = "several stages deploy it, each another one, and which was last nobody says"
        step.raw.found.manifests = [
            replace(each, left_out=why) if each is one else each for each in step.raw.found.manifests
        ]
