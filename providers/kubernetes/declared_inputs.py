"""All that a Kustomize folder is rendered from: every root that it takes in, each with what lies below it.

Kustomize reads no file that is not at or below the root which names it, and roots are named by their folders,
never by a path from the top of the disk. Source: sigs.k8s.io/kustomize, api/internal/loader:
RestrictionRootOnly, the default of ``--load-restrictor``, and "new root cannot be absolute".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.listing import reached
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import kustomization


def inputs(folder: Path, top: Path | None) -> list[Path]:
    """The folders that a Kustomize folder is rendered from, with those that links in them lead to. What lies
    outside of the repository, whose folder is ``top``, is left out."""
    found: dict[Path, None] = {}
    todo = [folder]
    while todo:
        root = Path(os.path.realpath(todo.pop()))
        if root not in found:
            found[root] = None
            found.update(dict.fromkeys(reached(root)))
            todo += (one for one in _named(root) if top is None or one.is_relative_to(top))
    return list(found)


def _named(root: Path) -> Iterator[Path]:
    """The folders that anything in a kustomization names, whatever it names them for."""
    file = kustomization(root)
    if file is None:
        return
    try:
        said = load(reading.content(file, str(file)))
    except (DeclaredError, YamlError):
        return
    for text in _texts(said):
        try:
            place = Path(os.path.realpath(root / text))
            if not Path(text).is_absolute() and place.exists():
                yield place
        except (OSError, ValueError):  # no path at all
            continue


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
