"""Amazon S3: what Terraform's state says of a bucket, where it takes more than an expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.aws.hooks.s3_grants import inline_grants

State = Mapping[str, Any]


def bucket(state: State) -> dict[str, Any]:
    """The deprecated blocks ``lifecycle_rule`` and ``replication_configuration`` of ``aws_s3_bucket``, and
    ``grant`` of up to version 3."""
    found: dict[str, Any] = inline_grants(state)
    rules = [_inline_rule(rule) for rule in state.get("lifecycle_rule") or ()]
    if rules:
        found["LifecycleConfiguration"] = {"Rules": rules}
    for copies in state.get("replication_configuration") or ():
        kept = [_inline_replication(rule) for rule in copies.get("rules") or ()]
        found["ReplicationConfiguration"] = {"Role": copies.get("role"), "Rules": kept}
    return found


def _inline_replication(rule: State) -> dict[str, Any]:
    """A rule as the block of the bucket says it: some members by other names, switches as truth values."""
    chosen, criteria = _first(rule, "filter"), _first(rule, "source_selection_criteria")
    kept = _first(rule, "destination")
    found: dict[str, Any] = {
        "Id": rule.get("id") or None,
        "Prefix": None if chosen else rule.get("prefix") or "",
        "Status": rule.get("status"),
        "Destination": {
            "Bucket": kept.get("bucket"),
            "Account": kept.get("account_id") or None,
            "StorageClass": kept.get("storage_class") or None,
            "AccessControlTranslation": {"Owner": translation["owner"]}
            if (translation := _first(kept, "access_control_translation"))
            else None,
            "EncryptionConfiguration": {"ReplicaKmsKeyID": kept["replica_kms_key_id"]}
            if kept.get("replica_kms_key_id")
            else None,
            "Metrics": _timed(_first(kept, "metrics"), "EventThreshold"),
            "ReplicationTime": _timed(_first(kept, "replication_time"), "Time"),
        },
    }
    if chosen:
        tags = _tags(chosen.get("tags"))
        prefix = chosen.get("prefix") or ""
        found["Priority"] = rule.get("priority")
        found["DeleteMarkerReplication"] = {
            "Status": rule.get("delete_marker_replication_status") or "Disabled"
        }
        found["Filter"] = (
            {"And": {"Prefix": prefix or None, "TagFilters": tags}} if tags else {"Prefix": prefix}
        )
    if criteria:
        switch = _first(criteria, "sse_kms_encrypted_objects")
        status = "Enabled" if switch.get("enabled") else "Disabled"
        found["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": status}}
    return found


def _timed(said: State, limit: str) -> dict[str, Any] | None:
    """``metrics`` and ``replication_time`` of a destination."""
    if not said:
        return None
    minutes = said.get("minutes")
    return {"Status": said.get("status"), limit: {"Minutes": minutes} if minutes else None}


def _inline_rule(rule: State) -> dict[str, Any]:
    expiration = _first(rule, "expiration")
    noncurrent = _first(rule, "noncurrent_version_expiration")
    abort = rule.get("abort_incomplete_multipart_upload_days")
    return {
        "Id": rule.get("id") or None,
        "Status": "Enabled" if rule.get("enabled") else "Disabled",
        "Prefix": rule.get("prefix") or None,
        "TagFilters": _tags(rule.get("tags")),
        "ExpirationInDays": expiration.get("days") or None,
        "ExpirationDate": _moment(expiration.get("date")),
        "ExpiredObjectDeleteMarker": expiration.get("expired_object_delete_marker") or None,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": abort} if abort else None,
        "NoncurrentVersionExpiration": {"NoncurrentDays": noncurrent["days"]}
        if noncurrent.get("days")
        else None,
        "NoncurrentVersionTransitions": [
            {"TransitionInDays": one.get("days"), "StorageClass": one.get("storage_class")}
            for one in rule.get("noncurrent_version_transition") or ()
        ]
        or None,
        "Transitions": _transitions(rule),
    }


def lifecycle(state: State) -> dict[str, Any]:
    """``aws_s3_bucket_lifecycle_configuration``."""
    return {
        "LifecycleConfiguration": {
            "Rules": [_rule(rule) for rule in state.get("rule") or ()],
            "TransitionDefaultMinimumObjectSize": state.get("transition_default_minimum_object_size") or None,
        }
    }


def _rule(rule: State) -> dict[str, Any]:
    chosen = _first(rule, "filter")
    both = _first(chosen, "and")
    tag = _first(chosen, "tag")
    expiration = _first(rule, "expiration")
    noncurrent = _first(rule, "noncurrent_version_expiration")
    return {
        "Id": rule.get("id") or None,
        "Status": rule.get("status"),
        "Prefix": both.get("prefix") or chosen.get("prefix") or rule.get("prefix") or None,
        "TagFilters": _tags(both.get("tags")) or ([_tag(tag)] if tag else None),
        "ObjectSizeGreaterThan": _size(both, chosen, "object_size_greater_than"),
        "ObjectSizeLessThan": _size(both, chosen, "object_size_less_than"),
        "ExpirationInDays": expiration.get("days") or None,
        "ExpirationDate": _moment(expiration.get("date")),
        "ExpiredObjectDeleteMarker": expiration.get("expired_object_delete_marker") or None,
        "AbortIncompleteMultipartUpload": {
            "DaysAfterInitiation": _first(rule, "abort_incomplete_multipart_upload").get(
                "days_after_initiation"
            )
        }
        if _first(rule, "abort_incomplete_multipart_upload")
        else None,
        "NoncurrentVersionExpiration": {
            "NoncurrentDays": noncurrent.get("noncurrent_days"),
            "NewerNoncurrentVersions": noncurrent.get("newer_noncurrent_versions") or None,
        }
        if noncurrent
        else None,
        "NoncurrentVersionTransitions": [
            {
                "TransitionInDays": one.get("noncurrent_days"),
                "StorageClass": one.get("storage_class"),
                "NewerNoncurrentVersions": one.get("newer_noncurrent_versions") or None,
            }
            for one in rule.get("noncurrent_version_transition") or ()
        ]
        or None,
        "Transitions": _transitions(rule),
    }


def _transitions(rule: State) -> list[dict[str, Any]] | None:
    return [
        {
            "TransitionInDays": None if one.get("date") else one.get("days"),
            "TransitionDate": _moment(one.get("date")),
            "StorageClass": one.get("storage_class"),
        }
        for one in rule.get("transition") or ()
    ] or None


def notification(state: State) -> dict[str, Any]:
    """``aws_s3_bucket_notification``; CloudFormation has one entry for each event."""
    found: dict[str, Any] = {}
    for block, name, target, arn in (
        ("lambda_function", "LambdaConfigurations", "Function", "lambda_function_arn"),
        ("queue", "QueueConfigurations", "Queue", "queue_arn"),
        ("topic", "TopicConfigurations", "Topic", "topic_arn"),
    ):
        entries = [
            {"Event": event, target: one.get(arn), "Filter": _key_filter(one)}
            for one in state.get(block) or ()
            for event in one.get("events") or ()
        ]
        if entries:
            found[name] = entries
    if state.get("eventbridge"):
        found["EventBridgeConfiguration"] = {"EventBridgeEnabled": True}
    return {"NotificationConfiguration": found}


def _key_filter(one: State) -> dict[str, Any] | None:
    rules = [
        {"Name": name, "Value": one[f"filter_{name}"]}
        for name in ("prefix", "suffix")
        if one.get(f"filter_{name}")
    ]
    return {"S3Key": {"Rules": rules}} if rules else None


def replication(state: State) -> dict[str, Any]:
    """``aws_s3_bucket_replication_configuration``."""
    rules = [_replication_rule(rule) for rule in state.get("rule") or ()]
    return {"ReplicationConfiguration": {"Role": state.get("role"), "Rules": rules}}


def _replication_rule(rule: State) -> dict[str, Any]:
    chosen = _first(rule, "filter")
    both = _first(chosen, "and")
    tag = _first(chosen, "tag")
    criteria = _first(rule, "source_selection_criteria")
    found: dict[str, Any] = {
        "Id": rule.get("id") or None,
        "Priority": rule.get("priority"),
        "Prefix": rule.get("prefix") or None,
        "Status": rule.get("status"),
        "DeleteMarkerReplication": _status(rule, "delete_marker_replication"),
        "Destination": _destination(_first(rule, "destination")),
    }
    if rule.get("filter"):
        found["Filter"] = {
            "Prefix": chosen.get("prefix") or None,
            "TagFilter": _tag(tag) if tag else None,
            "And": {"Prefix": both.get("prefix") or None, "TagFilters": _tags(both.get("tags"))}
            if both
            else None,
        }
    if criteria:
        found["SourceSelectionCriteria"] = {
            "ReplicaModifications": _status(criteria, "replica_modifications"),
            "SseKmsEncryptedObjects": _status(criteria, "sse_kms_encrypted_objects"),
        }
    if rule.get("existing_object_replication"):
        found["ExistingObjectReplication"] = _status(rule, "existing_object_replication")
    return found


def _destination(said: State) -> dict[str, Any]:
    encryption, translation = (
        _first(said, "encryption_configuration"),
        _first(said, "access_control_translation"),
    )
    metrics, time = _first(said, "metrics"), _first(said, "replication_time")
    return {
        "Bucket": said.get("bucket"),
        "Account": said.get("account") or None,
        "StorageClass": said.get("storage_class") or None,
        "AccessControlTranslation": {"Owner": translation["owner"]} if translation else None,
        "EncryptionConfiguration": {"ReplicaKmsKeyID": encryption["replica_kms_key_id"]}
        if encryption
        else None,
        "Metrics": {"Status": metrics.get("status"), "EventThreshold": _minutes(metrics, "event_threshold")}
        if metrics
        else None,
        "ReplicationTime": {"Status": time.get("status"), "Time": _minutes(time, "time")} if time else None,
    }


def _minutes(said: State, block: str) -> dict[str, Any] | None:
    found = _first(said, block)
    return {"Minutes": found["minutes"]} if found else None


def _status(said: State, block: str) -> dict[str, Any] | None:
    found = _first(said, block)
    return {"Status": found["status"]} if found else None


def _first(said: State, block: str) -> State:
    """The only member of a block, {} where there is none."""
    members = said.get(block)
    return (members[0] or {}) if members else {}


def _tag(tag: State) -> dict[str, Any]:
    return {"Key": tag.get("key"), "Value": tag.get("value")}


def _tags(tags: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    return [{"Key": key, "Value": value} for key, value in tags.items()] if tags else None


def _size(both: State, chosen: State, name: str) -> str | None:
    value = both.get(name) or chosen.get(name)
    return str(value) if value else None


def _moment(date: Any) -> str | None:
    """``2030-01-01`` or a whole timestamp, as a timestamp."""
    if not date:
        return None
    return f"{date}T00:00:00Z" if len(date) == 10 else str(date)
