"""Where Flux begins in a repository: with the Kustomization that applies its own file, a cluster's root; else
with those that no other one applies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.listing import beginning
from drift.safe_yaml import YamlError, load
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_units import Unit, laid, laid_names
from providers.kubernetes.engines.flux.generated import scanned
from providers.kubernetes.engines.flux.kustomization import Build
from providers.kubernetes.engines.flux.said import (
    INSTANCE,
    KUSTOMIZATION,
    NAMESPACE,
    RELEASE,
    RESOURCE_SET,
    SOURCES,
    mapping,
    reference,
    spec_of,
    text,
)
from providers.kubernetes.engines.flux.sources import HOME, branch, object_of, placed
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.plain import Applied
from providers.kubernetes.engines.step import Step
from providers.kubernetes.engines.world import World

_MARK = b"toolkit.fluxcd.io"
_GIT = f"{SOURCES}/GitRepository"


@dataclass(frozen=True)
class _Head:
    """A Kustomization as a file declares it. ``place`` is its path, None where that is not in the tree;
    ``reach`` are the files that are built from there."""

    file: Path
    ref: Ref
    body: Mapping[str, Any]
    place: Path | None
    reach: frozenset[Path] = frozenset()

    @property
    def own(self) -> bool:
        """Whether it applies the file that it stands in."""
        return self.file in self.reach

    @property
    def home(self) -> Path:
        """The folder of its cluster."""
        return (
            self.place
            if self.place is not None and (self.own or self.ref.key == INSTANCE)
            else self.file.parent
        )


@dataclass
class _Files:
    """What the files of the entry's folder declare of Flux, and the units that hold it."""

    heads: list[_Head] = field(default_factory=list)
    git: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    holding: dict[Path, list[Unit]] = field(default_factory=dict)
    releases: list[Path] = field(default_factory=list)


def begin(world: World) -> Sequence[Step]:
    """The first steps. Raises DeclaredError where there are several roots and nothing tells which is the
    cluster's."""
    files = _read(world)
    roots = [one for one in files.heads if _is_root(one, files.heads)]
    if roots:
        chosen = _chosen(world, roots)
        for one in chosen:
            _note_home(world, one, files)
        return [_root(one, world) for one in chosen]
    files.heads = [replace(one, reach=frozenset()) if one.own else one for one in files.heads]
    heads = [
        one
        for one in files.heads
        if not any(one.file in other.reach for other in files.heads if other is not one)
    ]
    groups: dict[Ref, list[_Head]] = {}
    for one in heads:
        groups.setdefault(one.ref, []).append(one)
    twice = [group for group in groups.values() if len(group) > 1]
    others: set[Path] = set()
    if twice:
        kept = _chosen(world, twice[0])
        others = {one.file.parent for one in twice[0] if one not in kept}
    heads = [one for one in heads if not any(one.file.is_relative_to(place) for place in others)]
    if not heads:
        return _applied(world, files, files.releases)
    _note_home(world, heads[0], files)
    covered = frozenset[Path]().union(*(one.reach for one in files.heads))
    folders = {one.file.parent for one in heads} - {world.folder}
    beside = [
        file
        for file in files.holding
        if file not in covered and any(file.is_relative_to(place) for place in folders)
    ]
    return _applied(world, files, [*(one.file for one in heads), *beside])


def _applied(world: World, files: _Files, several: Iterable[Path]) -> list[Step]:
    """The steps of the units that hold some files."""
    units = {unit: None for file in several for unit in files.holding.get(file, ())}
    return [Applied(unit, world.scope) for unit in units]


def _is_root(one: _Head, heads: Iterable[_Head]) -> bool:
    """Whether it applies itself. One that another one applies from another source, of less, is a tenant's,
    whose paths are those of its own repository."""
    if one.ref.key == INSTANCE:
        return True
    source = reference(spec_of(one.body).get("sourceRef"), one.ref.namespace)
    if not one.own or not source[2]:
        return False
    return not any(
        one.file in other.reach
        and len(other.reach) < len(one.reach)
        and reference(spec_of(other.body).get("sourceRef"), other.ref.namespace) != source
        for other in heads
    )


def _root(one: _Head, world: World) -> Build:
    assert one.place is not None
    chain = world.tree.shown(one.place) if one.place != world.tree.root else one.ref.name
    inside = os.path.relpath(one.place, world.tree.root)
    via = (PurePosixPath(inside).as_posix() if inside != "." else chain,)
    return Build(one.ref._replace(key=KUSTOMIZATION), one.body, via, world.scope, one.place, root=True)


