"""Where each change of a finding is written in a Terraform configuration: asked only for findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drift.declared.terraform.configuration.model import Declared, Place
from drift.declared.terraform.hcl_reach import form, reach
from drift.declared.terraform.instances import Contexts
from drift.dialect import Foreign
from drift.finding import Finding
from drift.pointer import within
from drift.provider import Provider

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.intent import Intent


@dataclass(frozen=True, slots=True)
class Known:
    """One instance of a state, as its reader met it; ``fresh``: no state holds it."""

    intent: Intent
    provider: Provider
    foreign: Foreign
    module: str | None
    name: str
    key: str | int | None
    fresh: bool = False


@dataclass(slots=True)
class Written:
    """Remembers the instances of a run by the address at which the configuration declares them."""

    contexts: Contexts = lambda _: {}
    _known: dict[str, Known] = field(default_factory=dict)

    def add(self, address: str, one: Known) -> None:
        self._known[address] = one

    def stated(self) -> Iterator[tuple[Known, Declared]]:
        """Every instance with what its configuration says of it."""
        for known in self._known.values():
            said = known.intent.find(known.module, known.foreign.type, known.name, known.key)
            if isinstance(said, Declared):
                yield known, said

    def of(self, finding: Finding) -> dict[str, Place]:
        """Path of a change → where what it speaks of is written; nothing where that can't be told."""
        origin = finding.declared.origin if finding.declared else None
        known = self._known.get((origin and origin.address) or "")
        if known is None or not finding.changes:
            return {}
        said = known.intent.find(known.module, known.foreign.type, known.name, known.key)
        if not isinstance(said, Declared):
            return {}
        return dict(self._places(known, said, finding))

    def _places(self, known: Known, said: Declared, finding: Finding) -> Iterator[tuple[str, Place]]:
        dialect = known.provider.terraform
        assert dialect is not None
        learnt = self.contexts(known.provider.name)
        whole = dialect.translate(known.foreign) or []
        intended = known.intent.intended(said, dialect, known.foreign, whole)
        mine = [one for one in intended.resources if one.type == finding.resource.type]
        for name, place in _said(said):
            told = reach(
                intended.foreign.attributes,
                intended.resources,
                [(name,)],
                [],
                lambda attributes: dialect.translate(_with(intended.foreign, attributes)),
                lambda resource: form(resource, known.provider, learnt),
            )
            for one, each in zip(intended.resources, told, strict=True):
                if one not in mine:
                    continue
                for change in finding.changes:
                    paths = [*each.paths, *(members.path for members in each.sets)]
                    if any(within(change.path, path) or within(path, change.path) for path in paths):
                        yield change.path, place


def _said(said: Declared) -> Iterator[tuple[str, Place]]:
    for name, setting in said.settings.attributes.items():
        yield name, setting.source
    for name, nested in said.settings.blocks.items():
        if nested.bodies:
            yield name, nested.bodies[0].place


def _with(foreign: Foreign, attributes: Mapping[str, Any]) -> Foreign:
    return Foreign(foreign.type, foreign.address, attributes, foreign.scope, foreign.region)
