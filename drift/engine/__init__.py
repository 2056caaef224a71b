"""The same run on many processes or machines: by unit (an account, a subscription, a project, a cluster),
each read and compared where its credentials are (docs/engine.md)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from drift import temporary
from drift.config.engine import Engine as Said
from drift.config.model import Config
from drift.engine.contract import Engine
from drift.engine.shared import Folder
from drift.errors import ConfigError
from drift.redaction import KEY_VARIABLE

__all__ = ["keeps", "opened", "redaction_key"]


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


def keeps(config: Config, run: str, base: Path) -> Path:
    """The folder in which a run's members keep what they read; ``base`` is that of the runs' folders."""
    said = config.engine
    assert said is not None
    there = base / run / ".kept" if said.shared is None else config.base / said.shared / f"drift-{run}.kept"
    return there.absolute()


@contextlib.contextmanager
def opened(config: Config, run: str) -> Iterator[tuple[Engine, Folder, bytes]]:
    """The engine that a configuration names, the folder of a run, and its redaction key. Raises DriftError
    where one of them can't be had."""
    said, key = config.engine, redaction_key(config)
    assert said is not None
    above = temporary.home() if said.shared is None else config.base / said.shared
    folder = Folder(above / f"drift-{run}")
    folder.make()
    engine = None
    try:
        engine = _engine(said, config.base, key)
        yield engine, folder, key
    finally:
        folder.clear()
        if engine is not None:
            engine.close()


def _engine(said: Said, base: Path, key: bytes) -> Engine:
    if said.local is not None:
        from drift.engine.processes import Processes

        return Processes(said.local, key)
    from drift.engine.cluster import Dask

    files = {name: base / file for name in ("ca", "certificate", "key") if (file := getattr(said, name))}
    return Dask(said.model_copy(update=files))
