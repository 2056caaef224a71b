"""The instances of a configuration, as they were translated, by what a finding calls their resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.configuration.model import Declared
from drift.declared.terraform.written import Known
from drift.dialect import Foreign, TerraformDialect
from drift.finding import Finding
from drift.model import Origin, Resource
from drift.provider import Provider
from drift.source import Declaration

_NOWHERE = Origin("terraform")
#: By what a translation refuses attributes of another shape than a state has them in: it looks for members
#: that are not there, or is given a value that it can do nothing with (JMESPath's errors are ValueErrors).
REFUSALS = (LookupError, TypeError, ValueError, AttributeError)


@runtime_checkable
class Stating(Declaration, Protocol):
    """A declaration of Terraform's that knows its configurations."""

    def _configured(self) -> Iterable[Intent]:
        """The configurations that are read."""
        ...

    def _stated(self) -> Iterable[tuple[Known, Declared]]:
        """Every instance of a type that is known with what the configuration says of it, asked for after
        ``resources``."""
        ...

    def _versions(self) -> Iterable[str]:
        """The versions of Terraform that wrote its states."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """One instance as its configuration says it: ``attributes`` in a state's words, ``resources`` what they
    translate to."""

    known: Known
    said: Declared
    attributes: Mapping[str, Any]
    resources: tuple[Resource, ...]

    @property
    def intent(self) -> Intent:
        return self.known.intent

    @property
    def provider(self) -> Provider:
        return self.known.provider

    @property
    def dialect(self) -> TerraformDialect:
        dialect = self.provider.terraform
        assert dialect is not None
        return dialect

    def translated(self, attributes: Mapping[str, Any]) -> list[Resource] | None:
        """What other attributes would translate to; None where its translation refuses them."""
        old = self.known.foreign
        try:
            return self.dialect.translate(Foreign(old.type, old.address, attributes, old.scope, old.region))
        except REFUSALS:
            return None


@dataclass
class Subjects:
    """Of one declaration. A type's instances are translated when one of them is asked for."""

    declaration: Declaration
    _types: dict[str, dict[tuple[str, str], list[Subject]]] = field(default_factory=dict)
    _stated: dict[str, list[tuple[Known, Declared]]] | None = None

    def of(self, finding: Finding) -> list[Subject]:
        """Those that declare a finding's resource or a part of it; the one that it names first."""
        origin = finding.declared.origin if finding.declared else None
        sides = [one for one in (finding.declared, finding.live) if one is not None]
        asked = [("", str(origin.address if origin else ""))]
        asked += [(side.type, name) for side in sides for name in (side.id, side.name) if name]
        found: dict[int, Subject] = {}
        for type_, held in self._by_type().items():
            dialect = held[0][0].provider.terraform
            possible = None if dialect is None else dialect.possible(type_)
            if dialect is None or (possible is not None and sides[0].type not in possible):
                continue
            index = self._index(type_)
            for key in asked:
                found.update({id(one): one for one in index.get(key, ())})
        mine = self._address
        return sorted(found.values(), key=lambda one: mine(one) != asked[0][1])

    @cached_property
    def _places(self) -> dict[tuple[str, str | None, str | None], Intent]:
        """The provider, scope and region of every instance, with a configuration that has one there."""
        found: dict[tuple[str, str | None, str | None], Intent] = {}
        for held in self._by_type().values():
            for known, _ in held:
                place = (known.provider.name, known.foreign.scope, known.foreign.region)
                found.setdefault(place, known.intent)
        return found

    def intent(self, resource: Resource) -> Intent | None:
        """The configuration that declares others where a resource lies; None where there is none."""
        name, scope, region = resource.provider, resource.scope, resource.region
        same = self._places.get((name, scope, region))
        if same is not None or region is not None:
            return same
        return next((one for place, one in self._places.items() if place[:2] == (name, scope)), None)

    def fits(self, resource: Resource) -> int:
        """How fit they are to have a resource beside them: 0 where none is declared where it lies."""
        intent = self.intent(resource)
        if intent is None:
            return 0
        dialect = next(
            (
                h[0][0].provider.terraform
                for h in self._by_type().values()
                if h[0][0].provider.name == resource.provider
            ),
            None,
        )
        names = set(dialect.names(resource.type)) if dialect is not None else set()
        alike = sum(len(held) for type_, held in self._by_type().items() if type_ in names)
        return 10 + (20 + min(alike, 50) if alike else 0)

    @property
    def version(self) -> str | None:
        """The Terraform that wrote a state of them."""
        if not isinstance(self.declaration, Stating):
            return None
        return next(iter(self.declaration._versions()), None)

    @staticmethod
    def _address(one: Subject) -> str:
        return str(one.intent.origin(one.said, _NOWHERE).address)

    def declares(self, finding: Finding) -> bool:
        """Whether one of them is the one that a finding names, in its own account."""
        origin, resource = (finding.declared.origin if finding.declared else None), finding.declared
        if origin is None or resource is None or not origin.address:
            return False
        return any(
            self._address(one) == origin.address
            and any(each.scope in ("", resource.scope) for each in one.resources)
            for one in self.of(finding)[:1]
        )

    def every(self, type_: str) -> list[Subject]:
        """All of a Terraform type."""
        found = {id(one): one for held in self._index(type_).values() for one in held}
        return list(found.values())

    def types(self) -> Iterable[str]:
        """The Terraform types of which there are instances."""
        return self._by_type()

    def _by_type(self) -> dict[str, list[tuple[Known, Declared]]]:
        if self._stated is None:
            self._stated = {}
            if isinstance(self.declaration, Stating):
                for known, said in self.declaration._stated():
                    self._stated.setdefault(said.type, []).append((known, said))
        return self._stated

    def _index(self, type_: str) -> dict[tuple[str, str], list[Subject]]:
        """By ("", address), and by each resource's (type, id) and (type, name)."""
        if type_ not in self._types:
            made = self._types[type_] = {}
            for one in _made(self._by_type().get(type_, ())):
                keys = {("", self._address(one))}
                keys |= {(each.type, name) for each in one.resources for name in (each.id, each.name) if name}
                for key in keys:
                    made.setdefault(key, []).append(one)
        return self._types[type_]


def _made(stated: Iterable[tuple[Known, Declared]]) -> Iterator[Subject]:
    for known, said in stated:
        dialect = known.provider.terraform
        assert dialect is not None
        try:
            whole = dialect.translate(known.foreign) or []
            if known.fresh:
                intended = known.intent.fresh(said, dialect, known.foreign)
            else:
                intended = known.intent.intended(said, dialect, known.foreign, whole)
        except REFUSALS:
            continue  # its reader said why it is not compared
        if intended is not None:
            yield Subject(known, said, intended.foreign.attributes, intended.resources)
