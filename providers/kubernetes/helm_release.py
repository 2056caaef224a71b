"""What the release of a chart declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.listing import reached
from drift.model import Problem, Resource
from drift.rule import Rule
from drift.source import BaseDeclaration, LiveView, Location
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_options import Options, resolve
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE, Item, find, left_out, translate, types
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.helm_template import SOURCE, Template
from providers.kubernetes.names import parse


class Release(BaseDeclaration):
    """A chart with what was said about its release. ``notes`` name what was passed over, and why."""

    source = SOURCE

    def __init__(self, location: Location, chart: Chart, options: Options, deadline: Deadline) -> None:
        self.location, self.options = location, options
        self.template = Template(
            chart,
            options.text("release") or chart.name,
            options.text("namespace") or DEFAULT_NAMESPACE,
            deadline,
            [self._values(one) for one in options.several("values")],
            options.mapping("set"),
            options.text("kube-version"),
            options.texts("api-versions"),
        )
        self.first = self._rendered = Found()

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self.first.passed_over)

    def types(self) -> frozenset[tuple[str, str]]:
        return types(self.first.manifests)

    def resources(self, live: LiveView) -> Iterator[Item]:
        cluster = Cluster.of(live, self.location.option("scope"))
        try:
            self._rendered, remark = self.template.found(cluster)
        except DeclaredError as error:
            yield Problem(SOURCE, str(error), unread=True)
            return
        yield from self._rendered.problems
        if remark:
            yield Problem(SOURCE, remark)
        for item in translate(self._rendered.manifests, SOURCE, self.location, live):
            yield installed(item, self.template, cluster, live) if isinstance(item, Resource) else item

    def rules(self) -> Iterable[Rule]:
        return left_out(self._rendered.manifests, self.location)

    def inputs(self) -> Iterable[Path]:
        values = (one for one in self.template.values if isinstance(one, Path))
        return [*reached(self.template.chart.path), *reached(self.location.path), *values]

    def _values(self, said: Any) -> Path | dict[str, Any]:
        if isinstance(said, dict):
            return said
        if not isinstance(said, str) or not said:
            raise self.options.refuse("values", "a list of files or mappings", said)
        file = resolve(self.location, said)
        if file is None:
            raise DeclaredError(
                f"{self.location.display}: there is no values file {said} beside the configuration or in the "
                "chart"
            )
        return file


def installed(declared: Resource, release: Template, cluster: Cluster, live: LiveView) -> Resource:
    """With what ``helm install`` adds to each object, where helm itself (not Argo CD, say) installed the
    live one.

    Source: helm.sh/helm, pkg/action/validate.go, setMetadataVisitor.
    """
    type_ = parse(declared.type)
    if declared.id is None or type_ is None:
        return declared
    found = find(live, cluster, type_, declared.id)
    if found is None or "meta.helm.sh/release-name" not in _metadata(found, "annotations"):
        return declared
    metadata = {
        **declared.attributes["metadata"],
        "labels": {**_metadata(declared, "labels"), "app.kubernetes.io/managed-by": "Helm"},
        "annotations": {
            **_metadata(declared, "annotations"),
            "meta.helm.sh/release-name": release.name,
            "meta.helm.sh/release-namespace": release.namespace,
        },
    }
    return replace(declared, attributes={**declared.attributes, "metadata": metadata})


def _metadata(resource: Resource, name: str) -> Mapping[str, Any]:
    said = (resource.attributes.get("metadata") or {}).get(name)
    return said if isinstance(said, Mapping) else {}
