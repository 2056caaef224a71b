"""Credentials and clients: who is asked, where, and how gently."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import ProfileNotFound

from drift.deadline import Cut, Deadline, Passed
from drift.errors import CellError, CredentialsError
from drift.limits import Limits
from providers.aws import answers, bounded
from providers.aws.failures import CALL_ERRORS, LOGGED_OUT
from providers.aws.partitions import COMMERCIAL, partition_of
from providers.aws.settings import Settings

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
            credentials = self.deadline.ask(self._log_in, self.limits.login_seconds)
        except Passed:
            raise
        except LOGGED_OUT as error:
            profile = f" --profile {self._own.profile_name}" if self._own.profile_name != "default" else ""
            raise CredentialsError(f"aws: {error}: run aws sso login{profile}") from error
        except Cut as error:
            raise CredentialsError(f"aws: credentials: {error}; correct the profile") from error
        except ProfileNotFound as error:
            raise CredentialsError(f"aws: {error}; correct live.aws.profile") from error
        except CALL_ERRORS as error:
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

    def _log_in(self) -> Any:
        """The caller's own credentials, so that what can't be used (an SSO session that has ended, a role
        that may not be assumed) is told once, and not of each account."""
        credentials = self._own.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()
        return credentials

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


def _home(settings: Settings, own: str | None) -> str:
    """The region that is asked where none is meant: the SDK's own, unless the regions to read lie in another
    partition, whose credentials it would not know."""
    said = settings.said_regions()
    first = next((regions[0] for regions in said if isinstance(regions, list)), None)
    if first is None:
        return own or COMMERCIAL.home
    partition = partition_of(first)
    return own if own and partition_of(own) == partition else partition.home
