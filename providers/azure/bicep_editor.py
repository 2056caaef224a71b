"""Changes Bicep files where a literal stands, also as the default of a parameter or a variable that only this
resource takes, in the call of a module, and the parameter files beside them; and takes resources away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from drift.editing.proposing import proposed
from drift.editing.target import Target, targets
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish, places
from providers.azure import bicep_removing
from providers.azure.arm import restoring
from providers.azure.bicep import SOURCE
from providers.azure.bicep_body import Body


class BicepEditor(BaseEditor):
    """The editor of Bicep files."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        bodies = Body.of(wish)

        def way(body: Body, target: Target) -> tuple[Replacement, ...]:
            return body.edited(target)

        ways: list[Callable[[], tuple[Replacement, ...]]] = [
            partial(way, body, target) for target in targets(wish) for body in bodies
        ]
        yield from proposed(
            wish,
            ((one, False) for one in ways),
            lambda: NotEdited("the file does not say it by itself", *places(wish)),
        )

    def remove(self, wish: Wish) -> Iterable[Edit]:
        for body in Body.of(wish):
            yield Edit(bicep_removing.without(body), f"takes {wish.resource.name} out of {body.text.file}")

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.commands(wish)
