"""The editor of manifests: the field of an object is changed in its document, an object comes or goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drift.editing.rewrite import operations
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editing.words import says
from drift.editing.yaml import YamlText
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish, places
from drift.model import MISSING
from providers.kubernetes.editing import restoring
from providers.kubernetes.editing.kustomizations import Kustomizations
from providers.kubernetes.editing.layout import Layout, fitness
from providers.kubernetes.editing.new_object import bodies
from providers.kubernetes.editing.places import LANGUAGE, Spot, spot
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
        yield Edit((*without(where), *self.kustomizations.without(wish, where)), named)

    def add(self, wish: Wish) -> Iterable[Edit]:
        layout = Layout.of(wish)
        for body in bodies(wish):
            yield Edit(layout.added(body), f"declares {body['kind']} {wish.resource.name}")

    def adopts(self, wish: Wish) -> int:
        return fitness(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.of_manifests(wish)


def changed(wish: Wish, where: Spot, several: Iterable[Target]) -> Iterator[Edit]:
    """Proposals that make targets true of an object: with what becomes empty gone and left, at an anchor that
    others use last. Raises NotEdited where there is none."""
    why: NotEdited | None = None
    told: list[tuple[Replacement, ...]] = []
    known = list(several)
    aliased = where.file.suffix != ".json" and b"*" in where.file.read_bytes()
    for shared in (False, True) if aliased else (False,):
        for target in known:
            for prune in (True, False) if target.new is MISSING else (False,):
                try:
                    steps = list(operations(target.steps, target.old, target.new))
                    found = where.edited(steps, prune=prune, shared=shared)
                except NotEdited as error:
                    why = why or error
                    continue
                # Of a removal also once more what is the same by now: it may hold once others are made.
                if found and (found not in told or target.new is MISSING):
                    told.append(found)
                    yield Edit(found, says(wish))
    if not told:
        reason = why or NotEdited("the file does not say it by itself")
        raise NotEdited(reason.reason, *(reason.places or places(wish)))


def without(where: Spot) -> tuple[Replacement, ...]:
    """The replacements that take an object out of its file; the file goes where nothing else is in it."""
    content = where.file.read_bytes()
    if where.alone:
        return (Replacement(where.file, 0, len(content), b"", removes=True),)
    text = YamlText(content, LANGUAGE, named=where.file.name)
    if where.way and len(text.get(where.document, where.way[:-1])) > 1:
        text.remove(where.document, where.way, prune=False)
    elif len(text.documents) == 1:
        return (Replacement(where.file, 0, len(content), b"", removes=True),)
    else:
        text.remove_document(where.document)
    return replacements(where.file, content, text.content)
