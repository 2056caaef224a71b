"""The kinds that the loopback cluster serves: a table of Kubernetes' own, and what custom resource
definitions add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_TABLE = """
v1 ConfigMap configmaps ns | v1 Endpoints endpoints ns | v1 Event events ns | v1 LimitRange limitranges ns
v1 Namespace namespaces - | v1 Node nodes - | v1 PersistentVolume persistentvolumes -
v1 PersistentVolumeClaim persistentvolumeclaims ns | v1 Pod pods ns | v1 PodTemplate podtemplates ns
v1 ReplicationController replicationcontrollers ns | v1 ResourceQuota resourcequotas ns | v1 Secret secrets ns
v1 Service services ns | v1 ServiceAccount serviceaccounts ns
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations -
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations -
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions -
apiregistration.k8s.io/v1 APIService apiservices -
apps/v1 ControllerRevision controllerrevisions ns | apps/v1 DaemonSet daemonsets ns
apps/v1 Deployment deployments ns | apps/v1 ReplicaSet replicasets ns | apps/v1 StatefulSet statefulsets ns
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers ns
autoscaling/v1 HorizontalPodAutoscaler horizontalpodautoscalers ns
batch/v1 CronJob cronjobs ns | batch/v1 Job jobs ns
certificates.k8s.io/v1 CertificateSigningRequest certificatesigningrequests -
coordination.k8s.io/v1 Lease leases ns | discovery.k8s.io/v1 EndpointSlice endpointslices ns
events.k8s.io/v1 Event events ns
flowcontrol.apiserver.k8s.io/v1 FlowSchema flowschemas -
flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration prioritylevelconfigurations -
networking.k8s.io/v1 Ingress ingresses ns | networking.k8s.io/v1 IngressClass ingressclasses -
networking.k8s.io/v1 NetworkPolicy networkpolicies ns | node.k8s.io/v1 RuntimeClass runtimeclasses -
policy/v1 PodDisruptionBudget poddisruptionbudgets ns
rbac.authorization.k8s.io/v1 ClusterRole clusterroles -
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings -
rbac.authorization.k8s.io/v1 Role roles ns | rbac.authorization.k8s.io/v1 RoleBinding rolebindings ns
scheduling.k8s.io/v1 PriorityClass priorityclasses - | storage.k8s.io/v1 CSIDriver csidrivers -
storage.k8s.io/v1 CSINode csinodes - | storage.k8s.io/v1 StorageClass storageclasses -
storage.k8s.io/v1 VolumeAttachment volumeattachments -
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one version. ``schema`` is a custom resource's OpenAPI, None for Kubernetes' own."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    schema: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        return f"{self.group}/{self.kind}" if self.group else self.kind

    @property
    def api(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def built_in() -> list[Kind]:
    """Kubernetes' own kinds, preferred versions first."""
    found = []
    for entry in _TABLE.replace("\n", "|").split("|"):
        if entry.strip():
            api, kind, plural, scope = entry.split()
            group, _, version = api.rpartition("/")
            found.append(Kind(group, version, kind, plural, scope == "ns"))
    return found


def of_definition(body: Mapping[str, Any]) -> Iterable[Kind]:
    """The kinds that a CustomResourceDefinition serves, its storage version first."""
    spec = body["spec"]
    for version in sorted(spec.get("versions", ()), key=lambda one: not one.get("storage")):
        if version.get("served", True):
            yield Kind(
                spec["group"],
                version["name"],
                spec["names"]["kind"],
                spec["names"]["plural"],
                spec.get("scope", "Namespaced") == "Namespaced",
                (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"},
            )


def guessed(body: Mapping[str, Any]) -> Kind:
    """A kind that only an object tells of."""
    group, _, version = str(body["apiVersion"]).rpartition("/")
    kind = str(body["kind"])
    namespaced = bool((body.get("metadata") or {}).get("namespace"))
    return Kind(group, version, kind, kind.lower() + "s", namespaced, {"type": "object"})
