"""What Git leaves unsaid is told whoever is said to have written it, unless it is known to be no setting."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction import Redactor
from providers.kubernetes.facts import facts_of
from providers.kubernetes.hooks import KubernetesHooks

Body = dict[str, Any]
HOOKS = KubernetesHooks()
REDACTOR = Redactor("a key for tests")
DEPLOYERS = (
    ("argocd-controller", "Apply"),
    ("argocd-controller", "Update"),
    ("kustomize-controller", "Apply"),
    ("helm", "Update"),
    ("helm-controller", "Update"),
    ("kubectl", "Apply"),
    ("kubectl-client-side-apply", "Update"),
)
DISGUISES = (
    ("kube-controller-manager", "Update"),
    ("kube-apiserver", "Update"),
    ("kubelet", "Update"),
    ("keda-operator", "Update"),
    ("some-operator", "Update"),
    ("before-first-apply", "Update"),
)
PEOPLE = (("kubectl-edit", "Update"), ("argocd-server", "Update"), ("Mozilla", "Update"))
NOBODY = ("", "")


def of(type_: str, **body: Any) -> Body:
    version, _, kind = type_.rpartition("/")
    metadata = {"name": "x", "namespace": "shop", **body.pop("metadata", {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **body}


def merged(body: Body, more: Any) -> Body:
    """``body`` with what ``more`` adds; lists get more members, or those of the same name more members."""
    result = copy.deepcopy(body)
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        elif isinstance(value, list) and isinstance(result.get(key), list):
            for one in value:
                same = [m for m in result[key] if isinstance(m, dict) and m.get("name") == one.get("name")]
                if same and "name" in one:
                    result[key][result[key].index(same[0])] = merged(same[0], one)
                else:
                    result[key].append(copy.deepcopy(one))
        else:
            result[key] = copy.deepcopy(value)
    return result


def fields(value: Any, type_: str) -> Any:
    """fieldsV1 of all that is in a value; lists are owned as a whole, but for containers and variables."""
    if isinstance(value, dict):
        return {f"f:{key}": fields(item, type_) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(one, dict) and "name" in one for one in value):
        return {f"k:{json.dumps({'name': one['name']})}": {".": {}, **fields(one, type_)} for one in value}
    return {}


def told(
    declared: Body,
    more: Body,
    by: tuple[str, str],
    *,
    base: str = "kubectl",
    applied: Body | None = None,
    subresource: str = "",
    status: bool = False,
) -> list[str]:
    """The paths that are told where ``by`` added ``more`` to what ``base`` deployed."""
    type_ = f"{declared['apiVersion']}/{declared['kind']}"
    facts = facts_of(type_)
    assert facts is not None
    live = merged(declared, more)
    said = {key: item for key, item in declared.items() if key not in ("apiVersion", "kind")}
    entries = [{"manager": base, "operation": "Apply", "fieldsV1": fields(said, type_)}]
    if by[0]:
        entry = {"manager": by[0], "operation": by[1], "fieldsV1": fields(more, type_)}
        entries.append({**entry, "subresource": subresource} if subresource else entry)
    if status:
        entries.append(
            {"manager": by[0], "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}}
        )
    live["metadata"]["managedFields"] = entries
    if applied is not None:
        live["metadata"].setdefault("annotations", {})["kubectl.kubernetes.io/last-applied-configuration"] = (
            json.dumps(applied)
        )
    context = Context("kubernetes", "c", None, type_)
    want, have = (
        REDACTOR.resource(Resource("kubernetes", "c", type_, "shop/x", body, name="x"), facts.root)
        for body in (declared, live)
    )
    accept = HOOKS.undeclared(want, have, facts, context)
    return [change.path for change in compare(want, have, facts, context, REDACTOR, accept=accept).changes]


LABELS = {"metadata": {"labels": {"app": "x"}}}
SELECTOR = {"matchLabels": {"app": "x"}}
DEPLOYMENT = of(
    "apps/v1/Deployment",
    spec={
        "selector": SELECTOR,
        "template": {**LABELS, "spec": {"containers": [{"name": "main", "image": "r/a:1"}]}},
    },
)
WORKLOADS = {
    "apps/v1/Deployment": DEPLOYMENT,
    "apps/v1/StatefulSet": {**DEPLOYMENT, "kind": "StatefulSet"},
    "apps/v1/DaemonSet": {**DEPLOYMENT, "kind": "DaemonSet"},
    "batch/v1/CronJob": of(
        "batch/v1/CronJob",
        spec={"schedule": "* * * * *", "jobTemplate": {"spec": {"template": DEPLOYMENT["spec"]["template"]}}},
    ),
}


def in_template(type_: str, spec: Body) -> Body:
    if type_.endswith("CronJob"):
        return {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    return {"spec": {"template": {"spec": spec}}}


def in_main(**more: Any) -> Body:
    return {"containers": [{"name": "main", **more}]}


IN_PODS: dict[str, Body] = {
    "a variable": in_main(env=[{"name": "DEBUG", "value": "1"}]),
    "privileged": in_main(securityContext={"privileged": True}),
    "a capability": in_main(securityContext={"capabilities": {"add": ["SYS_ADMIN"]}}),
    "a command": in_main(command=["sh"]),
    "the host's processes": {"hostPID": True},
    "the host's network": {"hostNetwork": True},
    "a container": {"containers": [{"name": "miner", "image": "evil/m:1"}]},
    "a sidecar's name": {"containers": [{"name": "istio-proxy", "image": "evil/proxyv2:1"}]},
    "an init container": {"initContainers": [{"name": "setup", "image": "evil/m:1"}]},
    "the host's files": {"volumes": [{"name": "h", "hostPath": {"path": "/"}}]},
    "a service account": {"serviceAccountName": "admin"},
    "a node": {"nodeSelector": {"node": "one"}},
}


@pytest.mark.parametrize(
    "by", [*DEPLOYERS, *DISGUISES, *PEOPLE, NOBODY], ids=lambda by: "-".join(by) or "nobody"
)
@pytest.mark.parametrize("what", IN_PODS)
def test_what_pods_get_is_told(what: str, by: tuple[str, str]) -> None:
    for type_, declared in WORKLOADS.items():
        assert told(declared, in_template(type_, IN_PODS[what]), by), type_


@pytest.mark.parametrize("by", [*DISGUISES, NOBODY], ids=lambda by: "-".join(by) or "nobody")
def test_a_controllers_name_hides_nothing_from_a_webhook(by: tuple[str, str]) -> None:
    """Not even where a last applied configuration does not ask for it: that is what a webhook's value looks
    like."""
    for what in IN_PODS.values():
        more = in_template("apps/v1/Deployment", what)
        assert told(DEPLOYMENT, more, by, base="kubectl-client-side-apply", applied=DEPLOYMENT)


RBAC = "rbac.authorization.k8s.io"
ROLE = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
EVE = {"kind": "User", "name": "eve", "apiGroup": RBAC}
OBJECTS: dict[str, tuple[Body, Body]] = {
    "a subject": (
        of(f"{RBAC}/v1/ClusterRoleBinding", roleRef=ROLE, subjects=[{**EVE, "name": "ann"}]),
        {"subjects": [EVE]},
    ),
    "a first subject": (of(f"{RBAC}/v1/RoleBinding", roleRef=ROLE), {"subjects": [EVE]}),
    "a rule": (
        of(f"{RBAC}/v1/ClusterRole", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]),
        {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]},
    ),
    "a role gathered": (
        of(f"{RBAC}/v1/ClusterRole", rules=[]),
        {"metadata": {"labels": {f"{RBAC}/aggregate-to-view": "true"}}},
    ),
    "traffic from anywhere": (
        of("networking.k8s.io/v1/NetworkPolicy", spec={"podSelector": {}, "policyTypes": ["Ingress"]}),
        {"spec": {"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}},
    ),
    "an address outside": (
        of("v1/Service", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]}),
        {"spec": {"externalIPs": ["203.0.113.7"]}},
    ),
    "a load balancer": (
        of("v1/Service", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]}),
        {"spec": {"type": "LoadBalancer"}},
    ),
    "a port": (
        of("v1/Service", spec={"selector": {"app": "x"}, "ports": [{"name": "w", "port": 80}]}),
        {"spec": {"ports": [{"name": "ssh", "port": 22}]}},
    ),
    "a setting": (of("v1/ConfigMap", data={"a": "1"}), {"data": {"b": "2"}}),
    "a first setting": (of("v1/ConfigMap"), {"data": {"b": "2"}}),
    "a secret": (of("v1/Secret", data={"a": "MQ=="}), {"data": {"b": "Mg=="}}),
    "privileged pods": (
        of("v1/Namespace"),
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
    ),
    "a cloud's role": (
        of("v1/ServiceAccount"),
        {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111111111111:role/admin"}}},
    ),
    "a pull secret": (of("v1/ServiceAccount"), {"imagePullSecrets": [{"name": "eve"}]}),
    "an internal load balancer": (
        of("v1/Service", spec={"type": "LoadBalancer", "ports": [{"port": 80}]}),
        {
            "metadata": {
                "annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}
            }
        },
    ),
    "a webhook": (
        of("admissionregistration.k8s.io/v1/MutatingWebhookConfiguration", webhooks=[]),
        {"webhooks": [{"name": "w.eve", "clientConfig": {"url": "https://eve"}, "sideEffects": "None"}]},
    ),
    "a conversion": (
        of("apiextensions.k8s.io/v1/CustomResourceDefinition", spec={"group": "e.com"}),
        {
            "spec": {
                "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://eve"}}}
            }
        },
    ),
    "switched off": (DEPLOYMENT, {"spec": {"replicas": 0}}),
    "a halted release": (
        of("helm.toolkit.fluxcd.io/v2/HelmRelease", spec={"interval": "1h"}),
        {"spec": {"suspend": True}},
    ),
    "a route without encryption": (
        of("route.openshift.io/v1/Route", spec={"to": {"name": "w"}, "tls": {"termination": "edge"}}),
        {"spec": {"tls": {"insecureEdgeTerminationPolicy": "Allow"}}},
    ),
    "a listener": (
        of("gateway.networking.k8s.io/v1/Gateway", spec={"gatewayClassName": "g"}),
        {"spec": {"listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}},
    ),
    "a halted job": (
        of("batch/v1/CronJob", spec={"schedule": "* * * * *"}),
        {"spec": {"suspend": True}},
    ),
    "another value of a chart": (
        of("argoproj.io/v1alpha1/Application", spec={"source": {"helm": {"valueFiles": ["v.yaml"]}}}),
        {"spec": {"source": {"helm": {"parameters": [{"name": "image.tag", "value": "evil"}]}}}},
    ),
}


@pytest.mark.parametrize(
    "by", [*DEPLOYERS, *DISGUISES, *PEOPLE, NOBODY], ids=lambda by: "-".join(by) or "nobody"
)
@pytest.mark.parametrize("what", OBJECTS)
def test_what_gives_access_or_opens_a_way_is_told(what: str, by: tuple[str, str]) -> None:
    declared, more = OBJECTS[what]
    assert told(declared, more, by)


HARMLESS: dict[str, tuple[Body, Body]] = {
    "a controller's note": (DEPLOYMENT, {"metadata": {"annotations": {"example.com/seen": "yes"}}}),
    "a controller's mark": (of("v1/Namespace"), {"metadata": {"labels": {"project.example.com/id": "p-1"}}}),
    "a finalizer": (
        of("v1/Service", spec={"ports": [{"port": 80}]}),
        {"metadata": {"finalizers": ["example.com/lb"]}},
    ),
}


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize(
    "by", ["rancher", "neg-controller", "cluster-policy-controller", "manager", "node-agent"]
)
def test_what_an_unknown_controller_notes_is_silent(what: str, by: str) -> None:
    declared, more = HARMLESS[what]
    assert told(declared, more, (by, "Update")) == []


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize("by", PEOPLE)
def test_what_a_person_notes_is_told(what: str, by: tuple[str, str]) -> None:
    declared, more = HARMLESS[what]
    assert told(declared, more, by)


@pytest.mark.parametrize("by", [*DEPLOYERS, NOBODY], ids=lambda by: "-".join(by) or "nobody")
def test_a_note_that_git_dropped_or_nobody_owns_is_told(by: tuple[str, str]) -> None:
    declared, more = HARMLESS["a controller's note"]
    assert told(declared, more, by)


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("kustomize.toolkit.fluxcd.io/name", "labels"),
        ("helm.toolkit.fluxcd.io/namespace", "labels"),
        ("app.kubernetes.io/managed-by", "labels"),
        ("argocd.argoproj.io/tracking-id", "annotations"),
        ("meta.helm.sh/release-name", "annotations"),
        ("objectset.rio.cattle.io/id", "annotations"),
        ("kapp.k14s.io/identity", "annotations"),
    ],
)
@pytest.mark.parametrize("by", [*DEPLOYERS, ("some-operator", "Update"), NOBODY])
def test_a_tools_mark_is_silent(key: str, place: str, by: tuple[str, str]) -> None:
    assert told(DEPLOYMENT, {"metadata": {place: {key: "shop"}}}, by) == []


@pytest.mark.parametrize("key", ["kustomize.toolkit.fluxcd.io/reconcile", "argocd.argoproj.io/sync-options"])
@pytest.mark.parametrize("by", [*DEPLOYERS, *DISGUISES, NOBODY])
def test_what_switches_a_deployer_off_is_no_mark(key: str, by: tuple[str, str]) -> None:
    assert told(DEPLOYMENT, {"metadata": {"annotations": {key: "disabled"}}}, by)


def test_a_restart_is_no_setting() -> None:
    more = {
        "spec": {
            "template": {
                "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-01T08:00:00Z"}}
            }
        }
    }
    assert told(DEPLOYMENT, more, ("kubectl-rollout", "Update")) == []
    more["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "my note"
    assert told(DEPLOYMENT, more, ("kubectl-rollout", "Update"))


@pytest.mark.parametrize("value", ["2026-11-01T08:00:00Z", "3f786850e387550fdab836ed7e6dc881de23001b"])
def test_what_a_controller_restarts_pods_by(value: str) -> None:
    more = {"spec": {"template": {"metadata": {"annotations": {"restarts.example.com/at": value}}}}}
    assert told(DEPLOYMENT, more, ("some-operator", "Update")) == []
    for by in (*DEPLOYERS, *PEOPLE, NOBODY):
        assert told(DEPLOYMENT, more, by)
    more["spec"]["template"]["metadata"]["annotations"]["restarts.example.com/at"] = "false"
    assert told(DEPLOYMENT, more, ("some-operator", "Update"))


def test_what_an_autoscaler_sets_is_silent_and_what_a_person_scales_is_not() -> None:
    more = {"spec": {"replicas": 5}}
    assert told(DEPLOYMENT, more, ("kube-controller-manager", "Update"), subresource="scale") == []
    assert told(DEPLOYMENT, more, ("kubectl", "Update"), subresource="scale") == ["/spec/replicas"]
    assert told(DEPLOYMENT, more, NOBODY) == ["/spec/replicas"]
    assert told(DEPLOYMENT, {"spec": {"replicas": 1}}, NOBODY) == []


def test_who_writes_the_status_is_the_controller() -> None:
    widget = of("example.com/v1/Widget", spec={"size": 1})
    more = {"spec": {"node": "one"}}
    assert told(widget, more, ("widget-operator", "Update"), status=True) == []
    assert told(widget, more, ("widget-operator", "Update")) == ["/spec/node"]
    assert told(widget, more, ("kubectl-edit", "Update"), status=True) == ["/spec/node"]


def test_what_nobody_asked_for_came_with_the_deployment() -> None:
    """A webhook's label, beside what ``kubectl apply`` or Argo CD applied."""
    more = {"metadata": {"labels": {"team": "a"}}}
    for by in (("kubectl-client-side-apply", "Update"), ("argocd-controller", "Update")):
        assert told(DEPLOYMENT, more, by, base=by[0], applied=DEPLOYMENT) == []
        assert told(DEPLOYMENT, more, by, base=by[0], applied=merged(DEPLOYMENT, more))
    assert told(DEPLOYMENT, more, ("argocd-controller", "Apply"), applied=DEPLOYMENT)


