"""Pending is what is live as Git said at the commit that the engine has applied; all else is drift, whatever
the engine does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Repository
from tests.providers.kubernetes.engines import fake
from tests.providers.kubernetes.engines.harness import Cluster, Result, scan

pytestmark = pytest.mark.usefixtures("fake_engine")
RELEASE = """\
apiVersion: deploy.example/v1
kind: Release
metadata: {name: shop, namespace: deploy}
spec: {path: shop}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1"}]}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\ndata: {{a: '{}'}}\n"
FIRST = {
    "cluster/shop.yaml": RELEASE,
    "shop/web.yaml": WEB,
    "shop/settings.yaml": CONFIG.format("settings", 1),
    "shop/old.yaml": CONFIG.format("old", 1),
}
SECOND = {
    "shop/web.yaml": WEB.replace("web:1", "web:2").replace(
        "spec:\n  selector", "spec:\n  replicas: 3\n  selector"
    ),
    "shop/new.yaml": CONFIG.format("new", 1),
}
CHANGED = "/spec/template/spec/containers/web/image"


class Shop:
    """A repository with two commits, and a cluster that has the first."""

    def __init__(self, repository: Repository) -> None:
        self.folder = repository.path
        self.first = repository.commit(FIRST)
        repository.git("rm", "-q", "shop/old.yaml")
        self.second = repository.commit(SECOND)
        self.cluster = Cluster(controller=fake.CONTROLLER)
        self.cluster.deployed(RELEASE, by="kubectl-client-side-apply")
        texts = (FIRST["shop/web.yaml"], FIRST["shop/settings.yaml"], FIRST["shop/old.yaml"])
        self.cluster.deployed("---\n".join(texts), namespace="deploy", labels=fake.marks("deploy/shop"))
        self.at(self.first)

    def at(self, commit: str) -> None:
        self.cluster.status("Release", "deploy/shop", {"revision": commit})

    def scan(self) -> Result:
        return scan(self.folder, self.cluster)


@pytest.fixture
def shop(repository: Repository) -> Shop:
    return Shop(repository)


def told(found: Result) -> list[tuple[str, str, Any]]:
    return sorted(
        (one["kind"], f"{one['type'].rpartition('/')[2]} {one['resource_id']}", one["status"])
        for one in found.report["findings"]
    )


def test_what_is_not_applied_yet_is_pending(shop: Shop) -> None:
    found = shop.scan()
    assert told(found) == [
        ("changed", "Deployment deploy/web", "pending"),
        ("missing", "ConfigMap deploy/new", "pending"),
        ("unmanaged", "ConfigMap deploy/old", "pending"),
    ]
    assert found.exit_code == 0
    notes = {one["resource_id"]: one["note"] for one in found.report["findings"]}
    assert notes == {
        "deploy/web": "not applied yet: it is live as it was before",
        "deploy/new": "not made yet: Release deploy/shop has applied no commit that declares it",
        "deploy/old": "pending removal: declared no longer, which Release deploy/shop has not applied yet",
    }


def test_what_is_not_as_it_was_is_drift(shop: Shop) -> None:
    image = {"containers": [{"name": "web", "image": "registry.example/web:evil"}]}
    shop.cluster.changed("Deployment", "deploy/web", {"spec": {"template": {"spec": image}}})
    shop.cluster.changed("ConfigMap", "deploy/old", {"data": {"a": "2"}})
    found = shop.scan()
    assert told(found) == [
        ("changed", "Deployment deploy/web", None),
        ("missing", "ConfigMap deploy/new", "pending"),
        ("unmanaged", "ConfigMap deploy/old", None),
    ]
    assert found.exit_code == 2


def test_a_suspended_engine_makes_nothing_pending(shop: Shop) -> None:
    shop.at(shop.second)
    shop.cluster.changed("Release", "deploy/shop", {"spec": {"suspend": True}}, by="flux")
    found = shop.scan()
    assert told(found) == [
        ("changed", "Deployment deploy/web", None),
        ("changed", "Release deploy/shop", None),
        ("missing", "ConfigMap deploy/new", None),
        ("unmanaged", "ConfigMap deploy/old", None),
    ]
    assert found.finding("Deployment deploy/web")["note"] == "it stays: Release deploy/shop is suspended"
    assert found.exit_code == 2


def test_a_commit_of_another_branch_excuses_nothing(shop: Shop, repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "other", shop.first)
    other = repository.commit({"shop/web.yaml": WEB.replace("web:1", "web:evil")})
    repository.git("checkout", "-q", "main")
    image = {"containers": [{"name": "web", "image": "registry.example/web:evil"}]}
    shop.cluster.changed(
        "Deployment", "deploy/web", {"spec": {"template": {"spec": image}}}, by=fake.CONTROLLER
    )
    shop.at(other)
    found = shop.scan()
    assert [status for _, _, status in told(found)] == [None] * 3
    assert any(f"applied {other[:12]}" in one and "not in the history" in one for one in found.notes)


def test_a_new_owner_that_is_not_made_yet_makes_nothing_yet(repository: Repository) -> None:
    """Creation is pending through an engine's object that is pending itself."""
    outer = RELEASE.replace("path: shop", "path: apps")
    inner = RELEASE.replace("name: shop", "name: inner")
    first = repository.commit({"cluster/shop.yaml": outer, "apps/x.yaml": CONFIG.format("x", 1)})
    repository.commit({"apps/inner.yaml": inner, "shop/later.yaml": CONFIG.format("later", 1)})
    cluster = Cluster(controller=fake.CONTROLLER).deployed(outer, by="kubectl-client-side-apply")
    cluster.deployed(CONFIG.format("x", 1), namespace="deploy", labels=fake.marks("deploy/shop"))
    cluster.status("Release", "deploy/shop", {"revision": first})
    assert told(scan(repository.path, cluster)) == [
        ("missing", "ConfigMap deploy/later", "pending"),
        ("missing", "Release deploy/inner", "pending"),
    ]
