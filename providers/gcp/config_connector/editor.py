"""The editor of Config Connector's objects: what is another way at Google is changed in the spec that asks
for it, an object whose resource is gone goes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from drift import reading
from drift.editing.objects import Spot, changed, spots
from drift.editing.rewrite import Operation
from drift.editing.target import targets
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_spelling import YAML_1_1
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish, places
from providers.gcp.config_connector import SOURCE, Declaration, adding
from providers.gcp.config_connector.tried import Tried, applied, walk

#: What names the files of a folder for kubectl and kustomize.
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class ConfigConnectorEditor(BaseEditor):
    """Edits objects in YAML and JSON files."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        tried = of(wish)
        yield from changed(wish, tried.spot, targets(wish), tried.placed)

    def remove(self, wish: Wish) -> Iterable[Edit]:
        tried = of(wish)
        says = f"takes {wish.resource.name} out of {tried.spot.file.name}"
        others = {one.id for one in tried.resources(tried.spot.body)} - {tried.id}
        if not others:
            yield Edit((*tried.spot.without(), *_mentions(wish, tried.spot)), says)
            return
        for one in _members(tried, others):
            yield Edit(tried.spot.edited([one], prune=True), says)

    def adopts(self, wish: Wish) -> int:
        return adding.fitness(wish)

    def add(self, wish: Wish) -> Iterable[Edit]:
        yield from adding.edits(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        """``kubectl apply`` of the object's file, in whichever cluster Config Connector runs."""
        declared = wish.finding.declared
        origin = declared.origin if declared else None
        if wish.finding.kind == "unmanaged" or origin is None or origin.file is None:
            return None
        try:
            file = wish.file(origin.file)
        except NotEdited:
            return None
        root = wish.location.root
        said = os.path.relpath(file, root) if root is not None else str(file)
        words = ("kubectl", "apply", "--server-side", "--force-conflicts", "-f")
        does = (
            f"applies {origin.address} as Git declares it, with all else in the file, in the cluster that "
            "kubectl's context names; Config Connector there makes the Google resource what the object says"
        )
        return Restoring(((*words, f"./{said}" if said.startswith("-") else said),), does)


def of(wish: Wish) -> Tried:
    """The object that declares what a finding is about, in its file. Raises NotEdited."""
    declared, declaration = wish.finding.declared, wish.declaration
    origin = declared.origin if declared else None
    if declared is None or origin is None or origin.file is None or not isinstance(declaration, Declaration):
        raise NotEdited("it is not known which file declares it", *places(wish))
    known = [
        one
        for one in declaration.objects.found
        if (one.file, one.line, one.address) == (origin.file, origin.line, origin.address)
    ]
    if len(known) != 1:
        raise NotEdited(f"{origin.address} is not found in {origin.file}", *places(wish))
    one = known[0]
    found = [
        spot
        for spot in spots(wish.file(origin.file), YAML_1_1)
        if (spot.body.get("kind"), spot.name, spot.namespace or "") == (one.kind, one.name, one.namespace)
    ]
    exact = [spot for spot in found if spot.line == one.line] or found
    if len(exact) != 1:
        why = "is not found" if not exact else "is declared several times"
        raise NotEdited(f"{origin.address} {why} in {origin.file}", *places(wish))
    return Tried(declaration, one, declared.id, wish.view, exact[0])


def _members(tried: Tried, others: set[str | None]) -> Iterator[Operation]:
    """What can be taken from an object that then asks for the same but for one resource (a member of a
    binding)."""
    found = False
    spec = tried.spot.body.get("spec")
    for way, value in walk(spec, ("spec",)) if isinstance(spec, Mapping) else ():
        if not isinstance(way[-1], int):
            continue
        one = Operation("remove", way, old=value)
        body = applied(tried.spot.body, one)
        if body is not None and {each.id for each in tried.resources(body)} == others:
            found = True
            yield one
    if not found:
        raise NotEdited(f"{tried.one.address} declares other things, too", tried.place)


def _mentions(wish: Wish, spot: Spot) -> Iterator[Replacement]:
    """What takes the mention of a file away, which goes with its one object, from the kustomizations of its
    folder and of those above it."""
    root = wish.location.root
    if not spot.alone or root is None:
        return
    for folder in spot.file.parents:
        if not folder.is_relative_to(root):
            return
        for name in _KUSTOMIZATIONS:
            if (folder / name).is_file():
                yield from _without(folder / name, spot.file)


def _without(kustomization: Path, file: Path) -> tuple[Replacement, ...]:
    content = reading.content(kustomization, kustomization.name)
    text = YamlText(content, YAML_1_1, named=kustomization.name)
    said = text.get(0, ["resources"]) if text.has(0, ["resources"]) else None
    for place, one in enumerate(said if isinstance(said, list) else ()):
        if isinstance(one, str) and os.path.normpath(kustomization.parent / one) == str(file):
            text.remove(0, ["resources", place], prune=False)
            return replacements(kustomization, content, text.content)
    return ()
