"""Records of clusters and subscriptions of which people edited one in seven: another image, another number of
replicas, a rule more, a setting switched, a file of a ConfigMap, one entry of a list within a list."""

from __future__ import annotations

import hashlib
from typing import Any

SUBSCRIPTION = "00000000-0000-4000-8000-000000000002"
_TEAMS = ("checkout", "catalogue", "billing", "platform", "mail", "reports")


def _hex(number: int, length: int) -> str:
    return hashlib.sha256(f"edited {number}".encode()).hexdigest()[:length]


def team(number: int) -> str:
    return _TEAMS[number % len(_TEAMS)]


def object_of(version: str, kind: str, number: int, live: bool, body: dict[str, Any]) -> dict[str, Any]:
    """An object of a cluster, live with what the API server writes into it."""
    name, space = f"{team(number)}-{number}", f"{team(number)}-{number % 3}"
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": space,
        "labels": {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/part-of": team(number),
            "app.kubernetes.io/managed-by": "kustomize",
            "example.com/tier": ("gold", "silver")[number % 2],
        },
        "annotations": {"example.com/contact": f"{team(number)}@example.com"},
    }
    if live:
        metadata |= {
            "uid": f"{_hex(number, 8)}-1111-4000-8000-{_hex(number, 12)}",
            "resourceVersion": str(100_000 + number),
            "generation": 3,
            "creationTimestamp": "2026-01-02T03:04:05Z",
        }
    return {
        "provider": "kubernetes",
        "scope": "production",
        "type": f"{version}/{kind}",
        "id": f"{space}/{name}",
        "attributes": {"apiVersion": version, "kind": kind, "metadata": metadata, **body},
    }


def probe(path: str, live: bool) -> dict[str, Any]:
    probe: dict[str, Any] = {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 10}
    if live:
        probe["httpGet"]["scheme"] = "HTTP"
        probe |= {"failureThreshold": 3, "successThreshold": 1, "timeoutSeconds": 1}
    return probe


