"""Whether a kind is namespaced and served: by the cluster's discovery, by declared CRDs, by what is known of
old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drift.source import LiveView
from providers.kubernetes.declared_objects import Manifest
from providers.kubernetes.names import TypeName
from providers.kubernetes.schemas import built_in

_CRD = "apiextensions.k8s.io/CustomResourceDefinition"

#: Kinds without namespace, by group. Source: the OpenAPI of Kubernetes 1.37 (those of earlier releases as far
#: back as 1.20), and the CRDs that the named projects publish.
_CLUSTER_WIDE: Mapping[str, str] = {
    "": "ComponentStatus Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "authentication.k8s.io": "SelfSubjectReview TokenReview",
    "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "internal.apiserver.k8s.io": "StorageVersion",
    "networking.k8s.io": "ClusterCIDR IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "policy": "PodSecurityPolicy",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceClass ResourcePoolStatusRequest ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
    "storagemigration.k8s.io": "StorageVersionMigration",
    # cert-manager, External Secrets, Kyverno, Karpenter, Gateway API, snapshots, Cilium, Calico, Crossplane,
    # OpenShift
    "cert-manager.io": "ClusterIssuer",
    "external-secrets.io": "ClusterExternalSecret ClusterPushSecret ClusterSecretStore",
    "kyverno.io": "ClusterCleanupPolicy ClusterPolicy",
    "karpenter.sh": "NodeClaim NodePool",
    "karpenter.k8s.aws": "EC2NodeClass",
    "gateway.networking.k8s.io": "GatewayClass",
    "snapshot.storage.k8s.io": "VolumeSnapshotClass VolumeSnapshotContent",
    "cilium.io": "CiliumClusterwideNetworkPolicy CiliumNode",
    "crd.projectcalico.org": (
        "BGPConfiguration BGPPeer FelixConfiguration GlobalNetworkPolicy GlobalNetworkSet IPPool"
    ),
    "projectcalico.org": (
        "BGPConfiguration BGPPeer FelixConfiguration GlobalNetworkPolicy GlobalNetworkSet IPPool"
    ),
    "apiextensions.crossplane.io": "CompositeResourceDefinition Composition",
    "pkg.crossplane.io": "Configuration Function Provider",
    "templates.gatekeeper.sh": "ConstraintTemplate",
    "security.openshift.io": "SecurityContextConstraints",
    "project.openshift.io": "Project",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is known of the cluster that an object is declared for. ``scope`` is empty where it can't be told.

    ``kinds`` is discovery's answer (:meth:`providers.kubernetes.live.Reading.context`), None where there is
    none; ``declared`` tells of declared CRDs whether their kind is namespaced.
    """

    scope: str
    kinds: Mapping[str, Mapping[str, Any]] | None = None
    refused: frozenset[str] = frozenset()
    version: str | None = None
    declared: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, live: LiveView, asked: str | None, manifests: Iterable[Manifest] = ()) -> Cluster:
        """The cluster named ``asked``, else the only one that there is."""
        clusters = live.context("kubernetes").get("clusters") or {}
        scope = asked or _only(live.scopes("kubernetes") or clusters) or ""
        told = clusters.get(scope) or {}
        return cls(
            scope,
            told.get("kinds") or None,
            frozenset(told.get("refused") or ()),
            told.get("version"),
            dict(_custom_kinds(manifests)),
        )

    def namespaced(self, type_: TypeName) -> bool | None:
        """None where nothing tells."""
        told = (self.kinds or {}).get(type_.key, {}).get("namespaced")
        if told is not None:
            return bool(told)
        if type_.key in self.declared:
            return self.declared[type_.key]
        if type_.kind in _CLUSTER_WIDE.get(type_.group, "").split():
            return False
        if type_.group == "constraints.gatekeeper.sh":
            return False
        return True if type_.key in built_in().by_key else None

    def spellings(self, type_: TypeName) -> list[str]:
        """The names that the live side may know the type by, the likeliest first."""
        told = (self.kinds or {}).get(type_.key, {})
        versions = dict.fromkeys([told.get("read"), *(told.get("versions") or ()), type_.version])
        return [str(type_._replace(version=version)) for version in versions if version]


def _only(several: Iterable[str]) -> str | None:
    found = list(several)
    return found[0] if len(found) == 1 else None


def _custom_kinds(manifests: Iterable[Manifest]) -> Iterable[tuple[str, bool]]:
    for one in manifests:
        if one.type.key != _CRD:
            continue
        spec = one.body.get("spec")
        names = spec.get("names") if isinstance(spec, Mapping) else None
        if isinstance(spec, Mapping) and isinstance(names, Mapping):
            yield f"{spec.get('group')}/{names.get('kind')}", spec.get("scope") == "Namespaced"
