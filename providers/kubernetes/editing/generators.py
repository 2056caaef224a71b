"""ConfigMaps that a kustomization makes of files, literals and environment files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from drift.editing.target import Target
from drift.editing.versions import replacements
from drift.editor import NotEdited, Place, Replacement, Wish
from drift.listing import leads_out
from providers.kubernetes.declared_folders import KUSTOMIZATIONS
from providers.kubernetes.editing.kustomizations import Kustomizations, mapping
from providers.kubernetes.editing.transformers import changed

Way = Callable[[], tuple[Replacement, ...]]
#: The hash of its content that kustomize puts behind a name (api/hasher: ten letters of its own alphabet).
_HASHED = re.compile(r"-[bcdfghkmt2456789]{10}")


def made(wish: Wish) -> bool:
    """Whether what a wish is about is made by a generator, which the kustomization itself declares."""
    declared = wish.finding.declared
    origin = declared.origin if declared else None
    return origin is not None and (origin.file or "").rpartition("/")[2] in KUSTOMIZATIONS


def ways(wish: Wish, known: Kustomizations, target: Target) -> Iterator[Way]:
    """The ways to write a ConfigMap's text into what it is made of. Raises NotEdited where its name comes of
    its content."""
    declared = wish.finding.declared
    if declared is None or declared.attributes.get("kind") != "ConfigMap" or len(target.steps) != 2:
        return
    section, key = target.steps
    if section != "data" or not isinstance(target.new, str):
        return
    for file in known.own(wish):
        entries = mapping(file).get("configMapGenerator")
        for place, one in enumerate(entries if isinstance(entries, list) else ()):
            name = str(one.get("name")) if isinstance(one, dict) else ""
            if not name or name not in str(declared.name):
                continue
            if _HASHED.search(str(declared.name).rpartition(name)[2]):
                why = "its name is a hash of its content: another content in Git makes another object"
                raise NotEdited(why, Place(file))
            yield from _of(file, place, one, str(key), target)


def _of(file: Path, place: int, entry: dict[str, Any], key: str, target: Target) -> Iterator[Way]:
    for at, one in enumerate(entry.get("literals") or ()):
        if isinstance(one, str) and one.partition("=")[0] == key:
            way = ["configMapGenerator", place, "literals", at]
            said = f"{key}={target.new}"
            yield lambda way=way, said=said: changed(  # type: ignore[misc]
                file, lambda text: text.set(0, way, said)
            )
    for one in entry.get("files") or ():
        name, _, path = str(one).rpartition("=")
        source = file.parent / path
        if (name or Path(path).name) == key:
            yield lambda source=source: _file(source, target.new)  # type: ignore[misc]
    envs = [*(entry.get("envs") or ()), *([entry["env"]] if entry.get("env") else [])]
    for one in envs:
        yield lambda source=file.parent / str(one): _line(source, key, target.new)  # type: ignore[misc]


def _content(source: Path) -> bytes:
    if not source.is_file() or leads_out(source):
        raise NotEdited(f"{source.name} is no file of the repository")
    return source.read_bytes()


def _file(source: Path, new: str) -> tuple[Replacement, ...]:
    return replacements(source, _content(source), new.encode())


def _line(source: Path, key: str, new: str) -> tuple[Replacement, ...]:
    content = _content(source)
    found = re.search(rb"^[ \t]*" + re.escape(key.encode()) + rb"=([^\r\n]*)", content, re.M)
    if found is None or "\n" in new or "\r" in new:
        raise NotEdited(f"{source.name} can't say it", Place(source))
    return (Replacement(source, found.start(1), found.end(1), new.encode()),)
