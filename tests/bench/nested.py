"""Objects of clusters with long lists deep within them, of which people edited one in ten: one variable of a
hundred and twenty, one path of an Ingress, one peer of a policy; live with what the API server fills in."""

from __future__ import annotations

from typing import Any

from tests.bench.edited import object_of, probe, team


def _container(number: int, index: int, live: bool, edited: bool) -> dict[str, Any]:
    name = ("service", "worker", "exporter")[index]
    variables: list[dict[str, Any]] = [
        {"name": f"{name.upper()}_SETTING_{i}", "value": f"{team(number + i)} of {number} at {i}"}
        for i in range(36)
    ]
    variables += [
        {
            "name": f"LIMIT_{i}",
            "valueFrom": {"configMapKeyRef": {"name": f"limits-{number}", "key": f"limit-{i}"}},
        }
        for i in range(3)
    ]
    variables.append({"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}})
    if live and edited and index == 1:
        variables[number % 36]["value"] = "set by hand"
    container: dict[str, Any] = {
        "name": name,
        "image": f"registry.example.com/{team(number)}/{name}:1.{number % 50}.{index}",
        "args": ["serve", f"--name={team(number)}-{number}", "--config=/etc/run/config.yaml"],
        "ports": [{"name": f"port-{i}", "containerPort": 8000 + 10 * index + i} for i in range(3)],
        "env": variables,
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": probe("/ready", live),
        "volumeMounts": [{"name": f"config-{i}", "mountPath": f"/etc/run/{i}"} for i in range(6)],
    }
    if live:
        for port in container["ports"]:
            port["protocol"] = "TCP"
        variables[-1]["valueFrom"]["fieldRef"]["apiVersion"] = "v1"
        container |= {
            "imagePullPolicy": "IfNotPresent",
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
    return container


def _deployment(number: int, live: bool, edited: bool) -> dict[str, Any]:
    labels = {"app": f"{team(number)}-{number}"}
    volumes = [{"name": f"config-{i}", "configMap": {"name": f"config-{number}-{i}"}} for i in range(6)]
    pod: dict[str, Any] = {
        "containers": [_container(number, index, live, edited) for index in range(3)],
        "volumes": volumes,
    }
    spec: dict[str, Any] = {
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    if live:
        for volume in volumes:
            volume["configMap"]["defaultMode"] = 420  # type: ignore[index]
        pod |= {
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "securityContext": {},
            "terminationGracePeriodSeconds": 30,
        }
        spec |= {
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
            },
        }
    return object_of("apps/v1", "Deployment", number, live, {"spec": spec})


def _ingress(number: int, live: bool, edited: bool) -> dict[str, Any]:
    def path(host: int, at: int) -> dict[str, Any]:
        touched = live and edited and (host, at) == (7, 2)
        port = {"number": 9999 if touched else 8080 + at}
        backend = {"service": {"name": f"{team(host + at)}-{number}", "port": port}}
        return {"path": f"/{team(at)}/{at}", "pathType": "Prefix", "backend": backend}

    hosts = [f"{team(host)}-{host}.{number}.example.com" for host in range(12)]
    rules = [
        {"host": name, "http": {"paths": [path(host, at) for at in range(5)]}}
        for host, name in enumerate(hosts)
    ]
    tls = [{"hosts": hosts[at : at + 3], "secretName": f"tls-{number}-{at}"} for at in range(0, 12, 3)]
    spec = {"ingressClassName": "nginx", "rules": rules, "tls": tls}
    return object_of("networking.k8s.io/v1", "Ingress", number, live, {"spec": spec})


def _policy(number: int, live: bool, edited: bool) -> dict[str, Any]:
    def peer(at: int) -> dict[str, Any]:
        touched = live and edited and at == 5
        who = "anybody" if touched else f"{team(at)}-{at}"
        return {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": who}},
            "podSelector": {"matchLabels": {"app": f"{team(number + at)}-{number}"}},
        }

    ingress: list[dict[str, Any]] = [
        {
            "from": [peer(4 * rule + at) for at in range(4)],
            "ports": [{"port": 8000 + 10 * rule + at} for at in range(3)],
        }
        for rule in range(8)
    ]
    if live:
        for rule in ingress:
            for port in rule["ports"]:
                port["protocol"] = "TCP"
    spec = {
        "podSelector": {"matchLabels": {"app": f"{team(number)}-{number}"}},
        "policyTypes": ["Ingress"],
        "ingress": ingress,
    }
    return object_of("networking.k8s.io/v1", "NetworkPolicy", number, live, {"spec": spec})


MAKERS = (_deployment, _ingress, _policy)
