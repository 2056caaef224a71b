"""What Argo CD itself is told: ``argocd-cm``, declared or else live.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-cm-yaml/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from drift.safe_yaml import YamlError, load
from providers.kubernetes.engines.argocd.said import entries, text
from providers.kubernetes.engines.world import World
from providers.kubernetes.exceptions import texts
from providers.kubernetes.names import TypeName

CONFIG = "argocd-cm"
INSTANCE_LABEL = "app.kubernetes.io/instance"
NAMESPACE = "argocd"


@dataclass(frozen=True)
class Settings:
    """``namespace`` is the control plane's; ``said`` what argocd-cm holds; ``known`` whether it was found."""

    namespace: str = NAMESPACE
    said: Mapping[str, str] = field(default_factory=dict)
    known: bool = False

    @classmethod
    def of(cls, world: World) -> Settings:
        """The first that is declared, else the only live one."""
        key = f"argocd: settings of {len(world.known.get('ConfigMap', ()))} ConfigMaps"
        if key not in world.memory:
            world.memory[key] = cls._of(world)
        known: Settings = world.memory[key]
        return known

    @classmethod
    def _of(cls, world: World) -> Settings:
        for one in world.of("ConfigMap"):
            if one.manifest.name == CONFIG and one.ref.namespace:
                data = one.manifest.body.get("data")
                return cls(one.ref.namespace, _texts(data), True)
        live = [one for one in world.every(world.scope, "ConfigMap") if (one.id or "").endswith(f"/{CONFIG}")]
        if len(live) == 1:
            namespace = (live[0].id or "").partition("/")[0]
            return cls(namespace, _texts(live[0].attributes.get("data")), True)
        return cls()

    @property
    def tracking(self) -> str:
        """``label``, ``annotation``, ``annotation+label``; empty where nothing tells (the default changed
        with version 3)."""
        return self.said.get("application.resourceTrackingMethod", "")

    @property
    def instance_label(self) -> str:
        return self.said.get("application.instanceLabelKey") or INSTANCE_LABEL

    @property
    def build_options(self) -> list[str]:
        """What kustomize is run with."""
        return self.said.get("kustomize.buildOptions", "").split()

    def left_out(self, type_: TypeName, server: str) -> str:
        """Why Argo CD knows nothing of a kind; empty where it does."""
        included = list(self._filters("resource.inclusions"))
        if included and not any(_fits(one, type_, server) for one in included):
            return "Argo CD is told to leave out what is not in resource.inclusions"
        if any(_fits(one, type_, server) for one in self._filters("resource.exclusions")):
            return "Argo CD is told to leave out its kind (resource.exclusions)"
        return ""

    def _filters(self, key: str) -> Iterator[dict[str, Any]]:
        try:
            yield from entries(load(self.said.get(key, "")))
        except YamlError:
            return


def _fits(one: dict[str, Any], type_: TypeName, server: str) -> bool:
    asked = (("apiGroups", type_.group), ("kinds", type_.kind), ("clusters", server))
    return all(
        not one.get(name) or any(fnmatchcase(said, glob) for glob in texts(one[name])) for name, said in asked
    )


def _texts(data: Any) -> dict[str, str]:
    return {str(key): text(value) for key, value in data.items()} if isinstance(data, Mapping) else {}
