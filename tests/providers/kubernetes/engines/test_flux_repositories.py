"""Repositories of Flux against clusters as its controllers would have filled them: in sync, then ten changes
each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repository
from tests.providers.kubernetes.declared.support import write
from tests.providers.kubernetes.engines.harness import Cluster, bodies, exact, in_sync, removed_from_git, scan

pytestmark = pytest.mark.usefixtures("renderer")
FLUX = "flux-system"
KS = "kustomize.toolkit.fluxcd.io"
HR = "helm.toolkit.fluxcd.io"
COMMIT = "c" * 40


def marks(group: str, namespace: str, name: str) -> dict[str, str]:
    """The labels of what a Kustomization or a release made."""
    return {f"{group}/name": name, f"{group}/namespace": namespace}


def kustomization(name: str, path: str, more: str = "", source: str = "GitRepository flux-system") -> str:
    kind, _, called = source.partition(" ")
    return (
        f"apiVersion: {KS}/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: {FLUX}}}\nspec:\n"
        f"  interval: 1h\n  prune: true\n  path: {path}\n"
        f"  sourceRef: {{kind: {kind}, name: {called}}}\n{more}"
    )


def config(name: str, data: str, labels: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{labels}data: {data}\n"


SOURCE = f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: {FLUX}, namespace: {FLUX}}}
spec: {{interval: 1m, url: "https://git.example/acme/fleet", ref: {{branch: main}}}}
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
    spec: {containers: [{name: web, image: "registry.example/web:1", env: [{name: LOG_LEVEL, value: info}]}]}
"""


BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: admins, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]
"""


# A fleet: a root, an overlay with a component, variables of a declared ConfigMap, patches and images


FLEET = {
    "clusters/prod/flux-system/gotk-sync.yaml": SOURCE + "---\n" + kustomization(FLUX, "./clusters/prod"),
    "clusters/prod/settings.yaml": config("settings", "{zone: eu, size: '3'}").replace(
        "name: settings", f"name: settings\n  namespace: {FLUX}"
    ),
    "clusters/prod/apps.yaml": kustomization("apps", "./apps/prod", """\
  targetNamespace: shop
  commonMetadata: {labels: {team: shop}}
  components: [../tls]
  images: [{name: registry.example/web, newTag: "2"}]
  patches:
    - patch: |
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec: {minReadySeconds: 7}
    - target: {kind: Service}
      patch: '[{"op": "replace", "path": "/spec/ports/0/port", "value": 81}]'
  postBuild:
    substitute: {zone: eu-west}
    substituteFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: absent, optional: true}]
"""),
    "apps/prod/kustomization.yaml": "resources: [../base]\nnameSuffix: -v1\n",
    "apps/base/kustomization.yaml": (
        "resources: [web.yaml, service.yaml, config.yaml]\n"
        "configMapGenerator: [{name: made, literals: [a=b]}]\n"
        "generatorOptions: {disableNameSuffixHash: true}\n"
    ),
    "apps/base/web.yaml": WEB.replace("replicas: 2", "replicas: ${size}"),
    "apps/base/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        "spec: {selector: {app: web}, ports: [{port: 80}]}\n"
    ),
    "apps/base/config.yaml": config("zones", "{zone: '${zone}', upper: '${zone^^}', kept: '$${zone}'}"),
    "apps/tls/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [tls.yaml]\n"
    ),
    "apps/tls/tls.yaml": config("tls", "{min: '1.2'}"),
    "README.md": "no object\n",
}  # fmt: skip
#: What the apps are live, told by hand.
LABELS = "  labels: {team: shop}\n"
LIVE_WEB = (
    WEB.replace("name: web}", "name: web-v1, labels: {team: shop}}", 1)
    .replace("web:1", "web:2")
    .replace("replicas: 2", "minReadySeconds: 7\n  replicas: 3")
)
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web-v1, labels: {team: shop}}
spec: {selector: {app: web}, ports: [{port: 81}]}
"""
APPS = "---\n".join((
    LIVE_WEB,
    SERVICE,
    config("zones-v1", "{zone: eu-west, upper: EU-WEST, kept: '${zone}'}", LABELS),
    config("made-v1", "{a: b}", LABELS),
    config("tls-v1", "{min: '1.2'}", LABELS),
))  # fmt: skip


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cluster]:
    folder = write(tmp_path_factory.mktemp("fleet") / "repo", FLEET)
    cluster = Cluster(controller="kustomize-controller")
    for name in ("gotk-sync", "settings", "apps"):
        file = next(folder.rglob(f"{name}.yaml"))
        cluster.deployed(file.read_text(), labels=marks(KS, FLUX, FLUX))
    cluster.deployed(APPS, namespace="shop", labels=marks(KS, FLUX, "apps"))
    return folder, cluster


