"""The step of one source of an Application."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from drift.errors import DeclaredError
from drift.model import Problem
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.engines.apart import Whole
from providers.kubernetes.engines.argocd import charts, directories, kustomizing
from providers.kubernetes.engines.argocd.applications import Application, Source
from providers.kubernetes.engines.argocd.locating import folder_of
from providers.kubernetes.engines.argocd.overrides import overridden, tool_of
from providers.kubernetes.engines.argocd.placing import placed, ref_of
from providers.kubernetes.engines.argocd.projects import Project
from providers.kubernetes.engines.argocd.said import mapping
from providers.kubernetes.engines.argocd.settings import Settings
from providers.kubernetes.engines.chart_dependencies import complete
from providers.kubernetes.engines.objects import Ref, Rendered
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.engines.world import World
from providers.kubernetes.helm_template import SOURCE, Template


@dataclass(frozen=True)
class Part:
    """What Argo CD applies of one source. ``takes`` is the folder of the own repository, ``shallow`` whether
    only what lies directly in it."""

    app: Application
    index: int
    scope: str
    takes: Path | None = None
    shallow: bool = False
    refused: str = ""
    note: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        ref = self.app.ref
        return f"argocd|{ref.scope}|{ref.namespace}/{ref.name}|{self.index}"

    @property
    def via(self) -> tuple[str, ...]:
        return self.app.via

    @property
    def owner(self) -> Ref:
        return self.app.ref

    def rendered(self, world: World) -> Rendered:
        """Raises NotFollowed where a source may not be read, or its project does not let it be applied;
        DeclaredError in the renderer's words."""
        app, settings = self.app, Settings.of(world)
        source = app.sources[self.index]
        if self.refused:
            raise NotFollowed(self.refused)
        project = Project.of(app, settings.namespace, world)
        if project is not None and (why := project.refuses(app, settings.namespace)):
            raise NotFollowed(f"Argo CD does not apply it: {why}")
        try:
            whole, tree = made_of(app, source, self.scope, settings, world)
            found = whole.found
        except NotFollowed as error:
            raise NotFollowed(f"{source}: {error}") from error
        later = self._later(settings, world)
        several = [one for one in found.manifests if ref_of(one, app, self.scope, world) not in later]
        found.manifests = list(placed(several, app, self.scope, settings, world))
        unfollowed = [replace(one, owner=app.ref, via=app.via) for one in whole.unfollowed]
        notes = [self.note] if self.note else []
        return Rendered(found, tree, app.namespace or None, unfollowed=unfollowed, notes=notes)

    def _later(self, settings: Settings, world: World) -> set[Ref]:
        """The objects that later sources make, which win."""
        made: set[Ref] = set()
        for source in self.app.sources[self.index + 1 :]:
            if source.only_referred:
                continue
            try:
                whole, _ = made_of(self.app, source, self.scope, settings, world)
            except DeclaredError:
                continue  # said by the source's own step
            made |= {ref_of(one, self.app, self.scope, world) for one in whole.found.manifests}
        return made


def made_of(
    app: Application, source: Source, scope: str, settings: Settings, world: World
) -> tuple[Whole, Tree]:
    """What one source makes, before Argo CD lays hand on it. Raises NotFollowed, DeclaredError."""
    instance = app.instance(settings.namespace)
    if source.chart or (source.url.startswith("oci://") and source.path.strip("./") == ""):
        chart = charts.fetched(source, world)
        template = charts.template(app, source, chart, world.tree, None, app.name, world)
        place = chart.path.parent
        return Whole(_helm(template, scope, world)), Tree(place, chart.display, place)
    tree, folder = folder_of(source, world)
    base = folder if folder.is_dir() else folder.parent
    source = overridden(source, tree, base, (instance, app.name))
    tool = tool_of(source, folder)
    environment = app.environment(source, tree.commit)
    if tool == "plugin":
        name = mapping(source.said, "plugin").get("name") or "found by its content"
        raise NotFollowed(f"it is made by a config management plugin ({name}), which is not run")
    if tool == "helm":
        chart = complete(charts.local(folder, tree), tree, world)
        template = charts.template(app, source, chart, tree, folder, app.name, world)
        return Whole(_helm(template, scope, world)), tree
    if tool == "kustomize":
        said = source.section("kustomize")
        return kustomizing.rendered(tree, folder, said, environment, settings.build_options, world), tree
    found = directories.rendered(tree, folder, source.section("directory"), environment, world)
    return Whole(found), tree


def _helm(template: Template, scope: str, world: World) -> Found:
    found, remark = world.renderers.helm(template, world.cluster(scope))
    if remark:
        found.problems.append(Problem(SOURCE, remark))
    return found
