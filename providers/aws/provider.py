"""AWS as the core sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel

from drift.check import Check
from drift.deadline import Deadline
from drift.dialect import PulumiDialect, TerraformDialect
from drift.errors import DeclaredError
from drift.facts import TypeFacts
from drift.finding import Finding
from drift.hooks import Hooks
from drift.model import Cell, Coverage, Resource
from drift.proposal import Found, Proposal
from drift.provider import BaseProvider, Grant
from drift.task import Live, Unit, Wanted
from drift.witness import Budget, Silent, Witnessed
from providers.aws.partitions import console, partition_of
from providers.aws.settings import Settings

if TYPE_CHECKING:
    from providers.aws.facts import Catalogue


class AwsProvider(BaseProvider):
    """Amazon Web Services: resources in the shape of CloudFormation, read through boto3."""

    name = "aws"
    imports = ("urllib3",)
    Settings: type[BaseModel] = Settings
    schemes = ("s3",)

    @cached_property
    def hooks(self) -> Hooks:
        from providers.aws.beyond import AwsHooks

        return AwsHooks()

    @cached_property
    def _catalogue(self) -> Catalogue:
        from providers.aws.facts import catalogue

        return catalogue()

    @property
    def pulumi(self) -> PulumiDialect:
        from providers.aws.pulumi import AwsPulumi

        return AwsPulumi()

    @property
    def terraform(self) -> TerraformDialect:
        from providers.aws.terraform import AwsTerraform

        return AwsTerraform()

    def connect(self, settings: BaseModel, deadline: Deadline) -> Live:
        from providers.aws.live import AwsLive

        assert isinstance(settings, Settings)
        return AwsLive(settings, deadline)

    def units(self, settings: BaseModel, deadline: Deadline) -> Iterator[Unit | Coverage]:
        """An account each."""
        from providers.aws.accounts import each
        from providers.aws.session import ANY, Clients, Refused

        assert isinstance(settings, Settings)
        for one in each(Clients(settings, deadline)):
            if isinstance(one, Refused):
                cell = Cell(self.name, one.account, ANY, ANY)
                yield Coverage(cell, one.error.status, 0, one.error.message)  # type: ignore[arg-type]
            else:
                alone = settings.model_copy(update={"accounts": [one], "organization": None})
                yield Unit(alone, (one.id,))

    def types(self) -> Iterable[str]:
        return sorted(self._catalogue.all_types())

    def facts(self, type: str) -> TypeFacts | None:
        entry = self._catalogue.entry(type)
        return None if entry is None else entry.facts

    def canonical_id(self, resource: Resource) -> str | None:
        if resource.id is None:
            return None
        entry = self._catalogue.entry(resource.type)
        if entry is None:
            return resource.id
        partition = partition_of(resource.region).name if resource.region else None
        return entry.identity.canonical(
            resource.id, account=resource.scope, region=resource.region, partition=partition
        )

    def system(self, live: Resource, context: Mapping[str, Any]) -> str | None:
        from providers.aws.system import made_by_aws

        return made_by_aws(live, context)

    def severity_rules(self) -> Iterable[Mapping[str, Any]]:
        from drift.rules.severity import read_rules

        return read_rules(Path(__file__).with_name("severity.yaml"))

    def permissions(self, settings: BaseModel, wanted: Wanted, urls: Sequence[str]) -> Grant:
        from providers.aws.permissions import permissions

        assert isinstance(settings, Settings)
        return permissions(settings, wanted, urls)

    def propose(self, found: Found) -> Proposal | None:
        from providers.aws.proposal import propose

        return propose(found)

    def preflight(self, settings: BaseModel, wanted: Wanted, deadline: Deadline) -> Iterable[Check]:
        from providers.aws.preflight import look

        assert isinstance(settings, Settings)
        return look(settings, wanted, deadline)

    def witness(
        self, findings: Sequence[Finding], settings: BaseModel, budget: Budget
    ) -> Iterable[Witnessed | Silent]:
        from providers.aws.cloudtrail import Trail

        assert isinstance(settings, Settings)
        return Trail(settings, budget).tell(findings)

    def console_url(self, resource: Resource) -> str | None:
        """The ARN search of the partition's console, which opens every kind of resource that has an ARN."""
        if resource.id is None or not resource.id.startswith("arn:"):
            return None
        host = console(resource.id)
        return None if host is None else f"https://{host}/go/view?arn={quote(resource.id, safe='')}"

    def fetch(self, url: str, settings: BaseModel | None, deadline: Deadline) -> bytes:
        from drift.errors import CredentialsError
        from providers.aws.failures import CALL_ERRORS, explain
        from providers.aws.session import Clients

        parts = urlsplit(url)
        try:
            clients = Clients(settings if isinstance(settings, Settings) else Settings(), deadline)
            client = clients.client(None, "s3", clients.home)
            body: bytes = client.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))["Body"].read()
        except CredentialsError as error:
            raise DeclaredError(f"{url}: {error}") from error
        except CALL_ERRORS as error:
            raise DeclaredError(f"{url}: can't be read: {explain(error, 's3:GetObject').message}") from error
        return body

    def below(self, url: str, settings: BaseModel | None, deadline: Deadline) -> list[str]:
        from drift.errors import CredentialsError
        from providers.aws.failures import CALL_ERRORS, explain
        from providers.aws.session import Clients

        parts = urlsplit(url)
        try:
            clients = Clients(settings if isinstance(settings, Settings) else Settings(), deadline)
            pages = clients.client(None, "s3", clients.home).get_paginator("list_objects_v2")
            found = pages.paginate(Bucket=parts.netloc, Prefix=parts.path.lstrip("/"))
            keys = [each["Key"] for page in found for each in page.get("Contents") or ()]
        except CredentialsError as error:
            raise DeclaredError(f"{url}: {error}") from error
        except CALL_ERRORS as error:
            why = explain(error, "s3:ListBucket").message
            raise DeclaredError(f"{url}: can't be listed: {why}") from error
        return [f"s3://{parts.netloc}/{key}" for key in keys]