def test_a_fleet_is_in_sync(fleet: tuple[Path, Cluster]) -> None:
    folder, cluster = fleet
    found = in_sync(folder, cluster, declared=9)
    assert found.problems == [] and found.unverifiable == []
    assert found.exit_code == 0


def test_of_a_fleet_each_change_is_told_and_nothing_else(fleet: tuple[Path, Cluster]) -> None:
    folder, cluster = fleet
    env = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "1"}]}]}}
        }
    }
    cluster = cluster.copy().deployed(config("later", "{}"), namespace="shop", by="kubectl-create")
    exact(folder, cluster.removed("ConfigMap", "shop/later"), [
        (
            lambda live: removed_from_git(live, "Deployment", "shop/web-v1", env),
            [("changed", "Deployment shop/web-v1", ("/spec/template/spec/containers/web/env/A",))],
        ),
        (
            lambda live: live.changed("ConfigMap", "shop/zones-v1", {"data": {"upper": "eu-west"}}),
            [("changed", "ConfigMap shop/zones-v1", ("/data/upper",))],
        ),
        (lambda live: live.removed("ConfigMap", "shop/tls-v1"), [("missing", "ConfigMap shop/tls-v1", ())]),
        (
            lambda live: live.changed("ConfigMap", "shop/made-v1", {"data": {"c": "d"}}),
            [("changed", "ConfigMap shop/made-v1", ("/data/c",))],
        ),
        (
            lambda live: live.changed("Service", "shop/web-v1", {"spec": {"type": "LoadBalancer"}}),
            [("changed", "Service shop/web-v1", ("/spec/type",))],
        ),
        (
            lambda live: live.changed("ConfigMap", f"{FLUX}/settings", {"metadata": {"labels": {"x": "y"}}}),
            [("changed", f"ConfigMap {FLUX}/settings", ("/metadata/labels/x",))],
        ),
        (
            lambda live: live.changed("Kustomization", f"{FLUX}/apps", {"spec": {"suspend": True}}),
            [("changed", f"Kustomization {FLUX}/apps", ("/spec/suspend",))],
        ),
        (
            lambda live: live.changed("GitRepository", f"{FLUX}/{FLUX}", {"spec": {"url": "https://evil.example/x"}}),
            [("changed", f"GitRepository {FLUX}/{FLUX}", ("/spec/url",))],
        ),
        (
            lambda live: live.changed("Kustomization", f"{FLUX}/{FLUX}", {"spec": {"prune": False}}),
            [("changed", f"Kustomization {FLUX}/{FLUX}", ("/spec/prune",))],
        ),
        (
            lambda live: live.deployed(BINDING, by="kubectl-create"),
            [("unmanaged", "RoleBinding shop/admins", ())],
        ),
    ])  # fmt: skip


# The layout of home operations: a parent patches 77 children, each with its namespace and variables


NAMES = [f"app-{number:02}" for number in range(77)]
HOME = {
    "kubernetes/flux/cluster.yaml": kustomization("cluster-apps", "./kubernetes/apps", """\
  patches:
    - target: {group: kustomize.toolkit.fluxcd.io, kind: Kustomization}
      patch: |
        - op: add
          path: /spec/postBuild
          value: {substituteFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: secrets}]}
"""),
}  # fmt: skip
for _name in NAMES:
    HOME[f"kubernetes/apps/{_name}/ks.yaml"] = kustomization(
        _name, f"./kubernetes/apps/{_name}/app", f"  targetNamespace: ns-{_name}\n"
    )
    HOME[f"kubernetes/apps/{_name}/kustomization.yaml"] = "resources: [ks.yaml]\n"
    HOME[f"kubernetes/apps/{_name}/app/config.yaml"] = config(
        _name, "{zone: '${ZONE:=eu}', host: '" + _name + ".${DOMAIN}', plain: '1'}"
    )
