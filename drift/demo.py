"""What a provider's part of `drift demo` is: a cloud on loopback that is built, and changed at night."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from drift.errors import DriftError
from drift.moment import rfc3339

MORNING_HOUR = 6


@dataclass(frozen=True, slots=True)
class Built:
    """What a demo built and declared.

    ``declared`` and ``live`` are sections of drift.yaml (``live`` that of the demo's own provider; ``path``
    relative to the repository); ``environment`` points a scan to the loopback cloud, None unsets a variable;
    ``places`` says where the resources are ("2 accounts, 2 regions"); ``diff`` is what `drift diff
    --declared` takes to compare them offline, relative to the repository, by default the first folders of
    ``declared``.
    """

    declared: Sequence[Mapping[str, Any]]
    live: Mapping[str, Any]
    resources: int
    types: int
    places: str
    environment: Mapping[str, str | None] = field(default_factory=dict)
    diff: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Night:
    """A night that is over on ``morning``: its evening, and the day before, belong to the day before."""

    morning: datetime

    @classmethod
    def last(cls, now: datetime, before: int = 0) -> Night:
        """The last night that is over at ``now``, or so many before it."""
        now = now.astimezone(UTC)
        morning = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
        return cls((morning if morning <= now else morning - timedelta(days=1)) - timedelta(days=before))

    @property
    def evening(self) -> datetime:
        """When it begins."""
        return self.morning - timedelta(hours=11)

    def at(self, clock: str) -> str:
        """``HH:MM`` of the 24 hours that end on its morning, in RFC 3339."""
        hour, minute = (int(part) for part in clock.split(":"))
        moment = self.morning.replace(hour=hour, minute=minute)
        return rfc3339(moment if moment <= self.morning else moment - timedelta(days=1))


class Cloud(Protocol):
    """A loopback cloud that runs."""

    def build(self, repository: Path) -> Built:
        """Makes the estate and writes what declares it below ``repository``, in folders of its own."""
        ...

    def night(self, night: Night) -> Sequence[str]:
        """Changes live things as people do that night; one plain sentence each, beginning with the time."""
        ...


@runtime_checkable
class Lasting(Protocol):
    """A loopback cloud in which more happens after the first morning."""

    def next_day(self, night: Night) -> Sequence[str]:
        """Until the morning of ``night``: mends something, changes something again, and something new; a
        sentence each, beginning with the time."""
        ...


class Demo(Protocol):
    """One cloud's part of the demo; constructed without arguments."""

    #: The provider's name, the key under ``live:``.
    name: str
    #: For people: "AWS".
    title: str

    def start(self) -> contextlib.AbstractContextManager[Cloud]:
        """Starts the loopback cloud; it ends with the block. Raises DriftError naming what is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A pull request that a demo's forge has: ``diff`` is what it changes, as Git prints it."""

    title: str
    url: str
    body: str
    diff: str


class LocalForge(Protocol):
    """A loopback forge that runs. ``settings`` is its section of ``remediate.forges``, ``host`` the one that
    `forges:` of drift.yaml is to name."""

    settings: Mapping[str, Any]
    host: str

    def adopt(self, path: str, repository: Path) -> str:
        """Makes a repository of this path of all that one on disk has; gives the URL to clone from."""
        ...

    def opened(self) -> Sequence[Opened]:
        """The pull requests that are open, the oldest first."""
        ...


class DemoForge(Protocol):
    """A forge's part of the demo, found through the entry point group ``drift.demo_forges``; constructed
    without arguments."""

    #: The forge plugin's name, the key under ``remediate.forges``.
    name: str
    #: For people: "GitHub".
    title: str

    def start(self) -> contextlib.AbstractContextManager[LocalForge]:
        """Starts the loopback forge; it ends with the block. Raises DriftError naming what is missing."""
        ...


def need(packages: Mapping[str, str]) -> None:
    """Raises DriftError where a module of ``packages`` (module → the package that holds it) is missing."""
    for module, package in packages.items():
        try:
            there = importlib.util.find_spec(module) is not None
        except ModuleNotFoundError:
            there = False
        if not there:
            raise DriftError(f"the demo needs the package {package}: pip install 'driftline[demo]'")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: ``resource`` is the resource's id, or part of its id, name or declared address, ``paths``
    are its changes', ``actor`` who the cloud itself says it was, None where it does not."""

    type: str
    resource: str
    kind: str = "changed"
    paths: tuple[str, ...] = ()
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does at ``clock``, in a sentence, and all that must be found of it.

    ``apply`` takes what the demo's cloud is changed through; ``by`` is who does it, as the cloud's log names
    people, None where it keeps no log of it.
    """

    clock: str
    sentence: str
    apply: Callable[..., None]
    found: tuple[Found, ...]
    by: str | None = None

    def __str__(self) -> str:
        return f"{self.clock} {self.sentence}"
