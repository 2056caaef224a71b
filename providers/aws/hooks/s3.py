"""Amazon S3: what the answers about a bucket say, in CloudFormation's shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from providers.aws.hooks.s3_grants import access
from providers.aws.partitions import partition_of

Document = Mapping[str, Any]

#: Since then every new bucket has all public access blocked and ACLs disabled, so where these are absent they
#: were removed. Source:
#: https://aws.amazon.com/blogs/aws/heads-up-amazon-s3-security-changes-are-coming-in-april-of-2023/
SECURE_BY_DEFAULT = datetime(2023, 5, 1, tzinfo=UTC)

#: Regions whose website endpoints are written with a dash.
#: Source: https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
_WEBSITE_DASH = frozenset(
    [
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
        "us-gov-west-1",
    ]
)
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def bucket(document: Document) -> dict[str, Any]:
    """All properties of a bucket that take more than an expression."""
    return {
        **host_names(document["Name"], document.get("BucketRegion") or document["region"]),
        **access(document.get("Acl")),
        **protection(document),
        "LifecycleConfiguration": lifecycle(document.get("Lifecycle")),
        "NotificationConfiguration": notification(document.get("Notification") or {}),
        "ReplicationConfiguration": replication(document.get("Replication")),
        "AnalyticsConfigurations": _each(_analytics, document.get("Analytics")),
        "IntelligentTieringConfigurations": _each(_tiering, document.get("Tiering")),
        "InventoryConfigurations": _each(_inventory, document.get("Inventory")),
        "MetricsConfigurations": _each(_metrics, document.get("Metrics")),
    }


def host_names(name: str, region: str) -> dict[str, str]:
    """What GetAtt gives: the ARN and the bucket's host names."""
    partition = partition_of(region)
    suffix = partition.suffix
    separator = "-" if region in _WEBSITE_DASH else "."
    return {
        "Arn": f"arn:{partition.name}:s3:::{name}",
        "DomainName": f"{name}.s3.{suffix}",
        "RegionalDomainName": f"{name}.s3.{region}.{suffix}",
        "DualStackDomainName": f"{name}.s3.dualstack.{region}.{suffix}",
        "WebsiteURL": f"http://{name}.s3-website{separator}{region}.{suffix}",
    }


def protection(document: Document) -> dict[str, Any]:
    """Public access block and ownership controls, which say something also where they are absent.

    Where Amazon S3 itself (``HostId``: every one of its answers has one) has none for a bucket that was made
    with them, they were removed: that is the same as switched off. Elsewhere absent is ``{}``, which equals
    nothing declared and differs from everything declared (a value that is not there would be taken for the
    default).
    """
    removed = bool(document.get("HostId")) and _date(document.get("CreationDate")) >= SECURE_BY_DEFAULT
    block, ownership = document.get("PublicAccessBlock"), document.get("Ownership")
    return {
        "PublicAccessBlockConfiguration": block or (dict.fromkeys(_BLOCKS, False) if removed else {}),
        "OwnershipControls": ownership
        or ({"Rules": [{"ObjectOwnership": "ObjectWriter"}]} if removed else {}),
    }


