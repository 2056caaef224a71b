"""The declared Config Connector objects: read from YAML, found again by the references between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift import reading
from drift.errors import DeclaredError
from drift.listing import files_below
from providers.gcp.config_connector import yaml_lines
from providers.gcp.config_connector.kinds import SUFFIX, Kind, kind_of

SUFFIXES = (".yaml", ".yml", ".json")
_OTHERS = frozenset({"core"})


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """One object: its fields and where they stand. ``lines`` maps a JSON Pointer of the object to its
    line."""

    group: str
    kind: str
    name: str
    namespace: str
    body: Mapping[str, Any]
    file: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def spec(self) -> Mapping[str, Any]:
        found = self.body.get("spec")
        return found if isinstance(found, Mapping) else {}

    @property
    def metadata(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body["metadata"]
        return found

    @property
    def annotations(self) -> Mapping[str, Any]:
        return self.metadata.get("annotations") or {}

    @property
    def status(self) -> Mapping[str, Any]:
        found = self.body.get("status")
        return found if isinstance(found, Mapping) else {}

    @property
    def means(self) -> Kind:
        return kind_of(self.group, self.kind)

    @property
    def address(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(slots=True)
class Objects:
    """All objects of one declared entry, and the annotations of the namespaces declared beside them."""

    found: list[Declared] = field(default_factory=list)
    namespaces: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    by_name: dict[str, list[Declared]] = field(default_factory=dict)

    def add(self, one: Declared) -> None:
        self.found.append(one)
        self.by_name.setdefault(one.name, []).append(one)

    def instead(self, one: Declared, other: Declared) -> Objects:
        """The same objects but for one, whose name is kept."""
        named = [other if each is one else each for each in self.by_name[one.name]]
        found = [other if each is one else each for each in self.found]
        return Objects(found, self.namespaces, {**self.by_name, one.name: named})

    def named(self, name: str, namespace: str | None, kind: str | None) -> list[Declared]:
        """The objects of a name; those of the namespace where there are some."""
        found = [one for one in self.by_name.get(name, ()) if kind in (None, "", one.kind)]
        here = [one for one in found if one.namespace == (namespace or "")]
        return here or found


def group_of(value: Any) -> str | None:
    """The first label of a Config Connector object's API group; None for any other document."""
    if not isinstance(value, Mapping) or not isinstance(value.get("apiVersion"), str):
        return None
    group = value["apiVersion"].partition("/")[0]
    if not group.endswith(SUFFIX):
        return None
    label = group[: -len(SUFFIX)]
    return label if label and label not in _OTHERS else None


def files(path: Path) -> Iterator[Path]:
    """The YAML and JSON files at or below a path, in order, without what is hidden and charts, which must be
    rendered."""
    if not path.is_dir():
        yield path
        return
    found = list(files_below(path, SUFFIXES))
    charts = {one.parent for one in found if one.name == "Chart.yaml"}
    yield from (one for one in found if charts.isdisjoint(one.parents))


def read(file: Path, display: str, into: Objects) -> None:
    """Adds the Config Connector objects of a file. Raises DeclaredError with file and line."""
    for value, lines in yaml_lines.documents(reading.text(file, display, most=reading.MADE), display):
        _take(value, display, lines, into)


def _take(value: Any, display: str, lines: Mapping[str, int], into: Objects) -> None:
    group = group_of(value)
    if group is None:
        if isinstance(value, Mapping) and value.get("kind") == "Namespace":
            metadata = value.get("metadata") or {}
            into.namespaces[str(metadata.get("name"))] = metadata.get("annotations") or {}
        return
    line = lines.get("", 1)
    kind, metadata = value.get("kind"), value.get("metadata")
    where = f"{display}:{line}"
    if not isinstance(kind, str) or not kind:
        raise DeclaredError(f"{where}: kind: a Config Connector object needs a kind; add it")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(name, str) or not name:
        at = f"{display}:{lines.get('/metadata', line)}"
        raise DeclaredError(f"{at}: {kind}: metadata.name: expected a name, got {name!r}; name the object")
    for key in ("annotations", "labels"):
        if not isinstance(metadata.get(key) or {}, Mapping):
            at = f"{display}:{lines.get(f'/metadata/{key}', line)}"
            raise DeclaredError(
                f"{at}: {kind}/{name}: metadata.{key}: expected a mapping, got {metadata[key]!r}"
            )
    if not isinstance(value.get("spec") or {}, Mapping):
        at = f"{display}:{lines.get('/spec', line)}"
        raise DeclaredError(f"{at}: {kind}/{name}: spec: expected a mapping, got {value['spec']!r}")
    into.add(Declared(group, kind, name, str(metadata.get("namespace") or ""), value, display, line, lines))
