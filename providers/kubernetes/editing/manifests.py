"""The editor of manifests: the field of an object is changed in its document, an object comes or goes."""

from __future__ import annotations

from collections.abc import Iterable

from drift.editing.objects import changed
from drift.editing.target import targets
from drift.editor import BaseEditor, Edit, NotEdited, Restoring, Wish, places
from providers.kubernetes.editing import restoring
from providers.kubernetes.editing.kustomizations import Kustomizations
from providers.kubernetes.editing.layout import Layout, fitness
from providers.kubernetes.editing.new_object import bodies
from providers.kubernetes.editing.places import spot
from providers.kubernetes.manifests import SOURCE


class ManifestsEditor(BaseEditor):
    """Edits objects in YAML and JSON files, also those of Config Connector, Argo CD and Flux."""

    name = SOURCE

    def __init__(self) -> None:
        self.kustomizations = Kustomizations()

    def change(self, wish: Wish) -> Iterable[Edit]:
        where = spot(wish)
        if where.body.get("kind") == "Secret":
            raise NotEdited("a Secret is never written to Git", *places(wish))
        yield from changed(wish, where, targets(wish))

    def remove(self, wish: Wish) -> Iterable[Edit]:
        where = spot(wish)
        named = f"takes {wish.resource.name} out of {where.file.name}"
        yield Edit((*where.without(), *self.kustomizations.without(wish, where)), named)

    def add(self, wish: Wish) -> Iterable[Edit]:
        layout = Layout.of(wish)
        for body in bodies(wish):
            yield Edit(layout.added(body), f"declares {body['kind']} {wish.resource.name}")

    def adopts(self, wish: Wish) -> int:
        return fitness(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.of_manifests(wish)
