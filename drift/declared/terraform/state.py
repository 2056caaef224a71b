"""Terraform state (version 4): what was applied, translated by the provider that each resource belongs to.

State is a record of what was last seen, not of intent. Every instance of a managed resource is handed to its
provider's :class:`drift.provider.TerraformDialect`; account and region that a resource does not tell are lent
by siblings with the same provider configuration, then by the entry's own ``scope`` and ``region``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift.declared import remote
from drift.declared.terraform import content, plan, strangers
from drift.declared.terraform.beside import OPTIONS, configurations, intents
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.configuration.model import Declared as Instance
from drift.declared.terraform.hcl_modules import Configuration
from drift.declared.terraform.ignore_changes import Controlled
from drift.declared.terraform.instances import Translated
from drift.declared.terraform.neighbours import Neighbours, Unknown, names, told
from drift.declared.terraform.remembered import certain
from drift.declared.terraform.sensitive import hide, secrets, sensitive_texts
from drift.declared.terraform.undone import Undone, gone
from drift.declared.terraform.unmapped import Unmapped, pointer
from drift.declared.terraform.written import Known, Written
from drift.errors import DeclaredError
from drift.listing import beginning, files_below
from drift.model import Finding, Origin, Problem, Resource, Unresolved, Unverifiable
from drift.provider import Foreign, Provider
from drift.rule import Rule
from drift.source import BaseDeclaration, BaseSource, Declaration, LiveView, Loader, Location

ENDING = ".tfstate"
#: (module address of the instance, type, name) of a resource.
Block = tuple[str | None, str, str]
#: What a source tells.
Declared = Resource | Unverifiable | Problem
#: Of an instance of whose configuration nothing is known: the state alone speaks of it.
UNTOLD = Unresolved("no configuration is known")
DEPOSED = "deposed: the next apply deletes it, so nothing of it is compared"
#: (provider configuration, block, address, instance) of an instance.
Held = tuple[str, Block, str, Mapping[str, Any]]


class TerraformState(BaseSource):
    """A ``.tfstate`` file, or a folder with state files anywhere below it (backups left out)."""

    name = "terraform-state"
    options = (*OPTIONS, remote.OPTION)

    def recognises(self, path: Path, head: bytes) -> bool:
        if path.is_dir():
            return any(_states(path))
        return path.name.endswith(ENDING) or content.is_state(head) or content.is_other(head)

    def load(self, location: Location, loader: Loader) -> Declaration:
        """Parses every state. Raises DeclaredError where not one is (no JSON, another version, …); of others
        beside it such a file is a problem."""
        places = [location.path] if location.path.is_file() else list(_states(location.path))
        states, problems = list[_State](), list[Problem]()
        for file in places:
            display = location.inside(file)
            try:
                states.append(_State(display, content.parse(file, display), file))
            except DeclaredError as error:
                problems.append(Problem(self.name, str(error), unread=True))
        if problems and not states:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise DeclaredError(problems[0].message + more)
        found = configurations(location, [state.file for state in states])
        return _beside(self.name, location, loader, states, found, problems)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the state of a workspace lies, and how to name it to people."""

    file: Path
    display: str
    workspace: str | None = None


def declared(
    source: str,
    location: Location,
    loader: Loader,
    places: Sequence[Place],
    found: Mapping[Path, Configuration],
    problems: list[Problem],
) -> Declaration:
    """What states declare beside the configurations that are ``found``. Raises DeclaredError for one that is
    none."""
    states = [_State(one.display, content.parse(one.file, one.display), one.file) for one in places]
    workspaces = {one.file: one.workspace for one in places if one.workspace is not None}
    return _beside(source, location, loader, states, found, problems, workspaces)


def _beside(
    source: str,
    location: Location,
    loader: Loader,
    states: list[_State],
    found: Mapping[Path, Configuration],
    problems: list[Problem],
    workspaces: Mapping[Path, str] | None = None,
) -> Declaration:
    contents = {state.file: state.content for state in states}
    said = intents(location, found, contents, workspaces or {})
    return _States(source, location, loader, states, problems, found, said)


