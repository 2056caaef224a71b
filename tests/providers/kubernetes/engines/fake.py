"""A small deployer, by which what all engines have in common is tested: a ``Release`` applies a folder of
plain manifests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from drift.model import Resource
from drift.pointer import get
from providers.kubernetes.engines.objects import Made, Ref, Rendered, Unfollowed
from providers.kubernetes.engines.step import BaseEngine, Step
from providers.kubernetes.engines.trees import NotFollowed
from providers.kubernetes.engines.world import World

KIND = "deploy.example/Release"
CONTROLLER = "kustomize-controller"
OWN = "https://git.example/shop"
_MARKS = ("kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace")


@dataclass(frozen=True)
class Folder:
    """What one Release applies."""

    made: Made
    via: tuple[str, ...]

    @property
    def key(self) -> str:
        return str(self.made.ref)

    @property
    def scope(self) -> str:
        return self.made.ref.scope

    @property
    def owner(self) -> Ref:
        return self.made.ref

    @property
    def takes(self) -> Path | None:
        spec = self.made.manifest.body["spec"]
        return self.made.tree.root / spec["path"] if "path" in spec and "url" not in spec else None

    def rendered(self, world: World) -> Rendered:
        spec = self.made.manifest.body["spec"]
        url = spec.get("url", OWN)
        if url != OWN:
            raise NotFollowed(f"{url} is not fetched: add it to the entry's `fetch` to have it read")
        tree = world.tree
        folder = tree.place(spec["path"])
        files = sorted(one for one in folder.iterdir() if one.suffix == ".yaml")
        return Rendered(world.renderers.files(tree, files), tree, self.made.ref.namespace)


class Fake(BaseEngine):
    """The engine."""

    name = "fake"
    controllers = (CONTROLLER,)

    def follow(self, world: World) -> Iterable[Step]:
        for one in world.of(KIND):
            yield Folder(one, (*one.manifest.via, str(one.ref)))

    def unfollowed(self, world: World) -> Sequence[Unfollowed]:
        return ()

    def applied(self, step: Step, world: World) -> str | None:
        live = world.found(step.owner) if step.owner else None
        found = get(live.attributes, ("status", "revision")) if live is not None else None
        return found if isinstance(found, str) else None

    def stays(self, owner: Ref, world: World) -> str:
        live = world.found(owner)
        if live is not None and get(live.attributes, ("spec", "suspend")):
            return f"{owner} is suspended"
        return ""

    def inventory(self, owner: Ref, world: World) -> frozenset[Ref] | None:
        live = world.found(owner)
        said = get(live.attributes, ("status", "inventory")) if live is not None else None
        if not isinstance(said, list):
            return None
        return frozenset(Ref(owner.scope, *one.split("|")) for one in said)

    def claims(self, live: Resource) -> Ref | None:
        labels = get(live.attributes, ("metadata", "labels")) or {}
        name, namespace = (labels.get(mark) for mark in _MARKS)
        return Ref(live.scope, KIND, namespace, name) if name and namespace else None


def marks(id_: str) -> dict[str, str]:
    """The labels of what a Release made."""
    namespace, _, name = id_.rpartition("/")
    return dict(zip(_MARKS, (name, namespace), strict=True))
