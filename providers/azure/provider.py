"""Azure as the core sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from drift.check import Check
from drift.deadline import Deadline
from drift.dialect import PulumiDialect, TerraformDialect
from drift.errors import CellError
from drift.facts import TypeFacts
from drift.finding import Finding
from drift.hooks import Hooks
from drift.live.estate import ANY
from drift.model import Coverage, Resource
from drift.proposal import Found, Proposal
from drift.provider import BaseProvider, Grant
from drift.task import Live, Unit, Wanted
from drift.witness import Budget, Silent, Witnessed
from providers.azure.settings import Settings

_PORTAL = "https://portal.azure.com"


class AzureProvider(BaseProvider):
    """Azure: every resource as its own ARM body, under its ARM type and id."""

    name = "azure"
    imports = ("urllib3", "requests")
    Settings: type[BaseModel] = Settings

    @cached_property
    def hooks(self) -> Hooks:
        from providers.azure.hooks import AzureHooks

        return AzureHooks()

    @property
    def pulumi(self) -> PulumiDialect:
        from providers.azure.pulumi import AzurePulumi

        return AzurePulumi()

    @property
    def terraform(self) -> TerraformDialect:
        from providers.azure.terraform import AzureTerraform

        return AzureTerraform()

    def connect(self, settings: BaseModel, deadline: Deadline) -> Live:
        from providers.azure.live import AzureLive

        assert isinstance(settings, Settings)
        return AzureLive(settings, deadline)

    def units(self, settings: BaseModel, deadline: Deadline) -> Iterator[Unit | Coverage]:
        """A subscription each, or a management group."""
        from providers.azure import subscriptions
        from providers.azure.session import Session

        assert isinstance(settings, Settings)
        session = Session(settings, deadline)
        session.identify()
        try:
            for one in subscriptions.each(session):
                yield one if isinstance(one, Coverage) else Unit(one[1], (one[0],))
        except CellError as error:
            yield subscriptions.unread(ANY, error, "which subscriptions there are is not known: ")

    def types(self) -> Iterable[str]:
        """The types with facts of their own; any other type of the form ``Namespace/type`` is supported,
        too."""
        from providers.azure.facts import inline, known_types

        return (type for type in known_types() if inline(type) is None)

    def facts(self, type: str) -> TypeFacts | None:
        from providers.azure.facts import facts_of

        return facts_of(type)

    def canonical_id(self, resource: Resource) -> str | None:
        from providers.azure.ids import canonical

        return None if resource.id is None else canonical(resource.id)

    def system(self, live: Resource, context: Mapping[str, Any]) -> str | None:
        from providers.azure.system import made_by_azure

        return made_by_azure(live, context)

    def severity_rules(self) -> Iterable[Mapping[str, Any]]:
        from drift.rules.severity import read_rules

        return read_rules(Path(__file__).with_name("severity.yaml"))

    def permissions(self, settings: BaseModel, wanted: Wanted, urls: Sequence[str]) -> Grant:
        from providers.azure.permissions_role import role

        assert isinstance(settings, Settings)
        return role(settings, wanted)

    def propose(self, found: Found) -> Proposal | None:
        from providers.azure.proposal import propose

        return propose(found)

    def preflight(self, settings: BaseModel, wanted: Wanted, deadline: Deadline) -> Iterable[Check]:
        from providers.azure.preflight import look

        assert isinstance(settings, Settings)
        return look(settings, wanted, deadline)

    def witness(
        self, findings: Sequence[Finding], settings: BaseModel, budget: Budget
    ) -> Iterable[Witnessed | Silent]:
        from providers.azure.activity import ActivityLog

        assert isinstance(settings, Settings)
        return ActivityLog(settings, budget).tell(findings)

    def console_url(self, resource: Resource) -> str | None:
        """The portal's page of the resource."""
        return None if resource.id is None else f"{_PORTAL}/#@/resource{resource.id}"


provider = AzureProvider()
