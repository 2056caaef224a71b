"""Charts that need others which do not lie in them: completed in a copy, as ``helm dependency build`` would.

Source: helm.sh/docs, "helm dependency".
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drift import reading, temporary
from drift.errors import DeclaredError
from drift.safe_yaml import YamlError, load
from drift.source import Location
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.declared_folders import CHART, is_chart
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.engines.world import World

_KEPT = "charts that were completed"
_DEEPEST = 8
_LOCKS = ("Chart.lock", "requirements.lock")
_SAID = (CHART, "requirements.yaml")


@dataclass
class _Kept:
    """The charts that one following completed, and why others could not be."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    charts: dict[Path, Chart | DeclaredError] = field(default_factory=dict)


def complete(chart: Chart, tree: Tree, world: World) -> Chart:
    """A chart of a folder with all that it depends on; itself where nothing is missing. Raises NotFollowed
    where a dependency may not be fetched, DeclaredError where it can't be had."""
    kept: _Kept = world.memory.setdefault(_KEPT, _Kept())
    with kept.lock:
        if chart.path not in kept.charts:
            try:
                kept.charts[chart.path] = _complete(chart, tree, world, 0)
            except DeclaredError as error:
                kept.charts[chart.path] = error
        found = kept.charts[chart.path]
    if isinstance(found, DeclaredError):
        raise found
    return replace(found, display=chart.display)


def _complete(chart: Chart, tree: Tree, world: World, depth: int) -> Chart:
    missing = [one for one in _dependencies(chart.path) if not _is_there(chart.path, str(one["name"]))]
    if not missing:
        return chart
    if depth > _DEEPEST:
        raise DeclaredError(f"{chart.display}: its dependencies lead on for more than {_DEEPEST} charts")
    locked = {str(one["name"]): str(one.get("version") or "") for one in _read(chart.path, _LOCKS)}
    told = hashlib.sha256(str(chart.path).encode()).hexdigest()[:24]
    place = temporary.home() / "complete" / told
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(chart.path, place, symlinks=True)
    (place / "charts").mkdir(exist_ok=True)
    for one in missing:
        _add(one, locked, chart, place / "charts", tree, world, depth)
    return replace(chart, path=place)


def _add(
    one: Mapping[str, Any],
    locked: Mapping[str, str],
    chart: Chart,
    charts: Path,
    tree: Tree,
    world: World,
    depth: int,
) -> None:
    """Puts one dependency into the copy's ``charts``."""
    name, url = str(one["name"]), str(one.get("repository") or "")
    version = locked.get(name) or str(one.get("version") or "")
    if url.startswith("file://"):
        folder = tree.place(url.removeprefix("file://"), chart.path)
        own = _complete(Chart.of(Location(folder, tree.shown(folder))), tree, world, depth + 1)
        shutil.copytree(own.path, charts / name, symlinks=True)
        return
    called = f"its chart needs the chart {name} {version} of {url or 'no repository'}"
    if not re.match(r"(https?|oci)://", url):
        raise NotFollowed(f"{called}, and nothing tells where that is")
    try:
        got = world.charts.of(url, name, version)
    except NotFollowed as error:
        raise NotFollowed(f"{called}: {error}") from error
    if got.path.is_dir():
        shutil.copytree(got.path, charts / name, symlinks=True)
    else:
        shutil.copyfile(got.path, charts / got.path.name)


def _is_there(folder: Path, name: str) -> bool:
    charts = folder / "charts"
    archive = re.compile(rf"{re.escape(name)}-v?\d.*\.tgz")
    if is_chart(charts / name):
        return True
    return charts.is_dir() and any(archive.fullmatch(one.name) for one in charts.iterdir())


def _dependencies(folder: Path) -> list[Mapping[str, Any]]:
    return list(_read(folder, _SAID))


def _read(folder: Path, names: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """The entries of ``dependencies`` with a name in the files that are there; what is broken helm says."""
    for name in names:
        file = folder / name
        if not file.is_file():
            continue
        try:
            said = load(reading.content(file, name))
        except (DeclaredError, YamlError):
            continue
        several = said.get("dependencies") if isinstance(said, dict) else None
        for one in several if isinstance(several, list) else ():
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                yield one