POD = of("v1/Pod", spec={"containers": [{"name": "t", "image": "t:1"}]})
TOKEN = {
    "volumes": [{"name": "kube-api-access-x7q2m", "projected": {"sources": []}}],
    "containers": [
        {
            "name": "t",
            "volumeMounts": [
                {
                    "name": "kube-api-access-x7q2m",
                    "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
                    "readOnly": True,
                }
            ],
        }
    ],
}
LIMITED = {"containers": [{"name": "t", "resources": {"limits": {"cpu": "1"}}}]}
ISTIO = {
    "metadata": {
        "annotations": {"sidecar.istio.io/status": "{}"},
        "labels": {"security.istio.io/tlsMode": "istio"},
    },
    "spec": {
        "containers": [{"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.22.0"}],
        "volumes": [{"name": "istio-envoy", "emptyDir": {"medium": "Memory"}}],
    },
}
FILLED: dict[str, tuple[Body, Body]] = {
    "the account's token": (POD, {"spec": TOKEN}),
    "a limit range": (
        POD,
        {"metadata": {"annotations": {"kubernetes.io/limit-ranger": "set: cpu"}}, "spec": LIMITED},
    ),
    "Istio": (POD, ISTIO),
    "OpenShift's credentials": (
        of("v1/ServiceAccount"),
        {"imagePullSecrets": [{"name": "x-dockercfg-4k2lm"}], "secrets": [{"name": "x-dockercfg-4k2lm"}]},
    ),
    "a class": (
        of("networking.k8s.io/v1/Ingress", spec={"rules": []}),
        {"spec": {"ingressClassName": "nginx"}},
    ),
    "Reloader": (
        DEPLOYMENT,
        {
            "spec": {
                "template": {
                    "spec": in_main(
                        env=[
                            {"name": "STAKATER_A_SECRET", "value": "3f786850e387550fdab836ed7e6dc881de23001b"}
                        ]
                    )
                }
            }
        },
    ),
}


