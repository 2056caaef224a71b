"""Artifacts that are no Git repositories: those of OCI registries, and those that an ArtifactGenerator puts
together from others."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from drift import temporary
from drift.errors import DeclaredError
from drift.listing import leads_out
from providers.kubernetes.engines import oci
from providers.kubernetes.engines.flux.said import GENERATOR, mapping, several, spec_of, text
from providers.kubernetes.engines.flux.versions import fits
from providers.kubernetes.engines.objects import Ref
from providers.kubernetes.engines.trees import NotFollowed, Tree
from providers.kubernetes.engines.world import World

_MOST_FILES = 50_000


def artifact(world: World, ref: Ref, url: str, spec: Mapping[str, Any], status: Mapping[str, Any]) -> Tree:
    """The files of an OCI artifact. Raises NotFollowed, DeclaredError."""
    said = mapping(spec.get("ref"))
    wanted = text(said.get("digest")) or text(said.get("tag")) or "latest"
    semver = text(said.get("semver"))
    if semver and not text(said.get("digest")):
        live = world.found(ref)
        status = mapping(live.attributes.get("status")) if live is not None else status
        revision = text(mapping(status.get("artifact")).get("revision"))
        wanted = revision.partition("@")[0]
        if not fits(wanted, semver):
            raise NotFollowed(
                f"{ref} follows the newest tag in {semver}, and its status in the cluster names none of it"
            )
    media_type = text(mapping(spec.get("layerSelector")).get("mediaType"))
    insecure = spec.get("insecure") is True
    try:
        folder = oci.pulled(
            world.trees, url, wanted, world.deadline, media_type=media_type, insecure=insecure
        ).resolve()
    except NotFollowed as error:
        raise NotFollowed(f"the OCI artifact {error}") from error
    return Tree(folder, f"{url}:{wanted}", folder, None, None, url)


def assembled(world: World, ref: Ref, files_of: Callable[..., Any]) -> Tree:
    """The tree of an ExternalArtifact that an ArtifactGenerator declares. Raises NotFollowed where none
    does."""
    for made in world.of(GENERATOR):
        if (made.ref.scope, made.ref.namespace) != (ref.scope, ref.namespace):
            continue
        spec = spec_of(made.manifest.body)
        for one in several(spec.get("artifacts")):
            if text(mapping(one).get("name")) == ref.name:
                return _copied(world, made.ref, spec, mapping(one), files_of)
    raise NotFollowed(
        f"the ExternalArtifact {ref.namespace}/{ref.name} is made by nothing that is declared here"
    )


@dataclass(frozen=True, slots=True)
class Assembled(Tree):
    """A tree of copies, each of which is called by what it is a copy of; ``here`` are the originals that lie
    in the own repository."""

    origins: Mapping[Path, str] = field(default_factory=dict)
    here: Mapping[Path, Path] = field(default_factory=dict)

    def shown(self, file: Path) -> str:
        known = self.origins.get(file)
        return known if known is not None else super(Assembled, self).shown(file)

    def original(self, folder: Path) -> Path | None:
        """The folder of the own repository of which one is a copy."""
        found = [str(file.parent) for copy, file in self.here.items() if copy.is_relative_to(folder)]
        return Path(os.path.commonpath(found)) if found else None


def _copied(
    world: World, owner: Ref, spec: Mapping[str, Any], said: Mapping[str, Any], files_of: Callable[..., Any]
) -> Tree:
    key = f"flux artifact {owner} {said.get('name')}"
    if key in world.memory:
        found: Tree = world.memory[key]
        return found
    sources: dict[str, Tree] = {}
    for one in several(spec.get("sources")):
        alias = text(mapping(one).get("alias"))
        sources[alias] = files_of(world, owner, one, "").tree
    target = (temporary.folder() / "artifact").resolve()
    target.mkdir()
    origins: dict[Path, str] = {}
    here: dict[Path, Path] = {}
    for step in several(said.get("copy")):
        for source, file, end in _copies(mapping(step), sources, target):
            end.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, end)
            origins[end] = source.shown(file)
            if source.own:
                here[end] = file
            if len(origins) > _MOST_FILES:
                raise DeclaredError(f"{owner}: copies more than {_MOST_FILES:,} files")
    first = next(iter(sources.values()), world.tree)
    name = f"{owner.name}/{text(said.get('name'))}"
    tree = Assembled(
        target, name, target, first.commit, first.committed_at, first.url, origins=origins, here=here
    )
    world.memory[key] = tree
    return tree


def _copies(
    step: Mapping[str, Any], sources: Mapping[str, Tree], target: Path
) -> Iterator[tuple[Tree, Path, Path]]:
    """(tree, file, its place in the artifact) of a step: ``from: "@alias/glob"``, ``to: "@artifact/path/"``.
    What a pattern finds is placed as it lies below the part of it without a star. Raises DeclaredError.

    Source: fluxcd.io, "Artifact Generators", Copy operations.
    """
    said, to = text(step.get("from")), text(step.get("to"))
    alias, _, pattern = said.removeprefix("@").partition("/")
    if not said.startswith("@") or alias not in sources or not to.startswith("@artifact"):
        raise DeclaredError(f"{said!r} to {to!r} is no copy from a source to the artifact")
    tree, fixed = sources[alias], _before_star(pattern)
    base = tree.place("/".join(fixed) or ".")
    below = [part for part in to.removeprefix("@artifact").split("/") if part not in ("", "..", ".")]
    place = target.joinpath(*below)
    if base.is_file():
        yield tree, base, place / base.name if to.endswith("/") or not below else place
        return
    starred = "*" in pattern
    if not starred and to.endswith("/") and fixed:
        place = place / base.name
    excluded = [text(one) for one in several(step.get("exclude"))]
    for file in sorted(base.rglob("*")):
        inside = file.relative_to(base).as_posix()
        if not file.is_file() or ".git" in file.parts or leads_out(file):
            continue
        if starred and not _matches("/".join([*fixed, inside]), pattern):
            continue
        if not any(_matches(inside, one) or fnmatchcase(file.name, one) for one in excluded):
            yield tree, file, place / inside


def _before_star(pattern: str) -> list[str]:
    found = []
    for part in pattern.split("/"):
        if any(sign in part for sign in "*?["):
            break
        if part:
            found.append(part)
    return found


def _matches(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern, in which ``**`` stands for any number of folders."""
    parts, wanted = path.split("/"), pattern.split("/")
    return _fits(parts, wanted)


def _fits(parts: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(_fits(parts[number:], wanted[1:]) for number in range(len(parts) + 1)) or wanted == ["**"]
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and _fits(parts[1:], wanted[1:])
