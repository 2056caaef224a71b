"""Values that are kept elsewhere, in other processes of a run: what travels is where each is kept, never the
value, and each process looks it up for itself."""

from __future__ import annotations

import multiprocessing.util
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from drift import plugins
from drift.secret import Held, SecretError
from drift.secrets.keyring import Keyring, end_all
from drift.secrets.reference import Part
from drift.secrets.settled import settled


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """Where a value is kept, and how that store is reached: of ``sections`` those of drift.yaml that say it.
    ``ring`` tells which configuration it is of."""

    parts: tuple[Part, ...]
    place: str
    base: Path
    sections: Mapping[str, Any]
    ring: str


_lock = threading.Lock()
_guest: tuple[str, Keyring] | None = None


def received(sent: Sent) -> Held:
    """The value in this process. What was lent for an earlier run is given back."""
    global _guest  # noqa: PLW0603 - a process works for one run
    with _lock:
        before = _guest
        ring = before[1] if before is not None and before[0] == sent.ring else None
        if ring is None:
            ring = Keyring(sent.base, lambda scheme: _settings(sent, scheme))
            _guest = sent.ring, ring
            if before is None:  # these end without what is registered with atexit
                multiprocessing.util.Finalize(None, end_all, exitpriority=1)
            else:
                threading.Thread(target=before[1].close, daemon=True).start()
    return ring.held(sent.parts, sent.place)


def guest() -> Keyring | None:
    """What looks up the values of the run that this process works for; None where it has none."""
    with _lock:
        return None if _guest is None else _guest[1]


def _settings(sent: Sent, scheme: str) -> BaseModel:
    model = plugins.secret_store(scheme).Settings
    return settled(model, sent.sections.get(scheme) or {}, set())


def sent(ring: Keyring, parts: tuple[Part, ...], place: str) -> tuple[Any, ...]:
    """How another process comes to a value (:meth:`object.__reduce__`). Raises SecretError where the settings
    of a store hold a secret themselves."""
    for name, section in ring.sections.items():
        if section:
            _check(ring.settings(name), f"secrets.{name}")
    return received, (Sent(parts, place, ring.base, dict(ring.sections), ring.id),)


def _check(settings: Any, place: str) -> None:
    if isinstance(settings, SecretStr) and not isinstance(settings, Held):
        raise SecretError(
            f"{place}: drift.yaml says this secret itself, or by ${{NAME}}, and none is sent to other "
            "processes: write env://NAME, which each of them looks up for itself"
        )
    if isinstance(settings, BaseModel):
        for key in type(settings).model_fields:
            _check(getattr(settings, key), f"{place}.{key}")
