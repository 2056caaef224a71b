"""What happens to the cluster after the first morning: one thing is mended, one changed again, one is new."""

from __future__ import annotations

from drift.demo import Change
from providers.kubernetes.demo.night import DEPLOYMENTS
from providers.kubernetes.loopback import Store


def mend(store: Store, time: str) -> None:
    store.scale(DEPLOYMENTS, "shop/checkout", 3, manager="kubectl", time=time)


def edit_again(store: Store, time: str) -> None:
    changes = {"data": {"FREE_SHIPPING_FROM": "5"}}
    store.patch("ConfigMap", "shop/web-settings", changes, manager="kubectl-edit", time=time)


def keep_another(store: Store, time: str) -> None:
    metadata = {"name": "web-settings-tasting", "namespace": "shop"}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"BANNER": "tasting"}}
    store.create(body, manager="k9s", time=time)


NEXT_DAY = (
    Change("07:35", "The tasting is over: the checkout has its three replicas again.", mend, ()),
    Change("16:05", "Free shipping was too much: somebody edited web-settings again.", edit_again, ()),
    Change("23:50", "A new ConfigMap, web-settings-tasting, that nobody declared.", keep_another, ()),
)
