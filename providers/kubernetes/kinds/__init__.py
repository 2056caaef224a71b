"""The value kinds of Kubernetes, by the name that type facts use."""

from __future__ import annotations

from drift.kinds.base import Kind
from providers.kubernetes.kinds import objects, quantity, scalar, versions

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        quantity.QUANTITY,
        scalar.GO_DURATION,
        scalar.ANY_SCALAR,
        scalar.GIVEN_WHERE_EMPTY,
        objects.LIST_MAP,
        objects.ORDERED_LIST_MAP,
        objects.ENV,
        objects.ALTERNATIVES,
        objects.POD_SPEC,
        objects.SERVICE_PORT,
        objects.SECRET,
        objects.CLUSTER_ROLE,
        objects.WEBHOOK_CLIENT,
        objects.FIELDS,
        versions.AUTOSCALER,
        versions.DEFINITION,
        versions.INGRESS_SPEC,
        versions.INGRESS_BACKEND,
    )
}
