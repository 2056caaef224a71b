"""Renders a chart by ``helm template`` for a cluster; what two renders of it do not agree on is unknown."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from drift import temporary
from drift.check import Program
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.listing import leads_out
from providers.kubernetes import declared_objects, declared_run
from providers.kubernetes.declared_charts import Chart, takes_chances
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_renders import doubtful, settled
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.declared_yaml import documents

HELM = Program((("helm", "version", "--short"),), "to render charts")
SOURCE = "helm"
_ORIGIN = re.compile(r"^# Source: (\S.*)$", re.M)
_INCOMPATIBLE = "is incompatible with Kubernetes"
#: Where it is never the same day: what a template makes of the clock differs.
_ZONES = ("Pacific/Kiritimati", "Etc/GMT+12")
_SECOND = 1.1
#: Versions that a cluster may have whose own is not known: that between which charts tell most.
_OTHERS = ("1.16.0", "1.22.0", "1.26.0", "1.30.0")


@dataclass
class Template:
    """A chart with what is said about its release. ``values`` are files or mappings, later ones win; ``set``
    goes above them by dotted key; ``crds`` says whether the chart's CRDs are installed with it;
    ``flags`` are options of helm's own, as they are."""

    chart: Chart
    name: str
    namespace: str
    deadline: Deadline
    values: list[Path | Mapping[str, Any]] = field(default_factory=list)
    set: Mapping[str, Any] = field(default_factory=dict)
    kube_version: str | None = None
    api_versions: list[str] = field(default_factory=list)
    crds: bool = True
    flags: list[str] = field(default_factory=list)
    helm: str = field(default_factory=lambda: binary())

    @property
    def key(self) -> list[Any]:
        """All that its render depends on, but for the cluster."""
        values = [str(one) if isinstance(one, Path) else one for one in self.values]
        own = [str(self.chart.path), self.name, self.namespace, values, dict(self.set)]
        return [*own, self.kube_version, self.api_versions, self.crds, self.flags]

    def try_out(self) -> Found | None:
        """Renders without a cluster; None for a chart of other Kubernetes versions than helm's own, which
        waits for the cluster's. Raises DeclaredError in helm's words."""
        try:
            return self.read(self.render(Cluster("")))
        except declared_run.Failed as error:
            if _INCOMPATIBLE not in str(error) or self.kube_version:
                raise self._refusal(error) from error
            return None

    def found(self, cluster: Cluster) -> tuple[Found, str]:
        """The objects for a cluster, and a remark where it did not tell all that the chart is rendered for.

        What chance, the clock or the untold make of values is unknown. Raises DeclaredError in helm's words.
        """
        dated = self.chart.reads_the_clock()
        chance = self.chart.takes_chances() or any(map(takes_chances, self._said()))
        try:
            one = other = self.render(cluster, _ZONES[0] if dated else None)
            if dated:
                time.sleep(_SECOND)
            if dated or chance:
                other = self.render(cluster, _ZONES[1] if dated else None)
            another = self._for_another(cluster) if self._doubts(cluster) else one
        except declared_run.Failed as error:
            raise self._refusal(error) from error
        found = self.read(one)
        if one != other:
            found.manifests = settled(found.manifests, self.read(other).manifests)
        if another == one:
            return found, ""
        found.manifests = doubtful(found.manifests, [] if another is None else self.read(another).manifests)
        what = "some kinds" if cluster.version else "the version"
        words = f"rendered for the cluster {cluster.scope}, {what} of which could not be read"
        return found, f"{self.chart.display}: {words}; say `kube-version` and `api-versions`"

    def render(self, cluster: Cluster, zone: str | None = None, more: Iterable[str] = ()) -> bytes:
        """What helm prints for a cluster, of which it says ``more`` group versions. Raises Failed,
        DeclaredError where it would read what is not the repository's."""
        out = next((file for file in self.chart.files() if leads_out(file)), None)
        if out is not None:
            raise DeclaredError(
                f"{self.chart.display}: {out.relative_to(self.chart.path)} is a link that leads out of the "
                "repository, which helm would follow; put the file itself there"
            )
        command = [self.helm, "template", self.name, str(self.chart.path), "--namespace", self.namespace]
        command += ["--include-crds"] if self.crds else ["--skip-crds"]
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
            command += self.flags
            return declared_run.run(command, {"TZ": zone} if zone else None, self.deadline)

    def read(self, output: bytes) -> Found:
        """The objects in what helm printed, each with the template that it comes from."""
        found = Found()
        file = self.chart.display
        for one in documents(output, strict=False):
            origin = _ORIGIN.search(getattr(one, "head", ""))
            if origin:
                file = f"{self.chart.display}/{origin[1].partition('/')[2]}"
            found.add(declared_objects.read(one, file, SOURCE, rendered=True))
        return found

    def _said(self) -> Iterator[bytes]:
        """The values that may be templates themselves."""
        for one in (*self.values, self.set, self.flags):
            yield one.read_bytes() if isinstance(one, Path) else orjson.dumps(one)

    def _doubts(self, cluster: Cluster) -> bool:
        """Whether the cluster was asked for something that the chart is rendered for, and did not tell."""
        untold = (cluster.refused and not self.api_versions) or not (cluster.version or self.kube_version)
        return cluster.kinds is not None and bool(untold)

    def _for_another(self, cluster: Cluster) -> bytes | None:
        """What helm prints for another cluster that this one may be; None where it is for none of them."""
        for version in (cluster.version,) if cluster.version or self.kube_version else _OTHERS:
            with contextlib.suppress(declared_run.Failed):
                return self.render(replace(cluster, version=version), more=sorted(cluster.refused))
        return None

    def _refusal(self, error: DeclaredError) -> DeclaredError:
        """Helm's words, its templates called as the user calls them."""
        told = re.sub(
            rf"(?<![\w/]){re.escape(self.chart.name)}/(?=(templates|charts|crds)/)",
            f"{self.chart.display}/",
            str(error),
        )
        return DeclaredError(f"{self.chart.display}: helm can't render it: {told}")


def binary() -> str:
    """The command that renders. Raises DeclaredError that says what to install."""
    found = shutil.which("helm")
    if found is None:
        raise DeclaredError(
            "helm is not installed; it is needed to render charts (https://helm.sh/docs/intro/install/)"
        )
    return found


def _apis(cluster: Cluster) -> Iterator[str]:
    """What a chart may ask ``.Capabilities.APIVersions`` for: versions, and kinds in them."""
    for key, told in (cluster.kinds or {}).items():
        group, _, kind = key.rpartition("/")
        for version in told.get("versions") or ():
            api = f"{group}/{version}" if group else str(version)
            yield from (api, f"{api}/{kind}")
