"""Google Cloud as the core sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from drift.check import Check
from drift.deadline import Deadline
from drift.dialect import PulumiDialect, TerraformDialect
from drift.facts import TypeFacts
from drift.finding import Finding
from drift.hooks import Hooks
from drift.model import Coverage, Resource
from drift.proposal import Found, Proposal
from drift.provider import BaseProvider, Grant
from drift.task import Live, Unit, Wanted
from drift.witness import Budget, Silent, Witnessed
from providers.gcp.settings import Settings


class GcpProvider(BaseProvider):
    """Google Cloud: every resource as its own REST body, under the type and name that Cloud Asset gives
    it."""

    name = "gcp"
    imports = ("urllib3", "requests", "google.auth.transport.requests")
    Settings: type[BaseModel] = Settings
    schemes = ("gs",)

    @cached_property
    def hooks(self) -> Hooks:
        from providers.gcp.hooks import GcpHooks

        return GcpHooks()

    @property
    def pulumi(self) -> PulumiDialect:
        from providers.gcp.pulumi import GcpPulumi

        return GcpPulumi()

    @property
    def terraform(self) -> TerraformDialect:
        from providers.gcp.terraform import GcpTerraform

        return GcpTerraform()

    def connect(self, settings: BaseModel, deadline: Deadline) -> Live:
        from providers.gcp.live import GcpLive

        assert isinstance(settings, Settings)
        return GcpLive(settings, deadline)

    def units(self, settings: BaseModel, deadline: Deadline) -> Iterator[Unit | Coverage]:
        """A project each, or what an organization or folder is itself."""
        from providers.gcp import projects
        from providers.gcp.session import Session

        assert isinstance(settings, Settings)
        session = Session(settings, deadline)
        session.log_in()
        for one in projects.each(session):
            yield one if isinstance(one, Coverage) else Unit(one[1], one[0])

    def types(self) -> Iterable[str]:
        """The types with facts of their own; any other type of the form ``HOST.googleapis.com/Kind`` is
        supported, too."""
        from providers.gcp.facts import known_types

        return known_types()

    def facts(self, type: str) -> TypeFacts | None:
        from providers.gcp.facts import facts_of

        return facts_of(type)

    def canonical_id(self, resource: Resource) -> str | None:
        from providers.gcp.names import identity

        return None if resource.id is None else identity(resource)

    def system(self, live: Resource, context: Mapping[str, Any]) -> str | None:
        from providers.gcp.system import made_by_google

        return made_by_google(live, context)

    def severity_rules(self) -> Iterable[Mapping[str, Any]]:
        from drift.rules.severity import read_rules

        return read_rules(Path(__file__).with_name("severity.yaml"))

    def permissions(self, settings: BaseModel, wanted: Wanted, urls: Sequence[str]) -> Grant:
        from providers.gcp.permissions import role

        assert isinstance(settings, Settings)
        return role(settings, wanted, urls)

    def propose(self, found: Found) -> Proposal | None:
        from providers.gcp.proposal import propose

        return propose(found)

    def preflight(self, settings: BaseModel, wanted: Wanted, deadline: Deadline) -> Iterable[Check]:
        from providers.gcp.preflight import look

        assert isinstance(settings, Settings)
        return look(settings, wanted, deadline)

    def witness(
        self, findings: Sequence[Finding], settings: BaseModel, budget: Budget
    ) -> Iterable[Witnessed | Silent]:
        from providers.gcp.audit import AuditLog

        assert isinstance(settings, Settings)
        return AuditLog(settings, budget).tell(findings)

    def console_url(self, resource: Resource) -> str | None:
        """The console's inventory of assets, which shows every type, searched for the resource."""
        if resource.id is None or "/" in resource.scope or not resource.scope:
            return None
        name = resource.id.partition("|")[0].rpartition("/")[2]
        asked = f"project={quote(resource.scope, safe='')}&query={quote(name, safe='')}"
        return f"https://console.cloud.google.com/iam-admin/asset-inventory/resources?{asked}"

    def fetch(self, url: str, settings: BaseModel | None, deadline: Deadline) -> bytes:
        """Reads one object of Cloud Storage (``gs://bucket/path``)."""
        from providers.gcp.storage import read

        return read(url, settings if isinstance(settings, Settings) else Settings(), deadline)

    def below(self, url: str, settings: BaseModel | None, deadline: Deadline) -> list[str]:
        """The objects of Cloud Storage whose names begin so."""
        from providers.gcp.storage import below

        return below(url, settings if isinstance(settings, Settings) else Settings(), deadline)


provider = GcpProvider()
