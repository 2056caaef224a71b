"""The editor of deployers' repositories: each object is edited where it stands, as the language of its file
is: a manifest, a Kustomize folder, or a file of a chart's values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from drift.editing.proposing import Way, proposed
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editor import BaseEditor, Edit, NotEdited, Place, Replacement, Restoring, Wish, places
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_engines import GITOPS
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.editing import restoring
from providers.kubernetes.editing.kustomize import KustomizeEditor
from providers.kubernetes.editing.manifests import ManifestsEditor
from providers.kubernetes.editing.places import holds_secret
from providers.kubernetes.editing.rendering import written
from providers.kubernetes.editing.values import Candidate, candidates
from providers.kubernetes.engines.makings import Making
from providers.kubernetes.engines.repository import Repository

#: So many keys of such values are tried, each by following the repository again.
_TRIED = 6


class GitOpsEditor(BaseEditor):
    """Edits what a deployer applies in the own repository; what comes of elsewhere is described."""

    name = GITOPS

    def __init__(self) -> None:
        self.manifests, self.kustomize = ManifestsEditor(), KustomizeEditor()

    def change(self, wish: Wish) -> Iterable[Edit]:
        making = _making(wish)
        if making.chart:
            yield from _values(wish, making)
        elif making.folder is not None:
            yield from self.kustomize.change(_within(wish, making.folder))
        else:
            yield from self.manifests.change(wish)

    def remove(self, wish: Wish) -> Iterable[Edit]:
        making = _making(wish)
        if making.chart:
            raise NotEdited("its chart makes it", *places(wish))
        if making.folder is not None:
            yield from self.kustomize.remove(_within(wish, making.folder))
        else:
            yield from self.manifests.remove(wish)

    def restoring(self, wish: Wish) -> Restoring | None:
        repository, declared = wish.declaration, wish.finding.declared
        if declared is None or wish.finding.kind == "unmanaged" or not isinstance(repository, Repository):
            return None
        making = repository.makings.of(declared)
        if making is None:
            return None
        if making.by is not None:
            return restoring.by_keeper(wish) or restoring.by_owner(making.by, declared)
        if making.folder is None:
            return None if making.chart else restoring.of_manifests(wish)
        return restoring.of_kustomize(_within(wish, making.folder))


def _making(wish: Wish) -> Making:
    """How the object comes about. Raises NotEdited where that is not in this repository."""
    declared, repository = wish.finding.declared, wish.declaration
    if declared is None or not isinstance(repository, Repository):
        raise NotEdited("it is not known what declares it", *places(wish))
    if declared.attributes.get("kind") == "Secret":
        raise NotEdited("a Secret is never written to Git", *places(wish))
    making = repository.makings.of(declared)
    if making is None:
        raise NotEdited("it is not known which step of the deployer makes it", *places(wish))
    if not making.own and not making.chart:
        raise NotEdited("it is declared in another repository, or at another ref", *places(wish))
    return making


def _within(wish: Wish, folder: Path) -> Wish:
    """The same wish, of the Kustomize folder in the copy. Raises NotEdited where it is not there."""
    location = wish.location
    base = location.root or location.path
    there = base / folder
    if kustomization(there) is None:
        raise NotEdited(f"{folder} is no Kustomize folder of this repository", *places(wish))
    inside = location.path if location.path.is_dir() else location.path.parent
    display = location.inside(there) if there.is_relative_to(inside) else str(folder)
    return replace(wish, location=replace(location, path=there, display=display))


def _values(wish: Wish, making: Making) -> Iterator[Edit]:
    """The files of a chart's values, where a key of one may render to what is wished; whether it does is
    proved by following the repository again."""
    root = wish.location.root or wish.location.path

    def put_in(file: Path, one: Candidate) -> tuple[Replacement, ...]:
        content = written(file, one)
        if content is None:
            raise NotEdited(f"{file.name} can't be edited", *places(wish))
        return replacements(file, file.read_bytes(), content)

    def ways(target: Target) -> Iterator[Way]:
        for file in making.values:
            for one in candidates(_said(root / file), target)[:_TRIED]:
                if not holds_secret(one.value):
                    yield partial(put_in, root / file, one)

    yield from proposed(
        wish,
        ((way, False) for target in targets(wish) for way in ways(target)),
        lambda: _unsaid(wish, making),
    )
    raise _unsaid(wish, making)


def _unsaid(wish: Wish, making: Making) -> NotEdited:
    """Why no file of values is edited."""
    said = making.owner
    if said is None:
        return NotEdited("no file of values here renders to it", *places(wish))
    why = f"where {making.by} says it, that would differ from the live one until it is applied"
    return NotEdited(f"no file of values here renders to it; {why}", Place(Path(said.file), said.line))


def _said(file: Path) -> Any:
    """What a file of values says; nothing where it can't be read, which its renderer says."""
    try:
        return load(file.read_bytes())
    except (OSError, YamlError):
        return {}
