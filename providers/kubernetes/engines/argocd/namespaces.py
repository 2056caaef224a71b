"""The namespaces that Argo CD makes for Applications with ``CreateNamespace=true``.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#create-namespace
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.engines.argocd.applications import Application
from providers.kubernetes.engines.argocd.destinations import scope_of
from providers.kubernetes.engines.argocd.said import mapping, option, text
from providers.kubernetes.engines.objects import Made, Ref, Rendered
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World
from providers.kubernetes.names import TypeName

_NAMESPACE = TypeName("", "v1", "Namespace")
#: What every cluster has.
_THERE = frozenset(("default", "kube-system", "kube-public", "kube-node-lease"))


@dataclass(frozen=True)
class Created:
    """The step of one namespace: as the first Application says that makes it, with all others' metadata."""

    name: str
    scope: str
    app: Application
    made: Made
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"argocd|{self.scope}|namespace {self.name}"

    @property
    def via(self) -> tuple[str, ...]:
        return self.app.via

    @property
    def owner(self) -> Ref:
        return self.app.ref

    @property
    def takes(self) -> Path | None:
        return None

    def beside(self, other: Created) -> Created:
        """With what another Application says of the same namespace."""
        return replace(
            self,
            labels={**other.labels, **self.labels},
            annotations={**other.annotations, **self.annotations},
        )

    def rendered(self, world: World) -> Rendered:
        metadata: dict[str, Any] = {"name": self.name}
        if self.labels:
            metadata["labels"] = dict(self.labels)
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        origin = self.made.manifest
        return Rendered(Found([Manifest(_NAMESPACE, body, origin.file, origin.line)]), self.made.tree)


def wanted(apps: Iterable[Application], world: World) -> Iterator[Created]:
    """The namespaces that Applications have made and nothing declares."""
    for app in apps:
        if not option(app.options, "CreateNamespace") or not app.namespace or app.made is None:
            continue
        try:
            scope = scope_of(app.server, app.cluster, world)
        except NotFollowed:
            continue
        declared = world.declared(Ref(scope, "Namespace", "", app.namespace))
        if app.namespace in _THERE or declared is not None:
            continue
        managed = mapping(app.spec, "syncPolicy", "managedNamespaceMetadata")
        labels = {key: text(value) for key, value in mapping(managed, "labels").items()}
        annotations = {key: text(value) for key, value in mapping(managed, "annotations").items()}
        yield Created(app.namespace, scope, app, app.made, labels, annotations)
