"""What engines' tests stand on: a repository, a cluster as its controllers would have filled it, changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Repository
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines import fake
from tests.providers.kubernetes.engines.harness import Cluster, exact, in_sync, removed_from_git

pytestmark = pytest.mark.usefixtures("fake_engine")
RELEASE = """\
apiVersion: deploy.example/v1
kind: Release
metadata: {name: shop, namespace: deploy}
spec: {path: apps/shop}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1"}]}
"""
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: '1'}\n"
OTHER = SETTINGS.replace("settings", "other")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "infra", {
        "cluster/release.yaml": RELEASE, "apps/shop/web.yaml": WEB, "apps/shop/settings.yaml": SETTINGS,
    })  # fmt: skip


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(controller=fake.CONTROLLER)
    made.deployed(RELEASE, by="kubectl-client-side-apply")
    return made.deployed(WEB + "---\n" + SETTINGS, namespace="deploy", labels=fake.marks("deploy/shop"))


def test_what_the_engine_would_have_made_is_in_sync(folder: Path, cluster: Cluster) -> None:
    found = in_sync(folder, cluster, declared=3)
    assert found.problems == []
    assert found.exit_code == 0


def test_an_entry_may_be_one_file(repository: Repository, cluster: Cluster) -> None:
    other = RELEASE.replace("name: shop", "name: other").replace("apps/shop", "apps/other")
    repository.commit({
        "cluster/release.yaml": RELEASE, "cluster/other.yaml": other, "apps/other/x.yaml": OTHER,
        "apps/shop/web.yaml": WEB, "apps/shop/settings.yaml": SETTINGS,
    })  # fmt: skip
    in_sync(repository.path, cluster, declared=3, path="infra/cluster/release.yaml")


def test_each_change_is_told_and_nothing_else(folder: Path, cluster: Cluster) -> None:
    wider = {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "A"}]}]}}}}
    exact(folder, cluster, [
        (
            lambda live: removed_from_git(live, "Deployment", "deploy/web", wider),
            [("changed", "Deployment deploy/web", ("/spec/template/spec/containers/web/env/A",))],
        ),
        (
            lambda live: live.removed("ConfigMap", "deploy/settings"),
            [("missing", "ConfigMap deploy/settings", ())],
        ),
        (
            lambda live: live.deployed(OTHER, namespace="deploy", by="kubectl-create"),
            [("unmanaged", "ConfigMap deploy/other", ())],
        ),
    ])  # fmt: skip
