"""The declared source ``manifests``: Kubernetes objects in YAML or JSON files, one or a folder of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from drift import reading
from drift.errors import DeclaredError
from drift.listing import reached
from drift.model import Problem
from drift.source import BaseSource, Loader, Location
from providers.kubernetes import declared_objects
from providers.kubernetes.declared_engines import is_gitops
from providers.kubernetes.declared_folders import KUSTOMIZATIONS as _KUSTOMIZATIONS
from providers.kubernetes.declared_folders import SUFFIXES, belongs_to, is_manifest, looks_like_manifest, walk
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_options import NAMESPACE
from providers.kubernetes.declared_yaml import documents

if TYPE_CHECKING:
    from providers.kubernetes.declared_resources import Objects

SOURCE = "manifests"


class Manifests(BaseSource):
    """Objects as they are applied by ``kubectl apply``. Options: ``scope`` (the cluster), ``namespace`` (the
    default)."""

    name = SOURCE
    options = (NAMESPACE,)

    def recognises(self, path: Path, head: bytes) -> bool:
        if not path.is_dir():
            return path.name not in _KUSTOMIZATIONS and looks_like_manifest(head)
        try:
            if belongs_to(path) is not None or is_gitops(path):
                return False
            return any(source is None and is_manifest(file) for file, source in walk(path))
        except OSError:
            return False

    def load(self, location: Location, loader: Loader) -> Objects:
        """Parses every document.

        Raises:
            DeclaredError: when there is not one object.
        """
        from providers.kubernetes.declared_resources import Objects

        found = Found()
        for part in _folder(location) if location.path.is_dir() else [_file(location.path, location.display)]:
            found.add(part)
        if not found.manifests:
            raise DeclaredError(_nothing(location, found))
        return Objects(SOURCE, location, found, list(reached(location.path)))


def _folder(location: Location) -> Iterator[Found]:
    try:
        entries = list(walk(location.path))
    except OSError as error:
        where = location.inside(Path(error.filename)) if error.filename else location.display
        raise DeclaredError(f"{where}: can't be read: {error.strerror}") from error
    for path, source in entries:
        display = location.inside(path)
        if source is not None:
            what = "a Kustomize folder" if source == "kustomize" else "a Helm chart"
            message = f"{display}: is {what}, which plain manifests leave out; give it an entry of its own"
            yield Found(problems=[Problem(SOURCE, message)])
            continue
        try:
            found = _file(path, display)
        except DeclaredError as error:
            found = Found(problems=[Problem(SOURCE, str(error), unread=True)])
        if not found.manifests and not is_manifest(path):
            found = Found(passed_over=[*found.passed_over, *(one.message for one in found.problems)])
        yield found


def _file(path: Path, display: str) -> Found:
    """What a file holds. Raises DeclaredError when it can't be opened."""
    # Of a file that nobody says is a manifest only as much as people write.
    content = reading.content(path, display, most=reading.MADE if is_manifest(path) else reading.WRITTEN)
    found = Found()
    for one in documents(content, is_json=path.suffix.lower() == ".json"):
        found.add(declared_objects.read(one, display, SOURCE))
    return found


def _nothing(location: Location, found: Found) -> str:
    """Why there is not one object."""
    if found.problems:
        more = len(found.problems) - 1
        return found.problems[0].message.partition("; the ")[0] + (f" (and {more} more)" if more else "")
    if found.passed_over:
        return found.passed_over[0]
    if location.path.is_dir():
        return f"{location.display}: there is no {', '.join(SUFFIXES)} file with a Kubernetes object in it"
    return f"{location.display}: there is no Kubernetes object in it"
