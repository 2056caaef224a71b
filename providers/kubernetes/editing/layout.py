"""Where a new object belongs among the files that stand there, and how they are named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.editing.versions import replacements
from drift.editing.yaml import YamlText
from drift.editing.yaml_spelling import Style, document_text
from drift.editor import NotEdited, Replacement, Wish
from providers.kubernetes.declared_folders import kustomization
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.editing.places import LANGUAGE
from providers.kubernetes.names import namespace_of, parse

#: How people name the file of one object.
_NAMES = ("{kind}-{name}", "{name}-{kind}", "{name}", "{kind}", "{kind}s", "{name}.{kind}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def manifests(wish: Wish) -> Sequence[Manifest]:
    """The objects of a declaration of Kubernetes objects, as it was read."""
    found = getattr(getattr(wish.declaration, "_found", None), "manifests", ())
    return list(found)


def fitness(wish: Wish) -> int:
    """How fit a declaration is to declare an unmanaged object."""
    live = wish.finding.live
    if live is None or live.provider != "kubernetes":
        return 0
    asked = wish.location.option("scope")
    clusters = wish.context.get("clusters") or {}
    if asked != live.scope and (asked is not None or len(clusters) > 1):
        return 0
    type_ = parse(live.type)
    several = manifests(wish)
    near = sum(1 for one in several if (one.namespace or "") == namespace_of(live.id))
    alike = sum(1 for one in several if type_ is not None and one.type.key == type_.key)
    return 1 + min(near, 100) * 100 + min(alike, 99)


@dataclass(frozen=True, slots=True)
class Layout:
    """``file`` is a file that takes the object in; None where it gets one of its own, in ``folder``."""

    folder: Path
    file: Path | None
    name: str
    suffix: str

    @classmethod
    def of(cls, wish: Wish) -> Layout:
        """Raises NotEdited where the location takes nothing."""
        live, location = wish.finding.live, wish.location
        if live is None:
            raise NotEdited("it is not live")
        if not location.path.is_dir():
            return cls(location.path.parent, location.path, "{name}", location.path.suffix)
        near = _near(wish)
        files = Counter(file for _, file in near)
        if not files:
            return cls(location.path, None, "{name}-{kind}", ".yaml")
        folder = Counter(file.parent for file in files).most_common(1)[0][0]
        here = [file for file in files if file.parent == folder]
        suffix = Counter(file.suffix for file in here).most_common(1)[0][0]
        single = {file: one for one, file in near if file.parent == folder and files[file] == 1}
        if len(here) == 1 and not single:
            return cls(folder, here[0], "{name}", suffix)
        return cls(folder, None, _named(single), suffix if suffix != ".json" else ".yaml")

    def added(self, body: Mapping[str, Any]) -> tuple[Replacement, ...]:
        """The replacements that declare an object. Raises NotEdited."""
        file = self.file
        if file is None:
            words = {"kind": str(body["kind"]).lower(), "name": str(body["metadata"]["name"])}
            file = self.folder / f"{_safe(self.name.format(**words))}{self.suffix}"
            if file.exists():
                file = self.folder / f"{_safe('{name}-{kind}'.format(**words))}{self.suffix}"
        if file.exists():
            content = file.read_bytes()
            if file.suffix == ".json":
                raise NotEdited(f"nothing is added to {file.name}, which is JSON")
            text = YamlText(content, LANGUAGE, named=file.name)
            text.append_document(body)
            return replacements(file, content, text.content)
        new = Replacement(file, 0, 0, document_text(body, LANGUAGE, Style()).encode())
        return (new, *self._mentioned(file))

    def _mentioned(self, file: Path) -> tuple[Replacement, ...]:
        """The mention of a new file in the kustomization of its folder, where there is one."""
        known = kustomization(self.folder)
        if known is None:
            return ()
        content = known.read_bytes()
        text = YamlText(content, LANGUAGE, named=known.name)
        text.append(0, ["resources"], file.name)
        return replacements(known, content, text.content)


def _near(wish: Wish) -> list[tuple[Manifest, Path]]:
    """The declared objects of the same namespace, else of the same kind, else all, with their files."""
    live = wish.finding.live
    assert live is not None
    type_ = parse(live.type)
    several = [one for one in manifests(wish) if one.file.endswith((".yaml", ".yml", ".json"))]
    same = [one for one in several if (one.namespace or "") == namespace_of(live.id)]
    alike = [one for one in same or several if type_ is not None and one.type.key == type_.key]
    chosen = alike if alike and not same else same or several
    found = []
    for one in chosen:
        try:
            found.append((one, wish.file(one.file)))
        except NotEdited:
            continue
    return [(one, file) for one, file in found if file.is_relative_to(wish.location.path)]


def _named(single: Mapping[Path, Manifest]) -> str:
    """How files of one object are named here."""
    counted: Counter[str] = Counter()
    for file, one in single.items():
        for pattern in _NAMES:
            if file.stem.lower() == pattern.format(kind=one.type.kind.lower(), name=one.name):
                counted[pattern] += 1
                break
    return counted.most_common(1)[0][0] if counted else "{name}-{kind}"


def _safe(name: str) -> str:
    """A file's name that leads nowhere else."""
    return _UNSAFE.sub("-", name).lstrip(".-")[:200] or "object"