def asked_for(what: str, by: tuple[str, str]) -> bool:
    """An Apply owns what was applied and nothing that admission adds; a class can be either."""
    return what == "a class" and by[1] == "Apply"


@pytest.mark.parametrize("by", [*DEPLOYERS, NOBODY], ids=lambda by: "-".join(by) or "nobody")
@pytest.mark.parametrize("what", FILLED)
def test_what_admission_fills_in_is_silent(what: str, by: tuple[str, str]) -> None:
    declared, more = FILLED[what]
    assert (told(declared, more, by) == []) is not asked_for(what, by)


def test_a_class_that_git_took_out_is_told() -> None:
    declared, more = FILLED["a class"]
    for base in ("argocd-controller", "kustomize-controller", "helm"):
        assert told(declared, more, (base, "Apply"), base=base) == ["/spec/ingressClassName"]


@pytest.mark.parametrize("what", FILLED)
def test_a_person_fills_in_nothing(what: str) -> None:
    declared, more = FILLED[what]
    assert told(declared, more, ("kubectl-edit", "Update"))


@pytest.mark.parametrize(
    "change",
    [
        {"spec": {"containers": [{"name": "istio-proxy", "image": "evil.example/istio/proxyv2:1.22.0"}]}},
        {"spec": {"containers": [{"name": "istio-proxy", "securityContext": {"privileged": True}}]}},
        {"spec": {"volumes": [{"name": "istio-envoy", "hostPath": {"path": "/"}}]}},
        {"spec": {"containers": [{"name": "other", "image": "docker.io/istio/proxyv2:1.22.0"}]}},
    ],
)
def test_a_sidecars_mark_hides_nothing_else(change: Body) -> None:
    assert told(POD, merged(ISTIO, change), ("helm", "Update"))