@dataclass(frozen=True, slots=True)
class _State:
    display: str
    content: Mapping[str, Any]
    file: Path


@dataclass(frozen=True, slots=True)
class _Instances:
    """The instances of a state, as often as they are asked for: those of a large one are in no memory."""

    _content: Mapping[str, Any]

    def __iter__(self) -> Iterator[Held]:
        return content.instances(self._content)


@dataclass(slots=True)
class _States(BaseDeclaration):
    source: str
    location: Location
    _loader: Loader
    _states: list[_State]
    _problems: list[Problem]
    _configurations: Mapping[Path, Configuration]
    _intents: Mapping[Path, Intent]
    _controlled: Controlled = field(default_factory=Controlled)
    _unmapped: Unmapped = field(default_factory=Unmapped)
    _written: Written = field(default_factory=Written)

    def types(self) -> frozenset[tuple[str, str]]:
        found = set()
        for resource in self._all(None):
            if isinstance(resource, Resource):
                found.add((resource.provider, resource.type))
        return frozenset(found)

    def resources(self, live: LiveView) -> Iterator[Declared]:
        yield from self._problems
        self._controlled = Controlled(live.context)
        self._written = Written(live.context)
        yield from self._all(self._controlled)

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

    def rules(self) -> Iterator[Rule]:
        """What ``lifecycle.ignore_changes`` says of the resources, after they were asked for."""
        seen = {id(one): one for one in self._configurations.values()}
        yield from self._controlled.rules(unread for one in seen.values() for unread in one.unread)

    @property
    def notes(self) -> Sequence[str]:
        return list(dict.fromkeys(note for one in self._intents.values() for note in one.notes()))

    def written(self, finding: Finding) -> Mapping[str, tuple[str, int]]:
        return self._written.of(finding)

    def _all(self, controlled: Controlled | None) -> Iterator[Declared]:
        for state in self._states:
            yield from _Reader(
                state,
                self.location,
                self._loader,
                self._configurations.get(state.file),
                self._intents.get(state.file),
                controlled,
                self._unmapped,
                self._written,
            ).read()


