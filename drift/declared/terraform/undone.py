"""What is declared and was never applied, and what was applied and is declared no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drift.declared.terraform import strangers
from drift.declared.terraform.configuration.known import module_address
from drift.declared.terraform.configuration.model import Declared, Uncounted
from drift.declared.terraform.configuration.provider_blocks import place
from drift.declared.terraform.planned import never_applied
from drift.declared.terraform.survey import Places
from drift.declared.terraform.unmapped import pointer
from drift.declared.terraform.written import Known
from drift.dialect import Foreign
from drift.finding import Unverifiable
from drift.model import Origin, Pending, Problem, Resource, Unresolved
from drift.provider import Provider
from drift.source import Loader, Location

if TYPE_CHECKING:
    from drift.declared.terraform.configuration.intent import Intent


def gone(translated: Iterable[Resource], origin: Origin) -> Iterator[Resource | Unverifiable]:
    """What a state holds and no block declares any more. What only adds to another resource is declared until
    it is taken away, and said."""
    for one in translated:
        if not one.partial:
            yield one.but(origin=replace(origin, pending="removal"))
            continue
        yield one.but(origin=origin)
        reason = f"pending removal: the state holds {origin.address}, which is declared no longer"
        place = (one.provider, one.scope, one.type, str(one.id or one.name or origin.address))
        for name in one.attributes:
            yield Unverifiable(*place, pointer(name), reason, origin)


@dataclass(frozen=True, slots=True)
class Undone:
    """Of one configuration, once all that its state holds was asked for. ``pending`` is False where there is
    no state, so that nothing tells what was applied. Of types that are ``passed`` over nobody asks."""

    intent: Intent
    location: Location
    loader: Loader
    places: Places
    pending: bool = True
    passed: Callable[[str], bool] = lambda _: False

    def resources(self) -> Iterator[Resource | Unverifiable | Problem]:
        """What was never applied. At the end what of the configuration could not be read."""
        for declared in self.intent.never_applied():
            if isinstance(declared, Uncounted):
                yield self._uncounted(declared)
            elif not self.passed(declared.type):
                yield from self._one(declared)
        for fault in self.intent.faults():
            if fault.place is not None and not fault.what.startswith("module."):
                yield Problem(fault.place.file, f"{fault.what}: {fault.reason}", unread=True)

    def stated(self) -> Iterator[tuple[Known, Declared]]:
        """Every instance of a type that a provider owns, as no state holds it."""
        for declared in self.intent.tree.declared():
            provider = None if isinstance(declared, Uncounted) else self._provider(declared.type)
            if isinstance(declared, Uncounted) or provider is None:
                continue
            imported = self.intent.imports.get(declared.address)
            foreign = self._foreign(provider, declared, imported.attributes if imported is not None else {})
            module = module_address(declared.module)
            yield (
                Known(
                    self.intent, provider, foreign, module or None, declared.name, declared.key, fresh=True
                ),
                declared,
            )

    def _uncounted(self, one: Uncounted) -> Unverifiable:
        origin = Origin(
            "terraform-state",
            file=one.place.file,
            line=one.place.line,
            address=one.address,
            commit=self.location.commit,
            url=self.location.url,
        )
        provider = None if one.type is None else self._provider(one.type)
        scope = self.location.option("scope") or ""
        reason = f"how many there are is not known: {one.reason}"
        name = provider.name if provider is not None else "terraform"
        return Unverifiable(name, scope, one.type or "module", one.address, "", reason, origin)

    def _one(self, declared: Declared) -> Iterator[Resource | Unverifiable | Problem]:
        imported = self.intent.imports.get(declared.address)
        pending: Pending = "creation" if self.pending else None
        said = Origin(
            "terraform-state",
            commit=self.location.commit,
            url=self.location.url,
            pending=pending if imported is None else "import",
        )
        origin = self.intent.origin(declared, said)
        provider = self._provider(declared.type)
        if provider is None or provider.terraform is None:
            name = declared.type.partition("_")[0]
            if name not in strangers.LOCAL:
                yield strangers.resource("", declared.type, declared.address, {}, origin)
            return
        foreign = self._foreign(provider, declared, imported.attributes if imported is not None else {})
        try:
            intended = self.intent.fresh(declared, provider.terraform, foreign)
        except Exception as error:  # noqa: BLE001 - one odd resource must not end the run; it is said
            yield strangers.untranslated(str(declared.place), f"{declared.address}:", error)
            return
        if intended is None:
            yield Resource(
                provider.name, foreign.scope or "", declared.type, declared.address, {}, foreign.region,
                declared.address, origin,
            )  # fmt: skip
            return
        lost = [one for one in intended.resources if self._lost(one, foreign, provider)]
        if not lost:
            yield from never_applied(intended, declared.address, origin)
        for one in lost:
            reason = "where it is made is not known: its provider is another one than the entry's"
            named = str(one.id or one.name or declared.address)
            yield Unverifiable(one.provider, one.scope, one.type, named, "", reason, origin)

    def _foreign(self, provider: Provider, declared: Declared, known: Mapping[str, Any]) -> Foreign:
        """With what is ``known`` of it, at the place that this, its provider's configuration, its siblings or
        the entry tells."""
        assert provider.terraform is not None
        name, _, alias = (declared.provider or declared.type.partition("_")[0]).partition(".")
        alike = [
            lies
            for config, lies in self.places.items()
            if strangers.provider_name(config, declared.type) == name
            and config.endswith(f".{alias}" if alias else "]")
        ]
        scope, region = alike[0] if alike else (None, None)
        told_scope, told_region = provider.terraform.place(known)
        module = self.intent.tree.find(declared.module)
        own = self.intent.tree.surroundings
        if module is not None and not isinstance(module, Unresolved):
            own = place(module, declared, provider.terraform, (scope, region))
        return Foreign(
            declared.type, declared.address, known, told_scope or own.scope, told_region or own.region
        )

    def _lost(self, one: Resource, foreign: Foreign, provider: Provider) -> bool:
        """Whether a resource is elsewhere than the entry says, and nobody tells where."""
        facts, entry = provider.facts(one.type), self.intent.tree.surroundings
        if not one.scope and entry.scope:
            return True
        return not foreign.region and bool(entry.region) and facts is not None and facts.regional

    def _provider(self, type_: str) -> Provider | None:
        for provider in self.loader.providers.values():
            if provider.terraform is not None and provider.terraform.owns(type_):
                return provider
        return None
