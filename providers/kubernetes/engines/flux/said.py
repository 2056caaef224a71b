"""The kinds of Flux, and what its objects say in all their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.model import Unresolved
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

KUSTOMIZATION = "kustomize.toolkit.fluxcd.io/Kustomization"
RELEASE = "helm.toolkit.fluxcd.io/HelmRelease"
SOURCES = "source.toolkit.fluxcd.io"
INSTANCE = "fluxcd.controlplane.io/FluxInstance"
#: What makes objects of a template of its own. Source: fluxoperator.dev, "ResourceSet CRD".
RESOURCE_SET = "fluxcd.controlplane.io/ResourceSet"
GENERATOR = "source.extensions.fluxcd.io/ArtifactGenerator"
NAMESPACE = "flux-system"


def spec_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object's ``spec``; an empty one where it says none."""
    return mapping(body.get("spec"))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping; else an empty one."""
    return value if isinstance(value, Mapping) else {}


def several(value: Any) -> list[Any]:
    """The members of a list; none where it is no list."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value where it is text; else none."""
    return value if isinstance(value, str) else ""


def known(value: Any, what: str) -> str:
    """The value as text. Raises NotFollowed where it holds what can't be known."""
    if isinstance(value, Unresolved):
        raise NotFollowed(f"its {what} {value.reason}")
    return text(value)


def target(world: World, ref: Ref, spec: Mapping[str, Any]) -> str:
    """The cluster that an object's own go to: its own, or the one that ``kubeConfig`` names, by the name of
    its Secret or ConfigMap. Raises NotFollowed where that is none of those that are read."""
    config = mapping(spec.get("kubeConfig"))
    name = text(mapping(config.get("secretRef")).get("name")) or text(
        mapping(config.get("configMapRef")).get("name")
    )
    if not name:
        return ref.scope
    clusters = world.clusters()
    told = mapping(world.options.get("clusters")).get(name)
    bare = name.removesuffix("-kubeconfig").removeprefix("kubeconfig-").removesuffix("-config")
    for one in (told, name, bare):
        if isinstance(one, str) and one in clusters:
            return one
    raise NotFollowed(
        f"it is applied to another cluster (kubeConfig {name}), and none of that name is read: read it, or "
        "say in the entry's `clusters` which of those that are read it is"
    )


def reference(said: Any, namespace: str) -> tuple[str, str, str]:
    """(kind, namespace, name) of a reference."""
    one = mapping(said)
    return text(one.get("kind")), text(one.get("namespace")) or namespace, text(one.get("name"))