POST = {"substituteFrom": [{"kind": "ConfigMap", "name": "settings"}, {"kind": "Secret", "name": "secrets"}]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cluster]:
    folder = write(tmp_path_factory.mktemp("home") / "repo", HOME)
    cluster = Cluster(controller="kustomize-controller")
    cluster.deployed(HOME["kubernetes/flux/cluster.yaml"], by="kubectl-client-side-apply")
    cluster.deployed(config("settings", "{ZONE: us}"), namespace=FLUX, by="kubectl-client-side-apply")
    for name in NAMES:
        (own,) = bodies(HOME[f"kubernetes/apps/{name}/ks.yaml"])
        own["spec"]["postBuild"] = POST
        cluster.deployed([own], labels=marks(KS, FLUX, "cluster-apps"))
        cluster.deployed(
            config(name, f"{{zone: us, host: {name}.acme.example, plain: '1'}}"),
            namespace=f"ns-{name}", labels=marks(KS, FLUX, name),
        )  # fmt: skip
    return folder, cluster


def test_seventy_seven_children_are_in_sync_and_a_secret_stays_unknown(
    home: tuple[Path, Cluster],
) -> None:
    folder, cluster = home
    found = in_sync(folder, cluster)
    assert found.problems == []
    hosts = [reason for name, path, reason in found.unverifiable if path == "/data/host"]
    assert len(hosts) == 77
    assert all("Secret flux-system/secrets" in one for one in hosts)
    assert not any("${" in str(one) for one in found.unverifiable)


def test_of_seventy_seven_children_each_change_is_told(home: tuple[Path, Cluster]) -> None:
    folder, cluster = home

    def edited(name: str, data: dict[str, Any]) -> Any:
        return lambda live: live.changed("ConfigMap", f"ns-{name}/{name}", {"data": data})

    changes: list[Any] = [
        (edited(name, {"plain": "2"}), [("changed", f"ConfigMap ns-{name}/{name}", ("/data/plain",))])
        for name in NAMES[:8]
    ]
    changes.append((
        lambda live: live.removed("ConfigMap", "ns-app-10/app-10"),
        [("missing", "ConfigMap ns-app-10/app-10", ())],
    ))  # fmt: skip
    changes.append((
        lambda live: live.changed("Kustomization", f"{FLUX}/app-11", {"spec": {"targetNamespace": "other"}}),
        [("changed", f"Kustomization {FLUX}/app-11", ("/spec/targetNamespace",))],
    ))  # fmt: skip
    exact(folder, cluster, changes)


# Sources that may not be read


def test_each_part_that_is_not_read_is_one_row(tmp_path: Path) -> None:
    folder = write(tmp_path / "repo", {
        "cluster/own.yaml": kustomization("own", "./apps"),
        "cluster/other.yaml": SOURCE.replace(f"name: {FLUX},", "name: other,").replace("fleet", "other")
        + "---\n" + kustomization("other", "./deploy", source="GitRepository other"),
        "cluster/bucket.yaml": kustomization("bucket", "./x", source="Bucket things")
        + "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\n"
        + f"metadata: {{name: things, namespace: {FLUX}}}\nspec: {{bucketName: things}}\n",
        "cluster/remote.yaml": kustomization(
            "remote", "./apps", "  kubeConfig: {secretRef: {name: edge-kubeconfig}}\n"
        ),
        "apps/one.yaml": config("one", "{}").replace("name: one", "name: one\n  namespace: shop"),
        "apps/chart.yaml": f"""\
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: OCIRepository
            metadata: {{name: plex, namespace: shop}}
            spec: {{url: "oci://registry.example/charts/plex", ref: {{tag: 1.2.3}}}}
            ---
            apiVersion: {HR}/v2
            kind: HelmRelease
            metadata: {{name: plex, namespace: shop}}
            spec: {{chartRef: {{kind: OCIRepository, name: plex}}}}
        """,
    })  # fmt: skip
    cluster = Cluster(controller="kustomize-controller")
    found = scan(folder, cluster)
    rows = sorted(one for one in found.problems if "Kustomization" in one or "HelmRelease" in one)
    assert [one.partition(":")[0] for one in rows] == [
        "HelmRelease shop/plex", f"Kustomization {FLUX}/bucket", f"Kustomization {FLUX}/other",
        f"Kustomization {FLUX}/remote",
    ]  # fmt: skip
    assert "oci://registry.example/charts/plex is not fetched" in rows[0]
    assert "https://git.example/acme/other is not fetched: add it to the entry's `fetch`" in rows[2]
    assert "another cluster (kubeConfig edge-kubeconfig), and none of that name is read" in rows[3]


