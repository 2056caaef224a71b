"""What Google Cloud knows beyond the contract: project numbers, what counts where nothing is declared, who is
let in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drift.facts import TypeFacts
from drift.hooks import Acceptance, Around, Hooks
from drift.kinds.base import Context
from drift.model import Resource
from providers.gcp import names
from providers.gcp.undeclared import Judge

_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})


class GcpHooks(Hooks):
    """The provider's hooks (see :class:`drift.hooks.Hooks`)."""

    def type_key(self, type: str) -> str:
        return type.lower()

    def known_id(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        return None if declared.id is None else names.known(declared.id, context)

    def in_bulk(self, type: str) -> bool:
        """Cloud Asset lists what it supports, and only the answer to a question about a type tells that."""
        return type in (names.BINDING, names.AUDIT_CONFIG)

    def content(self, resource: Resource, around: Around) -> Mapping[str, Any]:
        from providers.gcp.content import content

        return content().of(resource, around)

    def labels(self, resource: Resource) -> Iterator[tuple[str, Any]]:
        """``labels``, in Cloud SQL's settings ``userLabels``; of what Cloud Run and others shape as
        Kubernetes does, its ``metadata``."""
        said = resource.attributes
        metadata = said.get("metadata")
        places = [said.get("labels"), said.get("userLabels"), said.get("tags")]
        if isinstance(metadata, Mapping):
            places += [metadata.get("labels"), metadata.get("annotations")]
        for place in places:
            if isinstance(place, Mapping):
                yield from ((str(name), value) for name, value in place.items())

    def machine_domains(self) -> tuple[str, ...]:
        """Of service accounts, which are named by project and id."""
        return ("gserviceaccount.com",)

    def undeclared(
        self, declared: Resource, live: Resource, facts: TypeFacts, context: Context
    ) -> Acceptance:
        return Judge(declared, live, facts, context).reason

    def gives_access(self, live: Resource, facts: TypeFacts) -> bool:
        """Bindings, keys and accounts; and firewall rules that let in."""
        if facts.access or live.type == names.BINDING:
            return True
        if live.type == "compute.googleapis.com/Firewall":
            return live.attributes.get("direction", "INGRESS") == "INGRESS" and bool(
                live.attributes.get("allowed")
            )
        return False

    def public_texts(self) -> Iterator[str]:
        from providers.gcp.schema import enumerated

        return enumerated()
