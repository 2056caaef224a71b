"""The same run on many processes or machines: by unit (an account, a subscription, a project, a cluster),
each read and compared where its credentials are (docs/engine.md)."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from drift import temporary
from drift.config.engine import Engine as Said
from drift.config.model import Config
from drift.deadline import Deadline
from drift.depot import Depot, at
from drift.engine.contract import Engine
from drift.engine.lease import Heart, folder_of, kept_of, sweep
from drift.engine.shared import Shelf
from drift.errors import ConfigError, DriftError
from drift.objects import placed
from drift.redaction import KEY_VARIABLE

__all__ = ["forget", "keeps", "opened", "redaction_key"]

#: So long a run waits at most until what its members were handed is taken away, and at least.
CLEAR_SECONDS, _LEAST_SECONDS = 30.0, 1.0


def redaction_key(config: Config) -> bytes:
    """The key that all members of a run must have. Raises ConfigError where there is none."""
    said = config.redaction.key
    key = (said.get_secret_value() if said is not None else "") or os.environ.get(KEY_VARIABLE)
    if not key:
        raise ConfigError(
            f"engine: needs redaction.key (the variable {KEY_VARIABLE}, the same on every worker): by a key "
            "of its own nobody could compare what another hid"
        )
    return key.encode()


def keeps(config: Config, run: str, base: Path) -> str:
    """Where a run's members keep what they read; ``base`` is the folder of the runs' folders."""
    shared = _shared(config)
    return str((base / run / ".kept").absolute()) if shared is None else shared.below(kept_of(run)).shown


def _shared(config: Config) -> Depot | None:
    """The place that all members reach; None where all are of this machine."""
    said = config.engine
    return None if said is None or said.shared is None else at(placed(said.shared, config.base))


def forget(config: Config, run: str) -> None:
    """Takes away what the members of an earlier run were handed, of which it is known that it is over."""
    if (shared := _shared(config)) is not None:
        shared.below(folder_of(run)).clear()


@contextlib.contextmanager
def opened(
    config: Config, run: str, tell: Callable[[str], None], clock: Deadline
) -> Iterator[tuple[Engine, Shelf]]:
    """The engine that a configuration names, and what its members are handed. Raises DriftError with all that
    a run lacks."""
    said, faults = config.engine, []
    assert said is not None
    above = key = shelf = heart = None
    try:
        key = redaction_key(config)
    except ConfigError as error:
        faults.append(str(error))
    if said.dask is not None:
        from drift.engine import cluster

        faults += cluster.faults(_files(said, config.base))
    try:
        above = _shared(config) or at(str(temporary.home()))
        place = above.below(folder_of(run))
        place.make()
        shelf = Shelf(place, run, None if said.shared is None else key or b"")
        heart = Heart(shelf)
    except DriftError as error:
        faults.append(f"engine.shared: {error}" if said.shared is not None else f"engine: {error}")
    engine = None
    try:
        if faults or key is None or above is None or shelf is None:
            raise ConfigError("; ".join(faults))
        engine = _engine(said, config.base, key)
        sweep(above, run, tell)
        yield engine, shelf
    finally:
        if shelf is not None:
            _clear(heart, shelf, min(CLEAR_SECONDS, clock.writing().left()))
        if engine is not None:
            engine.close()


def _clear(heart: Heart | None, shelf: Shelf, seconds: float) -> None:
    """Takes away what members were handed. It is waited for so long, as a report is yet to be written; what
    is left then goes while that is, or with the next run."""

    def work() -> None:
        if heart is not None:
            heart.stop()
        shelf.place.clear()

    thread = threading.Thread(target=work, daemon=True, name="clear")
    thread.start()
    thread.join(max(seconds, _LEAST_SECONDS))


def _engine(said: Said, base: Path, key: bytes) -> Engine:
    if said.local is not None:
        from drift.engine.processes import Processes

        return Processes(said.local, key)
    from drift.engine.cluster import Dask

    return Dask(_files(said, base))


def _files(said: Said, base: Path) -> Said:
    """The section with paths that are there, whatever folder one is in."""
    names = ("ca", "certificate", "key")
    return said.model_copy(update={name: base / file for name in names if (file := getattr(said, name))})
