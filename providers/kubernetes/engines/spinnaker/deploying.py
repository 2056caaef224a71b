"""Makes of manifests what Spinnaker sends to the cluster: versions named, references and images bound, marks
added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drift.model import Resource
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.engines.objects import Ref, Rendered, Unfollowed
from providers.kubernetes.engines.spinnaker import binding, marks
from providers.kubernetes.engines.spinnaker.deleting import Deletion
from providers.kubernetes.engines.spinnaker.expressions import is_expression, without
from providers.kubernetes.engines.spinnaker.pipelines import Stage
from providers.kubernetes.engines.spinnaker.versions import Versions, is_versioned, version_of
from providers.kubernetes.engines.world import World

_CAPACITY = "strategy.spinnaker.io/use-source-capacity"


class Deploying:
    """All that is deployed of one entry. ``bodies`` are the manifests of what is versioned, as they are
    written."""

    def __init__(self, world: World, deletions: Sequence[Deletion] = ()) -> None:
        self._world, self._versions, self._deletions = world, Versions(world), deletions
        self.bodies: dict[Ref, Mapping[str, Any]] = {}
        self._services: dict[tuple[str, str, str], Mapping[str, Any]] = {}

    def see(self, scope: str, raw: Rendered, stage: Stage | None) -> None:
        """Notes what is declared, before anything is made of it."""
        for one in raw.found.manifests:
            if one.name is None or one.left_out or _unnamed(one):
                continue
            ref = self._ref(scope, one, raw)
            if is_versioned(one.type.key, one.annotations, {} if stage is None else stage.said):
                self.bodies.setdefault(ref, one.body)
                self._versions.join(ref, one.body)
            elif one.type.key == "Service":
                selector = (one.body.get("spec") or {}).get("selector")
                self._services[scope, ref.namespace, one.name] = (
                    selector if isinstance(selector, Mapping) else {}
                )

    def made(self, scope: str, raw: Rendered, stage: Stage | None) -> Rendered:
        """What is sent to the cluster."""
        found = replace(raw.found, manifests=[], problems=list(raw.found.problems))
        made = Rendered(found, raw.tree, raw.namespace)
        for one in raw.found.manifests:
            if _unnamed(one):
                what = f"{one.type.kind} {one.name} ({one.where})"
                why = "an expression gives its name or its place, which only an execution knows"
                via = () if stage is None else stage.via
                made.unfollowed.append(Unfollowed(what, why, None, via))
            else:
                found.manifests.append(self._deployed(scope, one, raw, stage))
        return made

    def _deployed(self, scope: str, one: Manifest, raw: Rendered, stage: Stage | None) -> Manifest:
        if one.name is None or one.left_out:
            return one
        ref = self._ref(scope, one, raw)
        own = self._versions.joined.get(ref, one.name)
        live = self._world.found(ref._replace(name=own))
        attributes = None if live is None else live.attributes

        def named(kind: str, name: str, other: Any) -> str:
            return self._named(Ref(scope, kind, ref.namespace, name), other)

        images = frozenset[str]() if stage is None else stage.images
        body = binding.bound(one.body, attributes, named, images)
        if stage is None or stage.evaluates:
            body = {**without({**body, "metadata": {}}), "metadata": without(body["metadata"])}
        body["metadata"] = {**body["metadata"], "name": own}
        if attributes is not None:
            _keep_capacity(one, body, attributes)
            services = _services(stage)
            marks.marked(body, attributes, services, lambda name: self._selector(ref, name))
        why = self._gone(one, ref, stage) if live is None else ""
        return replace(one, body=body, left_out=why, applied_as_is=True)

    def _gone(self, one: Manifest, ref: Ref, stage: Stage | None) -> str:
        """Why an object may be gone though nobody else took it away; empty where it is to stay."""
        if stage is not None and stage.condition:
            return f"it is deployed only where {stage.condition}"
        account = None if stage is None else stage.account
        found = next((each for each in self._deletions if each.takes(one, ref.namespace, account)), None)
        return "" if found is None else f"the stage {found.stage!r} deletes it again"

    def _named(self, ref: Ref, live: Any) -> str:
        """The live name of what a manifest refers to: of a version that is declared the joined one, of
        another that Spinnaker made the one that is used."""
        joined = self._versions.joined.get(ref)
        if joined == ref.name and binding.may_be_version(ref.name, live):
            return str(live)  # the version is gone, which is told of itself
        if joined is not None:
            return joined
        if binding.may_be_version(ref.name, live):
            found = self._world.found(ref._replace(name=live))
            told = None if found is None else version_of(found)
            if told is not None and told[0] == ref.name:
                return str(live)
        return ref.name

    def _selector(self, ref: Ref, service: str) -> Mapping[str, Any]:
        declared = self._services.get((ref.scope, ref.namespace, service))
        if declared is not None:
            return declared
        live: Resource | None = self._world.found(Ref(ref.scope, "Service", ref.namespace, service))
        said = None if live is None else (live.attributes.get("spec") or {}).get("selector")
        return said if isinstance(said, Mapping) else {}

    def _ref(self, scope: str, one: Manifest, raw: Rendered) -> Ref:
        namespace = one.namespace or raw.namespace or ""
        if self._world.cluster(scope).namespaced(one.type) is False:
            namespace = ""
        return Ref(scope, one.type.key, namespace, str(one.name))


def _unnamed(one: Manifest) -> bool:
    return any(map(is_expression, (one.name, one.namespace)))


def _services(stage: Stage | None) -> list[str]:
    """The Services that a stage has traffic sent from."""
    said = {} if stage is None else stage.said.get("trafficManagement")
    options = said.get("options") if isinstance(said, Mapping) and said.get("enabled") else None
    several = options.get("services") if isinstance(options, Mapping) else None
    return [one for one in several if isinstance(one, str)] if isinstance(several, list) else []


def _keep_capacity(one: Manifest, body: dict[str, Any], live: Mapping[str, Any]) -> None:
    """As many replicas as there were, where the manifest says so."""
    replicas = (live.get("spec") or {}).get("replicas")
    asked = str(one.annotations.get(_CAPACITY)).lower() == "true"
    if asked and isinstance(body.get("spec"), dict) and isinstance(replicas, int):
        body["spec"]["replicas"] = replicas
