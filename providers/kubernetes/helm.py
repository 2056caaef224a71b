"""The declared source ``helm``: a chart, folder or archive, rendered by ``helm template`` as for the live
cluster."""

from __future__ import annotations

import re
from pathlib import Path

from drift.listing import beginning
from drift.proposal import Hint
from drift.source import BaseSource, Declaration, Loader, Location, Option
from providers.kubernetes.declared_charts import Chart, is_archive, is_chart_folder
from providers.kubernetes.declared_folders import CHART
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_options import NAMESPACE, Options
from providers.kubernetes.helm_template import HELM, SOURCE

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


_LIBRARY = re.compile(rb"^type:\s*['\"]?library\b", re.M)
_OF_OTHERS = "is a library of other charts: nothing is installed by it"


class Helm(BaseSource):
    """A chart."""

    name = SOURCE
    options = _OPTIONS
    programs = (HELM,)

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return is_chart_folder(path)
        return path.name == CHART or is_archive(path, head)

    def hint(self, path: Path) -> Hint:
        library = path.is_dir() and _LIBRARY.search(beginning(path / CHART)) is not None
        needs = {
            "release": "the name that it is installed by; default: the chart's",
            "namespace": "where it is installed",
            "values": "files of values, relative to this file: [values-prod.yaml]",
        }
        return Hint(whole=path.is_dir(), covers=True, doubt=_OF_OTHERS if library else "", needs=needs)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Renders once, so that a broken chart is known at once.

        Raises:
            DeclaredError: without helm, for a file that is not there, or in helm's words.
        """
        from providers.kubernetes.helm_release import Release

        options = Options(location)
        release = Release(location, Chart.of(location), options, loader.deadline)
        release.first = release.template.try_out() or Found()
        return release
