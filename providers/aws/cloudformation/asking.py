"""What a template needs of the live side besides resources, as far as that is known before it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from drift.errors import DeclaredError
from drift.model import Resource
from drift.source import Location
from providers.aws.asked import OBJECT
from providers.aws.cloudformation import includes, rain
from providers.aws.cloudformation.declared_types import local_child
from providers.aws.cloudformation.evaluated import NESTED, Evaluated, Surroundings
from providers.aws.cloudformation.place import Place
from providers.aws.cloudformation.recorded import place_of
from providers.aws.cloudformation.template import Template
from providers.aws.facts import catalogue


class _Nothing:
    """A live side of which nothing was read yet."""

    def context(self, provider: str) -> Mapping[str, Any]:
        return {}

    def scopes(self, provider: str) -> frozenset[str]:
        return frozenset()

    def types(self, provider: str) -> set[tuple[str, str]]:
        return set()

    def find(self, provider: str, scope: str | None, type: str, id: str) -> Resource | None:
        return None

    def every(self, provider: str, type: str) -> Iterable[Resource]:
        return ()


def objects(of: Template, place: Place, said: Mapping[str, Any], location: Location) -> set[str]:
    """The words for what lies in S3: templates of nested stacks, what is included."""
    around = Surroundings(location, _Nothing(), catalogue(), ())
    seen: set[Path] = set()
    left = [(of, dict(said))]
    found: set[str] = set()
    while left:
        one, given = left.pop()
        at = Evaluated(one, place, given, around)
        found |= {f"{OBJECT}{url}" for url in _urls(at, seen, left)}
    return found


def _urls(at: Evaluated, seen: set[Path], left: list[tuple[Template, dict[str, Any]]]) -> Iterator[str]:
    for location in includes.locations(at.written):
        url = at.evaluator.value(location)
        if isinstance(url, str) and place_of(url):
            yield url
    for said in at.template.resources.values():
        if not isinstance(said, Mapping) or said.get("Type") != NESTED:
            continue
        own = said.get("Properties")
        child = local_child(at.written, said)
        if child is not None and child not in seen:
            seen.add(child)
            passed = at.evaluator.value(own.get("Parameters")) if isinstance(own, Mapping) else None
            try:
                inner = rain.read(child, child.name, at.written.root)
            except DeclaredError:
                continue  # told when it is translated
            left.append((inner, passed if isinstance(passed, dict) else {}))
        elif child is None and isinstance(own, Mapping):
            url = at.evaluator.value(own.get("TemplateURL"))
            if isinstance(url, str) and place_of(url):
                yield url
