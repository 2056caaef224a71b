"""A small API server on loopback: the cluster that the tests and ``drift demo`` talk to over real HTTP."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from providers.kubernetes.loopback.faults import Faults
from providers.kubernetes.loopback.server import Loopback
from providers.kubernetes.loopback.store import Store, read_objects

__all__ = ["Faults", "Loopback", "Store", "cluster", "read_objects"]


@contextlib.contextmanager
def cluster(
    objects: Path | Iterable[Mapping[str, Any]] = (),
    *,
    faults: Faults | None = None,
    name: str = "loopback",
    manager: str = "kubectl-client-side-apply",
    bootstrap: bool = True,
    kubeconfig: Path | None = None,
) -> Iterator[Loopback]:
    """A running cluster with these objects (a folder of YAML, or bodies), created by ``manager``.

    An object that brings its own ``managedFields`` keeps them. ``bootstrap`` adds what every cluster makes
    for itself. The result has ``url``, ``kubeconfig`` (a file with the one context ``name``) and ``store``,
    whose methods change it.
    """
    store = Store()
    if bootstrap:
        store.bootstrap()
    for body in read_objects(objects) if isinstance(objects, Path) else objects:
        store.create(body, manager=manager)
    with contextlib.ExitStack() as stack:
        if kubeconfig is None:
            kubeconfig = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "kubeconfig"
        server = Loopback(store, faults or Faults(), name, kubeconfig)
        stack.callback(server.close)
        yield server
