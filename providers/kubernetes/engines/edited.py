"""A run of kustomize with another kustomization than lies in the folder: on a copy of it amid links to what
lies around it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.listing import leads_out
from providers.kubernetes import declared_run, kustomize
from providers.kubernetes.declared_folders import KUSTOMIZATIONS
from providers.kubernetes.engines.trees import Tree


class Edited(kustomize.Rendering):
    """One run. ``said`` is the kustomization, ``options`` are kustomize's own."""

    def __init__(
        self,
        tree: Tree,
        folder: Path,
        said: Mapping[str, Any],
        options: Sequence[str],
        deadline: Deadline,
        *,
        remote: bool,
    ) -> None:
        super().__init__(folder, tree.shown(folder), tree.shown, deadline, remote=remote)
        self.said, self.top = said, tree.root.resolve()
        self.command += options
        self.remote = True  # of the folder's own kustomization, which is not the one that counts
        self._above: Path | None = None

    def _render(self, above: Path) -> tuple[bytes, Path]:
        self._above = above
        place = self._staged(above)
        said = {**self.said, "buildMetadata": list(dict.fromkeys([*self.metadata, "originAnnotations"]))}
        for name in KUSTOMIZATIONS:
            (place / name).unlink(missing_ok=True)
        (place / KUSTOMIZATIONS[0]).write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
        try:
            return self._run(place), place
        except declared_run.Failed as error:
            told = str(error).replace(f"{place}", self.display).replace(f"{above}/", "")
            raise DeclaredError(f"{self.display}: kustomize can't render it: {told}") from error

    def _staged(self, above: Path) -> Path:
        """The copy of the folder, below ``above`` where it is below the top."""
        place, there = above, self.top
        for name in self.folder.resolve().relative_to(self.top).parts:
            for beside in there.iterdir():
                if beside.name not in (name, ".git"):
                    (place / beside.name).symlink_to(beside)
            place, there = place / name, there / name
            place.mkdir()
        if out := next((one for one in there.rglob("*") if leads_out(one)), None):
            raise DeclaredError(f"{self.shown(out)}: is a link that leads out of the repository")
        shutil.copytree(there, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
        return place

    def _own(self, file: Path) -> Path:
        if self._above is None or not file.is_relative_to(self._above):
            return file
        found = self.top / file.relative_to(self._above)
        if found.exists() or file.name not in KUSTOMIZATIONS:
            return found
        return next(
            (found.with_name(name) for name in KUSTOMIZATIONS if found.with_name(name).exists()), found
        )