def _note_home(world: World, one: _Head, files: _Files) -> None:
    """The source of what is applied from here is this repository, whatever its remote is called."""
    kind, namespace, name = reference(spec_of(one.body).get("sourceRef"), one.ref.namespace)
    if kind != "GitRepository":
        return
    body = files.git.get((namespace, name)) or object_of(world, Ref(world.scope, _GIT, namespace, name))
    if body is None:
        return
    spec = spec_of(body)
    url = text(spec.get("url"))
    here = world.trees.is_home(url)
    sure = one.own or one.ref.key == INSTANCE or here
    if url and (sure or (here is None and one.place is not None)):
        world.trees.home(url)
        world.memory[HOME] = (url, branch(spec))


def _chosen(world: World, roots: list[_Head]) -> list[_Head]:
    """Of several roots the one of the entry's cluster."""
    if len(roots) == 1:
        return roots
    live = [one for one in roots if _is_live(world, one)]
    if len(live) == 1:
        return live
    named = [
        one
        for one in live or roots
        if world.scope and world.scope in one.home.relative_to(world.tree.root).parts
    ]
    if len(named) == 1:
        return named
    paths = sorted({world.tree.shown(one.home) for one in named or live or roots})
    choices = " or ".join(f"`path: {one}`" for one in paths)
    cluster = f" of the cluster {world.scope}" if world.scope else ""
    raise DeclaredError(
        f"{world.tree.shown(world.folder)}: holds several clusters of Flux, and nothing tells which is "
        f"that{cluster}: say {choices}"
    )


def _is_live(world: World, one: _Head) -> bool:
    """Whether the cluster has it with the same path."""
    live = world.found(one.ref._replace(key=KUSTOMIZATION))
    if live is None:
        return False
    said = text(spec_of(live.attributes).get("path"))
    return os.path.normpath(said.lstrip("/") or ".") == os.path.normpath(
        text(spec_of(one.body).get("path")).lstrip("/") or "."
    )


def _read(world: World) -> _Files:
    found = _Files()
    laid_ = world.memory.get("laid") or laid(world.folder)
    units = [*laid_.units, *(Unit("files", file.parent, (file,)) for file in laid_.strays)]
    reached: dict[Path, frozenset[Path]] = {}
    for unit in units:
        if unit.kind == "chart":
            continue
        for file in unit.inputs:
            found.holding.setdefault(file, []).append(unit)
    for file in found.holding:
        if _MARK not in beginning(file) and b"fluxcd.controlplane.io" not in beginning(file):
            continue
        try:
            manifests = world.renderers.file(world.tree, file).manifests
        except DeclaredError:
            continue  # which the reader of its unit tells
        for one in manifests:
            _note(world, file, one, found, reached)
    return found


def _note(
    world: World, file: Path, one: Manifest, found: _Files, reached: dict[Path, frozenset[Path]]
) -> None:
    if one.type.key == _GIT:
        found.git.setdefault((one.namespace or NAMESPACE, one.name or ""), one.body)
    elif one.type.key in (RELEASE, RESOURCE_SET):
        found.releases.append(file)
    elif one.type.key in (KUSTOMIZATION, INSTANCE):
        body, name = one.body, one.name or ""
        if one.type.key == INSTANCE:
            sync = mapping(spec_of(body).get("sync"))
            if not sync:
                return
            name = text(sync.get("name")) or one.namespace or NAMESPACE
            source = {"kind": text(sync.get("kind")) or "GitRepository", "name": name}
            body = {"spec": {"path": sync.get("path"), "sourceRef": source}}
        path = text(spec_of(body).get("path"))
        try:
            place = placed(world, world.tree, path)
        except DeclaredError:
            place = None
        if one.type.key == INSTANCE and place is None:
            return
        if place is not None and place not in reached:
            reached[place] = frozenset(_reach(place))
        ref = Ref(world.scope, one.type.key, one.namespace or NAMESPACE, name)
        found.heads.append(
            _Head(file, ref, body, place, reached.get(place, frozenset()) if place else frozenset())
        )


def _reach(folder: Path) -> Iterator[Path]:
    """The files that are built from a folder."""
    seen: set[Path] = set()
    todo: list[Path] = [folder]
    while todo:
        one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        if one.is_file():
            yield one
        elif (own := kustomization(one)) is not None:
            todo += _names(one, own)
        elif one == folder:
            todo += scanned(one, lambda _: False)


def _names(folder: Path, own: Path) -> Iterable[Path]:
    try:
        said = load(reading.content(own, str(own)))
    except (DeclaredError, YamlError):
        return ()
    found = laid_names(folder, said) if isinstance(said, dict) else ()
    return [one for one in found if _exists(one)]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
