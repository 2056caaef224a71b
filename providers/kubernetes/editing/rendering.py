"""Renders a release again with one file of its values changed, and looks at what that makes."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from drift import temporary
from drift.editing.target import Target
from drift.editing.yaml import YamlText
from drift.editor import NotEdited, Wish
from drift.errors import DeclaredError
from drift.model import MISSING
from drift.pointer import get
from drift.values import same
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.editing.places import LANGUAGE
from providers.kubernetes.editing.values import Candidate
from providers.kubernetes.helm_release import Release

VALUES = "values.yaml"


@dataclass
class Trial:
    """A release with one file of values changed: ``place`` is its place among them, -1 the chart's own."""

    release: Release
    cluster: Cluster
    wish: Wish

    @classmethod
    def of(cls, wish: Wish, release: Release) -> Trial:
        cluster = Cluster.of(wish.view, wish.location.option("scope")) if wish.view else Cluster("")
        return cls(release, cluster, wish)

    def says(self, place: int, content: bytes, target: Target) -> bool:
        """Whether it then renders to what is wanted."""
        manifests = self._rendered(place, content)
        found = next((one for one in manifests or () if self._is_it(one)), None)
        if found is None:
            return False
        there = _at(found.body, target)
        return there is MISSING if target.new is MISSING else same(there, target.new)

    def drops(self, place: int, content: bytes) -> bool:
        """Whether it then renders to all the same objects but this one."""
        after = self._rendered(place, content)
        if after is None or any(map(self._is_it, after)):
            return False
        kept = [one for one in self.before if not self._is_it(one)]
        return len(kept) < len(self.before) and _bodies(after) == _bodies(kept)

    @cached_property
    def before(self) -> list[Manifest]:
        """What the release renders to today."""
        template = self.release.template
        try:
            return list(template.read(template.render(self.cluster)).manifests)
        except DeclaredError:
            return []

    def _rendered(self, place: int, content: bytes) -> list[Manifest] | None:
        """None where helm refuses it."""
        with temporary.passing() as folder:
            file = folder / VALUES
            file.write_bytes(content)
            other = copy.copy(self.release.template)
            other.values = list(other.values)
            if place < 0:
                other.values.insert(0, file)
            else:
                other.values[place] = file
            try:
                return list(other.read(other.render(self.cluster)).manifests)
            except DeclaredError:
                return None

    def files(self) -> Iterator[tuple[int, Path, Any]]:
        """The files of values that may be edited, each with its place and the values that are looked for in
        it: its own; what the chart sets by default, in the last of them and, where the chart is the
        repository's own, in the chart."""
        own = self.release.template.chart.path / VALUES
        defaults = _read(own) if own.is_file() else None
        every = enumerate(self.release.template.values)
        mine = [(place, one) for place, one in every if isinstance(one, Path) and is_mine(self.wish, one)]
        for place, file in reversed(mine):
            yield place, file, _value(file)
        if defaults is None:
            return
        known = defaults.get(0, ()) if defaults.documents else {}
        if mine:
            yield (*mine[-1], known)
        if is_mine(self.wish, own) and not is_vendored(self.wish, own):
            yield -1, own, known

    def _is_it(self, one: Manifest) -> bool:
        declared = self.wish.finding.declared
        assert declared is not None
        metadata = declared.attributes.get("metadata") or {}
        if one.type.kind != declared.attributes.get("kind") or one.name != metadata.get("name"):
            return False
        return one.namespace in (None, metadata.get("namespace"))


def _bodies(manifests: Sequence[Manifest]) -> list[str]:
    return sorted(json.dumps(one.body, sort_keys=True, default=str) for one in manifests)


def written(file: Path, one: Candidate) -> bytes | None:
    """A file of values with a key changed; None where that can't be done."""
    text = _read(file)
    if text is None:
        return None
    try:
        if one.value is MISSING:
            text.remove(0, one.way)
        elif text.has(0, one.way) or not text.documents or text.documents[0].node is not None:
            text.set(0, one.way, one.value)
        else:
            return None
    except NotEdited:
        return None
    return text.content


def _at(body: Any, target: Target) -> Any:
    holder = get(body, target.steps[:-1])
    last = target.steps[-1]
    if isinstance(holder, dict):
        return holder.get(last, MISSING)
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        return holder[last]
    return MISSING


def _read(file: Path) -> YamlText | None:
    try:
        return YamlText(file.read_bytes(), LANGUAGE, named=file.name)
    except (NotEdited, OSError):
        return None


def _value(file: Path) -> Any:
    text = _read(file)
    return text.documents[0].value if text is not None and text.documents else None


def is_mine(wish: Wish, file: Path) -> bool:
    """Whether a file lies in the repository itself."""
    root = wish.location.root
    return root is not None and file.resolve().is_relative_to(root.resolve()) and not file.is_symlink()


def is_vendored(wish: Wish, file: Path) -> bool:
    """Whether a file came with another one's chart."""
    path = wish.location.path
    chart = path if path.is_dir() else path.parent
    inside = Path(os.path.relpath(file, chart)).parts
    above = chart.relative_to(wish.location.root).parts if wish.location.root else ()
    return "charts" in inside or "vendor" in above
