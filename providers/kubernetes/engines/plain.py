"""The steps of what lies in a folder and is applied as it is: a Kustomize folder, a chart, plain files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from drift.model import Problem
from drift.source import Location
from providers.kubernetes.declared_charts import Chart
from providers.kubernetes.declared_resources import DEFAULT_NAMESPACE
from providers.kubernetes.declared_units import Unit
from providers.kubernetes.engines import ansible, apart
from providers.kubernetes.engines.chart_dependencies import complete
from providers.kubernetes.engines.objects import Ref, Rendered
from providers.kubernetes.engines.world import World
from providers.kubernetes.helm_template import SOURCE, Template


@dataclass(frozen=True)
class Applied:
    """A unit of the own repository that nobody but people applies."""

    unit: Unit
    scope: str
    via: tuple[str, ...] = ()
    owner: Ref | None = None

    @property
    def key(self) -> str:
        return f"{self.scope}|{self.unit.kind}|{self.unit.folder}"

    @property
    def takes(self) -> Path | None:
        return None

    def rendered(self, world: World) -> Rendered:
        """Raises DeclaredError in the renderer's words."""
        folder, tree = self.unit.folder, world.tree
        namespace = world.options.get("namespace") or DEFAULT_NAMESPACE
        if self.unit.kind == "kustomize":
            remote = bool(world.options.get("remote"))
            helm = bool(world.options.get("enable-helm"))
            whole = apart.rendered(tree, folder, world, remote=remote or helm, enable_helm=helm)
            return Rendered(whole.found, tree, namespace, unfollowed=whole.unfollowed)
        if self.unit.kind == "ansible":
            return ansible.rendered(self.unit, self.scope, world)
        if self.unit.kind == "files":
            return Rendered(world.renderers.files(tree, self.unit.inputs), tree, namespace)
        chart = complete(Chart.of(Location(folder, tree.shown(folder))), tree, world)
        template = Template(chart, chart.name, namespace, world.deadline)
        found, remark = world.renderers.helm(template, world.cluster(self.scope))
        if remark:
            found.problems.append(Problem(SOURCE, remark))
        return Rendered(found, tree, namespace, template=template)


def applied(several: Iterable[Unit], scope: str) -> list[Applied]:
    """The steps of some units."""
    return [Applied(one, scope) for one in several]
