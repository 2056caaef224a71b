"""The contract of a backend: what a plugin implements to have Terraform states read from where teams keep
them.

A backend is found through the entry point group ``drift.backends``; the entry's name is the one that
Terraform gives it (``s3``, ``azurerm``, …). It only reads, and takes no lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from drift.contract import Defaults

#: The workspace that Terraform has before anybody makes another.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where states are kept: ``config`` in the words of Terraform's ``backend`` block; ``settings`` are the
    sections of ``live`` by provider, for how to reach a cloud; ``seconds`` may pass without an answer."""

    config: Mapping[str, Any]
    settings: Mapping[str, BaseModel] = field(default_factory=dict)
    seconds: float = 30.0
    #: The name of the workspace that Terraform has before anybody makes another.
    default: ClassVar[str] = DEFAULT

    def said(self, name: str, default: str | None = None) -> str | None:
        """One argument as text; ``default`` where it is not said."""
        value = self.config.get(name)
        return default if value in (None, "") else str(value)


class Backend(Protocol):
    """One place that keeps states. :class:`BaseBackend` has the defaults of what only some have."""

    name: str
    #: URL schemes of declared entries that it reads (``("azurerm",)``).
    schemes: tuple[str, ...]

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


class BaseBackend(Defaults, Backend, contract=True):
    """What most backends have in common."""

    schemes: tuple[str, ...] = ()

    def workspaces(self, stored: Stored) -> Sequence[str]:
        return (DEFAULT,)
