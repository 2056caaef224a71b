"""What Kubernetes knows beyond the contract: versions of one kind, schemas learnt live, field owners,
namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drift.facts import TypeFacts
from drift.finding import Attribution, Finding
from drift.hooks import Acceptance, Around, Hooks, Observed
from drift.kinds.base import Context
from drift.model import Resource
from drift.rule import Rule
from providers.kubernetes import access, argocd, attribution, flux, parents, transient, work
from providers.kubernetes.facts import Learnt
from providers.kubernetes.names import namespace_of, parse
from providers.kubernetes.undeclared import Judge


class KubernetesHooks(Hooks):
    """The provider's hooks (see :class:`drift.hooks.Hooks`)."""

    def __init__(self) -> None:
        self._learnt = Learnt()

    def type_key(self, type: str) -> str:
        name = parse(type)
        return type if name is None else name.key

    def facts(self, facts: TypeFacts, context: Context) -> TypeFacts:
        return self._learnt.facts(facts, context)

    def content(self, resource: Resource, around: Around) -> Mapping[str, Any]:
        from providers.kubernetes.content import content

        return content().of(resource, around)

    def labels(self, resource: Resource) -> Iterator[tuple[str, Any]]:
        metadata = resource.attributes.get("metadata")
        places = (
            [metadata.get(name) for name in ("labels", "annotations")]
            if isinstance(metadata, Mapping)
            else ()
        )
        for said in places:
            if isinstance(said, Mapping):
                yield from ((str(name), value) for name, value in said.items())

    def public_forms(self) -> tuple[str, ...]:
        """cert-manager's group of ACME, a word that companies call themselves by."""
        return (r"(?<![\w.-])acme\.cert-manager\.io(?![\w.-])",)

    def undeclared(
        self, declared: Resource, live: Resource, facts: TypeFacts, context: Context
    ) -> Acceptance:
        return Judge(declared, live, facts, learnt=self._learnt.knows(context)).reason

    def attribution(self, finding: Finding, facts: TypeFacts, context: Context) -> Attribution | None:
        return attribution.of(finding, facts)

    def unmanaged_group(self, resource: Resource) -> str:
        return namespace_of(resource.id)

    def gives_access(self, live: Resource, facts: TypeFacts) -> bool:
        return facts.access or access.gives_access(live)

    def made_by(self, live: Resource, around: Around) -> str | None:
        return parents.made_by(live, around)

    def observed(self, around: Around) -> Iterable[Observed]:
        from providers.kubernetes import images

        return images.observed(around)

    def carries_rules(self, declared: Resource) -> bool:
        return any(one.carries_rules(declared) for one in (argocd, flux, work))

    def rules(self, declared: Iterable[Resource]) -> Iterable[Rule]:
        resources = list(declared)
        if not resources:
            return ()
        return (*argocd.rules(resources), *flux.rules(resources), *work.rules(resources))

    def unread(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        return self._left_out(declared, context) or transient.ended(declared)

    def _left_out(self, declared: Resource, context: Mapping[str, Any]) -> str | None:
        said = context.get("clusters", {}).get(declared.scope, {}).get("namespaces")
        name = parse(declared.type)
        namespace = declared.id if name and name.key == "Namespace" else namespace_of(declared.id)
        if not said or not namespace:
            return None
        from providers.kubernetes.settings import Settings

        left_out = not Settings.model_validate(said).reads_namespace(namespace)
        return f"the namespace {namespace} is left out by live.kubernetes" if left_out else None
