"""What came of a part that was not read is recognised by the engine's own record, and by marks only where its
controller wrote them; what Git no longer makes is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines import fake
from tests.providers.kubernetes.engines.harness import Cluster, exact, in_sync, scan

pytestmark = pytest.mark.usefixtures("fake_engine")
RELEASE = """\
apiVersion: deploy.example/v1
kind: Release
metadata: {{name: {name}, namespace: deploy}}
spec: {spec}
"""
AWAY = RELEASE.format(name="away", spec="{url: 'https://git.example/other', path: .}")
SHOP = RELEASE.format(name="shop", spec="{path: apps/shop}")
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\ndata: {{a: '1'}}\n"
ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: {}}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [get]}}]
"""
WHY = (
    "Release deploy/away: https://git.example/other is not fetched: add it to the entry's `fetch` to have it "
    "read"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "infra", {
        "cluster/away.yaml": AWAY, "cluster/shop.yaml": SHOP, "apps/shop/set.yaml": CONFIG.format("settings"),
    })  # fmt: skip


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(controller=fake.CONTROLLER)
    made.deployed(AWAY + "---\n" + SHOP, by="kubectl-client-side-apply")
    return made.deployed(CONFIG.format("settings"), namespace="deploy", labels=fake.marks("deploy/shop"))


def test_what_an_inventory_holds_is_neither_missing_nor_unmanaged(folder: Path, cluster: Cluster) -> None:
    cluster.deployed(CONFIG.format("made") + "---\n" + ROLE.format("made"), namespace="deploy")
    record = {"inventory": ["ConfigMap|deploy|made", "rbac.authorization.k8s.io/ClusterRole||made"]}
    cluster.status("Release", "deploy/away", record)
    found = in_sync(folder, cluster, declared=3)
    assert found.problems == [f"{WHY}; 2 live objects of it are in its inventory, and not compared"]
    cluster.changed("ConfigMap", "deploy/made", {"data": {"a": "2"}})
    assert in_sync(folder, cluster).problems == [
        f"{WHY}; 2 live objects of it are in its inventory, and not compared; "
        "others wrote to ConfigMap deploy/made (kubectl-edit)"
    ]


def test_through_engines_objects_that_it_made(folder: Path, cluster: Cluster) -> None:
    inner = RELEASE.format(name="inner", spec="{path: x}")
    cluster.deployed(inner).deployed(CONFIG.format("deep"), namespace="deploy")
    cluster.status("Release", "deploy/away", {"inventory": [f"{fake.KIND}|deploy|inner"]})
    cluster.status("Release", "deploy/inner", {"inventory": ["ConfigMap|deploy|deep"]})
    cluster.deployed(ROLE.format("marked"), labels=fake.marks("deploy/inner"))
    found = scan(folder, cluster)
    assert found.told == [("unmanaged", "ClusterRole marked", ())]  # inner's inventory would hold it
    assert found.problems == [f"{WHY}; 2 live objects of it are in its inventory, and not compared"]


def test_a_record_that_a_person_wrote_is_none(folder: Path, cluster: Cluster) -> None:
    cluster.deployed(ROLE.format("mine"), by="kubectl-create")
    record = {"inventory": ["rbac.authorization.k8s.io/ClusterRole||mine"]}
    cluster.status("Release", "deploy/away", record, by="kubectl-edit")
    found = scan(folder, cluster)
    assert found.told == [("unmanaged", "ClusterRole mine", ())]
    assert found.problems == [f"{WHY}; no inventory tells what it made"]


def test_marks_count_only_where_the_controller_wrote_them(folder: Path, cluster: Cluster) -> None:
    marks = fake.marks("deploy/away")
    cluster.deployed(CONFIG.format("quiet") + "---\n" + ROLE.format("loud"), namespace="deploy", labels=marks)
    cluster.deployed(ROLE.format("forged"), by="kubectl-create", labels=marks)
    cluster.deployed(ROLE.format("changed"), labels=marks)
    cluster.changed("ClusterRole", "changed", {"rules": []})
    found = exact(folder, cluster, [
        (lambda _: None, [("unmanaged", "ClusterRole forged", ()), ("unmanaged", "ClusterRole changed", ())]),
    ])  # fmt: skip
    assert found.problems == [
        f"{WHY}; no inventory tells what it made; 2 objects claimed by Release deploy/away, which no "
        "inventory confirms; access is given by ClusterRole loud"
    ]


def test_marks_of_what_was_read_claim_nothing(folder: Path, cluster: Cluster) -> None:
    cluster.deployed(ROLE.format("forged"), by="kubectl-create", labels=fake.marks("deploy/shop"))
    found = scan(folder, cluster)
    assert found.told == [("unmanaged", "ClusterRole forged", ())]
    assert "note" not in found.finding("ClusterRole forged")


def test_what_git_makes_no_longer_is_told_whatever_its_type(folder: Path, cluster: Cluster) -> None:
    quota = CONFIG.format("old, namespace: other").replace("ConfigMap", "ResourceQuota")
    cluster.deployed(quota).deployed(quota.replace("old", "kept"), labels=fake.marks("deploy/shop"))
    cluster.status(
        "Release", "deploy/shop", {"inventory": ["ResourceQuota|other|old", "ConfigMap|deploy|settings"]}
    )
    cluster.changed("Release", "deploy/shop", {"spec": {"suspend": True}}, by="flux")
    found = scan(folder, cluster)
    assert found.told == [
        ("changed", "Release deploy/shop", ("/spec/suspend",)),
        ("unmanaged", "ResourceQuota other/kept", ()),
        ("unmanaged", "ResourceQuota other/old", ()),
    ]
    assert found.finding("ResourceQuota other/kept")["note"] == (
        "removed from Git, still live: Release deploy/shop made it; "
        "it stays: Release deploy/shop is suspended"
    )
    assert found.finding("ResourceQuota other/old")["note"].startswith(
        "removed from Git, still live: Release deploy/shop made it and has it in its inventory"
    )


def test_what_is_left_out_on_purpose_is_no_leftover(folder: Path, cluster: Cluster) -> None:
    job = """\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-install}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
"""
    write(folder, {"apps/shop/job.yaml": job})
    cluster.deployed(job, namespace="deploy", labels=fake.marks("deploy/shop"))
    assert in_sync(folder, cluster).unverifiable == [
        ("Job deploy/migrate", "", "a Helm hook (pre-install): run while deploying, not kept")
    ]
