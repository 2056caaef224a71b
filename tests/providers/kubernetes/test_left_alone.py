"""What declared objects make and move is no finding, and nothing else hides behind it; in whole runs from
files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.scan import Result
from tests.providers.kubernetes.test_who_wrote_it import DEPLOYMENT, EVE, RBAC, fields, of
from tests.rules.support import scan, write

Body = dict[str, Any]


def named(body: Body, name: str, **metadata: Any) -> Body:
    found = copy.deepcopy(body)
    found["metadata"] = {**found["metadata"], "name": name, **metadata}
    return found


def by(body: Body, manager: str, operation: str = "Update", **more: Any) -> Body:
    """A live object that one manager wrote."""
    found = copy.deepcopy(body)
    said = {key: item for key, item in body.items() if key not in ("apiVersion", "kind")}
    found["metadata"].setdefault("managedFields", []).append(
        {"manager": manager, "operation": operation, "fieldsV1": more.pop("owned", fields(said, "")), **more}
    )
    return found


def record(body: Body) -> Body:
    metadata = body["metadata"]
    cluster_wide = body["kind"].startswith("Cluster") or body["kind"] in ("Namespace", "Node")
    id_ = metadata["name"] if cluster_wide else f"{metadata['namespace']}/{metadata['name']}"
    return {
        "provider": "kubernetes",
        "scope": "c",
        "type": f"{body['apiVersion']}/{body['kind']}",
        "id": id_,
        "name": metadata["name"],
        "attributes": body,
    }


def run(folder: Path, declared: list[Body], live: list[Body]) -> Result:
    write(folder, {"base/all.yaml": declared})
    write(folder, {"live.yaml": yaml.safe_dump_all(map(record, live))})
    return scan(folder, declared="base, scope: c")


def told(result: Result) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted(
        (one["kind"], one["resource_id"], tuple(change["path"] for change in one["changes"]))
        for one in result.report["findings"]
    )


def replicas(body: Body, number: int) -> Body:
    found = copy.deepcopy(body)
    found["spec"]["replicas"] = number
    return found


WEB = named(replicas(DEPLOYMENT, 2), "web")


def scaler(type_: str, **spec: Any) -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return named(of(type_, spec={"scaleTargetRef": target, **spec}), "web")


SCALERS: dict[str, tuple[Body, list[int], list[int]]] = {
    "HPA": (
        scaler("autoscaling/v2/HorizontalPodAutoscaler", minReplicas=2, maxReplicas=10),
        [2, 7, 10],
        [0, 1, 11],
    ),
    "HPA of v1": (scaler("autoscaling/v1/HorizontalPodAutoscaler", maxReplicas=10), [1, 10], [0, 11]),
    "ScaledObject": (
        named(
            of(
                "keda.sh/v1alpha1/ScaledObject",
                spec={"scaleTargetRef": {"name": "web"}, "maxReplicaCount": 5},
            ),
            "web",
        ),
        [0, 5],
        [6],
    ),
    "Rollout": (
        named(
            of(
                "argoproj.io/v1alpha1/Rollout",
                spec={
                    "replicas": 3,
                    "workloadRef": {
                        "apiVersion": "apps/v1",
                        "kind": "Deployment",
                        "name": "web",
                        "scaleDown": "onsuccess",
                    },
                },
            ),
            "web",
        ),
        [0, 3],
        [4],
    ),
    "of another": (
        scaler(
            "autoscaling/v2/HorizontalPodAutoscaler",
            minReplicas=2,
            maxReplicas=10,
            scaleTargetRef={"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web"},
        ),
        [],
        [3],
    ),
}


@pytest.mark.parametrize("what", SCALERS)
def test_replicas_within_the_bounds_of_an_autoscaler(tmp_path: Path, what: str) -> None:
    declared, within, beyond = SCALERS[what]
    for number in [*within, *beyond]:
        live = [by(replicas(WEB, number), "argocd-controller"), by(declared, "argocd-controller")]
        found = told(run(tmp_path, [WEB, declared], live))
        assert found == ([] if number in within else [("changed", "shop/web", ("/spec/replicas",))]), number


ROLLOUT = named(
    of(
        "argoproj.io/v1alpha1/Rollout",
        spec={
            "strategy": {
                "canary": {
                    "stableService": "web",
                    "canaryService": "canary",
                    "trafficRouting": {"istio": {"virtualServices": [{"name": "web"}]}},
                }
            }
        },
    ),
    "web",
)
SERVICE = of("v1/Service", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]})
ROUTES = [{"destination": {"host": "web"}, "weight": 100}, {"destination": {"host": "canary"}, "weight": 0}]
VIRTUAL = of("networking.istio.io/v1beta1/VirtualService", spec={"http": [{"name": "p", "route": ROUTES}]})


@pytest.mark.parametrize(("service", "manager", "silent"), [
    ("web", "rollouts-controller", True),
    ("canary", "argo-rollouts", True),
    ("other", "rollouts-controller", False),
    ("web", "kubectl-patch", False),
])  # fmt: skip
def test_a_rollouts_services(tmp_path: Path, service: str, manager: str, silent: bool) -> None:
    declared = named(SERVICE, service)
    live = by(declared, "argocd-controller")
    live["spec"]["selector"]["rollouts-pod-template-hash"] = "6f9c"
    owned = {"f:spec": {"f:selector": {"f:rollouts-pod-template-hash": {}}}}
    live = by(live, manager, owned=owned)
    found = told(run(tmp_path, [ROLLOUT, declared], [live, by(ROLLOUT, "argocd-controller")]))
    assert (found == []) is silent, found


@pytest.mark.parametrize(("name", "manager", "silent"), [
    ("web", "rollouts-controller", True),
    ("other", "rollouts-controller", False),
    ("web", "kubectl-edit", False),
])  # fmt: skip
def test_a_rollouts_weights(tmp_path: Path, name: str, manager: str, silent: bool) -> None:
    declared = named(VIRTUAL, name)
    live = copy.deepcopy(declared)
    for route, weight in zip(live["spec"]["http"][0]["route"], (80, 20), strict=True):
        route["weight"] = weight
    live = by(live, manager, owned={"f:spec": {"f:http": {}}})
    found = told(run(tmp_path, [ROLLOUT, declared], [live, by(ROLLOUT, "argocd-controller")]))
    assert (found == []) is silent, found


def release(name: str = "shop") -> Body:
    return named(of("helm.toolkit.fluxcd.io/v2/HelmRelease", spec={"interval": "1h"}), name, namespace="flux")


def application(name: str = "shop") -> Body:
    return named(
        of("argoproj.io/v1alpha1/Application", spec={"project": "default"}), name, namespace="argocd"
    )


FLUX = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux"}
BINDING = of(f"{RBAC}/v1/ClusterRoleBinding", roleRef={"kind": "ClusterRole", "name": "view"}, subjects=[EVE])
TRACKED = {"argocd.argoproj.io/tracking-id": f"shop:{RBAC}/ClusterRoleBinding:argocd/b"}


@pytest.mark.parametrize(
    ("marks", "manager", "silent"),
    [
        ({"labels": FLUX}, "helm-controller", True),
        ({"labels": FLUX}, "kubectl-create", False),
        ({"labels": FLUX}, "helm", False),
        ({"labels": FLUX}, "", False),
        ({"labels": {**FLUX, "helm.toolkit.fluxcd.io/name": "other"}}, "helm-controller", False),
        ({"annotations": TRACKED}, "argocd-controller", True),
        ({"annotations": TRACKED}, "kubectl-create", False),
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:shop/b"}},
            "argocd-controller",
            False,
        ),
        ({"labels": {"app.kubernetes.io/instance": "shop"}}, "argocd-controller", True),
        ({"labels": {"app.kubernetes.io/instance": "shop"}}, "kubectl-create", False),
    ],
)
def test_what_a_declared_deployment_made(tmp_path: Path, marks: Body, manager: str, silent: bool) -> None:
    engines = [release(), application()]
    live = named(BINDING, "b", **marks)
    live = by(live, manager) if manager else live
    found = told(
        run(tmp_path, engines, [live, *(by(one, "kustomize-controller", "Apply") for one in engines)])
    )
    assert found == ([] if silent else [("unmanaged", "b", ())])


MAKERS: list[tuple[Body, Body]] = [
    (
        named(of("external-secrets.io/v1/ExternalSecret", spec={"target": {"name": "made"}}), "a"),
        named(of("v1/Secret"), "made"),
    ),
    (named(of("external-secrets.io/v1/ExternalSecret", spec={}), "made"), named(of("v1/Secret"), "made")),
    (
        named(of("cert-manager.io/v1/Certificate", spec={"secretName": "made"}), "a"),
        named(of("v1/Secret"), "made"),
    ),
    (named(of("bitnami.com/v1alpha1/SealedSecret", spec={}), "made"), named(of("v1/Secret"), "made")),
    (
        named(of("keda.sh/v1alpha1/ScaledObject", spec={"scaleTargetRef": {"name": "w"}}), "w"),
        named(of("autoscaling/v2/HorizontalPodAutoscaler", spec={"maxReplicas": 3}), "keda-hpa-w"),
    ),
]


@pytest.mark.parametrize(("declared", "made"), MAKERS)
def test_what_a_declared_object_makes_by_name(tmp_path: Path, declared: Body, made: Body) -> None:
    beside = named(made, "beside")
    several = [declared, beside]
    applied = [by(one, "argocd-controller") for one in several]
    assert told(run(tmp_path, several, [*applied, by(made, "an-operator")])) == []
    unmanaged = [("unmanaged", f"shop/{made['metadata']['name']}", ())]
    assert told(run(tmp_path, several, [*applied, by(made, "kubectl-create")])) == unmanaged
    stranger = named(made, "stranger")
    assert told(run(tmp_path, several, [*applied, by(stranger, "an-operator")])) == [
        ("unmanaged", "shop/stranger", ())
    ]


JOB = of(
    "batch/v1/Job",
    spec={"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}}},
)


def generated(**spec: Any) -> Body:
    found = named(JOB, "run-7x2k9", generateName="run-")
    found["spec"]["template"]["spec"].update(spec)
    return found


@pytest.mark.parametrize(("live", "silent"), [
    (generated(), True),
    (generated(hostPID=True), False),
    (generated(containers=[{"name": "a", "image": "evil:1"}]), False),
    (generated(containers=[{"name": "a", "image": "a:1", "command": ["sh"]}]), False),
    (generated(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), False),
    (named(generated(), "run-by-hand"), False),
    (named(generated(), "run-7x2k9", namespace="other"), True),  # counted: Git declares no Job there
])  # fmt: skip
def test_a_generated_name(tmp_path: Path, live: Body, silent: bool) -> None:
    nameless = copy.deepcopy(JOB)
    nameless["metadata"] = {"generateName": "run-", "namespace": "shop"}
    other = named(JOB, "other")
    found = told(run(tmp_path, [nameless, other], [live, other]))
    assert (found == []) is silent, found


@pytest.mark.parametrize("mark", [{"helm.sh/hook": "pre-install"}, {"argocd.argoproj.io/hook": "PreSync"}])
def test_a_hook(tmp_path: Path, mark: Body) -> None:
    hook, other = named(JOB, "migrate", annotations=mark), named(JOB, "other")
    assert told(run(tmp_path, [hook, other], [hook, other])) == []
    evil = copy.deepcopy(hook)
    evil["spec"]["template"]["spec"]["containers"][0]["image"] = "evil:1"
    assert told(run(tmp_path, [hook, other], [evil, other])) == [("unmanaged", "shop/migrate", ())]


@pytest.mark.parametrize(("spec", "missing"), [({"ttlSecondsAfterFinished": 0}, False), ({}, True)])
def test_a_finished_job_that_deletes_itself(tmp_path: Path, spec: Body, missing: bool) -> None:
    job, other = copy.deepcopy(named(JOB, "migrate")), named(JOB, "other")
    job["spec"].update(spec)
    result = run(tmp_path, [job, other], [other])
    assert told(result) == ([("missing", "shop/migrate", ())] if missing else [])
    assert [one["resource_id"] for one in result.report["unverifiable"]] == (
        [] if missing else ["shop/migrate"]
    )


def owned(kind: str, name: str, uid: str, api: str = "apps/v1") -> Body:
    return {
        "ownerReferences": [{"apiVersion": api, "kind": kind, "name": name, "uid": uid, "controller": True}]
    }


SET = of("apps/v1/ReplicaSet", spec=DEPLOYMENT["spec"])


@pytest.mark.parametrize(("child", "manager", "silent"), [
    (named(SET, "web-1", **owned("Deployment", "web", "u")), "kube-controller-manager", True),
    (named(SET, "web-1", **owned("Deployment", "web", "other")), "kube-controller-manager", False),
    (named(SET, "web-1", **owned("Deployment", "gone", "u")), "kube-controller-manager", False),
    (named(SET, "web-1", **owned("Deployment", "web", "u")), "kubectl-create", False),
    (named(SET, "web-1", **owned("ConfigMap", "settings", "s", "v1")), "kube-controller-manager", False),
    (named(DEPLOYMENT, "evil", **owned("Deployment", "web", "u")), "kube-controller-manager", False),
    (named(DEPLOYMENT, "made", **owned("Machine", "m", "m", "example.com/v1")), "an-operator", True),
    (named(DEPLOYMENT, "made", **owned("Machine", "gone", "m", "example.com/v1")), "an-operator", False),
    (named(DEPLOYMENT, "made", **owned("Machine", "m", "m", "example.com/v1")), "kubectl-create", False),
])  # fmt: skip
def test_an_owner_reference(tmp_path: Path, child: Body, manager: str, silent: bool) -> None:
    web, settings = (
        named(WEB, "web", uid="u"),
        named(of("v1/ConfigMap", data={"a": "1"}), "settings", uid="s"),
    )
    machine = named(of("example.com/v1/Machine", spec={"a": 1}), "m", uid="m")
    declared = [named(WEB, "web"), settings, machine, named(SET, "own")]
    live = [by(one, "kubectl", "Apply") for one in (web, settings, machine, named(SET, "own"))]
    found = told(run(tmp_path, declared, [*live, by(child, manager)]))
    assert (found == []) is silent, found


def bootstrap(name: str, role: str, *subjects: str) -> Body:
    return by(
        named(
            of(
                f"{RBAC}/v1/ClusterRoleBinding",
                roleRef={"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
                subjects=[{"kind": "Group", "name": one} for one in subjects],
            ),
            name,
            labels={"kubernetes.io/bootstrapping": "rbac-defaults"},
        ),
        "kube-apiserver",
    )


@pytest.mark.parametrize(
    ("live", "silent"),
    [
        (bootstrap("cluster-admin", "cluster-admin", "system:masters"), True),
        (bootstrap("system:discovery", "system:discovery", "system:authenticated"), True),
        (bootstrap("system:basic-user", "system:basic-user", "system:authenticated"), True),
        (
            bootstrap(
                "system:public-info-viewer",
                "system:public-info-viewer",
                "system:authenticated",
                "system:unauthenticated",
            ),
            True,
        ),
        (bootstrap("system:node", "system:node"), True),
        (bootstrap("cluster-admin", "cluster-admin", "system:masters", "system:authenticated"), False),
        (bootstrap("system:discovery", "cluster-admin", "system:authenticated"), False),
        (bootstrap("system:evil", "system:evil", "system:masters"), False),
        (bootstrap("system:node", "system:node", "system:authenticated"), False),
        (bootstrap("system:controller:evil", "cluster-admin", "eve"), False),
    ],
)
def test_bootstrap_bindings(tmp_path: Path, live: Body, silent: bool) -> None:
    declared = named(
        of(f"{RBAC}/v1/ClusterRoleBinding", roleRef={"kind": "ClusterRole", "name": "view"}), "own"
    )
    found = told(run(tmp_path, [declared], [declared, live]))
    assert found == ([] if silent else [("unmanaged", live["metadata"]["name"], ())])


def kubeadm(name: str, role: str, *subjects: Body) -> Body:
    binding = of(
        f"{RBAC}/v1/ClusterRoleBinding",
        roleRef={"kind": "ClusterRole", "name": role},
        subjects=list(subjects),
    )
    return by(named(binding, name), "kubeadm")


def group(name: str) -> Body:
    return {"kind": "Group", "name": name}


PROXY = {"kind": "ServiceAccount", "name": "kube-proxy", "namespace": "kube-system"}


@pytest.mark.parametrize(("live", "silent"), [
    (kubeadm("kubeadm:cluster-admins", "cluster-admin", group("kubeadm:cluster-admins")), True),
    (kubeadm("kubeadm:node-proxier", "system:node-proxier", PROXY), True),
    (kubeadm("kubeadm:get-nodes", "kubeadm:get-nodes", group("system:bootstrappers:kubeadm:default")), True),
    (kubeadm("system:coredns", "system:coredns", {**PROXY, "name": "coredns"}), True),
    (kubeadm("kubeadm:cluster-admins", "cluster-admin", group("kubeadm:cluster-admins"), EVE), False),
    (kubeadm("kubeadm:evil", "cluster-admin", group("system:nodes")), False),
    (kubeadm("kubeadm:get-nodes", "kubeadm:get-nodes", EVE), False),
    (kubeadm("system:coredns", "cluster-admin", {**PROXY, "name": "coredns"}), False),
])  # fmt: skip
def test_kubeadms_bindings(tmp_path: Path, live: Body, silent: bool) -> None:
    declared = named(
        of(f"{RBAC}/v1/ClusterRoleBinding", roleRef={"kind": "ClusterRole", "name": "view"}), "own"
    )
    found = told(run(tmp_path, [declared], [declared, live]))
    assert (found == []) is silent, found


@pytest.mark.parametrize("name", ["admin", "edit", "view", "system:aggregate-to-view", "system:basic-user"])
def test_bootstrap_roles(tmp_path: Path, name: str) -> None:
    role = of(
        f"{RBAC}/v1/ClusterRole",
        rules=[
            {"apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]}
        ],
    )
    live = named(role, name, labels={"kubernetes.io/bootstrapping": "rbac-defaults"})
    live = by(live, "kube-apiserver", owned={"f:metadata": {"f:labels": {}}})
    live = by(live, "clusterrole-aggregation-controller", "Apply", owned={"f:rules": {}})
    own = named(role, "own")
    assert told(run(tmp_path, [own], [own, live])) == []
    edited = by(live, "kubectl-edit", owned={"f:rules": {}})
    assert told(run(tmp_path, [own], [own, edited])) == [("unmanaged", name, ())]


@pytest.mark.parametrize("kind", ["apps/v1/Deployment", "apps/v1/DaemonSet", "batch/v1/CronJob", "v1/Pod"])
@pytest.mark.parametrize("manager", ["kube-controller-manager", "kube-apiserver", "kubeadm", "kubelet"])
def test_the_control_planes_name_hides_no_stranger(tmp_path: Path, kind: str, manager: str) -> None:
    own = named(of(kind, spec=DEPLOYMENT["spec"]), "own")
    assert told(run(tmp_path, [own], [own, by(named(own, "stranger"), manager)])) == [
        ("unmanaged", "shop/stranger", ())
    ]


def test_extraneous_for_argo_only_where_no_person_says_so(tmp_path: Path) -> None:
    marked = named(WEB, "stranger", annotations={"argocd.argoproj.io/compare-options": "IgnoreExtraneous"})
    assert told(run(tmp_path, [WEB], [WEB, by(marked, "an-operator")])) == []
    assert told(run(tmp_path, [WEB], [WEB, by(marked, "kubectl-create")])) == [
        ("unmanaged", "shop/stranger", ())
    ]


IGNORED = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]


def several(place: str, **template: Any) -> Body:
    said = {"metadata": {"name": "{{name}}-web"}, "spec": {"destination": {"namespace": "shop"}, **template}}
    spec: Body = {"generators": [{"list": {"elements": [{"name": "a"}]}}], "template": said}
    if place == "generator":
        plain = copy.deepcopy(said)
        del plain["spec"]["ignoreDifferences"]
        spec = {"generators": [{"matrix": {"generators": [{"list": {"template": said}}]}}], "template": plain}
    return named(of("argoproj.io/v1alpha1/ApplicationSet", spec=spec), "all", namespace="argocd")


@pytest.mark.parametrize("place", ["template", "generator"])
@pytest.mark.parametrize(
    ("tracked", "silent"), [("a-web", True), ("prod_a-web", False), ("other", False), ("", True)]
)
def test_an_application_sets_template_ignores(tmp_path: Path, place: str, tracked: str, silent: bool) -> None:
    live = replicas(WEB, 7)
    if tracked:
        live["metadata"]["annotations"] = {
            "argocd.argoproj.io/tracking-id": f"{tracked}:apps/Deployment:shop/web"
        }
    apps = several(place, ignoreDifferences=IGNORED)
    found = told(run(tmp_path, [WEB, apps], [by(live, "argocd-controller"), by(apps, "argocd-controller")]))
    assert (found == []) is silent, found
