"""Credentials and clients: who is asked, where, and how gently."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.request import getproxies

import boto3
from botocore.config import Config
from pydantic import SecretStr

from drift.deadline import Deadline
from drift.errors import CellError
from drift.limits import Limits
from providers.aws import answers, bounded, login
from providers.aws.kept import Kept
from providers.aws.pace import Lane, Pace
from providers.aws.partitions import COMMERCIAL, partition_of
from providers.aws.role import RoleCredentials
from providers.aws.settings import Settings

#: Stands for accounts that can't be told.
ANY = "*"
#: So many sessions are alive at once, the caller's own and one for each role, and so many clients of them:
#: of ten thousand in an organisation (fifty accounts, seventeen regions, eighty services) few are at work.
SESSIONS, CLIENTS = 32, 256


@dataclass(frozen=True, slots=True)
class Place:
    """One account and how it is reached: by a role, and by a profile or a secret where that is not the
    caller's own."""

    account: str
    role: str | None = None
    external_id: SecretStr | None = None
    regions: tuple[str, ...] | None = None
    every_region: bool = False
    profile: str | None = None
    credentials: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An account, or a whole listing, that can't be read."""

    account: str
    error: CellError


class Clients:
    """Makes clients for (place, service, region); they are safe to share between threads.

    The same is given again while it is in use. Of a place that nobody reads any longer (:meth:`leave`)
    nothing is kept but the credentials of its role.
    """

    def __init__(
        self, settings: Settings, deadline: Deadline | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self.deadline, self.limits = deadline or Deadline(), limits or Limits()
        self._own = login.session(self.deadline, self.limits, settings.profile)
        if settings.credentials is not None:
            self._own = self._lent(settings.credentials, self._own.region_name)
        elif settings.needs_own():
            login.log_in(self._own, self.deadline, self.limits)
        self.region = self._own.region_name
        self.home = _home(settings, self.region)
        self._config = Config(
            # not "adaptive": that learns for each client alone what a service takes of all of them (see Pace)
            retries={"mode": "standard", "total_max_attempts": settings.max_attempts},
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_pool_connections=64,
            proxies=None if getproxies() else {},  # None: looked for in the environment anew for each client
            user_agent_extra="drift",
        )
        self._roles: dict[tuple[str, SecretStr | None, str | None, SecretStr | None], RoleCredentials] = {}
        self._sessions: Kept[Place, boto3.Session] = Kept(SESSIONS - 1)
        self._clients: Kept[tuple[Place | None, str, str], Any] = Kept(CLIENTS, lambda client: client.close())
        self._pace = Pace(settings.concurrency, self.deadline)
        self._lock = threading.Lock()

    def home_of(self, place: Place | None) -> str:
        """The region that is asked in a place where none is meant, in its partition."""
        first = place.regions[0] if place is not None and place.regions else self.home
        partition = partition_of(first)
        return self.home if partition_of(self.home) == partition else partition.home

    def client(self, place: Place | None, service: str, region: str) -> Any:
        """The client of a service in a place; None as place: the caller's own identity."""

        def make() -> Any:
            create: Any = self._session(place).client  # the stubs know only services by literal names
            client = create(
                service, region_name=region, endpoint_url=self.settings.endpoint, config=self._config
            )
            answers.watch(client.meta.events)
            self.lane(place, service, region).watch(client.meta.events)
            return client

        return self._clients.get((place, service, region), make)

    def lane(self, place: Place | None, service: str, region: str) -> Lane:
        """How a service may be asked in a place: to be held around each call of its client."""
        return self._pace.lane(place.account if place else "", service, region)

    def assume(self, place: Place) -> str:
        """Assumes the role of a place, and gives the account that it lies in. Raises what STS answers, and
        CredentialsError."""
        assert place.role is not None
        self._credentials(place, place.role).get_frozen_credentials()
        return "".join(place.role.split(":")[4:5])

    def expires(self, place: Place | None) -> datetime | None:
        """When the credentials of a place end; None where they don't, or that is not known."""
        credentials = self._session(place).get_credentials()
        return getattr(credentials, "_expiry_time", None)

    def leave(self, account: str) -> None:
        """Closes what was opened to read an account."""
        self._pace.leave(account)
        self._clients.drop(lambda key: key[0] is not None and key[0].account == account)
        self._sessions.drop(lambda place: place.account == account)

    @property
    def sessions(self) -> int:
        """The most sessions that there were at once."""
        return 1 + self._sessions.peak

    @property
    def peak(self) -> int:
        """The most clients that there were at once."""
        return self._clients.peak

    @property
    def kept(self) -> tuple[int, int]:
        """Sessions of roles, and clients, that there are now."""
        return len(self._sessions), len(self._clients)

    def _session(self, place: Place | None) -> boto3.Session:
        if place is None or (place.role is None and place.profile is None and place.credentials is None):
            return self._own
        if place.role is None and place.credentials is not None:
            given = place.credentials
            return self._sessions.get(place, lambda: self._lent(given, self.home_of(place)))
        if place.role is None:
            return self._sessions.get(place, lambda: self._entered_by(place.profile))
        credentials = self._credentials(place, place.role)

        def make() -> boto3.Session:
            session: Any = bounded.Session(self.deadline, self.limits)
            session.set_config_variable("region", self.home_of(place))
            session._credentials = credentials  # noqa: SLF001 - the way botocore's own users go
            return boto3.Session(botocore_session=session)

        return self._sessions.get(place, make)

    def _entered_by(self, profile: str | None) -> boto3.Session:
        """A session of a profile, logged in. Raises CredentialsError."""
        found = login.session(self.deadline, self.limits, profile)
        login.log_in(found, self.deadline, self.limits)
        return found

    def _lent(self, secret: SecretStr, region: str | None) -> boto3.Session:
        """A session with the credentials that a secret holds. Raises CredentialsError."""
        return login.lent_session(secret, self.deadline, self.limits, region, self.settings.endpoint)

    def _credentials(self, place: Place, role: str) -> RoleCredentials:
        said = {"RoleArn": role, "RoleSessionName": "drift"}
        own = None
        if place.profile or place.credentials:
            own = Place(place.account, profile=place.profile, credentials=place.credentials)

        def assume() -> Any:
            if place.external_id is not None and (asked := place.external_id.get_secret_value()):
                said["ExternalId"] = asked
            return self.client(own, "sts", self.home_of(place)).assume_role(**said)

        with self._lock:
            key = (role, place.external_id, place.profile, place.credentials)
            return self._roles.setdefault(key, RoleCredentials(assume))


def _home(settings: Settings, own: str | None) -> str:
    """The region that is asked where none is meant: the SDK's own, unless the regions to read lie in another
    partition, whose credentials it would not know."""
    said = settings.said_regions()
    first = next((regions[0] for regions in said if isinstance(regions, list)), None)
    if first is None:
        return own or COMMERCIAL.home
    partition = partition_of(first)
    return own if own and partition_of(own) == partition else partition.home
