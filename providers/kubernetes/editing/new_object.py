"""Makes a manifest of a live object: what people write, without what the cluster fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.editing.target import pruned, terms
from drift.editor import NotEdited, Wish
from drift.model import MISSING
from providers.kubernetes.editing.places import holds_secret

#: Of an object's metadata what people write.
_METADATA = ("name", "namespace", "labels", "annotations")
#: Annotations and labels that tools keep, by what they begin with.
_KEPT_BY_TOOLS = (
    "kubectl.kubernetes.io/",
    "deployment.kubernetes.io/",
    "autoscaling.alpha.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
    "batch.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "endpoints.kubernetes.io/",
    "argocd.argoproj.io/tracking-id",
    "kubernetes.io/metadata.name",
)
#: Marks of what another tool made, and which.
_MADE_BY = {
    "meta.helm.sh/release-name": "the Helm release",
    "helm.toolkit.fluxcd.io/name": "Flux's HelmRelease",
    "kustomize.toolkit.fluxcd.io/name": "Flux's Kustomization",
    "olm.owner": "the operator",
}


def bodies(wish: Wish) -> Iterator[dict[str, Any]]:
    """The manifest of an unmanaged object: without known defaults, then with them. Raises NotEdited for what
    is not declared by itself."""
    live = wish.finding.live
    if live is None:
        raise NotEdited("it is not live")
    _check(live.attributes)
    facts, context = terms(wish, live)
    kept = {
        name: value
        for name, value in live.attributes.items()
        if name not in ("apiVersion", "kind", "metadata", "status")
    }
    head = {name: live.attributes.get(name) for name in ("apiVersion", "kind")}
    metadata = _metadata(live.attributes.get("metadata") or {})
    small = {name: pruned(value, facts.child(name), context) for name, value in kept.items()}
    told = []
    for said in ({name: value for name, value in small.items() if value is not MISSING}, kept):
        body = {**head, "metadata": metadata, **said}
        if holds_secret(body):
            raise NotEdited("it holds a secret, which is never written to Git")
        if body not in told:
            told.append(body)
            yield body


def _check(body: Mapping[str, Any]) -> None:
    metadata = body.get("metadata") or {}
    if body.get("kind") == "Secret":
        raise NotEdited("a Secret is never written to Git")
    for owner in metadata.get("ownerReferences") or ():
        raise NotEdited(f"it is made by {owner.get('kind')} {owner.get('name')}: declare that one")
    for mark, what in _MADE_BY.items():
        name = (metadata.get("annotations") or {}).get(mark) or (metadata.get("labels") or {}).get(mark)
        if name:
            raise NotEdited(f"it is made by {what} {name}: declare that one")


def _metadata(said: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _METADATA:
        value = said.get(name)
        if isinstance(value, Mapping):
            value = {key: item for key, item in value.items() if not key.startswith(_KEPT_BY_TOOLS)}
        if value:
            found[name] = value
    return found
