"""What the API server fills in when an object is created, for the kinds that tests and the demo use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def fill(body: dict[str, Any], schema: Mapping[str, Any] | None) -> None:
    """Fills in defaults, in place."""
    kind, spec = body["kind"], body.get("spec")
    if schema is not None:
        _of_schema(body, schema)
    elif kind in _KINDS and isinstance(spec, dict):
        _KINDS[kind](spec)
    elif kind == "Secret":
        import base64

        body.setdefault("type", "Opaque")
        for name, text in (body.pop("stringData", None) or {}).items():
            body.setdefault("data", {})[name] = base64.b64encode(str(text).encode()).decode()
    elif kind.endswith("WebhookConfiguration"):
        for hook in body.get("webhooks", ()):
            _set(hook, failurePolicy="Fail", matchPolicy="Equivalent", timeoutSeconds=10)
            _set(hook, namespaceSelector={}, objectSelector={})
            if kind.startswith("Mutating"):
                _set(hook, reinvocationPolicy="Never")
            for rule in hook.get("rules", ()):
                _set(rule, scope="*")
            if "service" in hook.get("clientConfig", {}):
                _set(hook["clientConfig"]["service"], port=443)
    elif kind in ("RoleBinding", "ClusterRoleBinding"):
        for subject in body.get("subjects", ()):
            if subject.get("kind") in ("User", "Group"):
                _set(subject, apiGroup="rbac.authorization.k8s.io")
    elif kind == "Namespace":
        body.setdefault("spec", {"finalizers": ["kubernetes"]})
        body["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = body["metadata"]["name"]


def _set(into: dict[str, Any], **defaults: Any) -> None:
    for name, value in defaults.items():
        into.setdefault(name, value)


def _pod(spec: dict[str, Any]) -> None:
    _set(spec, dnsPolicy="ClusterFirst", restartPolicy="Always", schedulerName="default-scheduler")
    _set(spec, securityContext={}, terminationGracePeriodSeconds=30)
    if "serviceAccountName" in spec:
        _set(spec, serviceAccount=spec["serviceAccountName"])
    for container in (*spec.get("containers", ()), *spec.get("initContainers", ())):
        tag = container.get("image", "").rpartition("/")[2].partition(":")[2]
        _set(container, imagePullPolicy="Always" if tag in ("", "latest") else "IfNotPresent", resources={})
        _set(container, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
        for port in container.get("ports", ()):
            _set(port, protocol="TCP")
        for name in _PROBES:
            if name in container:
                probe = container[name]
                _set(probe, failureThreshold=3, periodSeconds=10, successThreshold=1, timeoutSeconds=1)
                if "httpGet" in probe:
                    _set(probe["httpGet"], scheme="HTTP", path="/")
        for variable in container.get("env", ()):
            if "fieldRef" in (variable.get("valueFrom") or {}):
                _set(variable["valueFrom"]["fieldRef"], apiVersion="v1")
    for volume in spec.get("volumes", ()):
        for name in ("configMap", "secret", "projected", "downwardAPI"):
            if name in volume:
                _set(volume[name], defaultMode=420)


def _template(spec: dict[str, Any]) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})["creationTimestamp"] = None
    _pod(template.setdefault("spec", {}))


def _deployment(spec: dict[str, Any]) -> None:
    _set(spec, replicas=1, progressDeadlineSeconds=600, revisionHistoryLimit=10)
    strategy = spec.setdefault("strategy", {})
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy.setdefault("rollingUpdate", {}), maxSurge="25%", maxUnavailable="25%")
    _template(spec)


def _replica_set(spec: dict[str, Any]) -> None:
    _set(spec, replicas=1)
    _template(spec)


def _autoscaler(spec: dict[str, Any]) -> None:
    _set(spec, minReplicas=1)


def _stateful_set(spec: dict[str, Any]) -> None:
    _set(spec, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10)
    _set(spec, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0}})
    _set(spec, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})
    _template(spec)
    for claim in spec.get("volumeClaimTemplates", ()):
        _set(claim, apiVersion="v1", kind="PersistentVolumeClaim", status={"phase": "Pending"})
        _set(claim["spec"], volumeMode="Filesystem")


def _daemon_set(spec: dict[str, Any]) -> None:
    _set(spec, revisionHistoryLimit=10)
    _set(
        spec, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
    )
    _template(spec)


def _job(spec: dict[str, Any]) -> None:
    _set(spec, backoffLimit=6, completions=1, parallelism=1, completionMode="NonIndexed", suspend=False)
    _set(spec, manualSelector=False, podReplacementPolicy="TerminatingOrFailed")
    _template(spec)


def _cron_job(spec: dict[str, Any]) -> None:
    _set(
        spec, concurrencyPolicy="Allow", failedJobsHistoryLimit=1, successfulJobsHistoryLimit=3, suspend=False
    )
    job = spec.setdefault("jobTemplate", {})
    job.setdefault("metadata", {})["creationTimestamp"] = None
    _template(job.setdefault("spec", {}))


def _service(spec: dict[str, Any]) -> None:
    _set(spec, type="ClusterIP", sessionAffinity="None", internalTrafficPolicy="Cluster")
    _set(spec, clusterIP="10.96.12.34", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    _set(spec, clusterIPs=[spec["clusterIP"]])
    for number, port in enumerate(spec.get("ports", ())):
        _set(port, protocol="TCP", targetPort=port["port"])
        if spec["type"] in ("NodePort", "LoadBalancer"):
            _set(port, nodePort=30000 + number)
            _set(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _set(spec, allocateLoadBalancerNodePorts=True)


def _network_policy(spec: dict[str, Any]) -> None:
    _set(spec, policyTypes=["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
        for port in rule.get("ports", ()):
            _set(port, protocol="TCP")


def _claim(spec: dict[str, Any]) -> None:
    _set(spec, volumeMode="Filesystem", storageClassName="standard", volumeName="pvc-0001")


_KINDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replica_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "NetworkPolicy": _network_policy,
    "PersistentVolumeClaim": _claim,
    "HorizontalPodAutoscaler": _autoscaler,
}


def _of_schema(value: Any, schema: Mapping[str, Any]) -> None:
    """A structural schema's own defaults."""
    if isinstance(value, dict):
        for name, below in (schema.get("properties") or {}).items():
            if name not in value and "default" in below:
                value[name] = below["default"]
            if name in value:
                _of_schema(value[name], below)
    elif isinstance(value, list):
        for item in value:
            _of_schema(item, schema.get("items") or {})
