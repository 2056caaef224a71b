"""The patches of kustomizations: one that says a value is edited, one of the object gets it, else there is a
new one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.editing.document import Step
from drift.editing.objects import Spot
from drift.editing.target import Target
from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_spelling import Style, document_text
from drift.editor import NotEdited, Replacement, Wish
from drift.listing import leads_out
from drift.model import MISSING
from drift.pointer import get, join
from drift.values import same
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.editing import strategic
from providers.kubernetes.editing.kustomizations import Kustomizations, folder_of, mapping
from providers.kubernetes.editing.places import LANGUAGE, holds_secret
from providers.kubernetes.editing.remap import remapped
from providers.kubernetes.editing.transformers import changed
from providers.kubernetes.facts import is_custom
from providers.kubernetes.names import parse

Way = Callable[[], tuple[Replacement, ...]]
_UNSAFE = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True)
class Patch:
    """A patch of ``kustomization``: in a ``file`` of its own, or as the text at ``way`` of the
    kustomization."""

    kustomization: Path
    way: tuple[Step, ...]
    file: Path | None
    content: bytes

    def text(self) -> YamlText:
        return YamlText(self.content, LANGUAGE, named=(self.file or self.kustomization).name)

    def made(self, text: YamlText) -> tuple[Replacement, ...]:
        """The replacements that give the patch another text."""
        if self.file is not None:
            return replacements(self.file, self.content, text.content)
        return changed(self.kustomization, lambda outer: outer.set(0, self.way, text.text))


def all_of(file: Path) -> Iterator[Patch]:
    """The patches of a kustomization."""
    said = mapping(file)
    for section in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        entries = said.get(section)
        for place, one in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(one, dict) and isinstance(one.get("patch"), str):
                yield Patch(file, (section, place, "patch"), None, one["patch"].encode())
                continue
            path = one.get("path") if isinstance(one, dict) else one
            if isinstance(path, str) and "\n" in path:
                yield Patch(file, (section, place), None, path.encode())
            elif isinstance(path, str):
                source = file.parent / path
                if source.is_file() and not leads_out(source):
                    yield Patch(file, (section, place), source, source.read_bytes())


def known(wish: Wish, several: Kustomizations, base: Spot, target: Target) -> Iterator[Way]:
    """The ways to change a patch that says a value."""
    declared = wish.finding.declared
    assert declared is not None
    for file in several.own(wish):
        for patch in all_of(file):
            for number, one in enumerate(patch.text().documents):
                if isinstance(one.value, list):
                    yield from _in_json(patch, number, one.value, target)
                elif _is_of(one.value, base, declared.name):
                    way, rest = remapped(target.steps, declared.attributes, one.value)
                    if not rest and same(get(one.value, way), target.old):
                        yield lambda p=patch, n=number, w=way: _put(p, n, w, target.new)  # type: ignore[misc]


def new(wish: Wish, base: Spot, target: Target) -> Iterator[Way]:
    """The ways to say a value in a patch that does not say it yet."""
    file, declared = kustomization(folder_of(wish)), wish.finding.declared
    type_ = parse(declared.type) if declared else None
    if file is None or declared is None or type_ is None or holds_secret(target.new):
        return
    if is_custom(type_):  # a merge takes its lists as wholes
        names: list[tuple[Step, Any]] = [(step, None) for step in target.steps if isinstance(step, str)]
        value = None if target.new is MISSING else target.new
        if len(names) == len(target.steps) and not isinstance(value, (dict, list)):
            yield from _known(file, base, declared.name, names, value)
        yield lambda: _json(file, base, target)
        return
    way = strategic.way(target.steps, declared.attributes)
    said = strategic.value(target, declared.attributes, len(way))
    yield from _known(file, base, declared.name, way, said)
    yield lambda: _file(file, base, way, said)


def _known(file: Path, base: Spot, name: str | None, way: list[tuple[Step, Any]], said: Any) -> Iterator[Way]:
    """The ways to say a value in patches of the object that are there."""
    for patch in all_of(file):
        for number, one in enumerate(patch.text().documents):
            if _is_of(one.value, base, name):
                yield lambda p=patch, n=number: _into(p, n, way, said)  # type: ignore[misc]


def _is_of(body: Any, base: Spot, name: str | None) -> bool:
    if not isinstance(body, dict) or body.get("kind") != base.body.get("kind"):
        return False
    metadata = body.get("metadata")
    return isinstance(metadata, dict) and metadata.get("name") in (base.name, name)


def _in_json(patch: Patch, number: int, said: list[Any], target: Target) -> Iterator[Way]:
    path = ""
    for step in target.steps:
        path = join(path, step)
    for place, one in enumerate(said):
        if not isinstance(one, dict) or one.get("path") != path or target.new is MISSING:
            continue
        if "value" in one and same(one["value"], target.old):
            way = (place, "value")
            yield lambda way=way: _put(patch, number, way, target.new)  # type: ignore[misc]


def _put(patch: Patch, number: int, way: tuple[Step, ...], new_: Any) -> tuple[Replacement, ...]:
    if holds_secret(new_):
        raise NotEdited("a secret is never written to Git")
    text = patch.text()
    if new_ is MISSING:
        text.remove(number, way)
    else:
        text.set(number, way, new_)
    return patch.made(text)


def _into(patch: Patch, number: int, way: list[tuple[Step, Any]], said: Any) -> tuple[Replacement, ...]:
    """A patch with a value more, in the members that it has or in new ones."""
    text = patch.text()
    here: list[Step] = []
    body = text.documents[number].value
    for depth, (step, value) in enumerate(way):
        if value is None:
            if not isinstance(body, dict) or step not in body:
                text.set(number, [*here, step], _nested(way[depth + 1 :], said))
                return patch.made(text)
            here.append(step)
            body = body[step]
            continue
        members = body if isinstance(body, list) else []
        fitting = [n for n, one in enumerate(members) if isinstance(one, dict) and one.get(step) == value]
        if not fitting:
            text.append(number, here, _nested(way[depth:], said)[0])
            return patch.made(text)
        here.append(fitting[0])
        body = members[fitting[0]]
    if isinstance(body, list) and isinstance(said, list) and strategic.merge_key(way[-1][0], [*body, *said]):
        for one in said:
            text.append(number, here, one)
    elif isinstance(body, dict) and isinstance(said, dict):
        for name, one in said.items():
            text.set(number, [*here, name], one)
    else:
        text.set(number, here, said)
    return patch.made(text)


def _nested(way: list[tuple[Step, Any]], said: Any) -> Any:
    for step, value in reversed(way):
        if value is None:
            said = {step: said}
        else:
            said = [{step: value, **said} if isinstance(said, dict) else {step: value, "$patch": "delete"}]
    return said


def _file(file: Path, base: Spot, way: list[tuple[Step, Any]], said: Any) -> tuple[Replacement, ...]:
    """A new patch in a file of its own, which the kustomization mentions."""
    kind, name = str(base.body["kind"]), str(base.name)
    stem = _UNSAFE.sub("-", f"{name}-{kind}".lower()).strip(".-")[:200]
    source = file.parent / f"{stem}-patch.yaml"
    if source.exists():
        raise NotEdited(f"{source.name} is there already")
    metadata = {"name": name, **({"namespace": base.namespace} if base.namespace else {})}
    head = {"apiVersion": base.body["apiVersion"], "kind": kind, "metadata": metadata}
    body = _merged(head, _nested(way, said))
    content = document_text(body, LANGUAGE, Style()).encode()
    old = "patchesStrategicMerge" in mapping(file) and "patches" not in mapping(file)
    mention = changed(
        file,
        lambda text: (
            text.append(0, ["patchesStrategicMerge"], source.name)
            if old
            else text.append(0, ["patches"], {"path": source.name})
        ),
    )
    return (Replacement(source, 0, 0, content), *mention)


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for name, value in other.items():
        known_ = found.get(name)
        both = isinstance(known_, dict) and isinstance(value, dict)
        found[name] = _merged(known_, value) if both and known_ is not None else value
    return found


def _json(file: Path, base: Spot, target: Target) -> tuple[Replacement, ...]:
    """A JSON Patch in the kustomization itself: in the one that has the object for its target, if there is
    one, behind what it does already."""
    type_ = parse(base.type)
    if type_ is None:
        raise NotEdited("its type is not known")
    what = {"group": type_.group, "version": type_.version, "kind": type_.kind, "name": str(base.name)}
    mine = {key: value for key, value in what.items() if value}
    more = strategic.json_patch(target)
    entries = mapping(file).get("patches")
    for place, one in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(one, dict) and one.get("target") == mine and _is_inline_json(one.get("patch")):
            way, said = ["patches", place, "patch"], f"{one['patch'].rstrip()}\n{more}"
            return changed(file, lambda text, way=way, said=said: text.set(0, way, said))  # type: ignore[misc]
    entry = {"target": mine, "patch": more}
    return changed(file, lambda text: text.append(0, ["patches"], entry))


def _is_inline_json(patch: Any) -> bool:
    """Whether a patch is a list of operations, written line by line in YAML at its left edge."""
    return isinstance(patch, str) and patch.startswith("- op: ") and patch.count("\n") > 0
