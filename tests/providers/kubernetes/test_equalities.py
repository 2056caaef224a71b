"""Pairs of objects through the real comparison: what means the same is silent, its nearest neighbour is
told."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from drift.compare.folds import count_folds
from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource
from drift.redaction.redact import Redactor
from providers.kubernetes.facts import facts_of
from providers.kubernetes.hooks import KubernetesHooks

HOOKS = KubernetesHooks()
REDACTOR = Redactor("a key for tests")
SILENT, TOLD = True, False
Pair = tuple[str, Mapping[str, Any], Mapping[str, Any], bool]
Body = Mapping[str, Any]


def check(type_: str, declared: Body, live: Body, silent: bool) -> None:
    """Judges two bodies of one object, of which nobody knows who wrote them."""
    facts = facts_of(type_)
    assert facts is not None
    version, _, kind = type_.rpartition("/")

    def resource(body: Body) -> Resource:
        attributes = {"apiVersion": version, "kind": kind, "metadata": {"name": "x", "namespace": "n"}}
        attributes.update(copy.deepcopy(dict(body)))
        return REDACTOR.resource(Resource("kubernetes", "c", type_, "n/x", attributes), facts.root)

    context = Context("kubernetes", "c", None, type_)
    want, have = resource(declared), resource(live)
    accept = HOOKS.undeclared(want, have, facts, context)
    verdict = compare(want, have, facts, context, REDACTOR, accept=accept)
    told = [(change.path, change.declared, change.live) for change in verdict.changes]
    assert not verdict.unverifiable
    assert bool(told) is not silent, told
    if told:  # nor does the shortcut take it for folded
        assert count_folds(want.attributes, have.attributes, facts.root, context, accept) is None


def pod(spec: Body) -> Body:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c"}], **spec}}
    return {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}}


def env(*variables: Body) -> Body:
    return {"env": list(variables)}


def variable(name: str, value: str) -> Body:
    return {"name": name, "value": value}


def volumes(*found: Body) -> Body:
    return {"volumes": list(found)}


def affinity(**term: Any) -> Body:
    terms = [{"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}, **term}]
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


A, B = variable("a", "1"), variable("b", "2")
CONTAINERS: list[Pair] = [
    ("order of variables", env(A, B), env(B, A), SILENT),
    (
        "a variable after what it refers to",
        env(A, variable("b", "$(a)")),
        env(variable("b", "$(a)"), A),
        TOLD,
    ),
    ("an escaped reference", env(A, variable("b", "$$(a)")), env(variable("b", "$$(a)"), A), SILENT),
    ("an empty variable's value", env({"name": "a"}), env(variable("a", "")), SILENT),
    ("an empty variable added", env(A), env(A, {"name": "b"}), TOLD),
    ("the last empty variable removed", env(variable("a", "")), {}, TOLD),
    ("a variable twice", env(A, variable("a", "2")), env(A, variable("a", "2")), SILENT),
    ("of a variable twice the other last", env(A, variable("a", "2")), env(variable("a", "2"), A), TOLD),
    ("of a variable twice one removed", env(A, variable("a", "2")), env(variable("a", "2")), TOLD),
    ("order of a command", {"command": ["a", "b"]}, {"command": ["b", "a"]}, TOLD),
    ("an empty argument removed", {"args": ["a", ""]}, {"args": ["a"]}, TOLD),
    (
        "privilege escalation no longer forbidden",
        {"securityContext": {"allowPrivilegeEscalation": False}},
        {"securityContext": {}},
        TOLD,
    ),
    (
        "privilege escalation as it is anyway",
        {"securityContext": {"allowPrivilegeEscalation": True}},
        {},
        SILENT,
    ),
    ("privileged off", {"securityContext": {"privileged": False}}, {"securityContext": {}}, SILENT),
    ("privileged on", {}, {"securityContext": {"privileged": True}}, TOLD),
    ("policy of latest", {"image": "i"}, {"image": "i", "imagePullPolicy": "Always"}, SILENT),
    ("policy of a version", {"image": "i:1"}, {"image": "i:1", "imagePullPolicy": "Always"}, TOLD),
]


@pytest.mark.parametrize(("name", "declared", "live", "silent"), CONTAINERS)
def test_containers(name: str, declared: Body, live: Body, silent: bool) -> None:
    pair = [pod({"containers": [{"name": "c", **one}]}) for one in (declared, live)]
    check("apps/v1/Deployment", *pair, silent)


def steps(*names: str) -> Body:
    return {"initContainers": [{"name": name, "image": "i:1"} for name in names]}


PODS: list[Pair] = [
    ("init containers", steps("a", "b"), steps("a", "b"), SILENT),
    ("order of init containers", steps("a", "b"), steps("b", "a"), TOLD),
    ("an init container added", steps("a", "b"), steps("z", "a", "b"), TOLD),
    ("tokens no longer kept away", {"automountServiceAccountToken": False}, {}, TOLD),
    ("users of the host again", {"hostUsers": False}, {}, TOLD),
    ("no network of the host", {"hostNetwork": False}, {}, SILENT),
    ("the network of the host", {}, {"hostNetwork": True}, TOLD),
    ("affinity to all namespaces", affinity(), affinity(namespaceSelector={}), TOLD),
    ("affinity to no namespaces by name", affinity(namespaces=[]), affinity(), SILENT),
    ("a volume that says nothing", volumes({"name": "a"}), volumes({"name": "a", "emptyDir": {}}), SILENT),
    (
        "a volume of the host",
        volumes({"name": "a", "emptyDir": {}}),
        volumes({"name": "a", "hostPath": {"path": "/", "type": ""}}),
        TOLD,
    ),
    (
        "a volume in memory",
        volumes({"name": "a", "emptyDir": {}}),
        volumes({"name": "a", "emptyDir": {"medium": "Memory"}}),
        TOLD,
    ),
]


@pytest.mark.parametrize(("name", "declared", "live", "silent"), PODS)
def test_pods(name: str, declared: Body, live: Body, silent: bool) -> None:
    check("apps/v1/Deployment", pod(declared), pod(live), silent)


QUANTITIES: list[tuple[Any, Any, bool]] = [
    ("100m", 0.1, SILENT),
    ("1Ki", "1024", SILENT),
    ("1Ki", "1k", TOLD),
    ("1", "1k", TOLD),
    ("1M", "1m", TOLD),
    ("1e3", "1k", SILENT),
    ("1.5Gi", "1536Mi", SILENT),
    ("1Gi", "1G", TOLD),
    ("+1", 1, SILENT),
    ("1E", "1e18", SILENT),
    ("1E", "1Ei", TOLD),
    (".5", "500m", SILENT),
]


@pytest.mark.parametrize(("one", "other", "silent"), QUANTITIES)
def test_limits(one: Any, other: Any, silent: bool) -> None:
    pair = [pod({"containers": [{"name": "c", "resources": {"limits": {"cpu": it}}}]}) for it in (one, other)]
    check("apps/v1/Deployment", *pair, silent)


def limited(**resources: Any) -> Body:
    return {"spec": {"containers": [{"name": "c", "image": "i:1", "resources": resources}]}}


def limits(**item: Any) -> Body:
    return {"spec": {"limits": [{"type": "Container", **item}]}}


def ports(type_: str, **port: Any) -> Body:
    return {"spec": {"type": type_, "ports": [{"port": 80, **port}]}}


def widget(**spec: Any) -> Body:
    return {"spec": spec}


def job(labels: Body | None, **template: Any) -> Body:
    metadata = {"metadata": {"name": "x", "namespace": "n", "labels": labels}} if labels else {}
    return {**metadata, "spec": {"template": {"metadata": {"labels": {"a": "b"}}, **template}}}


def queues(**queuing: Any) -> Body:
    limited = {"limitResponse": {"type": "Queue", "queuing": queuing}}
    return {"spec": {"type": "Limited", "limited": limited}}


def networked(host: bool, **port: Any) -> Body:
    main = {"name": "c", "image": "i:1", "ports": [{"containerPort": 80, **port}]}
    return {"spec": {**({"hostNetwork": True} if host else {}), "containers": [main]}}


CPU, CPUS = {"cpu": "1000m"}, {"cpu": "2"}
OBJECTS: list[tuple[str, str, Body, Body, bool]] = [
    ("v1/Pod", "requests by limits", limited(limits=CPU), limited(limits=CPU, requests={"cpu": 1}), SILENT),
    ("v1/Pod", "requests of a person", limited(limits=CPU), limited(limits=CPU, requests=CPUS), TOLD),
    ("v1/LimitRange", "by the maximum", limits(max=CPU), limits(max=CPU, default=CPU), SILENT),
    ("v1/LimitRange", "of a person", limits(max=CPUS), limits(max=CPUS, default=CPU), TOLD),
    ("v1/LimitRange", "by the minimum", limits(min=CPU), limits(min=CPU, defaultRequest=CPU), SILENT),
    ("v1/LimitRange", "no limit's", limits(min=CPU), limits(min=CPU, default=CPU), TOLD),
    (
        "v1/Service",
        "no address said",
        {"spec": {"clusterIP": ""}},
        {"spec": {"clusterIP": "10.0.0.1"}},
        SILENT,
    ),
    ("v1/Service", "headless", {"spec": {"clusterIP": "None"}}, {"spec": {"clusterIP": "10.0.0.1"}}, TOLD),
    ("v1/Service", "no port said", ports("NodePort", nodePort=0), ports("NodePort", nodePort=30000), SILENT),
    ("v1/Service", "a port", ports("NodePort", nodePort=30001), ports("NodePort", nodePort=30000), TOLD),
    ("v1/Service", "no type said", ports(""), ports("ClusterIP"), SILENT),
    ("v1/Service", "another type", ports(""), ports("LoadBalancer"), TOLD),
    (
        "v1/PersistentVolumeClaim",
        "no class",
        {"spec": {"storageClassName": ""}},
        {"spec": {"storageClassName": "fast"}},
        TOLD,
    ),
    ("batch/v1/Job", "its pods' labels", job(None), job({"a": "b"}), SILENT),
    ("batch/v1/Job", "labels of its own", job({"c": "d"}), job({"c": "d", "a": "b"}), TOLD),
    ("batch/v1/Job", "another label", job(None), job({"a": "c"}), TOLD),
    ("v1/Pod", "a port in the host's network", networked(True), networked(True, hostPort=80), SILENT),
    ("v1/Pod", "another port", networked(True), networked(True, hostPort=81), TOLD),
    ("v1/Pod", "a port of the host", networked(False), networked(False, hostPort=80), TOLD),
    (
        "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration",
        "queues",
        queues(),
        queues(queues=64, handSize=8, queueLengthLimit=50),
        SILENT,
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration",
        "more queues",
        queues(),
        queues(queues=128),
        TOLD,
    ),
    ("v1/ServiceAccount", "tokens", {"automountServiceAccountToken": False}, {}, TOLD),
    (
        "example.com/v1/Widget",
        "another way",
        widget(action={"allow": {}}),
        widget(action={"block": {}}),
        TOLD,
    ),
    (
        "example.com/v1/Widget",
        "what is empty",
        widget(action={"a": {}, "b": 1}),
        widget(action={"b": 1}),
        SILENT,
    ),
    ("example.com/v1/Widget", "a quantity", widget(cpu="1000m"), widget(cpu="1"), SILENT),
    ("example.com/v1/Widget", "versions", widget(version="1.0"), widget(version="1.00"), TOLD),
]


@pytest.mark.parametrize(("type_", "name", "declared", "live", "silent"), OBJECTS)
def test_objects(type_: str, name: str, declared: Body, live: Body, silent: bool) -> None:
    check(type_, declared, live, silent)


def test_a_template_gets_no_requests_by_its_limits() -> None:
    declared, live = (
        {"containers": [{"name": "c", "resources": one}]}
        for one in ({"limits": CPU}, {"limits": CPU, "requests": CPU})
    )
    check("apps/v1/Deployment", pod(declared), pod(live), TOLD)


def peers(*found: Body) -> Body:
    return {"spec": {"podSelector": {}, "ingress": [{"from": list(found)}]}}


LABELLED: Body = {"podSelector": {"matchLabels": {"a": "b"}}}
PEERS: list[Pair] = [
    ("all pods here", peers({"podSelector": {}}), peers({"podSelector": {"matchLabels": {}}}), SILENT),
    ("all pods anywhere", peers({"podSelector": {}}), peers({"namespaceSelector": {}}), TOLD),
    ("labelled pods anywhere", peers(LABELLED), peers({**LABELLED, "namespaceSelector": {}}), TOLD),
    ("labelled pods only here", peers({**LABELLED, "namespaceSelector": {}}), peers(LABELLED), TOLD),
    ("nobody said is everybody", peers(), {"spec": {"podSelector": {}, "ingress": [{}]}}, SILENT),
    ("nobody", {"spec": {"podSelector": {}, "ingress": [{}]}}, {"spec": {"podSelector": {}}}, TOLD),
]


@pytest.mark.parametrize(("name", "declared", "live", "silent"), PEERS)
def test_network_policies(name: str, declared: Body, live: Body, silent: bool) -> None:
    check("networking.k8s.io/v1/NetworkPolicy", declared, live, silent)


def container(**said: Any) -> Body:
    return pod({"containers": [{"name": "c", **said}]})


def probe(**said: Any) -> Body:
    return container(livenessProbe={"httpGet": {"port": 80, "path": "/"}, **said})


def capabilities(*names: str) -> Body:
    return container(securityContext={"capabilities": {"drop": list(names)}})


def term(*terms: Body) -> Body:
    required = {"nodeSelectorTerms": list(terms)}
    return pod({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}})


ONE, OTHER = ({"matchExpressions": [{"key": "a", "operator": "In", "values": [it]}]} for it in "bc")
ZEROS_AND_ORDERS: list[Pair] = [
    (
        "a host's port of zero",
        container(ports=[{"containerPort": 80, "hostPort": 0}]),
        container(ports=[{"containerPort": 80}]),
        SILENT,
    ),
    (
        "a host's port",
        container(ports=[{"containerPort": 80, "hostPort": 80}]),
        container(ports=[{"containerPort": 80}]),
        TOLD,
    ),
    (
        "a host's port of zero taken",
        container(ports=[{"containerPort": 80, "hostPort": 0}]),
        container(ports=[{"containerPort": 80, "hostPort": 80}]),
        TOLD,
    ),
    (
        "a probe's zeros",
        probe(periodSeconds=0, failureThreshold=0),
        probe(periodSeconds=10, failureThreshold=3),
        SILENT,
    ),
    ("a probe's zero and another", probe(periodSeconds=0), probe(periodSeconds=30), TOLD),
    (
        "a partition of zero",
        pod({"volumes": [{"name": "v", "awsElasticBlockStore": {"volumeID": "v", "partition": 0}}]}),
        pod({"volumes": [{"name": "v", "awsElasticBlockStore": {"volumeID": "v"}}]}),
        SILENT,
    ),
    ("the user root", container(securityContext={"runAsUser": 0}), container(), TOLD),
    (
        "capabilities in another order",
        capabilities("CHOWN", "NET_RAW"),
        capabilities("NET_RAW", "CHOWN"),
        SILENT,
    ),
    ("one capability dropped less", capabilities("CHOWN", "NET_RAW"), capabilities("CHOWN"), TOLD),
    ("terms in another order", term(ONE, OTHER), term(OTHER, ONE), SILENT),
    ("one term more", term(ONE), term(ONE, OTHER), TOLD),
    (
        "tolerations in another order",
        pod({"tolerations": [{"key": "a", "operator": "Exists"}, {"key": "b", "value": "c"}]}),
        pod(
            {
                "tolerations": [
                    {"key": "b", "operator": "Equal", "value": "c"},
                    {"key": "a", "operator": "Exists"},
                ]
            }
        ),
        SILENT,
    ),
    ("a toleration of everything", pod({}), pod({"tolerations": [{"operator": "Exists"}]}), TOLD),
]


@pytest.mark.parametrize(("name", "declared", "live", "silent"), ZEROS_AND_ORDERS)
def test_zeros_and_orders(name: str, declared: Body, live: Body, silent: bool) -> None:
    check("apps/v1/Deployment", declared, live, silent)


def ingress(**backend: Any) -> Body:
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    return {"spec": {"rules": [{"host": "a.example.com", "http": {"paths": paths}}]}}


def scaler(*metrics: Body, **spec: Any) -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "w"}
    more = {"metrics": list(metrics)} if metrics else {}
    return {"spec": {"scaleTargetRef": target, "maxReplicas": 9, **more, **spec}}


def resource_metric(**target: Any) -> Body:
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def definition(**spec: Any) -> Body:
    return {"spec": {"group": "e.com", "names": {"kind": "T", "plural": "ts"}, "scope": "Namespaced", **spec}}


SCHEMA = {"openAPIV3Schema": {"type": "object"}}
COLUMN = {"name": "a", "type": "string"}
VERSIONS: list[tuple[str, str, Body, Body, bool]] = [
    (
        "networking.k8s.io/v1/Ingress",
        "a port's number",
        ingress(serviceName="w", servicePort=80),
        ingress(service={"name": "w", "port": {"number": 80}}),
        SILENT,
    ),
    (
        "networking.k8s.io/v1/Ingress",
        "a port's name",
        ingress(serviceName="w", servicePort="http"),
        ingress(service={"name": "w", "port": {"name": "http"}}),
        SILENT,
    ),
    (
        "networking.k8s.io/v1/Ingress",
        "another service",
        ingress(serviceName="w", servicePort=80),
        ingress(service={"name": "x", "port": {"number": 80}}),
        TOLD,
    ),
    (
        "networking.k8s.io/v1/Ingress",
        "for the rest",
        {"spec": {"backend": {"serviceName": "w", "servicePort": 80}}},
        {"spec": {"defaultBackend": {"service": {"name": "w", "port": {"number": 80}}}}},
        SILENT,
    ),
    (
        "autoscaling/v2/HorizontalPodAutoscaler",
        "v1",
        scaler(targetCPUUtilizationPercentage=70),
        scaler(resource_metric(type="Utilization", averageUtilization=70)),
        SILENT,
    ),
    (
        "autoscaling/v2/HorizontalPodAutoscaler",
        "v2beta1",
        scaler({"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 70}}),
        scaler(resource_metric(type="Utilization", averageUtilization=70)),
        SILENT,
    ),
    (
        "autoscaling/v2/HorizontalPodAutoscaler",
        "raised",
        scaler({"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 70}}),
        scaler(resource_metric(type="Utilization", averageUtilization=95)),
        TOLD,
    ),
    (
        "autoscaling/v2/HorizontalPodAutoscaler",
        "of pods",
        scaler({"type": "Pods", "pods": {"metricName": "hits", "targetAverageValue": "1k"}}),
        scaler(
            {
                "type": "Pods",
                "pods": {
                    "metric": {"name": "hits"},
                    "target": {"type": "AverageValue", "averageValue": "1000"},
                },
            }
        ),
        SILENT,
    ),
    (
        "apiextensions.k8s.io/v1/CustomResourceDefinition",
        "one version",
        definition(version="v1", validation=SCHEMA, additionalPrinterColumns=[{**COLUMN, "JSONPath": ".a"}]),
        definition(
            versions=[
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": SCHEMA,
                    "additionalPrinterColumns": [{**COLUMN, "jsonPath": ".a"}],
                }
            ]
        ),
        SILENT,
    ),
    (
        "apiextensions.k8s.io/v1/CustomResourceDefinition",
        "served no more",
        definition(version="v1", validation=SCHEMA),
        definition(versions=[{"name": "v1", "served": False, "storage": True, "schema": SCHEMA}]),
        TOLD,
    ),
]


@pytest.mark.parametrize(("type_", "name", "declared", "live", "silent"), VERSIONS)
def test_versions_of_old(type_: str, name: str, declared: Body, live: Body, silent: bool) -> None:
    check(type_, declared, live, silent)


def test_kinds_that_moved_are_the_same_kind() -> None:
    key = HOOKS.type_key
    assert key("extensions/v1beta1/Ingress") == key("networking.k8s.io/v1/Ingress")
    assert key("extensions/v1beta1/Deployment") == key("apps/v1/Deployment")
    assert key("extensions/v1beta1/Other") != key("apps/v1/Other")