def test_a_source_that_only_the_cluster_has_is_told_as_that(tmp_path: Path) -> None:
    folder = write(tmp_path / "repo", {
        "cluster/sync.yaml": SOURCE + "---\n" + kustomization(FLUX, "./cluster"),
        "cluster/apps.yaml": kustomization("apps", "./apps", source="GitRepository other"),
        "apps/one.yaml": config("one", "{a: '1'}"),
    })  # fmt: skip
    cluster = Cluster()
    other = SOURCE.replace(f"name: {FLUX},", "name: other,").replace("acme/fleet", "eve/fleet")
    cluster.deployed(other, by="flux")
    (row,) = (one for one in scan(folder, cluster).problems if f"Kustomization {FLUX}/apps" in one)
    assert "eve/fleet is not fetched" in row
    assert f"(the cluster alone says so: no file declares GitRepository {FLUX}/other)" in row


def test_a_remote_base_hides_nothing_of_its_kustomization_but_itself(tmp_path: Path) -> None:
    remote = "https://git.example/acme/crds//deploy?ref=v1"
    folder = write(tmp_path / "repo", {
        "cluster/apps.yaml": kustomization("apps", "./apps", "  targetNamespace: shop\n"),
        "apps/kustomization.yaml": "resources: [./one, ./two, ./three, four.yaml]\n",
        "apps/one/kustomization.yaml": f"resources: [one.yaml, '{remote}']\n",
        "apps/one/one.yaml": config("one", "{a: '1'}"),
        "apps/two/kustomization.yaml": "resources: [two.yaml]\nnamePrefix: my-\n",
        "apps/two/two.yaml": config("two", "{a: '2'}"),
        "apps/three/kustomization.yaml": f"resources: [three.yaml, '{remote}']\nnamePrefix: my-\n",
        "apps/three/three.yaml": config("three", "{a: '3'}"),
        "apps/four.yaml": config("four", "{a: '4'}"),
    })  # fmt: skip
    cluster = Cluster()
    cluster.deployed(kustomization("apps", "./apps", "  targetNamespace: shop\n"), by="kubectl")
    for name, data in (("one", "1"), ("my-two", "2"), ("four", "5")):
        made = config(name, f"{{a: '{data}'}}")
        cluster.deployed(made, namespace="shop", labels=marks(KS, FLUX, "apps"))
    found = scan(folder, cluster)
    assert found.told == [("changed", "ConfigMap shop/four", ("/data/a",))]
    rows = [one for one in found.problems if one.startswith(f"Kustomization {FLUX}/apps: ")]
    assert [one.partition(": ")[2].partition(" and not")[0] for one in rows] == [
        f"repo/apps/one: {remote} is remote", f"repo/apps/three: {remote} is remote",
    ]  # fmt: skip


# What is not applied yet, and a part that the cluster's own record confirms


STATUS = {"entries": [{"id": "shop_settings__ConfigMap", "v": "v1"}]}