def _container(number: int, index: int, live: bool, edited: bool) -> dict[str, Any]:
    version = f"{number % 9}.{index}.{7 if edited else number % 5}"
    container: dict[str, Any] = {
        "name": ("service", "proxy", "exporter")[index],
        "image": f"registry.example.com/{team(number)}/{('service', 'proxy', 'exporter')[index]}:{version}",
        "command": ["/bin/run", f"--name={team(number)}-{number}", "--config=/etc/run/config.yaml"],
        "ports": [{"name": "http", "containerPort": 8080 + index}],
        "env": [
            {"name": f"{team(number).upper()}_SETTING_{i}", "value": f"{team(i)} of {number}"}
            for i in range(7)
        ]
        + [
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "ACCESS", "valueFrom": {"secretKeyRef": {"name": f"access-{number}", "key": "value"}}},
        ],
        "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
        "readinessProbe": probe("/ready", live),
        "livenessProbe": probe("/alive", live),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/run", "readOnly": True}],
    }
    if live:
        container["ports"][0]["protocol"] = "TCP"
        container["env"][-2]["valueFrom"]["fieldRef"]["apiVersion"] = "v1"
        container |= {
            "imagePullPolicy": "IfNotPresent",
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
    return container


def _deployment(number: int, live: bool, edited: bool) -> dict[str, Any]:
    touched = live and edited
    pod: dict[str, Any] = {
        "serviceAccountName": f"{team(number)}-{number}",
        "containers": [_container(number, i, live, touched and number % 2 == 0) for i in range(3)],
        "volumes": [{"name": "config", "configMap": {"name": f"{team(number)}-{number}"}}],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": f"{team(number)}-{number}"}},
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
    }
    spec: dict[str, Any] = {
        "replicas": 5 if touched else 3,
        "selector": {"matchLabels": {"app": f"{team(number)}-{number}"}},
        "template": {"metadata": {"labels": {"app": f"{team(number)}-{number}"}}, "spec": pod},
    }
    if live:
        pod["volumes"][0]["configMap"]["defaultMode"] = 420
        pod |= {
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "securityContext": {},
            "terminationGracePeriodSeconds": 30,
            "serviceAccount": pod["serviceAccountName"],
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


def _map(number: int, live: bool, edited: bool) -> dict[str, Any]:
    rules = "".join(
        f'- alert: {team(i)}Slow\n  expr: rate(requests_total{{service="{team(i)}"}}[5m]) > {i}\n'
        f"  labels: {{severity: page, team: {team(number + i)}}}\n"
        for i in range(20)
    )
    limit = 200 if live and edited else 100
    files = {
        "config.yaml": f"listen: 0.0.0.0:8080\nlimit: {limit}\nservice: {team(number)}-{number}\n" * 6,
        "rules.yaml": rules,
        "start.sh": "#!/bin/sh\nset -eu\nexec /bin/run --config /etc/run/config.yaml\n",
    }
    return object_of("v1", "ConfigMap", number, live, {"data": files})


def _service(number: int, live: bool, edited: bool) -> dict[str, Any]:
    ports: list[dict[str, Any]] = [
        {"name": name, "port": 80 + i, "targetPort": 8080 + i} for i, name in enumerate(("http", "admin"))
    ]
    spec: dict[str, Any] = {"selector": {"app": f"{team(number)}-{number}"}, "ports": ports}
    if live:
        for port in ports:
            port["protocol"] = "TCP"
        spec |= {
            "type": "ClusterIP",
            "clusterIP": f"10.96.{number % 250}.{number % 199}",
            "clusterIPs": [f"10.96.{number % 250}.{number % 199}"],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "sessionAffinity": "ClientIP" if edited else "None",
        }
    return object_of("v1", "Service", number, live, {"spec": spec})


def _azure(type_: str, number: int, attributes: dict[str, Any]) -> dict[str, Any]:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{team(number)}/providers"
    return {
        "provider": "azure",
        "scope": SUBSCRIPTION,
        "type": type_,
        "id": f"{group}/{type_}/{team(number)}-{number}",
        "attributes": attributes,
    }


def _network(number: int, live: bool, edited: bool) -> dict[str, Any]:
    def subnet(index: int) -> dict[str, Any]:
        inside: dict[str, Any] = {
            "addressPrefix": f"10.{number % 200}.{index}.0/24",
            "serviceEndpoints": [
                {"service": f"Microsoft.{name}", "locations": ["westeurope"]} for name in ("Storage", "Sql")
            ],
            "privateEndpointNetworkPolicies": "Disabled",
        }
        if live:
            inside |= {"provisioningState": "Succeeded"}
            for one in inside["serviceEndpoints"]:
                one["provisioningState"] = "Succeeded"
        if live and edited and index == 3:
            inside["privateEndpointNetworkPolicies"] = "Enabled"
        return {"name": f"subnet-{index}", "properties": inside}

    subnets = [subnet(index) for index in range(8)]
    properties: dict[str, Any] = {
        "addressSpace": {"addressPrefixes": [f"10.{number % 200}.0.0/16"]},
        "dhcpOptions": {"dnsServers": ["10.0.0.4", "10.0.0.5"]},
        "subnets": subnets[::-1] if live else subnets,
    }
    if live:
        properties |= {
            "provisioningState": "Succeeded",
            "resourceGuid": f"{_hex(number, 8)}-2222-4000-8000-000000000000",
        }
    tags = {"team": team(number), "stage": "production", "cost-centre": f"{4000 + number % 90}"}
    attributes = {"location": "westeurope", "tags": tags, "properties": properties}
    return _azure("Microsoft.Network/virtualNetworks", number, attributes)


def _machine(number: int, live: bool, edited: bool) -> dict[str, Any]:
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{team(number)}/providers"
    disks = [
        {
            "lun": lun,
            "name": f"{team(number)}-{number}-data-{lun}",
            "createOption": "Attach",
            "caching": "ReadWrite" if live and edited and lun == 1 else "ReadOnly",
            "managedDisk": {"id": f"{group}/Microsoft.Compute/disks/{team(number)}-{number}-data-{lun}"},
        }
        for lun in range(4)
    ]
    properties: dict[str, Any] = {
        "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": "server",
                "version": "latest",
            },
            "osDisk": {"name": f"{team(number)}-{number}", "createOption": "FromImage", "diskSizeGB": 64},
            "dataDisks": disks,
        },
        "osProfile": {"computerName": f"{team(number)}-{number}", "adminUsername": "operator"},
        "networkProfile": {
            "networkInterfaces": [
                {
                    "id": f"{group}/Microsoft.Network/networkInterfaces/{team(number)}-{number}-{i}",
                    "properties": {"primary": i == 0},
                }
                for i in range(2)
            ]
        },
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
    }
    if live:
        properties |= {
            "provisioningState": "Succeeded",
            "vmId": f"{_hex(number, 8)}-3333-4000-8000-000000000000",
        }
    attributes = {
        "location": "westeurope",
        "zones": ["1"],
        "tags": {"team": team(number), "stage": "production"},
        "properties": properties,
    }
    return _azure("Microsoft.Compute/virtualMachines", number, attributes)


MAKERS = (_deployment, _map, _network, _service, _machine)