def test_a_limit_without_a_limit_ranges_note_is_told() -> None:
    assert told(POD, {"spec": LIMITED}, NOBODY)


def hook(**client: Any) -> Body:
    hooks = [
        {"name": "w.example.com", "clientConfig": {"service": {"name": "w", "namespace": "shop"}, **client}}
    ]
    return of("admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration", webhooks=hooks)


ASKED = {"metadata": {"annotations": {"cert-manager.io/inject-ca-from": "a/b"}}}
INJECTED = {"webhooks": [{"name": "w.example.com", "clientConfig": {"caBundle": "TElWRQ=="}}]}


@pytest.mark.parametrize(
    "placeholder", [{}, {"caBundle": ""}, {"caBundle": "Cg=="}, {"caBundle": "Cg0KIA=="}]
)
def test_an_injected_authority_is_silent(placeholder: Body) -> None:
    declared = merged(hook(**placeholder), ASKED)
    assert told(declared, INJECTED, ("cainjector", "Update")) == []
    assert told(declared, INJECTED, NOBODY) == []
    assert told(declared, INJECTED, ("kubectl-patch", "Update"))
    assert told(hook(**placeholder), INJECTED, ("webhook-operator", "Update")) == []
    assert told(hook(**placeholder), INJECTED, ("kube-controller-manager", "Update"))
    assert told(hook(**placeholder), INJECTED, ("helm", "Update"))
    assert told(hook(**placeholder), INJECTED, NOBODY)


