"""Larkspur Coffee on a loopback Google Cloud: what runs in its projects, and what declares it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from drift.demo import Built, Cloud, Night, need
from drift.loopback import NO_PROXY
from providers.gcp.demo import log
from providers.gcp.demo.night import FOLDER, NIGHT, SHOP
from providers.gcp.loopback import Loopback, cloud

HERE = Path(__file__).parent
REPOSITORY = HERE / "repository"
ESTATE = HERE / "estate"


class GcpDemo:
    """The demo of Google Cloud, found by `drift demo`."""

    name = "gcp"
    title = "Google Cloud"

    @contextlib.contextmanager
    def start(self) -> Iterator[Cloud]:
        need({"google.cloud.asset_v1": "google-cloud-asset", "grpc_status": "grpcio-status"})
        with cloud(ESTATE) as server:
            yield Larkspur(server)


class Larkspur:
    """The company's folder of projects."""

    def __init__(self, server: Loopback) -> None:
        self.server = server

    def build(self, repository: Path) -> Built:
        """Writes what declares the estate, which runs already."""
        shutil.copytree(REPOSITORY, repository, dirs_exist_ok=True)
        assets = self.server.store.assets.values()
        projects = [name for name in self.server.store.places if name.startswith("projects/")]
        return Built(
            declared=[
                {"path": "gcp/config-connector", "source": "config-connector", "scope": SHOP},
                {"path": "gcp/terraform"},
            ],
            live={"folders": [FOLDER], "endpoint": self.server.url},
            resources=len(assets),
            types=len({one.type for one in assets}),
            places=f"{len(projects)} projects",
            environment=NO_PROXY,
            diff=[f"gcp/config-connector,source=config-connector,scope={SHOP}", "gcp/terraform"],
        )

    def night(self, night: Night) -> Sequence[str]:
        for change in NIGHT:
            change.apply(self.server.store)
            self.server.service.entries += log.entries(change, night)
        return [str(change) for change in NIGHT]
