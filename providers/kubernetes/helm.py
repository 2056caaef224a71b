"""The declared source ``helm``: a chart, folder or archive, rendered by ``helm template`` as for the live
cluster."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from drift import temporary
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.listing import leads_out
from drift.model import Problem, Resource
from drift.rule import Rule
from drift.source import BaseDeclaration, BaseSource, LiveView, Loader, Location, Option
from providers.kubernetes import declared_objects, declared_run
from providers.kubernetes.declared_charts import Chart, is_archive, is_chart_folder
from providers.kubernetes.declared_folders import CHART
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_options import NAMESPACE, Options, resolve
from providers.kubernetes.declared_renders import doubtful, settled
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE, Item, find, left_out, translate, types
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.declared_yaml import documents
from providers.kubernetes.names import parse

SOURCE = "helm"
_OPTIONS = (
    NAMESPACE,
    Option("release", "The name of a chart's release. Default: the chart's."),
    Option("values", "Values of a chart: files, or mappings in place.", ("path", "mapping", "list")),
    Option("set", "Values of a chart by dotted key.", ("mapping",)),
    Option("kube-version", "The Kubernetes version that a chart is rendered for. Default: the cluster's."),
    Option(
        "api-versions",
        "The API versions that a chart is rendered for. Default: the cluster's.",
        ("text", "list"),
    ),
)
_ORIGIN = re.compile(r"^# Source: (\S.*)$", re.M)
_INCOMPATIBLE = "is incompatible with Kubernetes"
#: Where it is never the same day: what a template makes of the clock differs.
_ZONES = ("Pacific/Kiritimati", "Etc/GMT+12")
_SECOND = 1.1
#: Versions that a cluster may have whose own is not known: that between which charts tell most.
_OTHERS = ("1.16.0", "1.22.0", "1.26.0", "1.30.0")


class Helm(BaseSource):
    """A chart."""

    name = SOURCE
    options = _OPTIONS

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return is_chart_folder(path)
        return path.name == CHART or is_archive(path, head)

    def load(self, location: Location, loader: Loader) -> Release:
        """Renders once, so that a broken chart is known at once.

        Raises:
            DeclaredError: without helm, for a file that is not there, or in helm's words.
        """
        options = Options(location)
        chart = Chart.of(location)
        release = Release(location, chart, options, binary(), loader.deadline)
        release._try_out()
        return release


class Release(BaseDeclaration):
    """A chart with what was said about its release. ``notes`` name what was passed over, and why."""

    source = SOURCE

    def __init__(
        self, location: Location, chart: Chart, options: Options, helm: str, deadline: Deadline
    ) -> None:
        self.location, self.chart, self.options = location, chart, options
        self.name = options.text("release") or chart.name
        self.namespace = options.text("namespace") or DEFAULT_NAMESPACE
        self.kube_version = options.text("kube-version")
        self.api_versions = options.texts("api-versions")
        self.values: list[Path | dict[str, Any]] = [self._values(one) for one in options.several("values")]
        self.set = options.mapping("set")
        self._helm, self._deadline = helm, deadline
        self._first = self._rendered = Found()

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._first.passed_over)

    def _try_out(self) -> None:
        """Renders without a cluster. A chart for other Kubernetes versions than helm's own waits for the
        cluster's."""
        try:
            self._first = self._found(self._render(Cluster("")))
        except declared_run.Failed as error:
            if _INCOMPATIBLE not in str(error) or self.kube_version:
                raise self._refusal(error) from error

    def types(self) -> frozenset[tuple[str, str]]:
        return types(self._first.manifests)

    def resources(self, live: LiveView) -> Iterator[Item]:
        cluster = Cluster.of(live, self.location.option("scope"))
        dated = self.chart.reads_the_clock()
        try:
            one = self._render(cluster, _ZONES[0] if dated else None)
            if dated:
                time.sleep(_SECOND)
            other = self._render(cluster, _ZONES[1] if dated else None)
        except DeclaredError as error:
            refused = self._refusal(error) if isinstance(error, declared_run.Failed) else error
            yield Problem(SOURCE, str(refused), unread=True)
            return
        found = self._rendered = self._found(one)
        yield from found.problems
        manifests = found.manifests
        if one != other:
            manifests = settled(manifests, self._found(other).manifests)
        if self._doubts(cluster) and (another := self._for_another(cluster)) != one:
            manifests = doubtful(manifests, [] if another is None else self._found(another).manifests)
            self._rendered = replace(found, manifests=manifests)
            what = "some kinds" if cluster.version else "the version"
            words = f"rendered for the cluster {cluster.scope}, {what} of which could not be read"
            yield Problem(SOURCE, f"{self.chart.display}: {words}; say `kube-version` and `api-versions`")
        for item in translate(manifests, SOURCE, self.location, live):
            yield self._installed(item, cluster, live) if isinstance(item, Resource) else item

    def rules(self) -> Iterable[Rule]:
        return left_out(self._rendered.manifests, self.location)

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

    def _doubts(self, cluster: Cluster) -> bool:
        """Whether the cluster was asked for something that the chart is rendered for, and did not tell."""
        untold = (cluster.refused and not self.api_versions) or not (cluster.version or self.kube_version)
        return cluster.kinds is not None and bool(untold)

    def _for_another(self, cluster: Cluster) -> bytes | None:
        """What helm prints for another cluster that this one may be; None where it is for none of them."""
        for version in (cluster.version,) if cluster.version or self.kube_version else _OTHERS:
            with contextlib.suppress(declared_run.Failed):
                return self._render(replace(cluster, version=version), more=sorted(cluster.refused))
        return None

    def _render(self, cluster: Cluster, zone: str | None = None, more: Iterable[str] = ()) -> bytes:
        """What helm prints for a cluster, of which it says ``more`` group versions. Raises Failed,
        DeclaredError where it would read what is not the repository's."""
        out = next((file for file in self.chart.files() if leads_out(file)), None)
        if out is not None:
            raise DeclaredError(
                f"{self.chart.display}: {out.relative_to(self.chart.path)} is a link that leads out of the "
                "repository, which helm would follow; put the file itself there"
            )
        command = [self._helm, "template", self.name, str(self.chart.path)]
        command += ["--namespace", self.namespace, "--include-crds"]
        version = self.kube_version or cluster.version
        if version:
            command += ["--kube-version", version.removeprefix("v")]
        for api in dict.fromkeys([*self.api_versions, *_apis(cluster), *more]):
            command += ["--api-versions", api]
        with temporary.passing() as folder:
            for number, one in enumerate(self.values):
                if not isinstance(one, Path):
                    said, one = one, folder / f"values-{number}.json"
                    one.write_bytes(orjson.dumps(said))
                command += ["--values", str(one)]
            for key, value in self.set.items():
                command += ["--set-json", f"{key}={orjson.dumps(value).decode()}"]
            return declared_run.run(command, {"TZ": zone} if zone else None, self._deadline)

    def _found(self, output: bytes) -> Found:
        """The objects in what helm printed, each with the template that it comes from."""
        found = Found()
        file = self.chart.display
        for one in documents(output, strict=False):
            origin = _ORIGIN.search(getattr(one, "head", ""))
            if origin:
                file = f"{self.chart.display}/{origin[1].partition('/')[2]}"
            found.add(declared_objects.read(one, file, SOURCE, rendered=True))
        return found

    def _refusal(self, error: DeclaredError) -> DeclaredError:
        """Helm's words, its templates called as the user calls them."""
        told = re.sub(
            rf"(?<![\w/]){re.escape(self.chart.name)}/(?=(templates|charts|crds)/)",
            f"{self.chart.display}/",
            str(error),
        )
        return DeclaredError(f"{self.chart.display}: helm can't render it: {told}")

    def _installed(self, declared: Resource, cluster: Cluster, live: LiveView) -> Resource:
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
                "meta.helm.sh/release-name": self.name,
                "meta.helm.sh/release-namespace": self.namespace,
            },
        }
        return replace(declared, attributes={**declared.attributes, "metadata": metadata})


def binary() -> str:
    """The command that renders. Raises DeclaredError that says what to install."""
    found = shutil.which("helm")
    if found is None:
        raise DeclaredError(
            "helm is not installed; it is needed to render charts (https://helm.sh/docs/intro/install/)"
        )
    return found


def _metadata(resource: Resource, name: str) -> Mapping[str, Any]:
    said = (resource.attributes.get("metadata") or {}).get(name)
    return said if isinstance(said, Mapping) else {}


def _apis(cluster: Cluster) -> Iterator[str]:
    """What a chart may ask ``.Capabilities.APIVersions`` for: versions, and kinds in them."""
    for key, told in (cluster.kinds or {}).items():
        group, _, kind = key.rpartition("/")
        for version in told.get("versions") or ():
            api = f"{group}/{version}" if group else str(version)
            yield from (api, f"{api}/{kind}")
