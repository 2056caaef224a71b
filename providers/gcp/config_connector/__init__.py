"""The declared source ``config-connector``: Google resources as Config Connector's Kubernetes objects ask for
them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from drift import reading
from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.model import Origin, Problem, Resource, Unresolved
from drift.proposal import Hint
from drift.source import BaseDeclaration, BaseSource, LiveView, Loader, Location
from providers.gcp.config_connector import addresses, iam, kinds, parts
from providers.gcp.config_connector.fields import Body
from providers.gcp.config_connector.objects import SUFFIXES, Declared, Objects, files, group_of, read
from providers.gcp.config_connector.references import Names

SOURCE = "config-connector"
_SIGN = re.compile(rb"apiVersion[\"']?\s*:\s*[\"']?(?!core\.)[a-z0-9-]+\.cnrm\.cloud\.google\.com/")
_ANNOTATED = re.compile(rb"cnrm\.cloud\.google\.com/")
_HEAD = 65536


class ConfigConnector(BaseSource):
    """Google resources declared for Config Connector. Option: ``scope``, the project of objects that say
    none."""

    name = SOURCE
    #: The objects are also Kubernetes objects, which another source reads from the same files.
    adds = True

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether at least one object of Config Connector's groups is in it."""
        try:
            if path.is_dir():
                return any(reading.holds(one, _SIGN) for one in files(path))
            if path.suffix.lower() not in SUFFIXES:
                return False
            return _SIGN.search(head) is not None or (len(head) >= _HEAD and reading.holds(path, _SIGN))
        except OSError:
            return False

    def hint(self, path: Path) -> Hint:
        return Hint(needs={"scope": "the project, where they name none"})

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses every document.

        Raises:
            DeclaredError: broken YAML or an object without kind or name, with file and
                line; a path in which there is no Config Connector object.
        """
        objects, problems = Objects(), list[Problem]()
        try:
            found = list(files(location.path))
        except OSError as error:
            raise DeclaredError(f"{location.display}: can't be read: {error.strerror}") from error
        for file in found:
            display = location.inside(file)
            if location.path.is_dir() and not reading.holds(file, _SIGN) and not _namespace(file):
                continue
            try:
                read(file, display, objects)
            except DeclaredError as error:
                if not location.path.is_dir():
                    raise
                problems.append(Problem(SOURCE, str(error), unread=True))
        for one in objects.found:
            if iam.owns(one):
                iam.check(one)
        if problems and not objects.found:
            raise DeclaredError(problems[0].message)
        if not objects.found:
            raise DeclaredError(
                f"{location.display}: there is no Config Connector object in it (apiVersion: "
                "GROUP.cnrm.cloud.google.com/…)"
            )
        return Declaration(location, objects, problems)


class Declaration(BaseDeclaration):
    """The objects of one entry."""

    source = SOURCE

    def __init__(self, location: Location, objects: Objects, problems: list[Problem]) -> None:
        self.location, self.objects, self.problems = location, objects, problems
        self.names = Names(objects, location.option("scope"))

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset(("gcp", self._type(one)) for one in self.objects.found)

    def _type(self, one: Declared) -> str:
        """The type that an object declares: of a part, that of what it is a part of."""
        if iam.owns(one):
            return iam.TYPE
        if parts.adds(one):
            return parts.type_of(one)
        path = self.names.path(one)
        return kinds.placed(one.means.type, path) if isinstance(path, str) else one.means.type

    def resources(self, live: LiveView) -> Iterator[Resource | Unverifiable | Problem]:
        """Every object as the Google resource that it asks for, IAM objects as bindings."""
        yield from self.problems
        for one in self.objects.found:
            yield from self._of(one, live)

    def _of(self, one: Declared, live: LiveView | None) -> Iterator[Resource | Unverifiable]:
        if iam.owns(one):
            yield from iam.bindings(one, self.names, self._origin(one))
        elif parts.adds(one):
            yield from parts.resources(one, self.names, self._origin(one))
        else:
            yield self._resource(one, live)

    def _resource(self, one: Declared, live: LiveView | None = None) -> Resource | Unverifiable:
        """One object, translated; ``live`` tells the addresses that it refers to."""
        name = self.names.full(one)
        path = self.names.path(one)
        top = self.names.top(one)
        scope = _scope(path, top) or self.location.option("scope") or ""
        body = Body(one, self.names)
        attributes = addresses.told(body.build(), scope, live)
        origin = self._origin(one, body.lines)
        type_ = self._type(one)
        if isinstance(name, Unresolved):
            if not scope or "nowhere" in one.means.said:
                return Unverifiable("gcp", scope, type_, one.address, "", name.reason, origin)
            return Resource("gcp", scope, type_, None, attributes, name=one.name, origin=origin)
        return Resource("gcp", scope, type_, name, attributes, name=name.rpartition("/")[2], origin=origin)

    def _origin(self, one: Declared, lines: dict[str, int] | None = None) -> Origin:
        """Where the object stands."""
        place = self.location
        return Origin(SOURCE, one.file, one.line, one.address, place.commit, place.url, lines or {})


def instead(
    declaration: Declaration, one: Declared, other: Declared, live: LiveView | None
) -> Iterator[Resource | Unverifiable]:
    """What an object asks for that stands in the place of another one of the same name."""
    objects = declaration.objects.instead(one, other)
    yield from Declaration(declaration.location, objects, [])._of(other, live)


def _scope(path: str | Unresolved, top: tuple[str, str] | Unresolved | None) -> str | None:
    """The scope of a resource: the project, folder or organization that it lies in."""
    if isinstance(path, str):
        parts = path.split("/")
        if parts[0] == "projects" and len(parts) > 1:
            return parts[1]
        if parts[0] in ("folders", "organizations", "billingAccounts") and len(parts) > 2:
            return _place(parts[0], parts[1])
    return _place(*top) if isinstance(top, tuple) else None


def _place(top: str, name: str) -> str:
    """A scope. An organization without a number is Apigee's, which is called like the project that it lies
    in."""
    apigee = top == "organizations" and not name.isdigit()
    return name if top == "projects" or apigee else f"{top}/{name}"


def _namespace(file: Path) -> bool:
    """Whether a file may declare a namespace, which tells the project of the objects in it."""
    return reading.holds(file, _ANNOTATED)


__all__ = ["ConfigConnector", "Declaration", "group_of", "instead"]
