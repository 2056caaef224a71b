"""What the live side says that Flux has done: the commit that it applied, why it mends nothing, what it
made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.model import Resource
from providers.kubernetes.engines.flux.said import (
    INSTANCE,
    KUSTOMIZATION,
    RELEASE,
    RESOURCE_SET,
    SOURCES,
    mapping,
    reference,
    several,
    spec_of,
    text,
)
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.world import World
from providers.kubernetes.exceptions import label

#: ``main@sha1:…`` since v1beta2, ``main/…`` before. Source: fluxcd.io, "Source API", Artifact revision.
_REVISION = re.compile(r"(?:.*[@/:])?([0-9a-f]{40}|[0-9a-f]{64})")
#: Source: kustomize-controller and helm-controller; fluxoperator.dev, "FluxInstance CRD", "ResourceSet CRD".
_OWNERS = (
    ("kustomize.toolkit.fluxcd.io", KUSTOMIZATION),
    ("helm.toolkit.fluxcd.io", RELEASE),
    ("resourceset.fluxcd.controlplane.io", RESOURCE_SET),
    ("fluxcd.controlplane.io", INSTANCE),
)
_LONGEST = 200


def commit(revision: str) -> str | None:
    """The commit that a revision names."""
    found = _REVISION.fullmatch(revision)
    return found[1] if found else None


def applied(owner: Ref, world: World) -> str | None:
    """The commit that an object of Flux was last applied from: a Kustomization's own; that of the
    Kustomization that made a release."""
    if owner.key == KUSTOMIZATION:
        return commit(text(_status(owner, world).get("lastAppliedRevision")))
    made = world.declared(owner)
    if made is None or made.owner is None or made.owner == owner:
        return None
    live = world.found(owner)
    if live is None:
        return None
    generation = mapping(live.attributes.get("metadata")).get("generation")
    observed = mapping(live.attributes.get("status")).get("observedGeneration")
    if generation is not None and observed is not None and generation != observed:
        return None
    return applied(made.owner, world)


def stays(owner: Ref, world: World) -> str:
    """Why Flux does not mend what differs of an object's own; empty where it would."""
    live = world.found(owner)
    if live is None:
        return ""
    spec = spec_of(live.attributes)
    if spec.get("suspend") is True:
        return f"{owner} is suspended"
    told = _failure(live.attributes)
    if told:
        return f"{owner}: {told}"
    if owner.key == RELEASE:
        mode = text(mapping(spec.get("driftDetection")).get("mode"))
        if mode != "enabled":
            return f"{owner} does not correct what differs (driftDetection.mode: {mode or 'disabled'})"
    source = _source(owner, spec)
    there = world.found(source) if source is not None else None
    if there is not None and spec_of(there.attributes).get("suspend") is True:
        return f"its source {source} is suspended"
    if there is not None and (told := _failure(there.attributes)):
        return f"its source {source}: {told}"
    return ""


def inventory(owner: Ref, world: World, scope: str) -> frozenset[Ref] | None:
    """What the live object says that it made."""
    entries = mapping(_status(owner, world).get("inventory")).get("entries")
    if not isinstance(entries, list):
        return None
    found = (_entry(text(mapping(one).get("id")), scope) for one in entries)
    return frozenset(one for one in found if one is not None)


def claims(live: Resource) -> Ref | None:
    """The object of Flux whose labels a live one bears."""
    for group, key in _OWNERS:
        name, namespace = label(live, f"{group}/name"), label(live, f"{group}/namespace")
        if name and namespace:
            return Ref(live.scope, key, namespace, name)
    return None


def _entry(id_: str, scope: str) -> Ref | None:
    """``namespace_name_group_Kind``, in which ``__`` of a name stands for ``:``.

    Source: sigs.k8s.io/cli-utils, pkg/object/objmetadata.go.
    """
    namespace, sign, rest = id_.partition("_")
    rest, second, kind = rest.rpartition("_")
    name, third, group = rest.rpartition("_")
    if not (sign and second and third and name and kind):
        return None
    return Ref(scope, f"{group}/{kind}" if group else kind, namespace, name.replace("__", ":"))


def _status(owner: Ref, world: World) -> Mapping[str, Any]:
    live = world.found(owner)
    return {} if live is None else mapping(live.attributes.get("status"))


def _failure(body: Mapping[str, Any]) -> str:
    """What the conditions say against it."""
    conditions = mapping(body.get("status")).get("conditions")
    said = {
        text(mapping(one).get("type")): mapping(one)
        for one in several(conditions)
        if isinstance(one, Mapping)
    }
    for name, bad in (("Stalled", "True"), ("Ready", "False")):
        one = said.get(name, {})
        if one.get("status") == bad:
            told = " ".join(text(one.get("message")).split())
            shown = told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"
            words = "is stalled" if name == "Stalled" else "its last run failed"
            return f"{words}: {shown or text(one.get('reason')) or 'it does not say why'}"
    return ""


def _source(owner: Ref, spec: Mapping[str, Any]) -> Ref | None:
    said = spec.get("sourceRef") or spec.get("chartRef")
    said = said or mapping(mapping(spec.get("chart")).get("spec")).get("sourceRef")
    kind, namespace, name = reference(said, owner.namespace)
    return Ref(owner.scope, f"{SOURCES}/{kind}", namespace, name) if kind and name else None
