"""``AWS::DynamoDB::GlobalTable`` in the shape of ``AWS::DynamoDB::Table``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.model import Unresolved

#: Said once for all replicas, in the same words.
_SAME = (
    "AttributeDefinitions",
    "BillingMode",
    "KeySchema",
    "LocalSecondaryIndexes",
    "StreamSpecification",
    "TableName",
    "TimeToLiveSpecification",
    "VectorIndexes",
    "WarmThroughput",
)
#: Said of each replica.
_OF_REPLICA = (
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "KinesisStreamSpecification",
    "PointInTimeRecoverySpecification",
    "ResourcePolicy",
    "TableClass",
    "Tags",
)
_ON_DEMAND = "PAY_PER_REQUEST"


def table(document: dict[str, Any]) -> dict[str, Any]:
    """The table in the stack's own region. Source: the CloudFormation reference of both types.

    Capacity that Application Auto Scaling moves can't be known. ``SSEEnabled`` is by the service's own key of
    KMS where ``SSEType`` says nothing else.
    """
    listed = document.get("Replicas")
    replicas = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    own = next((one for one in replicas if one.get("Region") == document.get("region")), {})
    found = {name: document[name] for name in _SAME if name in document}
    found.update((name, own[name]) for name in _OF_REPLICA if name in own)
    billing = document.get("BillingMode")
    found["ProvisionedThroughput"] = _capacity(document, own, billing)
    found["OnDemandThroughput"] = _limits(document, own)
    found["SSESpecification"] = _encryption(document.get("SSESpecification"), own)
    found["GlobalSecondaryIndexes"] = _indexes(document.get("GlobalSecondaryIndexes"), own, billing)
    found["Replicas"] = [
        {"Region": one["Region"], "KMSMasterKeyId": _key(one)}
        for one in replicas
        if one is not own and "Region" in one
    ]
    return found


def _capacity(said: Mapping[str, Any], own: Mapping[str, Any], billing: Any) -> dict[str, Any] | None:
    if billing == _ON_DEMAND:
        return None
    scaled = Unresolved("Application Auto Scaling moves it, as the template says")
    reads = own.get("ReadProvisionedThroughputSettings") or said.get("ReadProvisionedThroughputSettings")
    fixed = reads.get("ReadCapacityUnits") if isinstance(reads, Mapping) else None
    return {"ReadCapacityUnits": scaled if fixed is None else fixed, "WriteCapacityUnits": scaled}


def _limits(said: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any] | None:
    reads = own.get("ReadOnDemandThroughputSettings") or said.get("ReadOnDemandThroughputSettings")
    writes = said.get("WriteOnDemandThroughputSettings")
    found = {
        name: one.get(name)
        for one, name in ((reads, "MaxReadRequestUnits"), (writes, "MaxWriteRequestUnits"))
        if isinstance(one, Mapping)
    }
    return found or None


def _key(replica: Mapping[str, Any]) -> Any:
    said = replica.get("SSESpecification")
    return said.get("KMSMasterKeyId") if isinstance(said, Mapping) else None


def _encryption(said: Any, own: Mapping[str, Any]) -> Any:
    if not isinstance(said, Mapping):
        return said
    return {**said, "KMSMasterKeyId": _key(own)}


def _indexes(said: Any, own: Mapping[str, Any], billing: Any) -> Any:
    if not isinstance(said, list):
        return said
    listed: Iterable[Any] = own.get("GlobalSecondaryIndexes") or ()
    replicas = {one.get("IndexName"): one for one in listed if isinstance(one, Mapping)}
    found = []
    for index in said:
        if isinstance(index, Mapping):
            replica = replicas.get(index.get("IndexName"), {})
            kept = {
                name: index.get(name) for name in ("IndexName", "KeySchema", "Projection", "WarmThroughput")
            }
            kept["ProvisionedThroughput"] = _capacity(index, replica, billing)
            kept["OnDemandThroughput"] = _limits(index, replica)
            found.append(kept)
    return found
