"""Larkspur Coffee on a loopback cluster: what runs in it, who deployed it, and what declares it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from drift.demo import Built, Change, Cloud, Night, need
from drift.loopback import NO_PROXY
from drift.moment import rfc3339
from providers.kubernetes.demo import controllers
from providers.kubernetes.demo.next_day import NEXT_DAY
from providers.kubernetes.demo.night import NIGHT
from providers.kubernetes.loopback import Loopback, cluster, read_objects

REPOSITORY = Path(__file__).parent / "repository"
CLUSTER = "larkspur"
DEPLOYED_DAYS_AGO, WORKED_DAYS_AGO = 41, 3


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what Git declares. ``rendered`` is what one of ``needs`` makes of ``path``; None for plain
    manifests.

    ``manager`` deploys it; ``applies`` says that it does so server-side.
    """

    path: str
    manager: str
    rendered: str | None = None
    needs: tuple[str, ...] = ()
    options: Mapping[str, str] | None = None
    applies: bool = False

    @property
    def manifests(self) -> Path:
        """What it is, whatever is installed."""
        return REPOSITORY / (self.rendered or self.path)

    @property
    def can_be_rendered(self) -> bool:
        return not self.needs or any(shutil.which(tool) for tool in self.needs)

    def entry(self) -> dict[str, str]:
        """Its entry in drift.yaml: by what was rendered before where nothing can render it here."""
        path = self.path if self.can_be_rendered else str(self.rendered)
        return {"path": path, "scope": CLUSTER, **(self.options or {})}


PARTS = (
    Part("kubernetes/cluster", "kubectl-client-side-apply"),
    Part(
        "kubernetes/shop/overlays/production",
        "kustomize-controller",
        "kubernetes/rendered/shop.yaml",
        ("kustomize", "kubectl"),
        applies=True,
    ),
    Part(
        "kubernetes/charts/loyalty",
        "helm",
        "kubernetes/rendered/loyalty.yaml",
        ("helm",),
        {"namespace": "loyalty"},
    ),
)


class KubernetesDemo:
    """The demo of Kubernetes, found by `drift demo`."""

    name = "kubernetes"
    title = "Kubernetes"

    @contextlib.contextmanager
    def start(self) -> Iterator[Cloud]:
        need({"kubernetes": "kubernetes"})
        with cluster(name=CLUSTER) as server:
            yield Larkspur(server)


class Larkspur:
    """The company's cluster."""

    def __init__(self, server: Loopback) -> None:
        self.server = server

    def build(self, repository: Path) -> Built:
        """Deploys everything, lets the controllers do their work, and writes what declares it."""
        shutil.copytree(REPOSITORY, repository, dirs_exist_ok=True)
        store, deployed = self.server.store, _ago(DEPLOYED_DAYS_AGO)
        made: list[dict[str, Any]] = []
        for part in PARTS:
            for body in _objects(part.manifests):
                operation = "Apply" if part.applies else "Update"
                made.append(store.create(body, manager=part.manager, time=deployed, operation=operation))
        controllers.work(store, _ago(WORKED_DAYS_AGO))
        entries = [part.entry() for part in PARTS]
        return Built(
            declared=entries,
            live={"contexts": [CLUSTER]},
            resources=len(made),
            types=len({(body["apiVersion"], body["kind"]) for body in made}),
            places=f"the cluster {CLUSTER}{_told()}",
            environment={"KUBECONFIG": str(self.server.kubeconfig), **NO_PROXY},
            diff=[_argument(entry) for entry in entries],
        )

    def night(self, night: Night) -> Sequence[str]:
        return self._happen(NIGHT, night)

    def next_day(self, night: Night) -> Sequence[str]:
        return self._happen(NEXT_DAY, night)

    def _happen(self, changes: Sequence[Change], night: Night) -> list[str]:
        for change in changes:
            change.apply(self.server.store, night.at(change.clock))
        return [str(change) for change in changes]


def _ago(days: int) -> str:
    return rfc3339(datetime.now(UTC) - timedelta(days=days))


def _objects(path: Path) -> list[dict[str, Any]]:
    if path.is_dir():
        return read_objects(path)
    return [body for body in yaml.safe_load_all(path.read_text(encoding="utf-8")) if body]


def _told() -> str:
    """What is not rendered here, and why."""
    missing = [part for part in PARTS if not part.can_be_rendered]
    return "".join(
        f"; {part.path.split('/')[-1]} is declared by {part.rendered}, as {' and '.join(part.needs)} "
        f"{'is' if len(part.needs) == 1 else 'are'} not installed"
        for part in missing
    )


def _argument(entry: Mapping[str, str]) -> str:
    """An entry as the command line takes it."""
    return ",".join([entry["path"], *(f"{name}={text}" for name, text in entry.items() if name != "path")])
