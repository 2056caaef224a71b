"""What stacks of Pulumi's declare, and the reading of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drift.declared.pulumi import export, values
from drift.declared.pulumi.export import Held, Stack
from drift.declared.pulumi.intent import SOURCE, One, StackIntent, one_of, place_words, placed, texts
from drift.declared.terraform import strangers
from drift.declared.terraform.configuration.placeholders import Placeholders
from drift.declared.terraform.content import State
from drift.declared.terraform.ignore_changes import Controlled
from drift.declared.terraform.reader import DEPOSED, Declared, Reader
from drift.declared.terraform.sensitive import hide
from drift.declared.terraform.survey import Owners, Survey, survey
from drift.declared.terraform.unmapped import Unmapped
from drift.declared.terraform.written import Written
from drift.dialect import Foreign, PulumiDialect
from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.model import Origin, Problem, Resource, Unresolved
from drift.provider import Provider
from drift.rule import Rule
from drift.source import BaseDeclaration, Declaration, LiveView, Loader, Location

#: Packages whose resources are nowhere but in the stack.
LOCAL = strangers.LOCAL | {"pulumi", "std"}
_IGNORED = "Pulumi ignores changes of it (ignoreChanges)"


def load(location: Location, loader: Loader, files: Sequence[Path]) -> Declaration:
    """Parses every stack. Raises DeclaredError where not one is; of others beside it such a file is a
    problem."""
    stacks, problems = list[Stack](), list[Problem]()
    for file in files:
        try:
            stacks.append(export.parse(file, location.inside(file)))
        except DeclaredError as error:
            problems.append(Problem(SOURCE, str(error), unread=True))
    if problems and not stacks:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DeclaredError(problems[0].message + more)
    return _Stacks(SOURCE, location, loader, stacks, problems)


@dataclass(slots=True)
class _Stacks(BaseDeclaration):
    source: str
    location: Location
    _loader: Loader
    _stacks: list[Stack]
    _problems: list[Problem]
    _controlled: Controlled = field(default_factory=Controlled)
    _unmapped: Unmapped = field(default_factory=Unmapped)

    def types(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.provider, one.type) for one in self._all(None) if isinstance(one, Resource))

    def resources(self, live: LiveView) -> Iterator[Declared]:
        yield from self._problems
        self._controlled = Controlled(live.context, "Pulumi", "ignoreChanges")
        yield from self._all(live)

    def versions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for stack in self._stacks:
            for held in stack.resources:
                dialect = dialect_of(self._loader.providers, held)
                told = dialect[1].version(held.type, _foreign(held, None, None)) if dialect else None
                if told is not None:
                    found[told[0]] = max(told[1], found.get(told[0], ""))
        return found

    def secrets(self) -> Iterator[str]:
        for stack in self._stacks:
            for held in stack.resources:
                yield from texts(held)
            for inputs in stack.providers.values():
                yield from values.shown(inputs)

    def rules(self) -> Iterator[Rule]:
        yield from self._controlled.rules(())

    @property
    def notes(self) -> Sequence[str]:
        return [
            f"{one.display}: {one.interrupted} operations of the stack {one.name} were interrupted, and "
            "nobody knows how they ended; run `pulumi refresh`"
            for one in self._stacks
            if one.interrupted
        ]

    def _all(self, live: LiveView | None) -> Iterator[Declared]:
        for stack in self._stacks:
            yield from _Reading(
                stack, self.location, self._loader, self._controlled, self._unmapped, live
            ).read()


@dataclass
class _Reading:
    """Of one stack. Without ``live`` only the types are asked for."""

    stack: Stack
    location: Location
    loader: Loader
    controlled: Controlled
    unmapped: Unmapped
    live: LiveView | None

    def read(self) -> Iterator[Declared]:
        holes = Placeholders()
        bridged: list[One] = []
        for held in self.stack.resources:
            if held.package in LOCAL:
                continue
            found = dialect_of(self.loader.providers, held)
            if found is None:
                yield self._unknown(held)
                continue
            provider, dialect = found
            type_ = dialect.bridged(held.type)
            if type_ is not None and provider.terraform is not None and provider.terraform.owns(type_):
                bridged.append(one_of(held, type_, provider.terraform, holes))
            else:
                yield from self._native(held, provider, dialect)
        yield from self._bridged(bridged, holes)

    def _bridged(self, ones: Sequence[One], holes: Placeholders) -> Iterator[Declared]:
        intent = StackIntent(self.stack, ones, holes)
        content = {"version": 4, "resources": [_as_state(one) for one in ones]}
        state = State(self.stack.display, content, Path(self.stack.display))
        owners = Owners(self.loader.providers)
        reader = _StackReader(
            state,
            self.location,
            self.loader,
            intent,
            intent,
            self.controlled if self.live is not None else None,
            self.unmapped,
            Written(),
            owners,
            self._placed(survey(content, owners)),
        )
        yield from reader.read()

    def _placed(self, found: Survey) -> Survey:
        """With what providers' own options say of where their resources are."""
        places = dict(found.places)
        for urn, (scope, region) in found.places.items():
            words = place_words(self.stack.providers.get(urn, {}))
            package = urn.partition("::pulumi:providers:")[2].partition("::")[0]
            for provider in self.loader.providers.values():
                known = provider.pulumi is not None and package in provider.pulumi.packages
                if known and provider.terraform is not None:
                    said = provider.terraform.place(words)
                    places[urn] = (scope or said[0], region or said[1])
        return replace(found, places=places)

    def _native(self, held: Held, provider: Provider, dialect: PulumiDialect) -> Iterator[Declared]:
        """A resource in the cloud's own words."""
        origin = placed(_origin(self.location, self.stack), held)
        own_scope, own_region = self._place(provider, held)
        scope = own_scope or self.location.option("scope") or self._only_scope(provider)
        foreign = _foreign(held, scope, own_region or self.location.option("region"))
        said = values.plain(values.known(held.said))
        for path in held.ignored:
            _put(said, path)
        try:
            translated = dialect.translate(held.type, said, foreign)
        except Exception as error:  # noqa: BLE001 - one odd resource must not end the run; it is said
            yield strangers.untranslated(self.stack.display, f"{self.stack.display}: {held.urn}:", error)
            return
        if translated is None:
            yield Resource(
                provider.name, scope or "", held.type, held.id or held.urn, {}, name=held.urn, origin=origin
            )
            return
        secret = frozenset(texts(held))
        for one in translated:
            if held.going:
                yield one.but(attributes={}, partial=True, shared=frozenset(), origin=origin)
                yield Unverifiable(one.provider, one.scope, one.type, str(one.id), "", DEPOSED, origin)
            else:
                yield one.but(attributes=hide(one.attributes, secret), origin=origin)

    def _unknown(self, held: Held) -> Resource:
        """A resource of a provider that nobody here knows, so that its type ends in the ledger."""
        origin = placed(_origin(self.location, self.stack), held)
        return Resource(held.package, "", held.type, held.id or held.urn, {}, name=held.urn, origin=origin)

    def _place(self, provider: Provider, held: Held) -> tuple[str | None, str | None]:
        """Where a resource says that it is, or its provider's own options."""
        if provider.terraform is None:
            return None, None
        scope, region = provider.terraform.place(place_words(held.known))
        if scope and region:
            return scope, region
        made_by = provider.terraform.place(place_words(self.stack.providers.get(held.provider, {})))
        return scope or made_by[0], region or made_by[1]

    def _only_scope(self, provider: Provider) -> str | None:
        scopes = (
            self.live.scopes(provider.name) if self.live is not None and provider.terraform is None else ()
        )
        return next(iter(scopes)) if len(scopes) == 1 else None


