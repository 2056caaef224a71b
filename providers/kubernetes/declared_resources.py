"""Turns declared objects into resources of their cluster; says which can't be judged, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.finding import Unverifiable
from drift.model import Origin, Problem, Resource
from drift.rule import Rule
from drift.source import BaseDeclaration, LiveView, Location
from providers.kubernetes.declared_left_out import LeftOut
from providers.kubernetes.declared_objects import Found, Manifest
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.names import object_id

DEFAULT_NAMESPACE = "default"
Item = Resource | Unverifiable | Problem


@dataclass(slots=True)
class Objects(BaseDeclaration):
    """A declaration of objects that are known before the live side is. ``notes`` name what was passed over,
    and why; ``_inputs`` is what it was read from (None: not known)."""

    source: str
    location: Location
    _found: Found
    _inputs: Sequence[Path] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._found.passed_over)

    def types(self) -> frozenset[tuple[str, str]]:
        return types(self._found.manifests)

    def resources(self, live: LiveView) -> Iterator[Item]:
        yield from self._found.problems
        yield from translate(self._found.manifests, self.source, self.location, live)

    def rules(self) -> Iterable[Rule]:
        return left_out(self._found.manifests, self.location)

    def inputs(self) -> Iterable[Path] | None:
        return self._inputs


def types(manifests: Iterable[Manifest]) -> frozenset[tuple[str, str]]:
    """(provider, type) of what will be looked for."""
    return frozenset(("kubernetes", str(one.type)) for one in manifests if not _left_out(one))


def left_out(manifests: Iterable[Manifest], location: Location) -> Iterable[Rule]:
    """The rule for what is left out on purpose; none where nothing is."""
    several = [one for one in manifests if _left_out(one)]
    if not several:
        return ()
    rule = LeftOut(location.option("scope"), location.option("namespace") or DEFAULT_NAMESPACE)
    rule.add(several)
    return (rule,)


def translate(
    manifests: Iterable[Manifest],
    source: str,
    location: Location,
    live: LiveView,
    beside: Iterable[Manifest] = (),
) -> Iterator[Resource | Unverifiable]:
    """Every object as a resource of its cluster, or why no verdict on it is possible. ``beside`` is what is
    declared for the same cluster elsewhere."""
    several = list(manifests)
    asked = location.option("scope")
    cluster = Cluster.of(live, asked, (*beside, *several))
    namespace = location.option("namespace") or DEFAULT_NAMESPACE
    for one in several:
        yield _resource(one, cluster, namespace, _origin(one, source, location), live)


def _resource(
    one: Manifest, cluster: Cluster, default: str, origin: Origin, live: LiveView
) -> Resource | Unverifiable:
    namespaced = cluster.namespaced(one.type)
    namespace = None if namespaced is False else one.namespace or (default if namespaced else None)
    left_out = _left_out(one)
    if left_out is not None:
        id_ = object_id(namespace, one.name or f"{one.metadata.get('generateName')}*")
        return Unverifiable("kubernetes", cluster.scope, str(one.type), id_, "", left_out, origin)
    assert one.name is not None
    found = object_id(namespace, one.name)
    id_or_none: str | None = found
    if namespaced is None and namespace is None:
        id_or_none, namespace = _looked_up(one, cluster, default, live)
    return Resource(
        provider="kubernetes",
        scope=cluster.scope,
        type=str(one.type),
        id=id_or_none,
        attributes=_placed(one, namespace),
        name=one.name,
        origin=origin,
    )


def _looked_up(
    one: Manifest, cluster: Cluster, default: str, live: LiveView
) -> tuple[str | None, str | None]:
    """(id, namespace) of an object of which nothing tells whether it has a namespace: as it is found live."""
    for namespace in (default, None):
        if find(live, cluster, one.type, object_id(namespace, str(one.name))) is not None:
            return object_id(namespace, str(one.name)), namespace
    return None, None


def find(live: LiveView, cluster: Cluster, type_: Any, id_: str) -> Resource | None:
    """The live object, in whatever version it was read."""
    for spelled in cluster.spellings(type_):
        found = live.find("kubernetes", cluster.scope or None, spelled, id_)
        if found is not None:
            return found
    return None


def _placed(one: Manifest, namespace: str | None) -> dict[str, Any]:
    """The object as the API server keeps it: in its namespace, or in none (it clears that of a cluster-wide
    one)."""
    metadata = {name: item for name, item in one.metadata.items() if name != "namespace"}
    if namespace:
        metadata["namespace"] = namespace
    return {**one.body, "metadata": metadata}


def _left_out(one: Manifest) -> str | None:
    """Why an object is not one to be found in a cluster for good."""
    if one.left_out:
        return one.left_out
    if not one.name:
        return "the API server chooses its name (generateName), so each creation makes another object"
    return None if one.applied_as_is else hook(one.annotations)


def hook(annotations: Mapping[str, Any]) -> str | None:
    """Why an object is a step of its deployment: it is run, and may be deleted again. None where it is not.

    Source: helm.sh "Chart Hooks"; argo-cd.readthedocs.io "Sync Phases and Waves".
    """
    helm = annotations.get("helm.sh/hook")
    if helm:
        if any(word.strip().startswith("test") for word in str(helm).split(",")):
            return "a Helm test: run when asked, not kept"
        return f"a Helm hook ({helm}): run while deploying, not kept"
    argo = annotations.get("argocd.argoproj.io/hook")
    if argo == "Skip":
        return "Argo CD is told to skip it (argocd.argoproj.io/hook: Skip)"
    return f"an Argo CD hook ({argo}): run while deploying, not kept" if argo else None


def _origin(one: Manifest, source: str, location: Location) -> Origin:
    return Origin(
        source,
        file=one.file,
        line=one.line,
        address=one.address,
        commit=location.commit,
        url=location.url,
        lines=one.lines,
        via=one.via,
        by=one.by,
    )
