"""A small Azure on loopback: Resource Manager and Resource Graph, for tests and ``drift demo``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from providers.azure.loopback.faults import Faults
from providers.azure.loopback.server import Loopback
from providers.azure.loopback.store import Store, read_documents

__all__ = ["Faults", "Loopback", "Store", "cloud", "read_documents"]


@contextlib.contextmanager
def cloud(
    documents: Path | Iterable[Mapping[str, Any]] = (), *, faults: Faults | None = None
) -> Iterator[Loopback]:
    """A running Azure with these documents (a folder of YAML and JSON, or bodies), see :meth:`Store.add`.

    The result has ``url`` and ``store``, whose methods change it.
    """
    store = Store()
    for one in read_documents(documents) if isinstance(documents, Path) else documents:
        store.add(one)
    server = Loopback(store, faults or Faults())
    try:
        yield server
    finally:
        server.close()
