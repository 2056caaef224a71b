"""The editor of Kustomize folders: fields of the kustomization, the base where nobody else uses it, a patch
in the overlay where others do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from drift.editing.objects import Spot
from drift.editing.proposing import Way, proposed
from drift.editing.rewrite import Operation, operations
from drift.editing.target import Target, targets
from drift.editor import BaseEditor, Edit, NotEdited, Place, Replacement, Restoring, Wish, places
from drift.model import MISSING
from drift.pointer import get
from drift.values import same
from providers.kubernetes.declared_folders import KUSTOMIZATIONS, kustomization
from providers.kubernetes.editing import generators, patches, restoring, transformers
from providers.kubernetes.editing.kustomizations import Kustomizations, folder_of, mapping
from providers.kubernetes.editing.layout import Layout, fitness
from providers.kubernetes.editing.new_object import bodies
from providers.kubernetes.editing.places import spots
from providers.kubernetes.editing.remap import remapped
from providers.kubernetes.kustomize import SOURCE
from providers.kubernetes.names import parse


class KustomizeEditor(BaseEditor):
    """Edits the files that a Kustomize folder is rendered from."""

    name = SOURCE

    def __init__(self) -> None:
        self.kustomizations = Kustomizations()

    def change(self, wish: Wish) -> Iterable[Edit]:
        declared = wish.finding.declared
        assert declared is not None
        if declared.attributes.get("kind") == "Secret":
            raise NotEdited("a Secret is never written to Git", *places(wish))
        yield from proposed(
            wish,
            ((way, target.new is MISSING) for target in targets(wish) for way in self._ways(wish, target)),
            lambda: NotEdited("no file of the folder says it by itself", *places(wish)),
        )

    def remove(self, wish: Wish) -> Iterable[Edit]:
        base = self._base(wish)
        if base is None and generators.made(wish):
            raise NotEdited(
                "a generator makes it: take its entry out, with what it is made of", *places(wish)
            )
        if base is None:
            raise NotEdited("the file that declares it is not known", *places(wish))
        users = self.kustomizations.others(wish, base.file)
        if users:
            raise shared(wish, base, users)
        named = f"takes {wish.resource.name} out of {base.file.name}"
        yield Edit((*base.without(), *self.kustomizations.without(wish, base)), named)

    def add(self, wish: Wish) -> Iterable[Edit]:
        folder, layout = folder_of(wish), Layout.of(wish)
        if not layout.folder.is_relative_to(folder):
            layout = Layout(folder, None, layout.name, ".yaml")
        for body in bodies(wish):
            body["metadata"] = {**body["metadata"], "name": _unprefixed(folder, wish.resource.name)}
            yield Edit(layout.added(body), f"declares {body['kind']} {wish.resource.name}")

    def adopts(self, wish: Wish) -> int:
        return fitness(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.of_kustomize(wish)

    def _ways(self, wish: Wish, target: Target) -> Iterator[Way]:
        """How a value may be written, the likeliest first."""
        folder = folder_of(wish)
        yield from transformers.ways(wish, self.kustomizations, target)
        yield from generators.ways(wish, self.kustomizations, target)
        base = self._base(wish)
        if base is None:
            return
        yield from patches.known(wish, self.kustomizations, base, target)
        users = self.kustomizations.others(wish, base.file)
        if not users:
            yield lambda: said_in(wish, base, target)
            if target.new is MISSING:
                yield lambda: said_in(wish, base, target, prune=False)
        if base.file.parent != folder:
            yield from transformers.new(wish, base, target)
            yield from patches.new(wish, base, target)
        elif users:
            raise shared(wish, base, users)

    def _base(self, wish: Wish) -> Spot | None:
        """The object in the file that it was rendered from."""
        declared = wish.finding.declared
        origin = declared.origin if declared else None
        type_ = parse(declared.type) if declared else None
        if declared is None or origin is None or origin.file is None or type_ is None:
            return None
        try:
            file = wish.file(origin.file)
        except NotEdited:
            return None
        if file.name in KUSTOMIZATIONS:
            return None
        found = [one for one in spots(file) if one.body.get("kind") == type_.kind]
        exact = [one for one in found if one.line == origin.line]
        exact = exact or [one for one in found if one.name == declared.name]
        exact = exact or found  # the only one of its kind, whatever the kustomization calls it
        return exact[0] if len(exact) == 1 else None


def said_in(wish: Wish, where: Spot, target: Target, *, prune: bool = True) -> tuple[Replacement, ...]:
    """The replacements that make the base say a value; with ``prune`` what becomes empty by a removal goes
    too. Raises NotEdited where it comes from elsewhere."""
    declared = wish.finding.declared
    assert declared is not None
    way, rest = remapped(target.steps, declared.attributes, where.body)
    here = get(where.body, way)
    if len(rest) == 1 and target.old is MISSING and isinstance(here, dict):
        return where.edited([Operation("add", way, target.new, name=str(rest[0]))])
    if rest or not same(here, target.old):
        raise NotEdited("another file says it", Place(where.file, where.line))
    return where.edited(list(operations(way, here, target.new)), prune=prune and target.new is MISSING)


def shared(wish: Wish, base: Spot, users: list[Path]) -> NotEdited:
    """Why a file is not edited that others use too."""
    root = wish.location.root
    named = [str(one.relative_to(root)) if root else one.name for one in users[:3]]
    return NotEdited(f"{base.file.name} is also used by {', '.join(named)}", Place(base.file, base.line))


def _unprefixed(folder: Path, name: str | None) -> str:
    """The name that a kustomization makes a live one of. Raises NotEdited where it makes others."""
    file = kustomization(folder)
    said = mapping(file) if file else {}
    prefix, suffix, name = str(said.get("namePrefix") or ""), str(said.get("nameSuffix") or ""), name or ""
    inner = name[len(prefix) : len(name) - len(suffix)]
    if not inner or f"{prefix}{inner}{suffix}" != name:
        raise NotEdited(f"the folder gives every name the form {prefix}…{suffix}, which {name} has not")
    return inner
