"""Values that a kustomization's own fields give: images, replicas, labels and annotations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from drift.editing.objects import Spot
from drift.editing.target import Target
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editor import Replacement, Wish
from drift.model import MISSING
from drift.pointer import get
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.editing.kustomizations import Kustomizations, folder_of, mapping
from providers.kubernetes.editing.places import LANGUAGE
from providers.kubernetes.editing.remap import remapped

Way = Callable[[], tuple[Replacement, ...]]
_PAIRS = {"labels": "commonLabels", "annotations": "commonAnnotations"}


def ways(wish: Wish, known: Kustomizations, target: Target) -> Iterator[Way]:
    """The ways to write a value into fields that are there."""
    for file in known.own(wish):
        said = mapping(file)
        if target.steps[-1] == "image" and isinstance(target.old, str) and isinstance(target.new, str):
            yield from _images(file, said, target)
        elif target.steps == ("spec", "replicas") and isinstance(target.new, int):
            yield from _replicas(wish, file, said, target)
        elif len(target.steps) >= 2 and target.steps[-2] in _PAIRS and target.new is not MISSING:
            yield from _pairs(file, said, target)


def new(wish: Wish, base: Spot, target: Target) -> Iterator[Way]:
    """An entry of ``images`` in the overlay for an image of a base that others use."""
    file = kustomization(folder_of(wish))
    declared = wish.finding.declared
    if file is None or declared is None or target.steps[-1] != "image" or not isinstance(target.new, str):
        return
    way, rest = remapped(target.steps, declared.attributes, base.body)
    here = get(base.body, way) if not rest else None
    if not isinstance(here, str):
        return
    name, (now, tag, digest) = parts(here)[0], parts(target.new)
    entry: dict[str, Any] = {"name": name, **({"newName": now} if now != name else {})}
    entry |= {"newTag": tag} if tag else {}
    entry |= {"digest": digest} if digest else {}
    if not any(one.get("name") == name for one in _entries(mapping(file), "images")):
        yield lambda: changed(file, lambda text: text.append(0, ["images"], entry))


def parts(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image.

    >>> parts("localhost:5000/a/b:1.2@sha256:00")
    ('localhost:5000/a/b', '1.2', 'sha256:00')
    """
    rest, _, digest = image.partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{head}{slash}{name}", tag, digest


def changed(file: Path, change: Callable[[YamlText], None]) -> tuple[Replacement, ...]:
    """The replacements of a change of a kustomization's text."""
    content = file.read_bytes()
    text = YamlText(content, LANGUAGE, named=file.name)
    change(text)
    return replacements(file, content, text.content)


def _entries(said: Any, section: str) -> list[dict[str, Any]]:
    found = said.get(section)
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []


def _images(file: Path, said: Any, target: Target) -> Iterator[Way]:
    old, wanted = parts(target.old), parts(target.new)
    for place, one in enumerate(_entries(said, "images")):
        if one.get("newName", one.get("name")) != old[0]:
            continue
        if str(one.get("newTag", old[1])) != old[1] or str(one.get("digest", old[2])) != old[2]:
            continue
        yield lambda place=place, one=one: changed(  # type: ignore[misc]
            file, lambda text: _image(text, place, one, wanted)
        )


def _image(text: YamlText, place: int, entry: dict[str, Any], wanted: tuple[str, str, str]) -> None:
    name, tag, digest = wanted
    if entry.get("newName", entry.get("name")) != name:
        text.set(0, ["images", place, "newName"], name)
    for field, value in (("newTag", tag), ("digest", digest)):
        if value and str(entry.get(field, "")) != value:
            text.set(0, ["images", place, field], value)
        elif not value and field in entry:
            text.remove(0, ["images", place, field], prune=False)


def _replicas(wish: Wish, file: Path, said: Any, target: Target) -> Iterator[Way]:
    name = str(wish.resource.name)
    for place, one in enumerate(_entries(said, "replicas")):
        if one.get("count") == target.old and str(one.get("name")) and str(one.get("name")) in name:
            yield lambda place=place: changed(  # type: ignore[misc]
                file, lambda text: text.set(0, ["replicas", place, "count"], target.new)
            )


def _pairs(file: Path, said: Any, target: Target) -> Iterator[Way]:
    key = str(target.steps[-1])
    places: list[list[str | int]] = [[_PAIRS[str(target.steps[-2])], key]]
    if target.steps[-2] == "labels":
        places += [["labels", at, "pairs", key] for at in range(len(_entries(said, "labels")))]
    for way in places:
        try:
            there = get(said, way)
        except (KeyError, IndexError, TypeError):
            continue
        if there == target.old and there is not MISSING:
            yield lambda way=way: changed(file, lambda text: text.set(0, way, target.new))  # type: ignore[misc]
