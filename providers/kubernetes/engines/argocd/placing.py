"""What Argo CD does with rendered objects before it applies them: marks, exclusions, the project's limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.engines.argocd.applications import Application
from providers.kubernetes.engines.argocd.projects import Project
from providers.kubernetes.engines.argocd.settings import Settings
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.world import World


def ref_of(one: Manifest, app: Application, scope: str, world: World) -> Ref:
    """What an object that an Application makes is called."""
    namespace = one.namespace or app.namespace
    if world.cluster(scope).namespaced(one.type) is False:
        namespace = ""
    return Ref(scope, one.type.key, namespace, one.name or "")


def placed(
    several: Iterable[Manifest], app: Application, scope: str, settings: Settings, world: World
) -> Iterator[Manifest]:
    """The objects as Argo CD applies them."""
    project = Project.of(app, settings.namespace, world)
    for one in several:
        ref = ref_of(one, app, scope, world)
        why = one.left_out or settings.left_out(one.type, app.destination)
        if not why and project is not None:
            why = project.refuses_object(one.type, ref.name, ref.namespace, app)
        yield replace(_marked(one, ref, app, settings, world), left_out=why)


def _marked(one: Manifest, ref: Ref, app: Application, settings: Settings, world: World) -> Manifest:
    """With the label that Argo CD knows its objects by, where the live one bears the Application's: it
    stands in place of a chart's own.

    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
    """
    if settings.tracking == "annotation" or not one.name:
        return one
    live = world.found(ref)
    key, instance = settings.instance_label, app.instance(settings.namespace)
    labels = ((live.attributes if live else {}).get("metadata") or {}).get("labels") or {}
    if not isinstance(labels, dict) or labels.get(key) != instance:
        return one
    own = one.metadata.get("labels")
    metadata = {**one.metadata, "labels": {**(own if isinstance(own, dict) else {}), key: instance}}
    return replace(one, body={**one.body, "metadata": metadata})
