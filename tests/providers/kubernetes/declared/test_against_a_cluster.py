"""Declared in each of the three ways, applied to a loopback cluster, untouched: silent; one change: that
finding, its line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.declared import recognise
from drift.finding import Unverifiable
from drift.model import Problem, Resource
from drift.report.document import line_of
from drift.source import Declaration, Loader, Location
from providers.kubernetes.loopback import Loopback, cluster
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.declared.test_helm import CHART
from tests.providers.kubernetes.declared.test_kustomize import TREE
from tests.providers.kubernetes.helpers import of, read, told, verdict

SHOP = Path(__file__).parent / "objects" / "shop.yaml"


def declare(path: Path, display: str, **options: Any) -> Declaration:
    location = Location(path, display, options=options)
    declaration: Declaration = recognise(location)[0].load(location, Loader({}))
    return declaration


def judged(declaration: Declaration, server: Loopback) -> Any:
    estate = read(of(server.kubeconfig), [type_ for _, type_ in declaration.types()])
    found: list[Resource] = []
    unverifiable: list[Unverifiable] = []
    for one in declaration.resources(estate):
        assert not isinstance(one, Problem), one
        (found if isinstance(one, Resource) else unverifiable).append(one)  # type: ignore[arg-type]
    return verdict(estate, found), unverifiable


def bodies(output: str, namespace: str) -> list[dict[str, Any]]:
    """Rendered objects as they would be applied to a namespace."""
    found = [item for body in yaml.safe_load_all(output) if body for item in body.get("items", [body])]
    for body in found:
        if body["kind"] in ("Namespace", "ClusterRole", "CustomResourceDefinition", "Fleet"):
            body["metadata"].pop("namespace", None)
        else:
            body["metadata"].setdefault("namespace", namespace)
    return sorted(found, key=lambda body: body["kind"] != "CustomResourceDefinition")


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_manifests() -> None:
    declaration = declare(SHOP, "objects/shop.yaml")
    applied = bodies(SHOP.read_text(), "shop")
    with cluster(applied) as server:
        result, unverifiable = judged(declaration, server)
        assert [told(one) for one in result.findings] == []
        assert not result.unverifiable and not unverifiable
        assert result.in_sync == 9
        server.store.patch(
            "apps/Deployment",
            "shop/front",
            {
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [
                                {"name": "front", "image": "registry.example.com/front:hotfix"},
                                {"name": "proxy", "image": "registry.example.com/proxy:0.9"},
                            ]
                        }
                    }
                }
            },
            manager="kubectl-edit",
        )
        result, _ = judged(declaration, server)
    (finding,) = result.findings
    paths = {change.path for change in finding.changes}
    assert "/spec/template/spec/containers/front/image" in paths
    line = line_of(finding.declared.origin, "/spec/template/spec/containers/front/image")
    assert line is not None
    assert "image: registry.example.com/front:2.1.0" in SHOP.read_text().splitlines()[line - 1]


@pytest.mark.usefixtures("renderer")
def test_kustomize(tmp_path: Path) -> None:
    folder = write(tmp_path, TREE) / "overlays" / "prod"
    command = ("kustomize", "build") if shutil.which("kustomize") else ("kubectl", "kustomize")
    applied = bodies(run(*command, str(folder)), "prod")
    with cluster(applied) as server:
        result, unverifiable = judged(declare(folder, "overlays/prod"), server)
        assert [told(one) for one in result.findings] == []
        assert not result.unverifiable and not unverifiable
        assert result.in_sync == 6
        server.store.delete("Service", "prod/prod-front")
        result, _ = judged(declare(folder, "overlays/prod"), server)
    assert [told(one) for one in result.findings] == [("missing", "v1/Service prod/prod-front", ())]


@pytest.mark.usefixtures("helm")
def test_helm(tmp_path: Path) -> None:
    chart = write(tmp_path, {**CHART, "charts/web/templates/random.yaml": _RANDOM}) / "charts" / "web"
    rendered = run("helm", "template", "shop", str(chart), "--namespace", "prod", "--include-crds")
    applied = []
    for body in bodies(rendered, "prod"):
        metadata = body["metadata"]
        if "helm.sh/hook" in metadata.get("annotations", {}):
            continue
        if body["kind"] != "CustomResourceDefinition":  # what helm install adds
            metadata.setdefault("labels", {})["app.kubernetes.io/managed-by"] = "Helm"
            metadata["annotations"] = {
                **metadata.get("annotations", {}),
                "meta.helm.sh/release-name": "shop",
                "meta.helm.sh/release-namespace": "prod",
            }
        applied.append(body)
    with cluster(applied, manager="helm") as server:
        declaration = declare(chart, "charts/web", release="shop", namespace="prod")
        result, unverifiable = judged(declaration, server)
        assert [told(one) for one in result.findings] == []
        assert [(one.resource_id, one.path) for one in result.unverifiable] == [
            ("prod/random", "/data/password")
        ]
        assert sorted(one.resource_id for one in unverifiable) == ["prod/check", "prod/migrate"]
        server.store.scale("apps/Deployment", "prod/shop", 7, manager="kubectl-scale")
        result, _ = judged(declaration, server)
    (finding,) = result.findings
    assert told(finding) == ("changed", "apps/v1/Deployment prod/shop", ("/spec/replicas",))
    assert str(finding.declared.origin) == "charts/web/templates/deployment.yaml (Deployment/shop)"


_RANDOM = """\
    apiVersion: v1
    kind: Secret
    metadata: {name: random}
    data:
      password: {{ randAlphaNum 20 | b64enc }}
      user: {{ "admin" | b64enc }}
    """


def test_what_the_cluster_does_not_serve_is_unverifiable(tmp_path: Path) -> None:
    text = "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: vans}\n"
    write(tmp_path, {"a.yaml": text})
    with cluster() as server:
        result, unverifiable = judged(declare(tmp_path / "a.yaml", "a.yaml"), server)
    assert not [one for one in result.findings if one.kind != "unmanaged"]
    told = [one.reason for one in [*unverifiable, *result.unverifiable]]
    assert len(told) == 1 and "the cluster does not serve example.com/v1/Fleet" in told[0]