def test_what_flux_has_not_applied_yet_is_pending(repository: Repository) -> None:
    first = repository.commit({
        "clusters/prod/sync.yaml": SOURCE + "---\n" + kustomization(FLUX, "./clusters/prod"),
        "clusters/prod/apps.yaml": kustomization(
            "apps", "./apps", "  targetNamespace: shop\n  postBuild: {substitute: {ZONE: eu}}\n"
        ),
        "apps/settings.yaml": config("settings", "{zone: '${ZONE}', level: '1'}"),
    })  # fmt: skip
    repository.commit({"apps/settings.yaml": config("settings", "{zone: '${ZONE}', level: '2'}")})
    cluster = Cluster(controller="kustomize-controller")
    for file in ("sync", "apps"):
        text = (repository.path / f"clusters/prod/{file}.yaml").read_text(encoding="utf-8")
        cluster.deployed(text, labels=marks(KS, FLUX, FLUX))
    cluster.deployed(
        config("settings", "{zone: eu, level: '1'}"), namespace="shop", labels=marks(KS, FLUX, "apps")
    )
    for name in (FLUX, "apps"):
        cluster.status("Kustomization", f"{FLUX}/{name}", {"lastAppliedRevision": f"main@sha1:{first}"})
    found = scan(repository.path, cluster)
    (one,) = found.report["findings"]
    assert (one["resource_id"], one["status"]) == ("shop/settings", "pending")
    assert found.exit_code == 0
    cluster.changed("ConfigMap", "shop/settings", {"data": {"zone": "us"}})
    cluster.changed("Kustomization", f"{FLUX}/apps", {"spec": {"suspend": True}}, by="flux")
    found = scan(repository.path, cluster)
    assert found.told == [
        ("changed", "ConfigMap shop/settings", ("/data/level", "/data/zone")),
        ("changed", f"Kustomization {FLUX}/apps", ("/spec/suspend",)),
    ]
    note = found.finding("ConfigMap shop/settings")["note"]
    assert note == f"it stays: Kustomization {FLUX}/apps is suspended"
    assert found.finding(f"Kustomization {FLUX}/apps")["severity"] == "high"


def test_what_an_unread_part_made_is_known_by_its_inventory(tmp_path: Path) -> None:
    other = SOURCE.replace(f"name: {FLUX},", "name: other,").replace("fleet", "other")
    text = other + "---\n" + kustomization("other", "./deploy", source="GitRepository other")
    folder = write(tmp_path / "repo", {"cluster/other.yaml": text})
    cluster = Cluster(controller="kustomize-controller")
    cluster.deployed(text, by="kubectl-client-side-apply")
    cluster.status("Kustomization", f"{FLUX}/other", {"inventory": STATUS})
    cluster.deployed(config("settings", "{}"), namespace="shop", labels=marks(KS, FLUX, "other"))
    cluster.deployed(BINDING, labels=marks(KS, FLUX, "other"), by="kubectl-create")
    found = scan(folder, cluster)
    assert found.told == [("unmanaged", "RoleBinding shop/admins", ())]
    (row,) = [one for one in found.problems if "other" in one]
    assert "https://git.example/acme/other is not fetched" in row
    assert found.exit_code == 2


def test_what_the_operator_makes_of_a_template_is_known_by_its_inventory(tmp_path: Path) -> None:
    said = (
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\n"
        f"metadata: {{name: tenants, namespace: {FLUX}}}\n"
        "spec: {inputs: [{tenant: shop}], resourcesTemplate: 'apiVersion: << inputs.tenant >>'}\n"
    )
    folder = write(tmp_path / "repo", {"cluster/tenants.yaml": said})
    cluster = Cluster(controller="flux-operator").deployed(said, by="kubectl-client-side-apply")
    inventory = {"entries": [{"id": "shop_admins_rbac.authorization.k8s.io_RoleBinding", "v": "v1"}]}
    cluster.status("ResourceSet", f"{FLUX}/tenants", {"inventory": inventory})
    labels = marks("resourceset.fluxcd.controlplane.io", FLUX, "tenants")
    cluster.deployed(BINDING, labels=labels)
    found = in_sync(folder, cluster)
    (row,) = found.problems
    assert row.startswith(
        f"ResourceSet {FLUX}/tenants: it makes objects of a template of its own, which is not"
    )
    cluster.status("ResourceSet", f"{FLUX}/tenants", {"inventory": {"entries": []}})
    assert scan(folder, cluster).told == [("unmanaged", "RoleBinding shop/admins", ())]
