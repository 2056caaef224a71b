"""Event sources of Lambda functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def mapping(document: dict[str, Any]) -> dict[str, Any]:
    """``FilterCriteria`` that can't be decrypted is unread; a moment is the seconds since 1970."""
    error = document.get("FilterCriteriaError")
    if isinstance(error, Mapping):
        said = str(error.get("Message") or error.get("ErrorCode"))
        document.setdefault("unread", {})["FilterCriteria"] = said
    return {"StartingPositionTimestamp": _seconds(document.get("StartingPositionTimestamp"))}


def terraform_mapping(document: dict[str, Any]) -> dict[str, Any]:
    """What Terraform spells in its own way of ``aws_lambda_event_source_mapping``: -1 and 0 for no limit, the
    servers of a Kafka cluster as one text."""
    servers = None
    source = (document.get("self_managed_event_source") or [None])[0]
    if isinstance(source, Mapping):
        text = (source.get("endpoints") or {}).get("KAFKA_BOOTSTRAP_SERVERS")
        servers = text.split(",") if isinstance(text, str) else None
    of_stream = bool(document.get("starting_position"))
    return {
        "MaximumRecordAgeInSeconds": document.get("maximum_record_age_in_seconds") or None,
        "StartingPositionTimestamp": _seconds(document.get("starting_position_timestamp")),
        "MaximumRetryAttempts": document.get("maximum_retry_attempts") if of_stream else None,
        "SelfManagedEventSource": servers and {"Endpoints": {"KafkaBootstrapServers": servers}},
    }


def _seconds(moment: Any) -> Any:
    """A moment as CloudFormation says it here; what is none is left as it is."""
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return moment or None
    return moment.timestamp() if isinstance(moment, datetime) else moment