def _date(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(1970, 1, 1, tzinfo=UTC)


def _each(translate: Any, items: Iterable[Document] | None) -> list[dict[str, Any]] | None:
    return [translate(item) for item in items] if items else None


# Lifecycle


def lifecycle(answer: Document | None) -> dict[str, Any] | None:
    """GetBucketLifecycleConfiguration's answer as ``LifecycleConfiguration``."""
    if not answer or not answer.get("Rules"):
        return None
    return {
        "Rules": [_lifecycle_rule(rule) for rule in answer["Rules"]],
        "TransitionDefaultMinimumObjectSize": answer.get("TransitionDefaultMinimumObjectSize"),
    }


def _lifecycle_rule(rule: Document) -> dict[str, Any]:
    expiration = rule.get("Expiration") or {}
    chosen = _filter(rule)
    return {
        "Id": rule.get("ID"),
        "Status": rule.get("Status"),
        "Prefix": chosen.get("Prefix"),
        "TagFilters": chosen.get("Tags"),
        "ObjectSizeGreaterThan": _text(chosen.get("ObjectSizeGreaterThan")),
        "ObjectSizeLessThan": _text(chosen.get("ObjectSizeLessThan")),
        "ExpirationInDays": expiration.get("Days"),
        "ExpirationDate": _moment(expiration.get("Date")),
        "ExpiredObjectDeleteMarker": expiration.get("ExpiredObjectDeleteMarker"),
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        "NoncurrentVersionExpiration": rule.get("NoncurrentVersionExpiration"),
        "NoncurrentVersionTransitions": [
            {
                "TransitionInDays": one.get("NoncurrentDays"),
                "StorageClass": one.get("StorageClass"),
                "NewerNoncurrentVersions": one.get("NewerNoncurrentVersions"),
            }
            for one in rule.get("NoncurrentVersionTransitions") or ()
        ]
        or None,
        "Transitions": [
            {
                "TransitionInDays": one.get("Days"),
                "TransitionDate": _moment(one.get("Date")),
                "StorageClass": one.get("StorageClass"),
            }
            for one in rule.get("Transitions") or ()
        ]
        or None,
    }


def _filter(rule: Document) -> dict[str, Any]:
    """A rule's filter in one level: ``Prefix``, ``Tags`` (a list) and the rest of it."""
    said = rule.get("Filter") or {}
    found = {**said, **(said.get("And") or {})}
    tags = [*(found.get("Tags") or ()), *([said["Tag"]] if said.get("Tag") else ())]
    return {**found, "Prefix": found.get("Prefix") or rule.get("Prefix") or None, "Tags": tags or None}


def _moment(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# Notifications


_TARGETS = (
    ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
    ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
)


def notification(answer: Document) -> dict[str, Any] | None:
    """GetBucketNotificationConfiguration's answer; CloudFormation has one entry for each event."""
    found: dict[str, Any] = {}
    for name, theirs, target, arn in _TARGETS:
        entries = [
            {"Event": event, target: one.get(arn), "Filter": _key_filter(one)}
            for one in answer.get(theirs) or ()
            for event in one.get("Events") or ()
        ]
        if entries:
            found[name] = entries
    if answer.get("EventBridgeConfiguration") is not None:
        found["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    return found or None


def _key_filter(entry: Document) -> dict[str, Any] | None:
    rules = ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules")
    if not rules:
        return None
    return {
        "S3Key": {"Rules": [{"Name": str(one["Name"]).lower(), "Value": one.get("Value")} for one in rules]}
    }


# Replication


def replication(answer: Document | None) -> dict[str, Any] | None:
    """GetBucketReplication's answer as ``ReplicationConfiguration``."""
    if not answer:
        return None
    rules = []
    for rule in answer.get("Rules") or ():
        chosen = {name: value for name, value in rule.items() if name != "ID"}
        chosen["Id"] = rule.get("ID")
        chosen["Filter"] = _replication_filter(rule.get("Filter"))
        chosen["Prefix"] = rule.get("Prefix") or None
        rules.append(chosen)
    return {"Role": answer.get("Role"), "Rules": rules}


def _replication_filter(said: Document | None) -> dict[str, Any] | None:
    if not said:
        return None
    both = said.get("And")
    return {
        "Prefix": said.get("Prefix") or None,
        "TagFilter": said.get("Tag"),
        "And": {"Prefix": both.get("Prefix") or None, "TagFilters": both.get("Tags")} if both else None,
    }


# Reports and metrics


def _analytics(one: Document) -> dict[str, Any]:
    chosen = _filter(one)
    export = (one.get("StorageClassAnalysis") or {}).get("DataExport")
    analysis: dict[str, Any] = {}
    if export:
        target = (export.get("Destination") or {}).get("S3BucketDestination") or {}
        analysis["DataExport"] = {
            "OutputSchemaVersion": export.get("OutputSchemaVersion"),
            "Destination": {
                "BucketArn": target.get("Bucket"),
                "BucketAccountId": target.get("BucketAccountId"),
                "Format": target.get("Format"),
                "Prefix": target.get("Prefix") or None,
            },
        }
    return {
        "Id": one.get("Id"),
        "Prefix": chosen["Prefix"],
        "TagFilters": chosen["Tags"],
        "StorageClassAnalysis": analysis,
    }


def _tiering(one: Document) -> dict[str, Any]:
    chosen = _filter(one)
    return {
        "Id": one.get("Id"),
        "Prefix": chosen["Prefix"],
        "TagFilters": chosen["Tags"],
        "Status": one.get("Status"),
        "Tierings": one.get("Tierings"),
    }


def _inventory(one: Document) -> dict[str, Any]:
    target = (one.get("Destination") or {}).get("S3BucketDestination") or {}
    return {
        "Id": one.get("Id"),
        "Enabled": one.get("IsEnabled"),
        "IncludedObjectVersions": one.get("IncludedObjectVersions"),
        "OptionalFields": one.get("OptionalFields"),
        "Prefix": (one.get("Filter") or {}).get("Prefix") or None,
        "ScheduleFrequency": (one.get("Schedule") or {}).get("Frequency"),
        "Destination": {
            "BucketArn": target.get("Bucket"),
            "BucketAccountId": target.get("AccountId"),
            "Format": target.get("Format"),
            "Prefix": target.get("Prefix") or None,
        },
    }


def _metrics(one: Document) -> dict[str, Any]:
    chosen = _filter(one)
    return {
        "Id": one.get("Id"),
        "Prefix": chosen["Prefix"],
        "TagFilters": chosen["Tags"],
        "AccessPointArn": chosen.get("AccessPointArn"),
    }
