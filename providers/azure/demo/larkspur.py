"""Larkspur Coffee on a loopback Azure: what runs in its subscriptions, and what declares it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from drift.demo import Built, Cloud, Night, need
from drift.loopback import NO_PROXY
from providers.azure.demo import log
from providers.azure.demo.night import NIGHT, WEB
from providers.azure.loopback import Loopback, cloud

HERE = Path(__file__).parent
REPOSITORY = HERE / "repository"
ESTATE = HERE / "estate"


class AzureDemo:
    """The demo of Azure, found by `drift demo`."""

    name = "azure"
    title = "Azure"

    @contextlib.contextmanager
    def start(self) -> Iterator[Cloud]:
        need(
            {
                "azure.mgmt.resource": "azure-mgmt-resource",
                "azure.mgmt.resourcegraph": "azure-mgmt-resourcegraph",
                "azure.identity": "azure-identity",
            }
        )
        with cloud(ESTATE) as server:
            yield Larkspur(server)


class Larkspur:
    """The company's subscriptions."""

    def __init__(self, server: Loopback) -> None:
        self.server = server

    def build(self, repository: Path) -> Built:
        """Writes what declares the estate, which runs already."""
        shutil.copytree(REPOSITORY, repository, dirs_exist_ok=True)
        resources = self.server.store.resources.values()
        return Built(
            declared=[
                {
                    "path": "azure/arm/shop.json",
                    "scope": WEB,
                    "resource_group": "shop",
                    "parameters": "shop.parameters.json",
                },
                {"path": "azure/terraform"},
            ],
            live={"endpoint": self.server.url},
            resources=len(resources),
            types=len({one["type"] for one in resources}),
            places=f"{len(self.server.store.subscriptions)} subscriptions",
            environment=NO_PROXY,
            diff=[f"azure/arm/shop.json,scope={WEB},resource_group=shop", "azure/terraform"],
        )

    def night(self, night: Night) -> Sequence[str]:
        for change in NIGHT:
            change.apply(self.server.store)
            self.server.store.events += log.events(change, night)
        return [str(change) for change in NIGHT]