class _StackReader(Reader):
    """Reads a stack's bridged resources as those of a state."""

    __slots__ = ()

    def _origin(self, address: str) -> Origin:
        return Origin(
            SOURCE,
            file=self.state.display,
            address=address.partition(".")[2],
            commit=self.location.commit,
            url=self.location.url,
        )


def _as_state(one: One) -> dict[str, Any]:
    instance = {"attributes": one.attributes, **({"deposed": "going"} if one.held.going else {})}
    return {
        "mode": "managed",
        "type": one.type,
        "name": one.held.urn,
        "provider": one.held.provider,
        "instances": [instance],
    }


def dialect_of(providers: Mapping[str, Provider], held: Held) -> tuple[Provider, PulumiDialect] | None:
    """Whose a resource is, and how Pulumi names it there; None where nobody here knows its package."""
    for provider in providers.values():
        if (dialect := provider.pulumi) is not None and held.package in dialect.packages:
            return provider, dialect
    return None


def _foreign(held: Held, scope: str | None, region: str | None) -> Foreign:
    return Foreign(held.type, held.urn, held.known, scope, region)


def _origin(location: Location, stack: Stack) -> Origin:
    return Origin(SOURCE, file=stack.display, commit=location.commit, url=location.url)


def _put(said: Any, path: str) -> None:
    """Makes the value at a property path unknown, where there is one."""
    steps = [step for step in path.replace("[", ".").replace("]", "").replace('"', "").split(".") if step]
    for step in steps[:-1]:
        said = said.get(step) if isinstance(said, dict) else None
    if isinstance(said, dict) and steps and steps[-1] in said:
        said[steps[-1]] = Unresolved(_IGNORED)
