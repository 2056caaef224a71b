"""The step of a HelmRelease: its chart rendered with its values, post-rendered and marked as Flux's
controller does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from drift.errors import DeclaredError
from drift.model import Problem, Unresolved
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_renders import settled
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.engines.flux.chart import chart_of, wanted_by
from providers.kubernetes.engines.flux.postrender import PostRendered
from providers.kubernetes.engines.flux.said import mapping, several, spec_of, target, text
from providers.kubernetes.engines.flux.values import values_of
from providers.kubernetes.engines.objects import Made, Ref, Rendered, Unfollowed
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World
from providers.kubernetes.helm_template import SOURCE
from providers.kubernetes.names import TypeName

_CRD = "apiextensions.k8s.io/CustomResourceDefinition"
_LONGEST, _SHORT = 53, 12
_AS_INSTALLED = Unresolved(
    "is what the chart said when it was installed: an upgrade leaves CRDs alone unless upgrade.crds says "
    "CreateReplace"
)
#: What stands for a value that is not known, in two renders.
_STANDING = ("drift-unknown-a", "drift-unknown-b")


@dataclass(frozen=True)
class Release:
    """One HelmRelease."""

    made: Made
    scope: str

    @property
    def ref(self) -> Ref:
        return self.made.ref

    @property
    def via(self) -> tuple[str, ...]:
        return (*self.made.manifest.via, self.ref.name)

    @property
    def key(self) -> str:
        return f"flux|{self.ref.scope}|{self.ref.key}|{self.ref.namespace}/{self.ref.name}"

    @property
    def owner(self) -> Ref | None:
        return self.ref

    @property
    def takes(self) -> None:
        return None

    def rendered(self, world: World) -> Rendered:
        """What may not be read, or can't, is told in :attr:`Rendered.unfollowed`."""
        spec = spec_of(self.made.manifest.body)
        named = "its chart"
        try:
            target(world, self.ref, spec)
            wanted = wanted_by(world, self.ref, spec)
            named = wanted.named
            values = values_of(world, self.ref, spec)
            got = chart_of(world, self.ref, wanted, running(world, self.ref))
            template = self._template(world, spec, got.chart, values.said)
            found, remark = self._found(world, template, world.cluster(self.scope), values.said)
        except DeclaredError as error:
            unfollowed = [Unfollowed(f"{self.ref}: {named}", str(error), self.ref, self.via)]
            return Rendered(Found(), self.made.tree, unfollowed=unfollowed)
        if remark:
            found.problems.append(Problem(SOURCE, remark))
        found.manifests = [self._marked(one, spec) for one in found.manifests]
        found.manifests += self._namespace(spec, template.namespace, world)
        notes = [f"{self.ref}: {one}" for one in values.notes] + ([got.note] if got.note else [])
        return Rendered(found, got.tree or self.made.tree, template.namespace, template, notes=notes)

    def _template(
        self, world: World, spec: Mapping[str, Any], chart: Chart, values: Mapping[str, Any]
    ) -> PostRendered:
        install = mapping(spec.get("install"))
        return PostRendered(
            chart,
            release_name(self.ref, spec),
            release_namespace(self.ref, spec),
            world.deadline,
            [standing(values, 0)] if values else [],
            crds=text(install.get("crds")) != "Skip" and install.get("skipCRDs") is not True,
            renderers=tuple(several(spec.get("postRenderers"))),
        )

    def _found(
        self, world: World, template: PostRendered, cluster: Cluster, values: Mapping[str, Any]
    ) -> tuple[Found, str]:
        """The objects; what comes of values that are not known is unknown itself, by two renders."""
        reasons = _reasons(values)
        if not reasons:
            return world.renderers.helm(template, cluster)
        reason = reasons[0] if len(reasons) == 1 else f"{reasons[0]}, and {len(reasons) - 1} more"
        try:
            found, remark = world.renderers.helm(template, cluster)
            second, _ = world.renderers.helm(replace(template, values=[standing(values, 1)]), cluster)
        except DeclaredError as error:
            raise NotFollowed(
                f"the chart can't be rendered without values that are not known: one {reason}"
            ) from error
        found.manifests = settled(found.manifests, second.manifests, Unresolved(reason), f"its name {reason}")
        return found, remark

    def _marked(self, one: Manifest, spec: Mapping[str, Any]) -> Manifest:
        common = mapping(spec.get("commonMetadata"))
        metadata = dict(one.metadata)
        for place in ("labels", "annotations"):
            if isinstance(common.get(place), Mapping) and common[place]:
                metadata[place] = {**mapping(metadata.get(place)), **common[place]}
        body = {**one.body, "metadata": metadata}
        upgraded = text(mapping(spec.get("upgrade")).get("crds")) == "CreateReplace"
        if one.type.key == _CRD and "/crds/" in one.file and not upgraded:
            body["spec"] = _AS_INSTALLED
        return replace(one, body=body)

    def _namespace(self, spec: Mapping[str, Any], namespace: str, world: World) -> list[Manifest]:
        """The namespace that ``install.createNamespace`` makes, where nothing else declares it."""
        asked = mapping(spec.get("install")).get("createNamespace") is True and spec.get("targetNamespace")
        if not asked or world.declared(Ref(self.scope, "Namespace", "", namespace)) is not None:
            return []
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        own = self.made.manifest
        return [Manifest(TypeName("", "v1", "Namespace"), body, own.file, own.line)]


def release_of(made: Made, world: World) -> Release:
    """The step of a HelmRelease that is declared."""
    try:
        return Release(made, target(world, made.ref, spec_of(made.manifest.body)))
    except NotFollowed:
        return Release(made, made.ref.scope)


def release_namespace(ref: Ref, spec: Mapping[str, Any]) -> str:
    """Where a release's objects go that name no namespace."""
    return text(spec.get("targetNamespace")) or ref.namespace


def release_name(ref: Ref, spec: Mapping[str, Any]) -> str:
    """The name of a release in Helm, shortened as Flux does.

    Source: github.com/fluxcd/helm-controller, internal/release/name.go.
    """
    name = text(spec.get("releaseName"))
    if not name:
        place = text(spec.get("targetNamespace"))
        name = f"{place}-{ref.name}" if place else ref.name
    if len(name) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_SHORT]
    return f"{name[: _LONGEST - _SHORT - 1]}-{digest}"


def running(world: World, ref: Ref) -> str:
    """The version of the chart that the cluster says is installed; empty where nothing tells."""
    live = world.found(ref)
    if live is None:
        return ""
    status = mapping(live.attributes.get("status"))
    history = status.get("history")
    if isinstance(history, list) and history:
        return text(mapping(history[0]).get("chartVersion"))
    return text(status.get("lastAppliedRevision")) or text(status.get("lastAttemptedRevision"))


def standing(value: Any, which: int) -> Any:
    """The values with a text in place of each that is not known."""
    if isinstance(value, Unresolved):
        return _STANDING[which]
    if isinstance(value, Mapping):
        return {name: standing(item, which) for name, item in value.items()}
    if isinstance(value, list):
        return [standing(item, which) for item in value]
    return deepcopy(value)


def _reasons(value: Any) -> list[str]:
    """Why values are not known, each once."""
    found: dict[str, None] = {}
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, Unresolved):
            found[one.reason] = None
        elif isinstance(one, Mapping):
            todo += one.values()
        elif isinstance(one, list):
            todo += one
    return list(found)
