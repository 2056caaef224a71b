"""What one declaration told, remembered so far that a finding is known again: several declarations may tell
of what stands in one and the same file, as overlays do of a base."""

from __future__ import annotations

from dataclasses import dataclass, field

from drift.finding import Unverifiable
from drift.model import Origin, Problem, Resource

Item = Resource | Unverifiable | Problem
_Place = tuple[str, str | None, int | None, str | None]


@dataclass(slots=True)
class Told:
    """``items`` are what it told in its order, a number in place of a resource that is kept elsewhere."""

    items: list[int | Item] = field(default_factory=list)
    _rows: dict[_Place, list[tuple[str, str | None, str | None]]] = field(default_factory=dict)

    def note(self, resource: Resource) -> None:
        if resource.origin is not None:
            row = resource.scope, resource.id, resource.name
            self._rows.setdefault(_place(resource.origin), []).append(row)

    def fit(self, resource: Resource) -> int:
        """How surely a declared resource, wherever it was placed since, is one of these; 0 where it is
        none."""
        if resource.origin is None:
            return 0
        rows = self._rows.get(_place(resource.origin), ())
        return max((_alike(resource, *row) for row in rows), default=0)


def _place(origin: Origin) -> _Place:
    return origin.source, origin.file, origin.line, origin.address


def _alike(resource: Resource, scope: str, id_: str | None, name: str | None) -> int:
    """The place is the same; the more that is told of it is the same, too, the surer."""
    return 1 + 4 * (id_ == resource.id) + 2 * (scope in ("", resource.scope)) + (name == resource.name)
