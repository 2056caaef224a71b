"""A live side made of plain data, and declared files from text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

from drift.config.options import checked
from drift.finding import Unverifiable
from drift.model import Problem, Resource
from drift.source import Declaration, Loader, Location, Source

Kinds = Mapping[str, Mapping[str, Any]]


class Live:
    """A live side that was read before: what discovery told of one cluster, and some objects."""

    def __init__(
        self, kinds: Kinds | None = None, resources: Sequence[Resource] = (), name: str = "prod", **told: Any
    ) -> None:
        self._clusters = {} if kinds is None else {name: {"kinds": kinds, **told}}
        self._resources = resources

    def context(self, provider: str) -> Mapping[str, Any]:
        return {"clusters": self._clusters} if provider == "kubernetes" and self._clusters else {}

    def scopes(self, provider: str) -> frozenset[str]:
        return frozenset(self._clusters if provider == "kubernetes" else ())

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return next((one for one in self._resources if (one.type, one.id) == (type, id)), None)

    def types(self, provider: str) -> set[tuple[str, str]]:
        return {(one.scope, one.type) for one in self._resources}

    def every(self, provider: str, type: str) -> list[Resource]:
        return [one for one in self._resources if one.type == type]


def served(*types: str, namespaced: bool = True) -> dict[str, dict[str, Any]]:
    """Discovery's answer for some types."""
    kinds = {}
    for type_ in types:
        version, kind = type_.split("/")[-2:]
        group = type_.rpartition(f"{version}/{kind}")[0]
        kinds[f"{group}{kind}"] = {"versions": [version], "read": version, "namespaced": namespaced}
    return kinds


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text), encoding="utf-8")
    return folder


def load(source: Source, path: Path, display: str | None = None, **said: Any) -> Declaration:
    """What the source makes of an entry that says this, as the core hands it over."""
    where = display or path.name
    options = checked(said, [source], lambda _: where)
    return source.load(Location(path, where, commit="c" * 40, options=options), Loader({}))


def everything(declaration: Declaration, live: Live | None = None) -> list[Resource | Unverifiable | Problem]:
    return list(declaration.resources(live or Live()))


def resources(declaration: Declaration, live: Live | None = None) -> dict[str, Resource]:
    """``Kind id`` → what is declared. Fails where anything else is said."""
    found = {}
    for one in everything(declaration, live):
        assert isinstance(one, Resource), one
        found[f"{one.type.rpartition('/')[2]} {one.id}"] = one
    return found


def recognises(source: Source, path: Path) -> bool:
    return source.recognises(path, path.read_bytes()[:65536] if path.is_file() else b"")
