"""ApplicationSets: the Applications that they make, and those live ones that only others' answers explain.

Source: argo-cd.readthedocs.io, "ApplicationSet"; argo-cd, applicationset/controllers/template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.model import Problem, Resource
from drift.safe_yaml import YamlError, load
from providers.kubernetes.argocd import tracked_by
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.engines.argocd.applications import Application
from providers.kubernetes.engines.argocd.filling import Filling, Params
from providers.kubernetes.engines.argocd.generators import Generators
from providers.kubernetes.engines.argocd.overrides import merged
from providers.kubernetes.engines.argocd.said import APPLICATION, APPLICATION_SET, entries, mapping, text
from providers.kubernetes.engines.gotemplate import TemplateError
from providers.kubernetes.engines.objects import Made, Ref, Rendered, Unfollowed
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World, ref_of
from providers.kubernetes.exceptions import texts
from providers.kubernetes.names import TypeName

_APPLICATION = TypeName("argoproj.io", "v1alpha1", "Application")
_FINALIZER = "resources-finalizer.argocd.argoproj.io"
#: Where a following notes the ApplicationSets of which a part was not followed.
_PARTLY = "argocd: partly"


@dataclass(frozen=True)
class Generated:
    """The step of one ApplicationSet: its Applications, as objects of its namespace."""

    made: Made

    @property
    def key(self) -> str:
        ref = self.made.ref
        return f"argocd|{ref.scope}|set {ref.namespace}/{ref.name}"

    @property
    def via(self) -> tuple[str, ...]:
        return (*self.made.manifest.via, self.made.ref.name)

    @property
    def scope(self) -> str:
        return self.made.ref.scope

    @property
    def owner(self) -> Ref:
        return self.made.ref

    @property
    def takes(self) -> Path | None:
        return None

    def rendered(self, world: World) -> Rendered:
        """What it makes; what could not be told is said by part and takes no other with it."""
        spec = mapping(self.made.manifest.body, "spec")
        go = spec.get("goTemplate") is True
        filling = Filling(go, tuple(texts(spec.get("goTemplateOptions"))) if go else ())
        generators = Generators(filling, world, spec.get("applyNestedSelectors") is True)
        made = Rendered(Found(), self.made.tree, self.made.ref.namespace)
        names = set[str]()
        for one in entries(spec.get("generators")):
            try:
                several = generators.params(one)
            except NotFollowed as error:
                self._untold(made, str(error), world)
                continue
            except (DeclaredError, TemplateError) as error:
                self._broken(made, str(error), world)
                continue
            template = _over(mapping(spec, "template"), _own(one))
            for params in several:
                self._application(made, names, spec, template, params, filling, world)
        return made

    def _application(
        self,
        made: Rendered,
        names: set[str],
        spec: Mapping[str, Any],
        template: Mapping[str, Any],
        params: Params,
        filling: Filling,
        world: World,
    ) -> None:
        try:
            filled = filling.value(template, params) if params else template
            patch = spec.get("templatePatch")
            if isinstance(patch, str) and patch.strip():
                filled = merged(filled, _patch(filling.text(patch, params)))
        except TemplateError as error:
            name = self._name(template, params, filling)
            self._untold(made, f"{name}its template can't be filled: {error}", world)
            return
        except DeclaredError as error:
            self._broken(made, str(error), world)
            return
        found = self._object(filled, spec, bool(params))
        if found is None:
            self._broken(made, "an Application of its template has no name", world)
        elif "{{" in str(found.name):
            self._untold(made, f"no parameter gives what the name {found.name} asks for", world)
        elif found.name in names:
            self._untold(made, f"it makes the Application {found.name} twice; the first stands", world)
        else:
            names.add(str(found.name))
            made.found.manifests.append(found)

    def _object(self, filled: Mapping[str, Any], spec: Mapping[str, Any], by_params: bool) -> Manifest | None:
        """One Application, as the controller writes it."""
        said = mapping(filled, "metadata")
        name = text(said.get("name"))
        if not name:
            return None
        metadata: dict[str, Any] = {"name": name, "namespace": self.made.ref.namespace}
        for key in ("labels", "annotations"):
            if mapping(said, key):
                metadata[key] = mapping(said, key)
        keep = mapping(spec, "syncPolicy").get("preserveResourcesOnDeletion") is True
        finalizers = texts(said.get("finalizers")) or ([_FINALIZER] if by_params and not keep else [])
        if finalizers:
            metadata["finalizers"] = finalizers
        own = _normal(mapping(filled, "spec"))
        body = {"apiVersion": str(_APPLICATION.api_version), "kind": "Application", "metadata": metadata}
        origin = self.made.manifest
        return Manifest(_APPLICATION, {**body, "spec": own}, origin.file, origin.line)

    def _name(self, template: Mapping[str, Any], params: Params, filling: Filling) -> str:
        try:
            return (
                f"its Application {filling.text(text(mapping(template, 'metadata').get('name')), params)}: "
            )
        except TemplateError:
            return ""

    def _untold(self, made: Rendered, why: str, world: World) -> None:
        ref = self.made.ref
        world.memory.setdefault(_PARTLY, set()).add(ref)
        chain = " → ".join(self.via)
        live = sum(_made_by(one, ref) for one in world.every(ref.scope, APPLICATION))
        more = f"; the {live} that it made live are followed instead" if live else ""
        made.unfollowed.append(Unfollowed(f"ApplicationSet {chain}", f"{why}{more}", ref, self.via))

    def _broken(self, made: Rendered, why: str, world: World) -> None:
        world.memory.setdefault(_PARTLY, set()).add(self.made.ref)
        words = f"{' → '.join(self.via)}: {self.made.manifest.where}: {why}"
        made.found.problems.append(Problem("gitops", words, unread=True))


def live_ones(world: World) -> Iterator[tuple[Application, str]]:
    """Live Applications that no file declares and that are followed, with what is said of it: those of an
    ApplicationSet of which a part can't be told, and the first of a chain, where it reads the own
    repository."""
    partly = world.memory.get(_PARTLY, set())
    for live in world.every(world.scope, APPLICATION):
        ref = ref_of(live)
        if world.declared(ref) is not None:
            continue
        of_set = next((one for one in partly if _made_by(live, one)), None)
        app = Application(ref, mapping(live.attributes, "spec"), (ref.name,))
        if of_set is not None:
            made = world.declared(of_set)
            via = (*(made.manifest.via if made else ()), of_set.name, ref.name)
            yield Application(ref, app.spec, via), ""
        elif not _owned(live) and not tracked_by(live) and _home(app, world):
            place = f"{ref.namespace}/{ref.name}"
            yield app, f"the live Application {place} reads this repository and is not in Git; it is followed"


def every_live(world: World) -> Iterator[Application]:
    """All live Applications."""
    for live in world.every(world.scope, APPLICATION):
        ref = ref_of(live)
        yield Application(ref, mapping(live.attributes, "spec"), (ref.name,))


def _home(app: Application, world: World) -> bool:
    return any(world.trees.is_home(one.url) and not one.chart for one in app.sources)


def _owned(live: Resource) -> bool:
    return bool(entries(mapping(live.attributes, "metadata").get("ownerReferences")))


def _made_by(live: Resource, ref: Ref) -> bool:
    """Whether a live Application is owned by an ApplicationSet."""
    if (live.id or "").rpartition("/")[0] != ref.namespace:
        return False
    owners = entries(mapping(live.attributes, "metadata").get("ownerReferences"))
    kind = APPLICATION_SET.rpartition("/")[2]
    return any(one.get("kind") == kind and one.get("name") == ref.name for one in owners)


def _own(generator: Mapping[str, Any]) -> dict[str, Any]:
    """A generator's own template."""
    for key, value in generator.items():
        if key != "selector" and isinstance(value, Mapping):
            return mapping(value, "template")
    return {}


def _over(template: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A template with what a generator's own says, which wins where it says anything."""
    found = dict(template)
    for key, value in own.items():
        mine = found.get(key)
        if isinstance(value, Mapping) and isinstance(mine, Mapping):
            found[key] = _over(mine, value)
        elif value not in ("", None, [], {}):
            found[key] = value
    return found


def _patch(said: str) -> dict[str, Any]:
    try:
        found = load(said)
    except YamlError as error:
        raise DeclaredError(f"its templatePatch: {error}") from error
    if found is not None and not isinstance(found, dict):
        raise DeclaredError("its templatePatch must be a mapping")
    return found or {}


def _normal(spec: dict[str, Any]) -> dict[str, Any]:
    """As the controller writes it: with a project, without empty tools."""
    found = {**spec, "project": text(spec.get("project")) or "default"}
    return {key: value for key, value in found.items() if value not in ({}, None)}
