"""The editor of charts' releases: the key of a values file that renders to a value, or that leaves an object
out, is found by rendering again with the key changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from drift.editing.proposing import proposed
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish, places
from providers.kubernetes.editing import restoring, templates
from providers.kubernetes.editing.places import holds_secret
from providers.kubernetes.editing.rendering import Trial, is_mine, is_vendored, written
from providers.kubernetes.editing.values import candidates, switches
from providers.kubernetes.helm_release import Release
from providers.kubernetes.helm_template import SOURCE

#: So many keys are tried of a value, each by a rendering.
_TRIED = 24


class HelmEditor(BaseEditor):
    """Edits the values of charts, and literals in the templates of a chart of the repository's own."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        declared, release = wish.finding.declared, wish.declaration
        if not isinstance(release, Release) or declared is None:
            raise NotEdited("it is not known which chart declares it", *places(wish))
        if declared.attributes.get("kind") == "Secret":
            raise NotEdited("a Secret is never written to Git", *places(wish))
        ways = (
            (partial(_found, one), False)
            for target in targets(wish)
            if not holds_secret(target.new)
            for one in chain(_of_values(wish, release, target), _of_template(wish, target))
        )
        yield from proposed(
            wish, ways, lambda: NotEdited("no key of the values renders to it", *places(wish))
        )

    def remove(self, wish: Wish) -> Iterable[Edit]:
        release = wish.declaration
        if not isinstance(release, Release) or wish.finding.declared is None:
            raise NotEdited("it is not known which chart declares it", *places(wish))
        said = f"no longer has the chart make {wish.resource.name}"
        for found in without(wish, release):
            yield Edit(found, said)

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.of_helm(wish)


def _found(one: tuple[Replacement, ...] | NotEdited) -> tuple[Replacement, ...]:
    if isinstance(one, NotEdited):
        raise one
    return one


def _of_values(wish: Wish, release: Release, target: Target) -> Iterator[tuple[Replacement, ...] | NotEdited]:
    """The files of values that render to a target once a key of theirs is changed."""
    trial, tried = Trial.of(wish, release), 0
    for place, file, said in trial.files():
        for one in candidates(said, target):
            tried += 1
            if tried > _TRIED:
                yield NotEdited(f"none of {_TRIED} keys of the values renders to it", *places(wish))
                return
            content = written(file, one)
            if content is not None and trial.says(place, content, target):
                yield replacements(file, file.read_bytes(), content)


def without(wish: Wish, release: Release) -> Iterator[tuple[Replacement, ...]]:
    """The files of values that render to all the same objects but one, once a key of theirs is changed.
    Raises NotEdited where there is none."""
    body = wish.finding.declared.attributes if wish.finding.declared else {}
    kind, name = str(body.get("kind")), str((body.get("metadata") or {}).get("name"))
    trial, tried, told = Trial.of(wish, release), 0, False
    for place, file, said in trial.files():
        for one in switches(said, kind, name):
            tried += 1
            if tried > _TRIED:
                break
            content = written(file, one)
            if content is not None and trial.drops(place, content):
                told = True
                yield replacements(file, file.read_bytes(), content)
    if not told:
        raise NotEdited("no key of the values leaves out this object alone", *places(wish))


def _of_template(wish: Wish, target: Target) -> Iterator[tuple[Replacement, ...] | NotEdited]:
    """A literal in the template itself."""
    declared = wish.finding.declared
    origin = declared.origin if declared else None
    if origin is None or origin.file is None:
        return
    try:
        file = wish.file(origin.file)
        if is_mine(wish, file) and not is_vendored(wish, file):
            yield templates.said_in(wish, file, target)
    except NotEdited as error:
        yield error if error.places else NotEdited(error.reason, *places(wish))
