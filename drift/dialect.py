"""The contract of a translation: how Terraform and Pulumi name the types of a provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from drift.contract import Defaults
from drift.model import Resource, Unresolved
from drift.terraform_schemas import Attribute


@dataclass(frozen=True, slots=True)
class Foreign:
    """A resource in another tool's words, to be translated (today: one instance of a Terraform resource).

    ``type`` and ``attributes`` are the tool's own; ``address`` its name for people; ``provider_config`` the
    tool's name of the credentials used, so that siblings can lend their account and region; ``scope`` and
    ``region`` are what the user configured or a sibling told, where known.
    """

    type: str
    address: str
    attributes: Mapping[str, Any]
    scope: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Configured:
    """Where a block of Terraform's provider has things made: None where it does not say, Unresolved where
    that can't be told. ``login`` is what it says of who logs in, to be compared with other blocks'."""

    scope: str | Unresolved | None = None
    region: str | Unresolved | None = None
    login: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A data source that a configuration asks. ``arguments`` are as a state has them, ``provider`` is what
    the provider's block sets, both with Unresolved for what can't be known; ``scope`` and ``region`` are
    where it is asked."""

    type: str
    arguments: Mapping[str, Any]
    scope: str | Unresolved
    region: str | Unresolved
    provider: Mapping[str, Any] = field(default_factory=dict)


class TerraformDialect(Protocol):
    """How Terraform names this provider's types: one translation for the state reader to ask."""

    def owns(self, terraform_type: str) -> bool:
        """Whether the type belongs to this provider's Terraform provider (``aws_…``)."""
        ...

    def place(self, attributes: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """(scope, region) that the attributes tell by themselves (an ARN in them), None where they don't."""
        ...

    def configured(self, settings: Mapping[str, Any]) -> Configured:
        """Where a block of the provider with these settings, as a state would have them, has things made."""
        ...

    def answer(self, question: Question) -> Mapping[str, Any]:
        """The attributes of a data source that follow from its arguments and from where it is asked, without
        asking the cloud; Unresolved with the reason where what they follow from is not known."""
        ...

    def translate(self, foreign: Foreign) -> list[Resource] | None:
        """The resources, whole or ``partial``, that it declares. ``[]``: it declares nothing that exists in
        the cloud (a random id, a waiter). ``None``: no translation is known, the type is unsupported."""
        ...

    def types(self, terraform_type: str) -> frozenset[str] | None:
        """The types that every instance declares a resource of, whatever its attributes are; None where that
        depends on them."""
        ...

    def possible(self, terraform_type: str) -> frozenset[str] | None:
        """All types that an instance may declare a resource of; None where that is not known."""
        ...

    def version(self, foreign: Foreign) -> tuple[str, str] | None:
        """(type, API version) that an instance names, so that it is read live at that one; None where it
        names none."""
        ...

    def names(self, type: str) -> Iterable[str]:
        """Every Terraform type that declares something of this type."""
        ...

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        """What Terraform's provider says of a type's attributes, by name (``block.name`` in blocks); None
        where that is not known."""
        ...

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        """The arguments of a type that only tell Terraform what to do (``force_destroy``): nothing of them is
        live."""
        ...

    def added(self, terraform_type: str) -> frozenset[str]:
        """The arguments of a type (``block``, ``block.name``) that others may add to, or that the provider
        takes from the cloud where nobody sets them, though its schema does not say so."""
        ...

    def alike(self, terraform_type: str) -> Mapping[str, str]:
        """The attributes of a type that are always what an argument of the same resource says (``id`` what
        ``name`` says), so that they are known before it is applied."""
        ...

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        """What Terraform's provider itself sets arguments of a type to that nobody sets, by name
        (``block.name`` in blocks), where that is not the cloud's own default."""
        ...

    def defaults_since(self, terraform_type: str) -> Mapping[str, Mapping[int, Any]]:
        """The same of arguments of which that differs by the provider's major version: the value from each
        of them on."""
        ...

    def by_name(self, terraform_type: str) -> bool:
        """Whether nothing but the names of a type and its arguments tell what it declares: then it may also
        speak of others."""
        ...

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        """What ``terraform import`` calls a live resource; None where that is not known."""
        ...


class BaseDialect(Defaults, TerraformDialect, contract=True):
    """What most translations of Terraform have in common: no versions, names not told."""

    def configured(self, settings: Mapping[str, Any]) -> Configured:
        told = {name: one for name, one in settings.items() if not isinstance(one, Unresolved)}
        return Configured(*self.place(told))

    def answer(self, question: Question) -> Mapping[str, Any]:
        return {}

    def types(self, terraform_type: str) -> frozenset[str] | None:
        return None

    def possible(self, terraform_type: str) -> frozenset[str] | None:
        return None

    def version(self, foreign: Foreign) -> tuple[str, str] | None:
        return None

    def names(self, type: str) -> Iterable[str]:
        return ()

    def attributes(self, terraform_type: str) -> Mapping[str, Attribute] | None:
        return None

    def behaviour(self, terraform_type: str) -> frozenset[str]:
        return frozenset()

    def added(self, terraform_type: str) -> frozenset[str]:
        return frozenset()

    def alike(self, terraform_type: str) -> Mapping[str, str]:
        return {}

    def defaults(self, terraform_type: str) -> Mapping[str, Any]:
        return {}

    def defaults_since(self, terraform_type: str) -> Mapping[str, Mapping[int, Any]]:
        return {}

    def by_name(self, terraform_type: str) -> bool:
        return False

    def import_id(self, terraform_type: str, resource: Resource) -> str | None:
        return None


class PulumiDialect(Protocol):
    """How Pulumi names this provider's types: packages that are bridged from Terraform's providers, and the
    cloud's own (native) ones. :class:`BasePulumi` has the defaults."""

    #: The names of both (``aws``, ``aws-native``).
    packages: frozenset[str]

    def bridged(self, token: str) -> str | None:
        """The Terraform type that a type of a bridged package stands for; None where it is not known, or is
        of a native one."""
        ...

    def version(self, token: str, known: Foreign) -> tuple[str, str] | None:
        """(type, API version) that one of a native package names, so that it is read live at that one."""
        ...

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        """The resources that one of a native package declares, in their provider's shapes:
        ``said`` are its inputs, ``known.attributes`` its outputs with its ``id``. Values that can't be known
        stand as :class:`drift.model.Unresolved`. None: the type is not supported."""
        ...


class BasePulumi(Defaults, PulumiDialect, contract=True):
    """What most have in common: nothing native."""

    packages: frozenset[str] = frozenset()

    def bridged(self, token: str) -> str | None:
        return None

    def version(self, token: str, known: Foreign) -> tuple[str, str] | None:
        return None

    def translate(self, token: str, said: Mapping[str, Any], known: Foreign) -> list[Resource] | None:
        return None
