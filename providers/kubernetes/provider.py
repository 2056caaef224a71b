"""Kubernetes as the core sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from drift.check import Check
from drift.deadline import Deadline
from drift.dialect import PulumiDialect
from drift.facts import TypeFacts
from drift.hooks import Hooks
from drift.model import Coverage, Resource
from drift.proposal import Found, Proposal
from drift.provider import BaseProvider, Grant
from drift.task import Live, Unit, Wanted
from providers.kubernetes.settings import Settings


class KubernetesProvider(BaseProvider):
    """Any Kubernetes cluster: objects as the API server gives them, of every kind that it serves."""

    name = "kubernetes"
    imports = ("urllib3", "requests", "google.auth.transport.requests")
    Settings: type[BaseModel] = Settings

    @property
    def pulumi(self) -> PulumiDialect:
        from providers.kubernetes.pulumi import KubernetesPulumi

        return KubernetesPulumi()

    @cached_property
    def hooks(self) -> Hooks:
        from providers.kubernetes.hooks import KubernetesHooks

        return KubernetesHooks()

    def connect(self, settings: BaseModel, deadline: Deadline) -> Live:
        from providers.kubernetes.live import KubernetesLive

        assert isinstance(settings, Settings)
        return KubernetesLive(settings, deadline)

    def units(self, settings: BaseModel, deadline: Deadline) -> Iterator[Unit | Coverage]:
        """A cluster each."""
        assert isinstance(settings, Settings)
        for one in settings.contexts or ():
            name = one.name or one.context
            yield Unit(settings.model_copy(update={"contexts": [one]}), (name,) if name else ())
        if not settings.contexts:
            yield Unit(settings)

    def types(self) -> Iterable[str]:
        """Kubernetes' own kinds; a custom resource of any name is supported as well."""
        from providers.kubernetes.facts import known_types

        return known_types()

    def facts(self, type: str) -> TypeFacts | None:
        from providers.kubernetes.facts import facts_of

        return facts_of(type)

    def system(self, live: Resource, context: Mapping[str, Any]) -> str | None:
        from providers.kubernetes.system import made_by_the_cluster

        return made_by_the_cluster(live)

    def permissions(self, settings: BaseModel, wanted: Wanted, urls: Sequence[str]) -> Grant:
        from providers.kubernetes.permissions import role

        assert isinstance(settings, Settings)
        return role(settings, wanted)

    def propose(self, found: Found) -> Proposal | None:
        from providers.kubernetes.proposal import propose

        return propose(found)

    def preflight(self, settings: BaseModel, wanted: Wanted, deadline: Deadline) -> Iterable[Check]:
        from providers.kubernetes.preflight import look

        assert isinstance(settings, Settings)
        return look(settings, wanted, deadline)

    def severity_rules(self) -> Iterable[Mapping[str, Any]]:
        from drift.rules.severity import read_rules

        return read_rules(Path(__file__).with_name("severity.yaml"))
