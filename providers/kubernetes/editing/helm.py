"""The editor of charts' releases: the key of a values file that renders to a value is found by rendering
again with the key changed."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift import temporary
from drift.editing.target import Target, targets
from drift.editing.versions import replacements
from drift.editing.words import says
from drift.editing.yaml import YamlText
from drift.editor import BaseEditor, Edit, NotEdited, Replacement, Restoring, Wish, places
from drift.errors import DeclaredError
from drift.model import MISSING
from drift.pointer import get
from drift.values import same
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.declared_scope import Cluster
from providers.kubernetes.editing import restoring, templates
from providers.kubernetes.editing.places import LANGUAGE, holds_secret
from providers.kubernetes.editing.values import Candidate, candidates
from providers.kubernetes.helm import Release
from providers.kubernetes.helm_template import SOURCE

#: So many keys are tried of a value, each by a rendering.
_TRIED = 24
VALUES = "values.yaml"


class HelmEditor(BaseEditor):
    """Edits the values of charts, and literals in the templates of a chart of the repository's own."""

    name = SOURCE

    def change(self, wish: Wish) -> Iterable[Edit]:
        declared, release = wish.finding.declared, wish.declaration
        if not isinstance(release, Release) or declared is None:
            raise NotEdited("it is not known which chart declares it", *places(wish))
        if declared.attributes.get("kind") == "Secret":
            raise NotEdited("a Secret is never written to Git", *places(wish))
        told: list[tuple[Replacement, ...]] = []
        why: NotEdited | None = None
        for target in targets(wish):
            if holds_secret(target.new):
                continue
            for found in (*_of_values(wish, release, target), *_of_template(wish, target)):
                if isinstance(found, NotEdited):
                    why = why or found
                elif found and found not in told:
                    told.append(found)
                    yield Edit(found, says(wish))
        if not told:
            raise why or NotEdited("no key of the values renders to it", *places(wish))

    def restoring(self, wish: Wish) -> Restoring | None:
        return restoring.of_helm(wish)


@dataclass(frozen=True)
class _Trial:
    """A release with one file of values changed: ``place`` is its place among them, -1 the chart's own."""

    release: Release
    cluster: Cluster
    wish: Wish

    def says(self, place: int, content: bytes, target: Target) -> bool:
        """Whether it then renders to what is wanted."""
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
                manifests = other.read(other.render(self.cluster)).manifests
            except DeclaredError:
                return False
        found = next((one for one in manifests if self._is_it(one)), None)
        if found is None:
            return False
        there = _at(found.body, target)
        return there is MISSING if target.new is MISSING else same(there, target.new)

    def _is_it(self, one: Manifest) -> bool:
        declared = self.wish.finding.declared
        assert declared is not None
        metadata = declared.attributes.get("metadata") or {}
        if one.type.kind != declared.attributes.get("kind") or one.name != metadata.get("name"):
            return False
        return one.namespace in (None, metadata.get("namespace"))


def _at(body: Any, target: Target) -> Any:
    holder = get(body, target.steps[:-1])
    last = target.steps[-1]
    if isinstance(holder, dict):
        return holder.get(last, MISSING)
    if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        return holder[last]
    return MISSING


def _of_values(wish: Wish, release: Release, target: Target) -> Iterator[tuple[Replacement, ...] | NotEdited]:
    """The files of values that render to a target once a key of theirs is changed."""
    cluster = Cluster.of(wish.view, wish.location.option("scope")) if wish.view else Cluster("")
    trial = _Trial(release, cluster, wish)
    tried = 0
    own = release.template.chart.path / VALUES
    defaults = _read(own) if own.is_file() else None
    files = [(place, one) for place, one in enumerate(release.template.values) if isinstance(one, Path)]
    ways: list[tuple[int, Path, list[Candidate]]] = []
    for place, file in reversed(files):
        if _mine(wish, file):
            ways.append((place, file, candidates(_value(file), target)))
    if defaults is not None:
        known = candidates(defaults.get(0, ()) if defaults.documents else {}, target)
        mine = [(place, file) for place, file in files if _mine(wish, file)]
        if mine:
            ways.append((*mine[-1], known))
        if _mine(wish, own) and not _vendored(wish, own):
            ways.append((-1, own, known))
    for place, file, several in ways:
        for one in several:
            tried += 1
            if tried > _TRIED:
                yield NotEdited(f"none of {_TRIED} keys of the values renders to it", *places(wish))
                return
            content = _written(file, one, target)
            if content is not None and trial.says(place, content, target):
                yield replacements(file, file.read_bytes(), content)


def _written(file: Path, one: Candidate, target: Target) -> bytes | None:
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


def _of_template(wish: Wish, target: Target) -> Iterator[tuple[Replacement, ...] | NotEdited]:
    """A literal in the template itself."""
    declared = wish.finding.declared
    origin = declared.origin if declared else None
    if origin is None or origin.file is None:
        return
    try:
        file = wish.file(origin.file)
        if _mine(wish, file) and not _vendored(wish, file):
            yield templates.said_in(wish, file, target)
    except NotEdited as error:
        yield error if error.places else NotEdited(error.reason, *places(wish))


def _read(file: Path) -> YamlText | None:
    try:
        return YamlText(file.read_bytes(), LANGUAGE, named=file.name)
    except (NotEdited, OSError):
        return None


def _value(file: Path) -> Any:
    text = _read(file)
    return text.documents[0].value if text is not None and text.documents else None


def _mine(wish: Wish, file: Path) -> bool:
    """Whether a file lies in the repository itself."""
    root = wish.location.root
    return root is not None and file.resolve().is_relative_to(root.resolve()) and not file.is_symlink()


def _vendored(wish: Wish, file: Path) -> bool:
    """Whether a file came with another one's chart."""
    path = wish.location.path
    chart = path if path.is_dir() else path.parent
    inside = Path(os.path.relpath(file, chart)).parts
    above = chart.relative_to(wish.location.root).parts if wish.location.root else ()
    return "charts" in inside or "vendor" in above
