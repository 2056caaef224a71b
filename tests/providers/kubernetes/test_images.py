"""The digests that run, beside the images that Git declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.harness import Cluster, scan

ONE, TWO, INDEX = (f"sha256:{letter * 64}" for letter in "abc")
WEB = "registry.acme.io/web"
PATH = "/spec/template/spec/containers/app/imageID"
Body = dict[str, Any]


def deployment(image: str) -> Body:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
            "spec": spec}  # fmt: skip


def owned(body: Body, owner: Body) -> Body:
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    return {**body, "metadata": {**body["metadata"], "ownerReferences": [reference]}}


class Shop:
    """A Deployment ``web`` of an image, its ReplicaSet, and pods that report digests."""

    def __init__(self, image: str) -> None:
        self.live = Cluster(controller="kubectl-client-side-apply", operation="Update")
        self.image = image
        self.live.deployed([deployment(image)])
        self.set = self._set("web-1", image)

    def _set(self, name: str, image: str) -> Body:
        body = deployment(image)
        body["kind"], body["metadata"]["name"] = "ReplicaSet", name
        self.live.deployed(
            [owned(body, self.live.get("Deployment", "shop/web"))], by="kube-controller-manager"
        )
        return self.live.get("ReplicaSet", f"shop/{name}")

    def node(self, name: str, architecture: str, *names: str) -> Shop:
        labels = {"kubernetes.io/arch": architecture}
        status = {"images": [{"names": [f"{WEB}@{one}" for one in names], "sizeBytes": 1}]}
        body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
        self.live.deployed([{**body, "status": status}], by="kubelet")
        return self

    def older(self, image: str) -> Body:
        return self._set("web-0", image)

    def pod(self, name: str, node: str, digest: str, *, image: str = "", of: Body | None = None) -> Shop:
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"nodeName": node, "containers": [{"name": "app", "image": image or self.image}]},
            "status": {
                "phase": "Running",
                "containerStatuses": [{"name": "app", "image": self.image, "imageID": f"{WEB}@{digest}"}],
            },
        }
        self.live.deployed([owned(body, of or self.set)], by="kube-controller-manager")
        return self


def found(shop: Shop, folder: Path, image: str = "") -> list[tuple[str, Any, str]]:
    """Of the changes of the one finding path, live value and note."""
    write(folder / "shop", {"web.yaml": yaml.safe_dump(deployment(image or shop.image))})
    result = scan(folder / "shop", shop.live, source="manifests")
    assert [name for kind, name, _ in result.told if kind != "changed"] == []
    return [
        (one["path"], one["live"], one.get("note", ""))
        for finding in result.report["findings"]
        for one in finding["changes"]
    ]


def test_the_declared_digest_runs(tmp_path: Path) -> None:
    shop = Shop(f"{WEB}@{ONE}").node("n", "amd64").pod("web-1-a", "n", ONE).pod("web-1-b", "n", ONE)
    assert found(shop, tmp_path) == []


@pytest.mark.parametrize("image", [f"{WEB}@{ONE}", f"{WEB}:1.0@{ONE}"])
def test_another_digest_than_the_declared_one(tmp_path: Path, image: str) -> None:
    shop = Shop(image).node("n", "amd64").pod("web-1-a", "n", ONE).pod("web-1-b", "n", TWO)
    assert found(shop, tmp_path) == [(PATH, TWO, "web-1-b: runs another digest than is declared")]
    result = scan(tmp_path / "shop", shop.live, source="manifests")
    finding = result.finding("Deployment shop/web")
    assert finding["severity"] == "high"
    assert finding["changes"][0]["declared"] == image
    assert result.report["summary"]["in_sync"] == 0
    assert finding["declared_at"]["file"] == "shop/web.yaml"


def test_an_index_and_its_manifest_are_one_image(tmp_path: Path) -> None:
    shop = Shop(f"{WEB}@{ONE}").node("n", "amd64", ONE, INDEX).node("m", "amd64").pod("web-1-a", "m", INDEX)
    assert found(shop, tmp_path) == []


def test_a_tag_that_was_moved(tmp_path: Path) -> None:
    shop = Shop(f"{WEB}:1.0").node("n", "amd64").node("m", "amd64")
    shop.pod("web-1-a", "n", ONE).pod("web-1-b", "m", TWO)
    note = "web-1-a, web-1-b: run different digests: the tag was moved between their starts"
    assert found(shop, tmp_path) == [(PATH, [ONE, TWO], note)]


@pytest.mark.parametrize("architecture", ["arm64", None])
def test_another_architecture_explains_another_digest(tmp_path: Path, architecture: str | None) -> None:
    shop = Shop(f"{WEB}:1.0").node("n", "amd64")
    if architecture is not None:
        shop.node("m", architecture)
    assert found(shop.pod("web-1-a", "n", ONE).pod("web-1-b", "m", TWO), tmp_path) == []


def test_a_rollout_under_way_is_none(tmp_path: Path) -> None:
    for number, image in enumerate((f"{WEB}:2.0", f"{WEB}@{TWO}")):
        shop = Shop(image).node("n", "amd64")
        old = shop.older(f"{WEB}@{ONE}")
        shop.pod("web-1-a", "n", TWO).pod("web-0-a", "n", ONE, image=f"{WEB}@{ONE}", of=old)
        assert found(shop, tmp_path / str(number)) == []


def test_an_image_that_somebody_wrote_into_a_pod(tmp_path: Path) -> None:
    shop = Shop(f"{WEB}:1.0").node("n", "amd64").pod("web-1-a", "n", ONE)
    evil = [{"name": "app", "image": "evil.io/web:1.0"}]
    shop.pod("web-1-b", "n", TWO, image="mirror.acme.io/web:1.0")  # a webhook's
    assert found(shop, tmp_path) == []
    shop.live.changed("Pod", "shop/web-1-a", {"spec": {"containers": evil}}, by="kubectl-set")
    assert found(shop, tmp_path) == [(PATH, ONE, "web-1-a: was given another image in the pod itself")]


def test_it_stands_beside_other_changes(tmp_path: Path) -> None:
    shop = Shop(f"{WEB}@{ONE}").node("n", "amd64").pod("web-1-a", "n", TWO)
    shop.live.changed("Deployment", "shop/web", {"spec": {"replicas": 5}})
    assert [path for path, _, _ in found(shop, tmp_path)] == ["/spec/replicas", PATH]


def test_without_pods_nothing_is_said(tmp_path: Path) -> None:
    assert found(Shop(f"{WEB}@{ONE}"), tmp_path) == []
