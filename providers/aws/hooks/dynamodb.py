"""What DynamoDB describes of a table, and what Terraform declares of one, in CloudFormation's nesting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ON_DEMAND = "PAY_PER_REQUEST"


def table(document: dict[str, Any]) -> dict[str, Any]:
    """Indexes, throughput, encryption and replicas of a described table."""
    billing = (document.get("BillingModeSummary") or {}).get("BillingMode")
    return {
        "GlobalSecondaryIndexes": [
            {
                **_index(index),
                "ProvisionedThroughput": _throughput(index.get("ProvisionedThroughput"), billing),
                "OnDemandThroughput": _limits(index.get("OnDemandThroughput")),
                "WarmThroughput": _only(
                    index.get("WarmThroughput"), "ReadUnitsPerSecond", "WriteUnitsPerSecond"
                ),
            }
            for index in document.get("GlobalSecondaryIndexes") or ()
        ],
        "LocalSecondaryIndexes": [_index(index) for index in document.get("LocalSecondaryIndexes") or ()],
        "ProvisionedThroughput": _throughput(document.get("ProvisionedThroughput"), billing),
        "SSESpecification": _encryption(document.get("SSEDescription")),
        "Replicas": [
            {"Region": replica["RegionName"], "KMSMasterKeyId": replica.get("KMSMasterKeyId")}
            for replica in document.get("Replicas") or ()
            if replica.get("RegionName") not in (None, document.get("region"))
        ],
    }


def terraform_table(document: dict[str, Any]) -> dict[str, Any]:
    """The same of ``aws_dynamodb_table``."""
    billing = document.get("billing_mode")
    encryption = (document.get("server_side_encryption") or [{}])[0]
    return {
        "KeySchema": _keys([document.get("hash_key")], [document.get("range_key")]),
        "GlobalSecondaryIndexes": [
            {
                **_terraform_index(index, index.get("hash_key")),
                "ProvisionedThroughput": _terraform_throughput(index, billing),
                "OnDemandThroughput": _limits(
                    {
                        "MaxReadRequestUnits": limits.get("max_read_request_units") or None,
                        "MaxWriteRequestUnits": limits.get("max_write_request_units") or None,
                    }
                    if (limits := (index.get("on_demand_throughput") or [{}])[0])
                    else None
                ),
            }
            for index in document.get("global_secondary_index") or ()
        ],
        "LocalSecondaryIndexes": [
            _terraform_index(index, document.get("hash_key"))
            for index in document.get("local_secondary_index") or ()
        ],
        "ProvisionedThroughput": _terraform_throughput(document, billing),
        "SSESpecification": {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": encryption.get("kms_key_arn") or None,
        }
        if encryption.get("enabled")
        else {"SSEEnabled": False},
        "Replicas": [
            {"Region": replica["region_name"], "KMSMasterKeyId": replica.get("kms_key_arn") or None}
            for replica in document.get("replica") or ()
        ],
    }


def _index(index: Mapping[str, Any]) -> dict[str, Any]:
    return {name: index.get(name) for name in ("IndexName", "KeySchema", "Projection")}


def _terraform_index(index: Mapping[str, Any], hash_key: Any) -> dict[str, Any]:
    return {
        "IndexName": index.get("name"),
        "KeySchema": _keys([hash_key], [index.get("range_key")]),
        "Projection": {
            "ProjectionType": index.get("projection_type"),
            "NonKeyAttributes": index.get("non_key_attributes") or None,
        },
    }


def _keys(hashes: Iterable[Any], ranges: Iterable[Any]) -> list[dict[str, str]]:
    return [
        *({"AttributeName": name, "KeyType": "HASH"} for name in hashes if name),
        *({"AttributeName": name, "KeyType": "RANGE"} for name in ranges if name),
    ]


def _throughput(said: Any, billing: Any) -> dict[str, Any] | None:
    """Provisioned capacity; on demand it is answered as zeros, which say nothing."""
    return None if billing == ON_DEMAND else _only(said, "ReadCapacityUnits", "WriteCapacityUnits")


def _terraform_throughput(said: Mapping[str, Any], billing: Any) -> dict[str, Any] | None:
    if billing == ON_DEMAND:
        return None
    return {"ReadCapacityUnits": said.get("read_capacity"), "WriteCapacityUnits": said.get("write_capacity")}


def _limits(said: Any) -> dict[str, Any] | None:
    return _only(said, "MaxReadRequestUnits", "MaxWriteRequestUnits")


def _encryption(said: Any) -> dict[str, Any]:
    """Without description, DynamoDB encrypts with a key of its own: for CloudFormation that is ``SSEEnabled:
    false``."""
    if not isinstance(said, Mapping) or said.get("Status") not in ("ENABLED", "ENABLING", "UPDATING"):
        return {"SSEEnabled": False}
    return {"SSEEnabled": True, "SSEType": said.get("SSEType"), "KMSMasterKeyId": said.get("KMSMasterKeyArn")}


def _only(said: Any, *names: str) -> dict[str, Any] | None:
    return {name: said.get(name) for name in names} if isinstance(said, Mapping) else None
