"""How each object of a deployer's repository comes about, for whoever is to edit it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.finding import Unverifiable
from drift.model import Resource
from drift.pointer import get
from providers.kubernetes.declared_folders import is_chart, kustomization
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.engines.objects import Ref, Rendered
from providers.kubernetes.engines.pending import Name, name_of
from providers.kubernetes.engines.plain import Applied
from providers.kubernetes.engines.step import Step
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World

#: Engines' objects that have charts rendered; the first also applies other folders.
_OF_CHARTS = ("argoproj.io/Application", "helm.toolkit.fluxcd.io/HelmRelease")


@dataclass(frozen=True, slots=True)
class Making:
    """How one object comes about. ``own`` says that it stands in the entry's own repository as it lies there;
    ``chart`` that a chart makes it; ``folder`` is the Kustomize folder that it is rendered from, from the
    repository's top; ``owner`` the engine's object that applies it, as far as it is declared there, and
    ``by`` what that is called; ``values`` are the files of a chart's values, from the repository's top, those
    that win first."""

    own: bool
    chart: bool = False
    folder: Path | None = None
    owner: Manifest | None = None
    by: Ref | None = None
    values: tuple[Path, ...] = ()


@dataclass(slots=True)
class Makings:
    """All that one following told. ``tree`` is the entry's own."""

    tree: Tree
    _known: dict[Name, tuple[Step, Rendered, World]] = field(default_factory=dict)

    def see(self, one: Resource | Unverifiable, step: Step, made: Rendered, world: World) -> None:
        """Notes what makes an object."""
        self._known.setdefault(name_of(one), (step, made, world))

    def of(self, declared: Resource) -> Making | None:
        """How a declared object comes about; None where it is none of these."""
        found = self._known.get(name_of(declared))
        if found is None:
            return None
        step, made, world = found
        folder = step.unit.folder if isinstance(step, Applied) else step.takes
        chart = made.template is not None or (folder is not None and is_chart(folder))
        if step.owner is not None and step.owner.key in _OF_CHARTS:
            chart = chart or not made.tree.own or step.owner.key != _OF_CHARTS[0]
        if chart or folder is None or kustomization(folder) is None:
            folder = None
        above = None if step.owner is None else world.declared(step.owner)
        return Making(
            made.tree is self.tree,
            chart,
            None if folder is None else folder.relative_to(self.tree.root),
            None if above is None or above.tree is not self.tree else above.manifest,
            step.owner,
            tuple(self._values(step, above.manifest.body)) if chart and above is not None else (),
        )

    def _values(self, step: Step, body: Mapping[str, Any]) -> Iterator[Path]:
        """The files of the own repository that an engine's object takes its chart's values from."""
        root, chart = self.tree.root, step.takes
        said, base = get(body, ("spec", "source", "helm", "valueFiles")), chart
        named = get(body, ("spec", "chart", "spec", "chart"))
        if isinstance(named, str) and named.startswith("."):
            said, base = get(body, ("spec", "chart", "spec", "valuesFiles")), root
            chart = root / named
        if chart is None or base is None or not is_chart(chart):
            return
        names = [one for one in reversed(said) if isinstance(one, str)] if isinstance(said, list) else []
        for file in (*(base / one for one in names), chart / "values.yaml"):
            there = Path(os.path.normpath(file))
            if there.is_relative_to(root) and there.is_file():
                yield there.relative_to(root)
