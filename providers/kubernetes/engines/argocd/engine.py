"""Argo CD as an engine: from Applications that are declared, or live and of this repository, to what they
make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from drift.errors import DeclaredError
from drift.listing import beginning
from drift.model import Resource
from providers.kubernetes.argocd import TRACKING, tracked_by
from providers.kubernetes.declared_engines import ENGINES, kinds_in, kinds_of
from providers.kubernetes.declared_units import Unit, laid
from providers.kubernetes.engines.argocd import status
from providers.kubernetes.engines.argocd.applications import Application, Source
from providers.kubernetes.engines.argocd.destinations import SECRET_TYPE, scope_of
from providers.kubernetes.engines.argocd.locating import homes
from providers.kubernetes.engines.argocd.namespaces import Created, wanted
from providers.kubernetes.engines.argocd.overrides import tool_of
from providers.kubernetes.engines.argocd.parts import Part
from providers.kubernetes.engines.argocd.said import APPLICATION, APPLICATION_SET, mapping, text
from providers.kubernetes.engines.argocd.sets import Generated, every_live, live_ones
from providers.kubernetes.engines.argocd.settings import CONFIG
from providers.kubernetes.engines.following import covers
from providers.kubernetes.engines.objects import Made, Ref, Unfollowed
from providers.kubernetes.engines.plain import applied
from providers.kubernetes.engines.step import BaseEngine, Step
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

_CONFIGURE = (SECRET_TYPE.encode(), b"name: " + CONFIG.encode())


@dataclass
class _State:
    """What one following has come to: the keys of what was asked for, and what is to be said of it."""

    asked: set[str] = field(default_factory=set)
    begun: bool = False
    home: str = ""


class ArgoCD(BaseEngine):
    """Argo CD."""

    name = "argocd"

    def follow(self, world: World) -> Iterable[Step]:
        """First what configures Argo CD; then Applications until there are no new ones; then
        ApplicationSets, which ask for clusters that Applications may declare; last the namespaces that
        nothing else declares."""
        state: _State = world.memory.setdefault(self.name, _State())
        if not state.begun:
            state.begun = True
            first = list(applied(_configuring(world), world.scope))
            if first:
                return first
        for stage in (self._applications, self._sets, self._live, self._namespaces):
            fresh = [one for one in stage(world, state) if one.key not in state.asked]
            if fresh:
                state.asked |= {one.key for one in fresh}
                return fresh
        return ()

    def unfollowed(self, world: World) -> Iterable[Unfollowed]:
        return ()

    def applied(self, step: Step, world: World) -> str | None:
        if not isinstance(step, Part):
            return None
        live = world.found(step.owner)
        return status.applied(live.attributes, step.index) if live is not None else None

    def stays(self, owner: Ref, world: World) -> str:
        live = world.found(owner)
        if live is None:
            return ""
        if owner.key == APPLICATION_SET:
            return status.keeps(live.attributes)
        return status.stays(live.attributes) if owner.key == APPLICATION else ""

    def inventory(self, owner: Ref, world: World) -> frozenset[Ref] | None:
        live = world.found(owner) if owner.key == APPLICATION else None
        if live is None:
            return None
        destination = mapping(live.attributes, "spec", "destination")
        try:
            scope = scope_of(text(destination.get("server")), text(destination.get("name")), world)
        except NotFollowed:
            return None
        return status.inventory(live.attributes, scope)

    def claims(self, live: Resource) -> Ref | None:
        called = tracked_by(live)
        if not called:
            return None
        namespace, _, name = called.rpartition("_")
        return Ref(live.scope, APPLICATION, namespace, name)

    def _applications(self, world: World, state: _State) -> Iterator[Step]:
        apps = [Application.of(one) for one in world.of(APPLICATION)]
        sets = [one.manifest.body for one in world.of(APPLICATION_SET)]
        if world.trees.is_home("") is None:
            state.home = state.home or homes(world, [*apps, *every_live(world)], sets)
        steps = {app: list(_parts(app, world, state)) for app in apps}
        parts = [part for several in steps.values() for part in several]
        first = [app for app in apps if not _covered(app.made, parts)]
        for app in first or apps:
            yield from steps[app]

    def _sets(self, world: World, state: _State) -> Iterator[Step]:
        parts = [part for one in world.of(APPLICATION) for part in _parts(Application.of(one), world, state)]
        several = [one for one in world.of(APPLICATION_SET) if not _covered(one, parts)]
        placed = [Generated(one) for one in several if one.owner is not None or one.manifest.namespace]
        yield from placed
        if all(one.key in state.asked for one in placed):  # an Application of theirs may apply the others
            yield from (Generated(one) for one in several)

    def _live(self, world: World, state: _State) -> Iterator[Step]:
        """Applications that no file declares: what a generator that asks others made, and the first of a
        chain, which people make by hand."""
        for app, why in live_ones(world):
            for part in _parts(app, world, state):
                yield replace(part, note=part.note or why)

    def _namespaces(self, world: World, state: _State) -> Iterator[Step]:
        apps = [Application.of(one) for one in world.of(APPLICATION)]
        made: dict[str, Created] = {}
        for one in wanted(apps, world):
            known = made.get(one.key)
            made[one.key] = one if known is None else known.beside(one)
        yield from made.values()


def _parts(app: Application, world: World, state: _State) -> Iterator[Part]:
    """A step for each source that makes something."""
    scope, refused = "", ""
    try:
        scope = scope_of(app.server, app.cluster, world)
    except NotFollowed as error:
        refused = str(error)
    for index, source in enumerate(app.sources):
        if not source.only_referred:
            takes, shallow = (None, False) if refused else _takes(source, world)
            note, state.home = (state.home, "") if world.trees.is_home(source.url) else ("", state.home)
            yield Part(app, index, scope, takes, shallow, refused, note)


def _covered(made: Made | None, parts: Sequence[Part]) -> bool:
    """Whether another Application applies the folder of what people seem to apply: it then comes again, as
    that one's object."""
    if made is None or made.unit is None:
        return False
    return any(covers(part, made.unit) for part in parts if part.owner != made.ref)


def _takes(source: Source, world: World) -> tuple[Path | None, bool]:
    """The folder of the own repository that a source applies, and whether only what lies directly in it."""
    if source.chart or not world.trees.is_home(source.url):
        return None, False
    try:
        folder = world.tree.place(source.path.strip("/") or ".")
        shallow = tool_of(source, folder) == "directory"
    except DeclaredError:
        return None, False
    return folder, shallow and source.section("directory").get("recurse") is not True


def _configuring(world: World) -> list[Unit]:
    """The units of the folder that hold cluster Secrets or Argo CD's settings, but for those that a following
    begins with, as they hold deployers' objects."""
    units = laid(world.folder).units
    begun = set[Unit]().union(*kinds_in(units, kinds_of(ENGINES)).values())
    return [
        one
        for one in units
        if one.kind != "chart"
        and one not in begun
        and any(word in head for head in map(beginning, one.inputs) for word in _CONFIGURE)
    ]


def _tracked(live: Resource) -> bool:
    return bool(mapping(live.attributes, "metadata", "annotations").get(TRACKING))
