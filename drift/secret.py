"""The contract of a secret store: what a plugin implements so that values of drift.yaml may be kept by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import orjson
from pydantic import BaseModel, ConfigDict, SecretStr

from drift.contract import Defaults
from drift.deadline import Deadline
from drift.errors import CredentialsError

if TYPE_CHECKING:
    from typing import Self


class SecretError(CredentialsError):
    """A secret could not be had. The message says why and what to do, and never the path, the key or the
    value: where the reference stands is told by whoever looked it up. It is tried again at once where that is
    ``temporary``, after ``wait`` seconds where the store said so."""

    def __init__(self, message: str, *, temporary: bool = False, wait: float | None = None) -> None:
        super().__init__(message)
        self.temporary, self.wait = temporary, wait


def parted(path: str) -> tuple[str, str]:
    """The path of a reference, in which ``%23`` stands for ``#``, ``%3F`` for ``?`` and ``%25`` for ``%``, as
    in every URL; and what stands behind its first ``?``, as it is written.

    >>> parted("team/a%23b?version=3")
    ('team/a#b', 'version=3')
    """
    place, _, query = path.partition("?")
    return unquote(place), query


def _for_ever() -> float:
    return math.inf


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What a store holds at a path: a text, or texts by key. ``good_for`` tells for how many seconds more it
    may be used, for what is lent; who keeps a loan alive keeps the number up."""

    value: str | Mapping[str, Any]
    good_for: Callable[[], float] = _for_ever


class OpenStore(Protocol):
    """A store that somebody has logged in to; safe to share between threads."""

    def read(self, path: str, deadline: Deadline) -> Secret:
        """What is at a path: what stands between ``scheme://`` and ``#`` of a reference, as it is written
        (:func:`parted`). Raises SecretError."""
        ...

    def close(self, deadline: Deadline) -> None:
        """Gives back what was lent, within the time. Raises SecretError where something could not be."""
        ...


class SecretStore(Protocol):
    """One place that keeps secrets, found through the entry point group ``drift.secrets`` under its ``name``,
    which is the scheme of its references."""

    name: str
    #: The store's section of ``secrets:`` in drift.yaml.
    Settings: type[BaseModel]

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        """The store. Nothing is asked before something is read. ``base`` is the folder of drift.yaml. Raises
        SecretError."""
        ...


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BaseSecretStore(Defaults, contract=True):
    """The defaults: nothing to set."""

    name: str
    Settings: type[BaseModel] = _Nothing

    def open(self, settings: BaseModel, base: Path) -> OpenStore:
        raise NotImplementedError


class Held(SecretStr):
    """A secret of drift.yaml that is looked up when it is needed first, and again once it is no longer good;
    it shows neither itself nor where it is kept.

    ``look_up`` gives it, with the seconds that it is good for. Raises SecretError, as does whoever asks for
    the value. ``travels`` tells how another process comes to it (:meth:`object.__reduce__`): where it is
    kept, not what it is.
    """

    def __init__(
        self, look_up: Callable[[], tuple[str, float]], travels: Callable[[], tuple[Any, ...]] | None = None
    ) -> None:
        super().__init__("held")
        self._look_up, self._travels = look_up, travels

    def get_secret_value(self) -> str:
        return self._look_up()[0]

    def lent(self) -> tuple[str, float]:
        """The secret, and for how many seconds it is good."""
        return self._look_up()

    def __len__(self) -> int:
        return 1  # that it is there; how long it is nobody asks

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: Any) -> Self:
        return self

    def __reduce__(self) -> Any:
        if self._travels is None:
            raise TypeError("a secret is looked up by each process for itself, and sent to none")
        return self._travels()


def lent(secret: SecretStr) -> tuple[str, float]:
    """A secret of the configuration, and for how many seconds it is good: for ever, where drift.yaml says
    it itself. Raises SecretError."""
    return secret.lent() if isinstance(secret, Held) else (secret.get_secret_value(), math.inf)


def members(text: str, names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The members of a secret that is a JSON object: ``names`` are those that are wanted, each with what
    stores call it. Raises SecretError where it is none; what it does not have is not in the answer."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        wanted = ", ".join(f"`{spelled[0]}`" for spelled in names.values())
        raise SecretError(f"is no JSON object; name a whole secret (without #) that has {wanted}")
    told = {
        name: next((found[one] for one in spelled if isinstance(found.get(one), str) and found[one]), None)
        for name, spelled in names.items()
    }
    return {name: value for name, value in told.items() if value is not None}
