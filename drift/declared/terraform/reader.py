"""Reads one state: each instance, translated by the provider that it belongs to, as configuration says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from drift.declared.terraform import content, plan, planned, strangers
from drift.declared.terraform.configuration.model import Declared as Instance
from drift.declared.terraform.content import State
from drift.declared.terraform.hcl import Said
from drift.declared.terraform.ignore_changes import Controlled
from drift.declared.terraform.instances import Translated
from drift.declared.terraform.neighbours import Neighbours, Unknown, names, told
from drift.declared.terraform.remembered import certain
from drift.declared.terraform.sensitive import hide, sensitive_texts
from drift.declared.terraform.survey import Owners, Places, Survey
from drift.declared.terraform.translations import Translation, Translations
from drift.declared.terraform.unapplied import Unapplied
from drift.declared.terraform.undone import Undone, gone
from drift.declared.terraform.unmapped import Unmapped, newer, pointer, unread
from drift.declared.terraform.written import Known, Written
from drift.dialect import Foreign
from drift.finding import Unverifiable
from drift.model import Origin, Problem, Resource, Unresolved
from drift.provider import Provider
from drift.source import Loader, Location

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.intent import Intent

#: (module address of the instance, type, name) of a resource.
Block = tuple[str | None, str, str]
#: What a source tells.
Declared = Resource | Unverifiable | Problem
#: Of an instance of whose configuration nothing is known: the state alone speaks of it.
UNTOLD = Unresolved("no configuration is known")
DEPOSED = "deposed: the next apply deletes it, so nothing of it is compared"
#: (provider configuration, block, address, instance) of an instance.
Held = tuple[str, Block, str, Mapping[str, Any]]


class Ignoring(Protocol):
    """What says of a block which changes of it are ignored on purpose."""

    def ignored(self, module: str | None, type_: str, name: str) -> tuple[str, Said] | None: ...


@dataclass(slots=True)
class Reader:
    state: State
    location: Location
    loader: Loader
    configuration: Ignoring | None
    intent: Intent | None
    controlled: Controlled | None
    unmapped: Unmapped
    written: Written
    owners: Owners
    survey: Survey
    unapplied: Unapplied | None = None
    #: The (provider, type) pairs that are asked for beforehand; None: everything is.
    among: frozenset[tuple[str, str]] | None = None
    translations: Translations = field(default_factory=Translations)
    broken: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _besides: dict[str, bool] = field(default_factory=dict)

    def types(self) -> Iterator[tuple[str, str]]:
        """(provider, type) of what it declares. What its Terraform type alone tells is not translated."""
        left: set[str] = set()
        for resource in self.state.content.get("resources") or ():
            type_ = resource["type"]
            if resource["mode"] != "managed" or type_ in left:
                continue
            provider = self.owners.of(type_)
            known = (
                None if provider is None or provider.terraform is None else provider.terraform.types(type_)
            )
            if known is not None and provider is not None:
                left.add(type_)
                yield from ((provider.name, one) for one in known)
        for one in self.read(left):
            if isinstance(one, Resource):
                yield one.provider, one.type

    def read(self, left: Collection[str] = ()) -> Iterator[Declared]:
        """What it declares, without the instances of the types that are ``left`` out."""
        instances = Instances(self.state.content)
        places = self.survey.places
        neighbours = Neighbours()
        for config, block, address, instance in instances:
            type_ = block[1]
            if self._passed(type_, left):
                continue
            provider = self.owners.of(type_)
            if provider is None and strangers.is_local(config, type_):
                continue
            origin = self._origin(address)
            said = UNTOLD if self.intent is None else self.intent.find(*block, instance.get("index_key"))
            if isinstance(said, Instance) and self.intent is not None:
                origin = self.intent.origin(said, origin)
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
                unknown = provider.terraform is not None and provider.terraform.by_name(type_)
                if isinstance(one, Resource) and (one.type == type_ or unknown):
                    neighbours.unknown.append(Unknown(provider, foreign, origin))
                yield one
        if self.controlled is not None:  # else what they speak of is told already
            yield from self._changed_by(neighbours, instances, places)
        if self.survey.deposed:
            yield from self._deposed(places)
        if self.intent is not None:
            undone = Undone(self.intent, self.location, self.loader, places)
            yield from replace(undone, passed=lambda type_: self._passed(type_, left)).resources()

    def _passed(self, type_: str, left: Collection[str]) -> bool:
        """Whether nothing of a type of Terraform's is asked for, or more of it would tell nothing new."""
        if type_ in left or type_ in self._told:
            return True
        return self.among is not None and self._beside(self.owners.of(type_), type_, self.among)

    def _beside(self, provider: Provider | None, type_: str, among: frozenset[tuple[str, str]]) -> bool:
        """Whether no instance of a type of Terraform's tells, or changes, anything of some types."""
        if type_ not in self._besides:
            dialect = None if provider is None else provider.terraform
            possible = None if dialect is None or dialect.by_name(type_) else dialect.possible(type_)
            self._besides[type_] = provider is None or (
                possible is not None and among.isdisjoint((provider.name, one) for one in possible)
            )
        return self._besides[type_]

    def _changed_by(
        self,
        neighbours: Neighbours,
        instances: Iterable[Held],
        places: Places,
    ) -> Iterator[Resource | Unverifiable]:
        """What resources of types without a map may have changed of those that have one."""
        named = neighbours.named()
        for config, block, address, instance in instances if named else ():
            provider, attributes = self.owners.of(block[1]), instance.get("attributes")
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
            if instance.get(plan.PENDING) == "creation":
                fresh = planned.intended(instance, dialect, foreign, ())
                if fresh is not None:
                    secret = sensitive_texts(instance, fresh.foreign.attributes)
                    made = replace(fresh, resources=tuple(_hiding(one, secret) for one in fresh.resources))
                    yield from planned.never_applied(made, address, replace(origin, pending="creation"))
                    return
            kept = self._kept(foreign, instance) if everything else None
            asked = foreign
            translated = dialect.translate(foreign) if kept is None else kept.stated
            stated = translated or ()
            if translated and (said is None or instance.get(plan.PENDING) == "removal"):
                yield from gone(translated, origin)
                return
            if translated and everything and instance.get(plan.LATER):
                intended = planned.intended(instance, dialect, foreign, translated)
                if intended is not None:
                    foreign, translated, unsure = intended.foreign, list(intended.resources), intended.unsure
            if translated and isinstance(said, Instance) and self.intent is not None and everything:
                key = instance.get("index_key")
                self.written.add(
                    str(origin.address), Known(self.intent, provider, foreign, module, name, key)
                )
                intended = None if kept is None else kept.intended
                if intended is None:
                    intended = self.intent.intended(said, dialect, foreign, translated)
                    if self.unapplied is not None:
                        intended = self.unapplied.told(said, block, dialect, foreign, translated, intended)
                    self._keep(Translation(asked, translated, intended))
                foreign, translated, unsure = intended.foreign, list(intended.resources), intended.unsure
        except Exception as error:  # noqa: BLE001 - one odd instance must not end the run; it is said
            self.broken.add(address)
            yield strangers.untranslated(self.state.display, f"{self.state.display}: {address}:", error)
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
            if dialect.possible(type_) == frozenset(one.type for one in translated):
                self._told.add(type_)  # no other instance can tell more
            return
        secret = sensitive_texts(instance, attributes) | sensitive_texts(instance, foreign.attributes)
        if self.intent is not None:
            secret |= self.intent.sensitive()
        configured = instance.get(plan.SAID) or frozenset()
        if self.among is not None:  # of what is told beforehand nothing is judged
            for one in translated:
                record = next((two for two in stated if (two.type, two.id) == (one.type, one.id)), None)
                whole = one if record is None else one.but(remembered=record.attributes)
                yield _hiding(whole, secret).but(origin=origin)
            return
        said_whole = isinstance(said, Instance)
        known = [None] * len(translated) if said_whole else certain(dialect, foreign, translated, configured)
        left_out = (*self.unmapped.of(dialect, foreign, translated), *newer(dialect, foreign))
        meant: set[str] = set()
        for resource, sure in zip(translated, known, strict=True):
            sure = hide(sure, secret) if sure and secret else sure
            unknown = unread(provider, foreign, resource, left_out, meant)
            hidden = _hiding(resource, secret)
            yield hidden.but(
                origin=origin,
                attributes={**hidden.attributes, **unknown},
                certain=sure and {**sure, **unknown},
            )
        if translated and all(self._only_there(provider, resource.type) for resource in translated):
            return  # of which comparison says once what is not compared
        reasons = [(pointer(name), why) for name, why in unsure.items()]
        drifted = {pointer(name) for name in instance.get(plan.DRIFTED) or ()}
        for path, reason in (*reasons, *self.unmapped.reasons(dialect, foreign, translated)):
            if path in meant:
                continue  # said of the property
            if path in drifted:
                reason = f"{reason}, and {planned.FOUND}"
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

    def _kept(self, foreign: Foreign, instance: Mapping[str, Any]) -> Translation | None:
        """What an instance was translated to beforehand; nothing of those of a plan."""
        if not instance.keys().isdisjoint((plan.PENDING, plan.LATER)):
            return None
        return self.translations.of(self.state.file, foreign, again=self.among is not None)

    def _keep(self, translation: Translation) -> None:
        """Keeps what was translated beforehand: it will be asked for again."""
        if self.among is not None:
            self.translations.keep(self.state.file, translation)

    @staticmethod
    def _only_there(provider: Provider, type_: str) -> bool:
        facts = provider.facts(type_)
        return facts is not None and facts.existence

    def _deposed(self, places: Places) -> Iterator[Declared]:
        """What the next apply deletes: nobody's wish, and not unmanaged."""
        for config, block, address, instance in content.instances(self.state.content, deposed=True):
            provider, attributes = self.owners.of(block[1]), instance.get("attributes")
            if provider is None or provider.terraform is None or not isinstance(attributes, Mapping):
                continue
            foreign = self._foreign(provider, block[1], address, attributes, places.get(config, (None, None)))
            try:
                translated = provider.terraform.translate(foreign) or ()
            except Exception as error:  # noqa: BLE001 - one odd object must not end the run; it is said
                what = f"{self.state.display}: {address}: its deposed object"
                yield strangers.untranslated(self.state.display, what, error)
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


def _hiding(resource: Resource, secret: frozenset[str]) -> Resource:
    """A resource with the sensitive texts in it wrapped."""
    if not secret:
        return resource
    return resource.but(
        attributes=hide(resource.attributes, secret),
        remembered=hide(resource.remembered, secret),
        before=hide(resource.before, secret),
    )


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of a state, as often as they are asked for: those of a large one are in no memory."""

    _content: Mapping[str, Any]

    def __iter__(self) -> Iterator[Held]:
        return content.instances(self._content)
