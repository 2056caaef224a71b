"""The engine Flux: where it begins, and the steps of its Kustomizations and HelmReleases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drift.model import Resource
from providers.kubernetes.engines.flux import roots, status
from providers.kubernetes.engines.flux.kustomization import build_of
from providers.kubernetes.engines.flux.order import next_of
from providers.kubernetes.engines.flux.release import release_of
from providers.kubernetes.engines.flux.said import KUSTOMIZATION, RELEASE, RESOURCE_SET, spec_of, target
from providers.kubernetes.engines.objects import Ref, Unfollowed
from providers.kubernetes.engines.step import BaseEngine, Step
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

_SEEN = "flux steps"


class Flux(BaseEngine):
    """Flux, version 2."""

    name = "flux"
    controllers = ("kustomize-controller", "helm-controller", "flux-operator")

    def begin(self, world: World) -> Sequence[Step]:
        """Raises DeclaredError where there are several clusters, and nothing tells which is meant."""
        steps = roots.begin(world)
        seen: set[Ref] = world.memory.setdefault(_SEEN, set())
        seen.update(one.owner for one in steps if one.owner is not None)
        return steps

    def follow(self, world: World) -> Iterable[Step]:
        """What is not read yet; what takes values or files of objects that are not known yet comes after
        all else."""
        seen: set[Ref] = world.memory.setdefault(_SEEN, set())
        fresh = [
            made
            for made in world.of(KUSTOMIZATION, RELEASE)
            if made.ref not in seen and not made.manifest.left_out
        ]
        for made in next_of(fresh, world):
            seen.add(made.ref)
            yield build_of(made, world) if made.ref.key == KUSTOMIZATION else release_of(made, world)

    def unfollowed(self, world: World) -> Iterable[Unfollowed]:
        """What the Flux operator makes of templates."""
        for made in world.of(RESOURCE_SET):
            if not made.manifest.left_out:
                why = "it makes objects of a template of its own, which is not read"
                yield Unfollowed(str(made.ref), why, made.ref, made.manifest.via)

    def applied(self, step: Step, world: World) -> str | None:
        return None if step.owner is None else status.applied(step.owner, world)

    def stays(self, owner: Ref, world: World) -> str:
        return status.stays(owner, world)

    def inventory(self, owner: Ref, world: World) -> frozenset[Ref] | None:
        made = world.declared(owner)
        scope = owner.scope
        if made is not None:
            try:
                scope = target(world, owner, spec_of(made.manifest.body))
            except NotFollowed:
                return None
        return status.inventory(owner, world, scope)

    def claims(self, live: Resource) -> Ref | None:
        return status.claims(live)
