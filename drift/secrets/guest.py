"""Values that are kept elsewhere, in other processes of a run: what travels is where each is kept, never the
value, and each process looks it up for itself."""

from __future__ import annotations

import contextlib
import multiprocessing.util
import threading
from collections.abc import Iterator, Mapping
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
_rings: dict[str, Keyring] = {}
_here = threading.local()


def received(sent: Sent) -> Held:
    """The value in this process."""
    with _lock:
        if not _rings:  # these end without what is registered with atexit
            multiprocessing.util.Finalize(None, end_all, exitpriority=1)
        ring = _rings.get(sent.ring)
        if ring is None:
            ring = _rings[sent.ring] = Keyring(sent.base, lambda scheme: _settings(sent, scheme))
    getattr(_here, "arrived", {})[sent.ring] = ring
    return ring.held(sent.parts, sent.place)


@contextlib.contextmanager
def guests() -> Iterator[dict[str, Keyring]]:
    """What looks up the values that arrive in this thread meanwhile, all those of one run, for
    :func:`farewell`."""
    arrived: dict[str, Keyring] = {}
    _here.arrived = arrived
    try:
        yield arrived
    finally:
        del _here.arrived


def farewell(rings: Mapping[str, Keyring]) -> None:
    """Gives back what was lent for a run, once it is over."""
    for name, ring in rings.items():
        with _lock:
            _rings.pop(name, None)
        ring.close()


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
