"""An Application's chart: of a folder, a repository or a registry, with its values in Argo CD's order.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/; argo-cd, util/helm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from drift.source import Location
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE
from providers.kubernetes.engines.argocd import globs
from providers.kubernetes.engines.argocd.applications import Application, Source
from providers.kubernetes.engines.argocd.locating import file_of, referred
from providers.kubernetes.engines.argocd.said import entries, text
from providers.kubernetes.engines.argocd.words import filled
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World
from providers.kubernetes.exceptions import texts
from providers.kubernetes.helm_template import Template

_COMMA = re.compile(r"(?<!\\),")


def fetched(source: Source, world: World) -> Chart:
    """The chart of a repository or registry. Raises NotFollowed, DeclaredError."""
    url, name = source.url.rstrip("/"), source.chart
    if not name and url.startswith("oci://"):
        url, _, name = url.rpartition("/")
    if "://" not in url:
        url = f"oci://{url}"
    if "/" in name:
        folder, _, name = name.rpartition("/")
        url = f"{url}/{folder}"
    return world.charts.of(url, name, source.revision)


def local(folder: Path, tree: Tree) -> Chart:
    """The chart in a folder. Raises DeclaredError."""
    return Chart.of(Location(folder, tree.shown(folder)))


def template(
    app: Application, source: Source, chart: Chart, tree: Tree, base: Path | None, instance: str, world: World
) -> Template:
    """What Argo CD renders of a chart. ``base`` is the chart's folder, None for a packaged one."""
    said = source.section("helm")
    environment = app.environment(source, tree.commit)
    values: list[Path | Mapping[str, Any]] = list(_files(app, source, chart, tree, base, environment, world))
    inline = _inline(said)
    if inline:
        values.append(inline)
    namespace = text(said.get("namespace")) or app.namespace or DEFAULT_NAMESPACE
    made = Template(
        chart,
        text(said.get("releaseName")) or instance,
        namespace,
        world.deadline,
        values,
        kube_version=text(said.get("kubeVersion")) or None,
        api_versions=texts(said.get("apiVersions")),
        crds=said.get("skipCrds") is not True,
    )
    made.flags = list(_flags(app, said, tree, base, environment, world))
    return made


def _inline(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """``valuesObject``, else ``values``. Raises DeclaredError."""
    whole = said.get("valuesObject")
    if isinstance(whole, Mapping) and whole:
        return dict(whole)
    written = said.get("values")
    if not isinstance(written, str) or not written.strip():
        return None
    try:
        found = load(written)
    except YamlError as error:
        raise DeclaredError(f"its helm.values: {error}") from error
    if found is not None and not isinstance(found, dict):
        raise DeclaredError("its helm.values must be a mapping")
    return found


def _files(
    app: Application,
    source: Source,
    chart: Chart,
    tree: Tree,
    base: Path | None,
    environment: Mapping[str, str],
    world: World,
) -> Iterator[Path]:
    said = source.section("helm")
    lenient = said.get("ignoreMissingValueFiles") is True
    refs = referred(app, world)
    names = [filled(one, environment) for one in texts(said.get("valueFiles"))]
    explicit = {}
    for one in names:
        if not globs.is_glob(one):
            explicit[one] = _one(one, chart, tree, base, refs, lenient, world)
    seen = {one for one in explicit.values() if one is not None}
    for one in names:
        if one in explicit:
            if (found := explicit[one]) is not None:
                yield found
            continue
        several = _matching(one, tree, base, refs, world)
        if not several and not lenient:
            raise DeclaredError(f"no values file matches {one}")
        for file in several:
            if file not in seen:
                seen.add(file)
                yield file


def _one(
    said: str,
    chart: Chart,
    tree: Tree,
    base: Path | None,
    refs: Mapping[str, Source],
    lenient: bool,
    world: World,
) -> Path | None:
    try:
        if base is None and not said.startswith("$"):
            return chart.member(said)
        return file_of(said, tree, base, refs, world)
    except DeclaredError as error:
        if lenient and str(error).startswith("there is no "):
            return None
        raise


def _matching(
    said: str, tree: Tree, base: Path | None, refs: Mapping[str, Source], world: World
) -> list[Path]:
    """The files that a glob matches, within its repository."""
    glob, root = said, base
    if said.startswith("$"):
        ref, _, glob = said[1:].partition("/")
        root = file_of(f"${ref}/.", tree, base, refs, world)
    elif said.startswith("/"):
        glob, root = said[1:], tree.root
    if root is None:
        raise DeclaredError(f"{said}: a packaged chart is not searched for values files")
    while glob.startswith(("../", "./")):
        root = root.parent if glob.startswith("../") else root
        glob = glob.partition("/")[2]
    if tree.root != root and not said.startswith("$") and not root.is_relative_to(tree.root):
        raise DeclaredError(f"{said}: leads out of the repository")
    return globs.files(root, glob)


def _flags(
    app: Application,
    said: Mapping[str, Any],
    tree: Tree,
    base: Path | None,
    environment: Mapping[str, str],
    world: World,
) -> Iterator[str]:
    """Parameters as helm's own options: it knows what a dotted name, a list in braces and a number are."""
    for one in entries(said.get("parameters")):
        value = _cleaned(filled(text(one.get("value")), environment))
        yield "--set-string" if one.get("forceString") is True else "--set"
        yield f"{text(one.get('name'))}={value}"
    for one in entries(said.get("fileParameters")):
        path = filled(text(one.get("path")), environment)
        file = file_of(path, tree, base, referred(app, world), world)
        yield "--set-file"
        yield f"{text(one.get('name'))}={_cleaned(str(file))}"
    if said.get("skipSchemaValidation") is True:
        yield "--skip-schema-validation"
    if said.get("skipTests") is True:
        yield "--skip-tests"


def _cleaned(value: str) -> str:
    """A value whose commas don't begin another one. Source: argo-cd, util/helm, cleanSetParameters."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return _COMMA.sub(r"\,", value)
