"""What the states of one entry declare, beside the configurations that were found for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from drift.declared.terraform.content import State
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.ignore_changes import Controlled
from drift.declared.terraform.reader import Declared, Reader
from drift.declared.terraform.sensitive import secrets
from drift.declared.terraform.survey import Owners, Survey, survey
from drift.declared.terraform.translations import Translations
from drift.declared.terraform.unapplied import Unapplied
from drift.declared.terraform.unmapped import Unmapped
from drift.declared.terraform.written import Known, Written
from drift.dialect import Foreign
from drift.finding import Finding
from drift.model import Problem
from drift.rule import Rule
from drift.source import BaseDeclaration, LiveView, Loader, Location

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.intent import Intent
    from drift.declared.terraform.configuration.model import Declared as Instance


@dataclass(slots=True)
class States(BaseDeclaration):
    source: str
    location: Location
    _loader: Loader
    _states: list[State]
    _problems: list[Problem]
    _configurations: Mapping[Path, Configuration]
    _intents: Mapping[Path, Intent]
    _notes: Sequence[str] = ()
    _controlled: Controlled = field(default_factory=Controlled)
    _unmapped: Unmapped = field(default_factory=Unmapped)
    _written: Written = field(default_factory=Written)
    _surveys: dict[Path, Survey] = field(default_factory=dict)
    _translations: Translations = field(default_factory=Translations)
    #: As :meth:`types` tells them, once it was asked.
    _types: frozenset[tuple[str, str]] | None = None
    #: What a configuration says is worked out by one at a time: what needs itself is told by that.
    _one: threading.RLock = field(default_factory=threading.RLock)

    def types(self) -> frozenset[tuple[str, str]]:
        with self._one:
            if self._types is None:
                self._types = frozenset(
                    one for reader in self._readers(None, Written()) for one in reader.types()
                )
            return self._types

    def resources(self, live: LiveView) -> Iterator[Declared]:
        yield from self._problems
        self._translations.closed = True
        self._controlled = Controlled(live.context)
        self._written = Written(live.context)
        yield from self._told(self._readers(self._controlled, self._written))

    def beforehand(self, live: LiveView, types: frozenset[tuple[str, str]]) -> Iterator[Declared]:
        yield from self._told(self._readers(Controlled(live.context), Written(live.context), types))

    def ready(self) -> None:
        if self._translations.full:
            return
        for _ in self._told(self._readers(Controlled(), Written(), self.types())):
            if self._translations.full:
                return

    def _told(self, readers: Iterator[Reader]) -> Iterator[Declared]:
        """What readers tell, each piece worked out by itself."""
        told = chain.from_iterable(reader.read() for reader in readers)
        while True:
            with self._one:
                one = next(told, None)
            if one is None:
                return
            yield one

    def versions(self) -> dict[str, str]:
        """The API versions that instances name, by type: the newest where they differ."""
        found: dict[str, str] = {}
        for state in self._states:
            for resource in state.content.get("resources") or ():
                type_ = resource["type"]
                owner = (
                    one.terraform for one in self._loader.providers.values() if one.terraform is not None
                )
                dialect = next((one for one in owner if one.owns(type_)), None)
                if dialect is None or resource.get("mode") != "managed":
                    continue
                for instance in resource.get("instances") or ():
                    attributes = instance.get("attributes")
                    told = (
                        dialect.version(Foreign(type_, "", attributes))
                        if isinstance(attributes, Mapping)
                        else None
                    )
                    if told is not None:
                        found[told[0]] = max(told[1], found.get(told[0], ""))
        return found

    def secrets(self) -> Iterator[str]:
        """What the states mark as sensitive, outputs and resources of other providers included."""
        for state in self._states:
            yield from secrets(state.content)
        with self._one:
            found = [text for one in self._intents.values() for text in one.secrets()]
        yield from found

    def rules(self) -> Iterator[Rule]:
        """What ``lifecycle.ignore_changes`` says of the resources, after they were asked for."""
        seen = {id(one): one for one in self._configurations.values()}
        yield from self._controlled.rules(unread for one in seen.values() for unread in one.unread)

    @property
    def notes(self) -> Sequence[str]:
        told = (note for one in self._intents.values() for note in one.notes())
        return list(dict.fromkeys([*self._notes, *told]))

    def written(self, finding: Finding) -> Mapping[str, tuple[str, int]]:
        return self._written.of(finding)

    def _configured(self) -> Iterator[Intent]:
        """The configurations of the states."""
        yield from self._intents.values()

    def _stated(self) -> Iterator[tuple[Known, Instance]]:
        """Every instance that a configuration declares, after the resources were asked for."""
        yield from self._written.stated()

    def _versions(self) -> Iterator[str]:
        """The versions of Terraform that wrote the states."""
        for state in self._states:
            said = state.content.get("terraform_version")
            if isinstance(said, str):
                yield said

    def _readers(
        self,
        controlled: Controlled | None,
        written: Written,
        among: frozenset[tuple[str, str]] | None = None,
    ) -> Iterator[Reader]:
        owners = Owners(self._loader.providers)
        for state in self._states:
            if state.file not in self._surveys:
                self._surveys[state.file] = survey(state.content, owners)
            yield Reader(
                state,
                self.location,
                self._loader,
                self._configurations.get(state.file),
                self._intents.get(state.file),
                controlled,
                self._unmapped,
                written,
                owners,
                self._surveys[state.file],
                None if controlled is None else self._unapplied(state),
                among,
                self._translations,
            )

    def _unapplied(self, state: State) -> Unapplied | None:
        said = self._intents.get(state.file)
        return None if said is None else Unapplied(said, state.file, self.location.commit)