@dataclass(slots=True)
class _Reader:
    state: _State
    location: Location
    loader: Loader
    configuration: Configuration | None
    intent: Intent | None
    controlled: Controlled | None
    unmapped: Unmapped
    written: Written
    broken: set[str] = field(default_factory=set)

    def read(self) -> Iterator[Declared]:
        instances = _Instances(self.state.content)
        places = self._places(instances)
        neighbours = Neighbours()
        for config, block, address, instance in instances:
            type_ = block[1]
            provider = self._provider(type_)
            if provider is None and strangers.is_local(config, type_):
                continue
            origin = self._origin(address)
            said = UNTOLD if self.intent is None else self.intent.find(*block, instance.get("index_key"))
            if isinstance(said, Instance):
                origin = said.origin(origin)
            attributes = instance.get("attributes")
            if provider is None:
                yield strangers.resource(config, type_, address, attributes, origin)
                continue
            if not isinstance(attributes, Mapping):
                why = f"{self.state.display}: {address}: an instance without attributes"
                yield Problem(self.state.display, why, unread=True)
                continue
            foreign = self._foreign(provider, type_, address, attributes, places[config])
            for one in self._translate(provider, block, foreign, instance, origin, said):
                if isinstance(one, Resource) and one.type == type_:
                    neighbours.unknown.append(Unknown(provider, foreign, origin))
                yield one
        yield from self._changed_by(neighbours, instances, places)
        yield from self._deposed(places)
        if self.intent is not None:
            yield from Undone(self.intent, self.location, self.loader, places).resources()

    def _changed_by(
        self,
        neighbours: Neighbours,
        instances: Iterable[Held],
        places: Mapping[str, tuple[str | None, str | None]],
    ) -> Iterator[Resource | Unverifiable]:
        """What resources of types without a map may have changed of those that have one."""
        named = neighbours.named()
        for config, block, address, instance in instances if named else ():
            provider, attributes = self._provider(block[1]), instance.get("attributes")
            if provider is None or provider.terraform is None or not isinstance(attributes, Mapping):
                continue
            if address in self.broken:
                continue
            saying = [one for name in set(names(attributes)) for one in named.get(name, ())]
            if saying:
                foreign = self._foreign(provider, block[1], address, attributes, places[config])
                translated = provider.terraform.translate(foreign) or ()
                yield from told(Translated(provider, foreign, tuple(translated)), saying)

    def _foreign(
        self,
        provider: Provider,
        type_: str,
        address: str,
        attributes: Mapping[str, Any],
        place: tuple[str | None, str | None],
    ) -> Foreign:
        """The instance, at the place that it, its siblings or the entry tells."""
        assert provider.terraform is not None
        own_scope, own_region = provider.terraform.place(attributes)
        return Foreign(
            type=type_,
            address=address,
            attributes=attributes,
            scope=own_scope or place[0] or self.location.option("scope"),
            region=own_region or place[1] or self.location.option("region"),
        )

    def _translate(
        self,
        provider: Provider,
        block: Block,
        foreign: Foreign,
        instance: Mapping[str, Any],
        origin: Origin,
        said: Instance | Unresolved | None,
    ) -> Iterator[Declared]:
        dialect = provider.terraform
        assert dialect is not None
        module, type_, name = block
        address, attributes = foreign.address, foreign.attributes
        unsure: Mapping[str, str] = {}
        everything = self.controlled is not None  # else only the types are asked for
        try:
            translated = dialect.translate(foreign)
            if translated and said is None:
                yield from gone(translated, origin)
                return
            if translated and isinstance(said, Instance) and self.intent is not None and everything:
                key = instance.get("index_key")
                self.written.add(said.address, Known(self.intent, provider, foreign, module, name, key))
                intended = self.intent.intended(said, dialect, foreign, translated)
                foreign, translated, unsure = intended.foreign, list(intended.resources), intended.unsure
        except Exception as error:  # noqa: BLE001 - one odd instance must not end the run; it is said
            self.broken.add(address)
            why = " ".join(f"{type(error).__name__}: {error}".split())
            told = f"{self.state.display}: {address}: can't be translated: {why}"
            yield Problem(self.state.display, told, unread=True)
            return
        if translated is None:
            yield Resource(
                provider=provider.name,
                scope=foreign.scope or "",
                region=foreign.region,
                type=type_,
                id=str(attributes.get("arn") or attributes.get("id") or address),
                name=address,
                attributes={},
                origin=origin,
            )
            return
        if self.configuration is not None and self.controlled is not None:
            ignored = self.configuration.ignored(module, type_, name)
            self.controlled.add(Translated(provider, foreign, tuple(translated)), ignored)
        if not everything:
            yield from translated
            return
        secret = sensitive_texts(instance, attributes) | sensitive_texts(instance, foreign.attributes)
        if self.intent is not None:
            secret |= self.intent.sensitive()
        if instance.get(plan.PENDING) == "creation":
            for resource in translated:
                yield self._pending(resource, address, "", plan.NEVER_APPLIED, origin)
            return
        configured = instance.get(plan.SAID) or frozenset()
        said_whole = isinstance(said, Instance)
        known = [None] * len(translated) if said_whole else certain(dialect, foreign, translated, configured)
        for resource, sure in zip(translated, known, strict=True):
            if secret:
                sure = hide(sure, secret) if sure else sure
                resource = resource.but(
                    attributes=hide(resource.attributes, secret), remembered=hide(resource.remembered, secret)
                )
            yield resource.but(origin=origin, certain=sure)
        if translated and instance.get(plan.PENDING) == "removal":
            yield self._pending(translated[0], address, "", plan.NO_LONGER, origin)
        for name in instance.get(plan.LATER) or () if translated else ():
            yield self._pending(translated[0], address, pointer(name), plan.NOT_YET, origin)
        if translated and all(self._only_there(provider, resource.type) for resource in translated):
            return  # of which comparison says once what is not compared
        reasons = [(pointer(name), why) for name, why in unsure.items()]
        for path, reason in (*reasons, *self.unmapped.reasons(dialect, foreign, translated)):
            named = translated[0] if translated else None
            yield Unverifiable(
                provider.name,
                (named.scope if named else foreign.scope) or "",
                named.type if named else type_,
                str((named and named.id) or attributes.get("arn") or attributes.get("id") or address),
                path,
                reason,
                origin,
            )

    @staticmethod
    def _pending(resource: Resource, address: str, path: str, why: str, origin: Origin) -> Unverifiable:
        """What a plan would do, and has not done."""
        named = str(resource.id or resource.name or address)
        return Unverifiable(resource.provider, resource.scope, resource.type, named, path, why, origin)

    @staticmethod
    def _only_there(provider: Provider, type_: str) -> bool:
        facts = provider.facts(type_)
        return facts is not None and facts.existence

    def _deposed(self, places: Mapping[str, tuple[str | None, str | None]]) -> Iterator[Declared]:
        """What the next apply deletes: nobody's wish, and not unmanaged."""
        for config, block, address, instance in content.instances(self.state.content, deposed=True):
            provider, attributes = self._provider(block[1]), instance.get("attributes")
            if provider is None or provider.terraform is None or not isinstance(attributes, Mapping):
                continue
            foreign = self._foreign(provider, block[1], address, attributes, places.get(config, (None, None)))
            try:
                translated = provider.terraform.translate(foreign) or ()
            except Exception:  # noqa: BLE001 - of what nobody compares only the place is asked for
                continue
            origin = self._origin(f"{address} (deposed)")
            for one in translated:
                if one.id is None or one.partial:
                    continue
                yield one.but(attributes={}, partial=True, shared=frozenset(), origin=origin)
                yield Unverifiable(one.provider, one.scope, one.type, one.id, "", DEPOSED, origin)

    def _origin(self, address: str) -> Origin:
        return Origin(
            "terraform-state",
            file=self.state.display,
            address=address,
            commit=self.location.commit,
            url=self.location.url,
        )

    def _places(self, instances: Iterable[Held]) -> dict[str, tuple[str | None, str | None]]:
        """For each provider configuration the account and region that most of its resources tell."""
        scopes: dict[str, Counter[str]] = defaultdict(Counter)
        regions: dict[str, Counter[str]] = defaultdict(Counter)
        for config, block, _, instance in instances:
            provider = self._provider(block[1])
            attributes = instance.get("attributes")
            if provider is None or not isinstance(attributes, Mapping):
                continue
            assert provider.terraform is not None
            scope, region = provider.terraform.place(attributes)
            if scope:
                scopes[config][scope] += 1
            if region:
                regions[config][region] += 1
        return {config: (_most(scopes[config]), _most(regions[config])) for config, *_ in instances}

    def _provider(self, type_: str) -> Provider | None:
        for provider in self.loader.providers.values():
            if provider.terraform is not None and provider.terraform.owns(type_):
                return provider
        return None


def _states(folder: Path) -> Iterator[Path]:
    """The state files of a folder: those that are called so, and those without an ending or with the one of
    JSON that begin as one (a backend takes any name)."""
    for file in files_below(folder, ("",)):
        if file.name.endswith(ENDING) or (
            file.suffix.lower() in ("", ".json") and content.is_state(beginning(file))
        ):
            yield file


def _most(counted: Counter[str]) -> str | None:
    return min(counted, key=lambda name: (-counted[name], name)) if counted else None
