"""A small Google Cloud on loopback: Resource Manager v3 and Cloud Asset v1 over REST and gRPC, for tests and
``drift demo``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from providers.gcp.loopback.faults import Faults
from providers.gcp.loopback.server import Loopback
from providers.gcp.loopback.store import Store, read_documents

__all__ = ["Faults", "Loopback", "Store", "cloud", "read_documents"]


@contextlib.contextmanager
def cloud(
    documents: Path | Iterable[Mapping[str, Any]] = (), *, faults: Faults | None = None
) -> Iterator[Loopback]:
    """A running Google Cloud with these documents (a folder of YAML and JSON, or bodies), see
    :meth:`Store.add`.

    The result has ``url`` (REST), ``grpc_url`` and ``store``, whose methods change it.
    """
    store = Store()
    for one in read_documents(documents) if isinstance(documents, Path) else documents:
        store.add(one)
    server = Loopback(store, faults or Faults())
    try:
        yield server
    finally:
        server.close()
