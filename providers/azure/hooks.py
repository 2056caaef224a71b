"""What Azure knows beyond the contract: types in any letter case, what counts where nothing is declared, who
is let in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.facts import TypeFacts
from drift.hooks import Acceptance, Around, Hooks
from drift.kinds.base import Context
from drift.kinds.scalars import fold_case
from drift.model import Resource
from drift.pointer import get
from providers.azure.children import EXTENSIONS, SUBSCRIPTION_WIDE
from providers.azure.facts import spelling
from providers.azure.nesting import giving_access
from providers.azure.undeclared import Judge

_OPEN = frozenset({"*", "internet", "0.0.0.0/0", "::/0", "any"})


class AzureHooks(Hooks):
    """The provider's hooks (see :class:`drift.hooks.Hooks`)."""

    def type_key(self, type: str) -> str:
        return fold_case(type)

    def in_bulk(self, type: str) -> bool:
        """Resource Graph holds what lies in groups; of children, only those that give access are read
        everywhere."""
        known = spelling(type)
        return known in SUBSCRIPTION_WIDE or (
            known in giving_access() if known.count("/") > 1 else known not in EXTENSIONS
        )

    def content(self, resource: Resource, around: Around) -> Mapping[str, Any]:
        from providers.azure.content import content

        return content().of(resource, around)

    def labels(self, resource: Resource) -> Iterable[tuple[str, Any]]:
        tags = resource.attributes.get("tags")
        return [(str(name), value) for name, value in tags.items()] if isinstance(tags, Mapping) else ()

    def undeclared(
        self, declared: Resource, live: Resource, facts: TypeFacts, context: Context
    ) -> Acceptance:
        return Judge(declared, live, facts, context).reason

    def gives_access(self, live: Resource, facts: TypeFacts) -> bool:
        """Role assignments, identities, keys and firewall rules; and security groups that let the internet
        in."""
        if facts.access:
            return True
        if fold_case(live.type) == "microsoft.network/networksecuritygroups":
            return any(_lets_in(rule) for rule in _members(live.attributes, "properties", "securityRules"))
        return False

    def public_texts(self) -> Iterable[str]:
        from providers.azure.models import enumerated

        return enumerated()


def _members(body: Any, *path: str) -> list[Any]:
    found = get(body, path)
    return found if isinstance(found, list) else []


def _lets_in(rule: Any) -> bool:
    said = rule.get("properties") if isinstance(rule, Mapping) else None
    if not isinstance(said, Mapping):
        return False
    if str(said.get("access", "")).lower() != "allow" or str(said.get("direction", "")).lower() != "inbound":
        return False
    sources = [said.get("sourceAddressPrefix"), *(said.get("sourceAddressPrefixes") or ())]
    return any(isinstance(source, str) and source.lower() in _OPEN for source in sources)
