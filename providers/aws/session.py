"""Credentials, accounts and clients: who is asked, where, and how gently."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ProfileNotFound

from drift.deadline import Cut, Deadline, Passed
from drift.errors import CellError, CredentialsError
from drift.limits import Limits
from drift.settings import selected
from providers.aws import answers, bounded
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.partitions import COMMERCIAL, partition_of
from providers.aws.settings import Account, Settings

#: Stands for accounts that can't be told.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Place:
    """One account and how it is reached."""

    account: str
    role: str | None = None
    external_id: str | None = None
    regions: tuple[str, ...] | None = None
    every_region: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """An account, or a whole listing, that can't be read."""

    account: str
    error: CellError


class Clients:
    """Makes clients for (account, service, region), each once; they are safe to share between threads."""

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.deadline, self.limits = deadline or Deadline(), limits or Limits()
        try:
            self._core = bounded.Session(self.deadline, self.limits, profile=settings.profile)
            self._own = boto3.Session(botocore_session=self._core)
            # A program that gives them (credential_process) takes no time-out.
            credentials = self.deadline.ask(self._own.get_credentials, self.limits.login_seconds)
        except Passed:
            raise
        except Cut as error:
            raise CredentialsError(f"aws: credentials: {error}; correct the profile") from error
        except ProfileNotFound as error:
            raise CredentialsError(f"aws: {error}; correct live.aws.profile") from error
        except BotoCoreError as error:
            raise CredentialsError(f"aws: the SDK's configuration can't be used: {error}") from error
        if credentials is None:
            raise CredentialsError(
                "aws: no credentials found; set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run where a role is "
                "attached (IRSA, instance profile)"
            )
        self.region = self._own.region_name
        self.home = _home(settings, self.region)
        self._config = Config(
            retries={"mode": "adaptive", "total_max_attempts": settings.max_attempts},
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_pool_connections=64,
            user_agent_extra="drift",
        )
        self._sessions: dict[tuple[str, str | None], boto3.Session] = {}
        self._clients: dict[tuple[Place | None, str, str], Any] = {}
        self._lock = threading.Lock()

    def client(self, place: Place | None, service: str, region: str) -> Any:
        """The client of a service in a place; None as place: the caller's own identity."""
        key = (place, service, region)
        found = self._clients.get(key)
        if found is not None:
            return found
        with self._lock:
            if key not in self._clients:
                make: Any = self._session(place).client  # the stubs know only services by literal names
                client = make(
                    service, region_name=region, endpoint_url=self.settings.endpoint, config=self._config
                )
                answers.watch(client.meta.events)
                self._clients[key] = client
            return self._clients[key]

    def _session(self, place: Place | None) -> boto3.Session:
        if place is None or place.role is None:
            return self._own
        key = (place.role, place.external_id)
        if key not in self._sessions:
            extra = {"RoleSessionName": "drift"}
            if place.external_id:
                extra["ExternalId"] = place.external_id

            def create(service: str, **arguments: Any) -> Any:
                arguments.setdefault("region_name", self.home)
                return self._core.create_client(
                    service, endpoint_url=self.settings.endpoint, config=self._config, **arguments
                )

            fetcher = AssumeRoleCredentialFetcher(
                client_creator=create,
                source_credentials=self._own.get_credentials(),
                role_arn=place.role,
                extra_args=extra,
            )
            session: Any = bounded.Session(self.deadline, self.limits)
            session.set_config_variable("region", self.home)
            session._credentials = DeferredRefreshableCredentials(  # noqa: SLF001 - the way botocore's own users go
                refresh_using=fetcher.fetch_credentials, method="assume-role"
            )
            self._sessions[key] = boto3.Session(botocore_session=session)
        return self._sessions[key]

    def places(self) -> Iterator[Place | Refused]:
        """The accounts to read, each once; a Refused for each that can't be told or entered."""
        seen: set[str] = set()
        for place in self._places():
            if place.account not in seen:
                seen.add(place.account)
                yield place

    def _places(self) -> Iterator[Place | Refused]:
        settings = self.settings
        if settings.accounts is not None:
            for account in settings.accounts:
                yield self._enter(_place(account, self.home))
        if settings.organization is not None:
            yield from self._members()
        if settings.accounts is None and settings.organization is None:
            try:
                yield Place(self.client(None, "sts", self.home).get_caller_identity()["Account"])
            except CALL_ERRORS as error:
                yield Refused(ANY, explain(error, "sts:GetCallerIdentity"))

    def _enter(self, place: Place) -> Place | Refused:
        try:
            client = self.client(place, "sts", self.home)
            found = client.get_caller_identity()["Account"]
        except CALL_ERRORS as error:
            return Refused(
                place.account, explain(error, f"sts:AssumeRole {place.role}" if place.role else "sts")
            )
        if found != place.account:
            message = (
                f"the credentials belong to account {found}; give accounts[].role to enter {place.account}"
            )
            return Refused(place.account, CellError("denied", message))
        return place

    def _members(self) -> Iterator[Place | Refused]:
        wanted = self.settings.organization
        assert wanted is not None
        try:
            own = self.client(None, "sts", self.home).get_caller_identity()
            home = partition_of(self.home)
            client = self.client(None, "organizations", home.home)
            pages = bounded.pages(client, "list_accounts", self.limits)
            members = [account for page in pages for account in page["Accounts"]]
        except CALL_ERRORS as error:
            yield Refused(ANY, explain(error, "organizations:ListAccounts"))
            return
        for member in members:
            names = (member["Id"], member.get("Name", ""))
            if not selected(names, wanted.include, wanted.exclude):
                continue
            state = member.get("State") or member.get("Status")
            if state != "ACTIVE":
                yield Refused(member["Id"], CellError("skipped", f"the account is {state}"))
                continue
            role = (
                None
                if member["Id"] == own["Account"]
                else f"arn:{home.name}:iam::{member['Id']}:role/{wanted.role}"
            )
            yield self._enter(Place(member["Id"], role))

    def regions(self, place: Place) -> list[str]:
        """The regions to read in an account. Raises botocore's errors when they can't be listed."""
        chosen = place.regions if place.regions is not None else self.settings.regions
        if place.every_region or (place.regions is None and self.settings.regions == "all"):
            answer = self.client(place, "ec2", self.home).describe_regions()
            return sorted(region["RegionName"] for region in answer["Regions"])
        if chosen is None:
            if self.region is None:
                raise CellError("failed", "no region: set live.aws.regions or AWS_REGION")
            return [self.region]
        return list(chosen)


def _home(settings: Settings, own: str | None) -> str:
    """The region that is asked where none is meant: the SDK's own, unless the regions to read lie in another
    partition, whose credentials it would not know."""
    said = [settings.regions, *(account.regions for account in settings.accounts or ())]
    first = next((regions[0] for regions in said if isinstance(regions, list)), None)
    if first is None:
        return own or COMMERCIAL.home
    partition = partition_of(first)
    return own if own and partition_of(own) == partition else partition.home


def _place(account: Account, home: str) -> Place:
    role = account.role
    if role and not role.startswith("arn:"):
        role = f"arn:{partition_of(home).name}:iam::{account.id}:role/{role}"
    every = account.regions == "all"
    regions = tuple(account.regions) if isinstance(account.regions, list) else None
    return Place(account.id, role, account.external_id, regions, every)
