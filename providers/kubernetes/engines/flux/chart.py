"""The chart of a HelmRelease: of a Helm repository, a registry, or a folder of a Git repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from drift import reading, temporary
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from drift.source import Location
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.declared_folders import is_chart
from providers.kubernetes.engines import oci
from providers.kubernetes.engines.chart_dependencies import complete
from providers.kubernetes.engines.flux.said import SOURCES, known, mapping, reference, several, spec_of, text
from providers.kubernetes.engines.flux.sources import files_of, object_of, placed
from providers.kubernetes.engines.flux.values import merged
from providers.kubernetes.engines.flux.versions import fits, is_exact
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.engines.world import World

#: What Helm calls a chart's content in a registry. Source: helm.sh, "Use OCI-based registries".
_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release says of its chart. ``named`` is for people: ``chart plex 6.x of https://…``."""

    chart: str
    version: str
    source: Ref
    values_files: tuple[str, ...] = ()
    ignore_missing: bool = False
    named: str = ""


@dataclass(frozen=True, slots=True)
class Got:
    """A chart on disk, and the tree that it lies in where that is one."""

    chart: Chart
    tree: Tree | None = None
    note: str = ""


def wanted_by(world: World, ref: Ref, spec: Mapping[str, Any]) -> Wanted:
    """The chart that a release names. Raises DeclaredError where it names none, NotFollowed where that can't
    be known."""
    by_ref = mapping(spec.get("chartRef"))
    if by_ref:
        kind, namespace, name = reference(by_ref, ref.namespace)
        source = Ref(ref.scope, f"{SOURCES}/{kind}", namespace, name)
        if kind != "HelmChart":
            return Wanted("", "", source, named=f"the chart of {source}")
        body = object_of(world, source)
        if body is None:
            raise NotFollowed(f"{source} is neither declared here nor in the cluster")
        return _template(spec_of(body), namespace, ref.scope)
    said = mapping(mapping(spec.get("chart")).get("spec"))
    if not said:
        raise DeclaredError(f"{ref}: names no chart")
    return _template(said, ref.namespace, ref.scope)


def _template(said: Mapping[str, Any], namespace: str, scope: str) -> Wanted:
    kind, where, name = reference(said.get("sourceRef"), namespace)
    files = [text(one) for one in several(said.get("valuesFiles"))]
    if text(said.get("valuesFile")):
        files.append(text(said.get("valuesFile")))
    chart, version = known(said.get("chart"), "chart"), known(said.get("version"), "chart's version")
    source = Ref(scope, f"{SOURCES}/{kind}", where, name)
    named = f"chart {chart} {version}".rstrip() + f" of {source}"
    missing = said.get("ignoreMissingValuesFiles") is True
    return Wanted(chart, version, source, tuple(files), missing, named)


def chart_of(world: World, ref: Ref, wanted: Wanted, running: str) -> Got:
    """The chart of a release. ``running`` is the version that the cluster says runs: of a range it is taken
    where it lies in it. Raises NotFollowed, DeclaredError."""
    kind = wanted.source.key.rpartition("/")[2]
    said = {"kind": kind, "namespace": wanted.source.namespace, "name": wanted.source.name}
    if kind in ("GitRepository", "Bucket", "ExternalArtifact"):
        files = files_of(world, ref, said, wanted.chart)
        return _of_tree(world, files.tree, wanted, files.note)
    body = object_of(world, wanted.source)
    if body is None:
        raise NotFollowed(f"{wanted.source} is neither declared here nor in the cluster")
    spec = spec_of(body)
    url = known(spec.get("url"), "source's URL").rstrip("/")
    if kind == "OCIRepository":
        return _of_registry(world, url, spec, running)
    version = wanted.version or "*"
    note = ""
    if not is_exact(version):
        if running and fits(running, version):
            version = running.partition("+")[0]
        elif version == "*":
            version = ""
    chart = world.charts.of(url, wanted.chart, version.lstrip("= "))
    return Got(_with_values_files(chart, wanted, None), None, note)


def _of_registry(world: World, url: str, spec: Mapping[str, Any], running: str) -> Got:
    said = mapping(spec.get("ref"))
    semver, tag, digest = (text(said.get(name)) for name in ("semver", "tag", "digest"))
    if digest:
        insecure = spec.get("insecure") is True
        folder = oci.pulled(world.trees, url, digest, world.deadline, media_type=_LAYER, insecure=insecure)
        inside = [one for one in folder.iterdir() if is_chart(one)]
        if len(inside) != 1:
            raise DeclaredError(f"{url}@{digest}: is no chart")
        return Got(Chart.of(Location(inside[0], f"{url}@{digest}")))
    version = tag
    if semver:
        version = running.partition("+")[0] if running and fits(running, semver) else semver
    place, _, name = url.rpartition("/")
    return Got(world.charts.of(place, name, version))


def _of_tree(world: World, tree: Tree, wanted: Wanted, note: str) -> Got:
    place = placed(world, tree, wanted.chart)
    chart = Chart.of(Location(place, tree.shown(place)))
    if place.is_dir():
        chart = complete(chart, tree, world)
    return Got(_with_values_files(chart, wanted, tree), tree, note)


def _with_values_files(chart: Chart, wanted: Wanted, tree: Tree | None) -> Chart:
    """The chart with what its ``valuesFiles`` say in place of its values: what its own values.yaml says
    counts only where it is one of them."""
    if not wanted.values_files:
        return chart
    said: dict[str, Any] = {}
    folder = chart.path if chart.path.is_dir() else None
    if folder is None:
        folder = _unpacked(chart)
    for name in wanted.values_files:
        file = tree.root / name.lstrip("/") if tree is not None else folder / name
        if not file.is_file():
            if wanted.ignore_missing:
                continue
            raise DeclaredError(f"{chart.display}: there is no values file {name}")
        if tree is not None:
            file = tree.place(name)
        elif not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
            raise DeclaredError(f"{chart.display}: the values file {name} leads out of the chart")
        said = merged(said, _values(file, name))
    text_ = yaml.safe_dump(said, sort_keys=True)
    digest = hashlib.sha256(f"{chart.path}\0{text_}".encode()).hexdigest()[:24]
    target = temporary.home() / "charts" / digest / chart.name
    if not target.is_dir():
        _copied(folder, target, text_)
    return Chart(target, chart.display, chart.name)


def _values(file: Path, name: str) -> dict[str, Any]:
    try:
        found = load(reading.content(file, name))
    except YamlError as error:
        raise DeclaredError(f"{error.at(name)}: {error}") from error
    if found is not None and not isinstance(found, dict):
        raise DeclaredError(f"{name}: is no mapping of values")
    return found or {}


def _copied(folder: Path, target: Path, values: str) -> None:
    """A chart's folder with other values. Links are copied as links, which the renderer refuses where they
    lead out."""
    beside = temporary.folder() / "chart"
    shutil.copytree(folder, beside, symlinks=True)
    own = beside / "values.yaml"
    own.unlink(missing_ok=True)
    own.write_text(values, encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _unpacked(chart: Chart) -> Path:
    folder = temporary.folder()
    try:
        with tarfile.open(chart.path, "r:gz") as archive:
            archive.extractall(folder, filter="data")
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DeclaredError(f"{chart.display}: the chart archive can't be read: {error}") from error
    inside = [one for one in folder.iterdir() if one.is_dir()]
    if len(inside) != 1:
        raise DeclaredError(f"{chart.display}: is no chart archive")
    return inside[0]
