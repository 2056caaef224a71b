"""Reads and renders for all engines of one entry; what is the same is rendered once, in however many places
it is applied."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from pathlib import Path
from typing import Any

import orjson

from drift import reading
from drift.deadline import Deadline
from drift.errors import DeclaredError
from drift.model import Problem
from providers.kubernetes import declared_objects, kustomize, manifests
from providers.kubernetes.declared_folders import is_manifest
from providers.kubernetes.declared_objects import Found
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.declared_yaml import documents
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.helm_template import Template


class Renderers:
    """What was read and rendered so far. May be asked by several threads at once."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self._known: dict[Any, Found | tuple[Found, str] | DeclaredError] = {}
        self._locks: dict[Any, threading.Lock] = {}
        self._lock = threading.Lock()

    def file(self, tree: Tree, file: Path, *, strict: bool = True) -> Found:
        """The objects in one file. Where not ``strict`` the last of equal keys stands, as kubectl has it."""
        found: Found = self._once(("file", file, strict), lambda: _file(tree, file, strict))
        return found

    def files(self, tree: Tree, several: Iterable[Path], *, strict: bool = True) -> Found:
        """The objects in some files; one that can't be read is a problem of its own."""
        found = Found()
        for file in several:
            try:
                found.add(self.file(tree, file, strict=strict))
            except DeclaredError as error:
                found.problems.append(Problem(manifests.SOURCE, str(error), unread=True))
        return found

    def kustomize(
        self,
        tree: Tree,
        folder: Path,
        over: Mapping[str, Any] | None = None,
        *,
        remote: bool = False,
        enable_helm: bool = False,
    ) -> Found:
        """A Kustomize folder, with what a kustomization above it says (``over``). Raises DeclaredError,
        NotFollowed where it would fetch something."""
        key = ("kustomize", folder, orjson.dumps(over, option=orjson.OPT_SORT_KEYS), remote, enable_helm)

        def render() -> Found:
            rendering = kustomize.Rendering(
                folder,
                tree.shown(folder),
                tree.shown,
                self.deadline,
                over=over,
                remote=remote,
                enable_helm=enable_helm,
            )
            return rendering.found()

        found: Found = self._once(key, render)
        return found

    def once(self, key: Any, make: Callable[[], Found]) -> Found:
        """What ``make`` gives, asked once for a key that can be said in JSON. Raises DeclaredError."""
        found: Found = self._once(orjson.dumps(key, default=str, option=orjson.OPT_SORT_KEYS), make)
        return found

    def helm(self, template: Template, cluster: Cluster) -> tuple[Found, str]:
        """A chart for a cluster, as :meth:`Template.found` tells it. Raises DeclaredError."""
        key = ("helm", orjson.dumps(template.key, default=str, option=orjson.OPT_SORT_KEYS), cluster.scope)
        found: tuple[Found, str] = self._once(key, lambda: template.found(cluster))
        return _copied(found[0]), found[1]

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._known:
                try:
                    self._known[key] = make()
                except kustomize.Remote as error:
                    self._known[key] = NotFollowed(str(error))
                except DeclaredError as error:
                    self._known[key] = error
            known = self._known[key]
        if isinstance(known, DeclaredError):
            raise known
        return _copied(known) if isinstance(known, Found) else known


def _copied(found: Found) -> Found:
    """The same objects in lists of their own."""
    own = copy(found)
    own.manifests, own.problems = list(found.manifests), list(found.problems)
    own.passed_over = list(found.passed_over)
    return own


def _file(tree: Tree, file: Path, strict: bool) -> Found:
    """Raises DeclaredError where it can't be opened."""
    display = tree.shown(file)
    content = reading.content(file, display, most=reading.MADE if is_manifest(file) else reading.WRITTEN)
    found = Found()
    for one in documents(content, is_json=file.suffix.lower() == ".json", strict=strict):
        found.add(declared_objects.read(one, display, manifests.SOURCE))
    return found
