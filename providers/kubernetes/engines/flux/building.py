"""Builds a Kustomization's folder: by kustomize as Flux runs it, or without it where nothing needs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.model import Unresolved
from providers.kubernetes import declared_run, kustomize
from providers.kubernetes.declared_folders import KUSTOMIZATIONS, kustomization
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.engines.apart import Whole
from providers.kubernetes.engines.flux.generated import moved, scanned, written
from providers.kubernetes.engines.flux.inside import inside, without_remote
from providers.kubernetes.engines.flux.plain import plainly
from providers.kubernetes.engines.flux.said import several
from providers.kubernetes.engines.objects import Unfollowed
from providers.kubernetes.engines.renderers import Renderers
from providers.kubernetes.engines.trees import Tree


def built(
    renderers: Renderers,
    tree: Tree,
    folder: Path,
    spec: Mapping[str, Any],
    ignored: Callable[[Path], bool],
    *,
    remote: bool = False,
) -> Whole:
    """The objects of a Kustomization's folder before decryption and substitution, without what would be
    fetched, where something would; ``remote`` lets kustomize fetch it. Raises DeclaredError."""
    shown = tree.shown(folder)
    said = written(folder, spec, shown, ignored)
    if said.get("namespace") == "_placeholder" and not said.get("resources"):
        return Whole()
    found = plainly(renderers, tree, folder, said)
    if found is not None:
        return Whole(found)
    unfollowed: list[Unfollowed] = []
    try:
        inside(tree, folder, said, remote=remote)
    except kustomize.Remote:
        said, unfollowed = without_remote(tree, folder, said)
    key = ("flux", folder, said, remote)
    found = renderers.once(
        key, lambda: Composed(tree, folder, said, renderers.deadline, remote=remote).found()
    )
    return Whole(found, unfollowed)


class Composed(kustomize.Rendering):
    """One run of kustomize on what Flux makes of a folder. The folder stays as it is: the kustomization is
    written elsewhere, with the same files in it."""

    def __init__(
        self, tree: Tree, folder: Path, said: Mapping[str, Any], deadline: Deadline, *, remote: bool
    ) -> None:
        self.folder, self.display, self.shown, self.deadline = (
            folder,
            tree.shown(folder),
            tree.shown,
            deadline,
        )
        self.said = said
        self.over = {}
        self.command = [*kustomize.binary(), "--load-restrictor", "LoadRestrictionsNone"]
        self.remote = True  # what it may not fetch was told before
        self.environment = {} if remote else kustomize.NO_NETWORK
        self.metadata = [str(one) for one in several(said.get("buildMetadata"))]
        self._read = {}
        self._above: Path | None = None

    def _render(self, above: Path) -> tuple[bytes, Path]:
        self._above = above
        content = moved(self.said, self.folder.resolve(), above)
        content["buildMetadata"] = list(dict.fromkeys([*self.metadata, "originAnnotations"]))
        (above / KUSTOMIZATIONS[0]).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        try:
            return self._run(above), above
        except declared_run.Failed as error:
            own = os.path.relpath(self.folder.resolve(), above)
            told = str(error).replace(f"{own}/", "").replace(own, ".").replace(str(above), self.display)
            raise DeclaredError(f"{self.display}: kustomize can't build it: {told}") from error

    def _own(self, file: Path) -> Path:
        if self._above is not None and file == self._above / KUSTOMIZATIONS[0]:
            return kustomization(self.folder) or self.folder / KUSTOMIZATIONS[0]
        return file

    def _traced(self, one: Manifest, root: Path) -> Manifest:
        one = super()._traced(one, root)
        if kustomize.ORIGIN not in one.annotations:
            return one
        unknown = Unresolved("names the file that Flux built it from")
        annotations = {**one.annotations, kustomize.ORIGIN: unknown}
        return replace(one, body={**one.body, "metadata": {**one.metadata, "annotations": annotations}})


__all__ = ["built", "scanned"]
