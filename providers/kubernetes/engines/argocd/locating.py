"""Where the files of an Application's source lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from providers.kubernetes.engines.argocd.applications import Application, Source
from providers.kubernetes.engines.argocd.said import entries, text
from providers.kubernetes.engines.trees import Tree
from providers.kubernetes.engines.world import World


def tree_of(source: Source, world: World) -> Tree:
    """The files at a source's revision. Raises NotFollowed."""
    trees = world.trees
    if trees.is_home(source.url) and trees.location.root is None:
        return world.tree
    return world.source(source.url, source.revision or "HEAD")


def folder_of(source: Source, world: World) -> tuple[Tree, Path]:
    """A source's files, and the folder that it names in them. Raises NotFollowed, DeclaredError."""
    tree = tree_of(source, world)
    return tree, tree.place(source.path.strip("/") or ".")


def referred(app: Application, world: World) -> Mapping[str, Source]:
    """The sources that others take files of, by their ``ref``."""
    return {one.ref: one for one in app.sources if one.ref}


def file_of(said: str, tree: Tree, base: Path | None, refs: Mapping[str, Source], world: World) -> Path:
    """A file that a source names: beside it, from the repository's root (``/…``), or of another source
    (``$ref/…``). ``base`` is None for a packaged chart, which has only the last.

    Raises NotFollowed, and DeclaredError where it is not there. Source: multiple_sources.md.
    """
    if said.startswith("$"):
        ref, _, path = said[1:].partition("/")
        source = refs.get(ref)
        if source is None:
            raise DeclaredError(f"{said}: none of its sources has the ref {ref}")
        return tree_of(source, world).place(path)
    if "://" in said:
        raise world.trees.refuse(said)
    if base is None:
        raise DeclaredError(f"{said}: lies in no repository")
    return tree.place(said, base)


def homes(world: World, apps: Iterable[Application], sets: Iterable[Mapping[str, Any]]) -> str:
    """Where the own repository has no remote that tells its address: notes the address of which most sources
    lie here and none is missing, and says so; empty where none is. ``sets`` are what ApplicationSets say."""
    if world.trees.is_home("") is not None:
        return ""
    there: dict[str, set[str]] = {}
    missing = set()
    for url, path in (*_named(apps), *_asked(sets)):
        try:
            world.tree.place(path.strip("/") or ".")
        except DeclaredError:
            missing.add(url)
        else:
            there.setdefault(url, set()).add(path)
    found = [url for url in there if url not in missing]
    if not found:
        return ""
    best = max(found, key=lambda url: (len(there[url]), url))
    world.trees.home(best)
    return f"{best} is taken for this repository, which has no remote: all its paths lie here"


def _named(apps: Iterable[Application]) -> Iterator[tuple[str, str]]:
    for app in apps:
        for one in app.sources:
            if one.url and one.path and not one.chart:
                yield one.url, one.path


def _asked(sets: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """(URL, the part of a path without a glob) of the repositories that generators look into."""
    todo: list[Any] = list(sets)
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, Mapping):
            url = text(value.get("repoURL"))
            for one in (*entries(value.get("directories")), *entries(value.get("files"))):
                path = text(one.get("path"))
                if url and "{{" not in url + path and one.get("exclude") is not True:
                    yield url, re.split(r"[*?\[{]", path)[0].rpartition("/")[0]
            todo += value.values()
