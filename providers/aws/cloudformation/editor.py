"""Changes CloudFormation templates: a property where its literal stands, a resource that is gone, one that is
to be imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from drift import reading
from drift.editing.proposing import proposed
from drift.editing.rewrite import Operation, made
from drift.editing.target import targets
from drift.editing.versions import replacements
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish
from providers.aws.cloudformation import importing, removing, restoring
from providers.aws.cloudformation.document import document
from providers.aws.cloudformation.evaluated import SOURCE
from providers.aws.cloudformation.owners import Owners, Placed


class CloudFormationEditor(BaseEditor):
    """The editor of templates, YAML and JSON."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        owners = Owners.of(wish)

        def way(placed: Callable[[], Iterable[Placed]]) -> tuple[Replacement, ...]:
            return edited(placed())

        yield from proposed(
            wish,
            ((partial(way, one), False) for target in targets(wish) for one in owners.ways(target)),
            lambda: NotEdited("the template does not say it by itself", owners.own.place()),
        )

    def remove(self, wish: Wish) -> Iterable[Edit]:
        yield Edit(
            edited(removing.placed(Owners.of(wish))), f"takes {wish.resource.name} out of the template"
        )

    def adopts(self, wish: Wish) -> int:
        return importing.fitness(wish)

    def add(self, wish: Wish) -> Iterable[Edit]:
        yield from importing.edits(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.commands(wish)


def edited(placed: Iterable[Placed]) -> tuple[Replacement, ...]:
    """What operations make of their files. Raises NotEdited."""
    by_file: dict[Path, list[Operation]] = {}
    for file, operation in placed:
        by_file.setdefault(file, []).append(operation)
    found: list[Replacement] = []
    for file, several in by_file.items():
        before = reading.content(file, file.name)
        found += replacements(file, before, made(document(before, file.name), several).content)
    return tuple(found)