# What the server assigns is told by what it can be, and by who is said to have written it.

ACCOUNT = of("v1/ServiceAccount")
CLAIM = of("v1/PersistentVolumeClaim", spec={"accessModes": ["ReadWriteOnce"]})
VOLUME = of(
    "v1/PersistentVolume", spec={"accessModes": ["ReadWriteOnce"], "nfs": {"server": "n", "path": "/"}}
)
BOUND = {"spec": {"claimRef": {"kind": "PersistentVolumeClaim", "name": "c", "namespace": "shop"}}}
MADE = {"spec": {"volumeName": "pvc-3f8a1c52-7b1e-4f60-9d2a-0b6c4e8d7a11"}}
STATIC = {"spec": {"volumeName": "the-other-teams"}}
CONTROL = ("kube-controller-manager", "Update")


@pytest.mark.parametrize(
    ("declared", "more", "by"),
    [
        (ACCOUNT, {"secrets": [{"name": "x-token-7f9kq"}]}, CONTROL),
        (ACCOUNT, {"secrets": [{"name": "x-dockercfg-7f9kq"}]}, ("openshift-controller-manager", "Update")),
        (CLAIM, {"spec": {"storageClassName": "standard"}}, NOBODY),
        (CLAIM, {"spec": {"storageClassName": "standard"}}, CONTROL),
        (CLAIM, MADE, CONTROL),
        (CLAIM, MADE, NOBODY),
        (CLAIM, STATIC, CONTROL),
        (VOLUME, BOUND, CONTROL),
        (
            merged(CLAIM, {"spec": {"dataSource": {"kind": "VolumeSnapshot", "name": "s"}}}),
            {"spec": {"dataSourceRef": {"kind": "VolumeSnapshot", "name": "s"}}},
            NOBODY,
        ),
    ],
)
def test_what_the_server_assigns_is_none(declared: Body, more: Body, by: tuple[str, str]) -> None:
    assert told(declared, more, by) == []


@pytest.mark.parametrize(
    ("declared", "more", "by"),
    [
        (ACCOUNT, {"secrets": [{"name": "the-deployers-key"}]}, CONTROL),
        (ACCOUNT, {"secrets": [{"name": "the-deployers-key"}]}, NOBODY),
        (ACCOUNT, {"secrets": [{"name": "x-token-7f9kq"}]}, PEOPLE[0]),
        (CLAIM, {"spec": {"storageClassName": "fast"}}, PEOPLE[0]),
        (CLAIM, {"spec": {"storageClassName": "fast"}}, DEPLOYERS[0]),
        (CLAIM, MADE, PEOPLE[0]),
        (CLAIM, STATIC, PEOPLE[0]),
        (CLAIM, STATIC, NOBODY),
        (CLAIM, {"spec": {"dataSourceRef": {"kind": "VolumeSnapshot", "name": "s"}}}, NOBODY),
        (VOLUME, BOUND, PEOPLE[0]),
        (VOLUME, BOUND, DEPLOYERS[0]),
    ],
)
def test_what_somebody_put_in_its_place_is_told(declared: Body, more: Body, by: tuple[str, str]) -> None:
    assert told(declared, more, by)
