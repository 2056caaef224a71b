"""The contract of a backend: what a plugin implements to have Terraform states read from where teams keep
them.

A backend is found through the entry point group ``drift.backends``; the entry's name is the one that
Terraform gives it (``s3``, ``azurerm``, …). It only reads, and takes no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from drift.contract import Defaults
from drift.deadline import Deadline
from drift.errors import DeclaredError

#: The workspace that Terraform has before anybody makes another.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where states are kept: ``config`` in the words of Terraform's ``backend`` block; ``settings`` are the
    sections of ``live`` by provider, for how to reach a cloud; ``seconds`` may pass without an answer.

    ``allowed`` is None where the user said the place, or it stands in files of the user's own repository;
    else globs of the hosts, roles and profiles that another repository's files may name. ``deadline`` is the
    run's clock.
    """

    config: Mapping[str, Any]
    settings: Mapping[str, BaseModel] = field(default_factory=dict)
    seconds: float = 30.0
    allowed: Sequence[str] | None = None
    deadline: Deadline = field(default_factory=Deadline)
    #: The name of the workspace that Terraform has before anybody makes another.
    default: ClassVar[str] = DEFAULT

    def said(self, name: str, default: str | None = None) -> str | None:
        """One argument as text; ``default`` where it is not said."""
        value = self.config.get(name)
        return default if value in (None, "") else str(value)

    def lend(self, login: str, *named: str | None) -> None:
        """Asked before a login that is the user's goes to what a block names: a host, or as a role or
        profile. Raises DeclaredError where the block is another's and nobody allowed it."""
        for name in named:
            if self.allowed is None or not name:
                continue
            if not any(fnmatchcase(name.lower(), one.lower()) for one in self.allowed):
                raise DeclaredError(
                    f"its `backend` block stands in another repository than drift.yaml and names {name}, so "
                    f"{login} is not used; if that is right, add it to `backends: {{allow: [{name}]}}` in "
                    "drift.yaml, or declare the state by its URL"
                )


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this run is at an object store, in obstore's words: ``credentials`` gives them, and ``expires_at``,
    whenever those before have expired; ``settings`` are of the store itself, such as its region."""

    credentials: Callable[[], Mapping[str, Any]]
    settings: Mapping[str, str] = field(default_factory=dict)


class Backend(Protocol):
    """One place that keeps states. :class:`BaseBackend` has the defaults of what only some have."""

    name: str
    #: URL schemes of declared entries that it reads (``("azurerm",)``).
    schemes: tuple[str, ...]
    #: URL schemes of object stores, of runs, at which it knows who this run is (``("az", "abfss")``).
    stores: tuple[str, ...]

    def configuration(self, url: str) -> Mapping[str, Any]:
        """What a URL says, in the words of Terraform's ``backend`` block. Raises
        :class:`drift.errors.ConfigError` naming what is missing."""
        ...

    def shown(self, stored: Stored, workspace: str) -> str:
        """How to name a workspace's state to people: a URL without anything secret."""
        ...

    def workspaces(self, stored: Stored) -> Sequence[str]:
        """The workspaces that there are. Raises DeclaredError as :meth:`read` does."""
        ...

    def read(self, stored: Stored, workspace: str) -> Iterable[bytes]:
        """The state of a workspace, piece by piece.

        Raises :class:`drift.errors.DeclaredError` where it can't be had, with why and what to do; the caller
        names the state.
        """
        ...

    def identity(self, deadline: Deadline) -> Identity | None:
        """Who this run is at the object stores of :attr:`stores`, as the cloud's own SDK tells it; None where
        the environment says it of the store itself. Raises CredentialsError."""
        ...


class BaseBackend(Defaults, Backend, contract=True):
    """What most backends have in common."""

    schemes: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()

    def identity(self, deadline: Deadline) -> Identity | None:
        return None

    def workspaces(self, stored: Stored) -> Sequence[str]:
        return (DEFAULT,)
