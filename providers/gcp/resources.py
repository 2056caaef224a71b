"""Reads from a service's own API what Cloud Asset does not list: the types of ``resources.yaml``, where Git
declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from drift.errors import CellError
from drift.model import Resource
from drift.safe_yaml import data
from providers.gcp.session import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """How the members of a type are listed that lie in each resource of the type ``of``."""

    type: str
    of: str
    path: str
    items: str
    kind: str
    permission: str

    @property
    def host(self) -> str:
        return self.type.partition("/")[0]


@cache
def entries() -> Mapping[str, Entry]:
    """The entry of each type."""
    said = data(Path(__file__).with_name("resources.yaml"))
    return {type_: Entry(type_, **words) for type_, words in said.items()}


def listed(session: Session, entry: Entry, parent: Resource) -> Iterator[Resource]:
    """The members of a type in one resource. Raises CellError."""
    path = entry.path.format(project=parent.scope, name=parent.name)
    collection = path.rpartition("/")[2]
    for page in session.get_pages(entry.host, path):
        bodies = page.get(entry.items, [])
        if not isinstance(bodies, list) or (entry.items not in page and page.get("kind") != entry.kind):
            raise CellError("failed", f"GET {path}: the answer is no {entry.kind}")
        for body in bodies:
            if not isinstance(body, Mapping) or not body.get("name"):
                raise CellError("failed", f"GET {path}: the answer has a member without a name")
            name = str(body["name"])
            yield Resource(
                "gcp", parent.scope, entry.type, f"{parent.id}/{collection}/{name}", dict(body), name=name
            )


class Reader:
    """Remembers what direct listings need of one task, and makes them at its end."""

    def __init__(self, session: Session, wanted: frozenset[str]) -> None:
        self.session = session
        self.entries = [entry for type_, entry in entries().items() if type_ in wanted]
        self._of = {entry.of for entry in self.entries}
        self._parents: list[Resource] = []

    def needs(self, type_: str) -> bool:
        """Whether others may lie in resources of a type."""
        return type_ in self._of

    def see(self, resource: Resource) -> None:
        """Takes note of a resource in which others may lie."""
        if self.needs(resource.type):
            self._parents.append(resource.but(attributes={}))

    def read(self, entry: Entry, scope: str) -> Iterator[Resource | CellError]:
        """The members of a type in a scope; an error for each resource whose members can't be read."""
        for parent in self._parents:
            if parent.type == entry.of and parent.scope == scope:
                try:
                    yield from listed(self.session, entry, parent)
                except CellError as error:
                    yield error
