"""An AWS in this process that answers every call by what botocore says of its answer: one of each thing, with
all its members. Reading it makes every call that the facts of all types name."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from providers.aws.facts import catalogue

ACCOUNT = "111122223333"
#: Members that lead to another page.
_TOKEN = re.compile(
    r"(?i)next_?(page)?(token|marker|record\w*)|marker|lastevaluated\w+|continuationtoken|position|lasttoken|nextid|"
    r"(is)?truncated|hasmore\w*|moredataavailable|paginationtoken|cursor"
)
#: Members of answers without which a call that follows is not made, since facts take only some of what is
#: listed, by service and operation.
_SAID: Mapping[str, Mapping[str, Any]] = {
    "backup:ListBackupPlans": {"BackupPlansList": [{"BackupPlanId": "x", "BackupPlanArn": "x"}]},
    "config:DescribeConfigurationAggregatorSourcesStatus": {
        "AggregatedSourceStatusList": [
            {"SourceId": ACCOUNT, "SourceType": "ACCOUNT", "AwsRegion": "us-east-2"}
        ]
    },
    "config:DescribeConfigurationRecorders": {"ConfigurationRecorders": [{"name": "x"}]},
    "config:SelectAggregateResourceConfig": {"Results": ['{"resourceType": "x"}']},
    "datasync:ListLocations": {"Locations": [{"LocationArn": "x", "LocationUri": "s3://x"}]},
    "resource-explorer-2:ListIndexes": {"Indexes": [{"Region": "us-east-1", "Type": "AGGREGATOR"}]},
    "resource-explorer-2:GetIndex": {"State": "ACTIVE"},
    "resource-explorer-2:ListResources": {"Resources": [{"Arn": "x", "ResourceType": "x"}]},
    "s3:GetObject": {"Body": io.BytesIO()},
    "sqs:GetQueueAttributes": {"Attributes": {"QueueArn": "arn:x"}},
    "sns:ListSubscriptions": {"Subscriptions": [{"SubscriptionArn": "arn:x"}]},
    "sts:GetCallerIdentity": {"Account": ACCOUNT},
}


#: The conditions of a call, and what has it made.
_HOLDS = {"when": "`true`", "needless": "`false`"}
BULK_TAGS = "resourcegroupstaggingapi:GetResources"


class Recorder:
    """``calls`` are the operations that were called (``sqs:ListQueues``)."""

    def __init__(self, said: Mapping[str, Mapping[str, Any]]) -> None:
        self.calls: set[str] = set()
        self._said = {**_SAID, **said}
        self._known: dict[str, Any] = {}

    def __call__(self, client: Any, operation: str, parameters: Any) -> Any:
        model = client.meta.service_model
        call = f"{model.service_name}:{operation}"
        self.calls.add(call)
        if call == BULK_TAGS:  # so that each resource is asked itself, too
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, operation)
        credentials = client._request_signer._credentials  # noqa: SLF001 - it would sign by them
        if credentials is not None:
            credentials.get_frozen_credentials()
        if call not in self._known:
            shape = model.operation_model(operation).output_shape
            self._known[call] = {**(_of(shape, ()) if shape else {}), **self._said.get(call, {})}
        return _copy(self._known[call])


@contextmanager
def recording(said: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[Recorder]:
    """Every client of botocore answers so, and every condition of the facts (``when``, ``needless``) has the
    call made. ``said`` are members of answers, by service and operation."""
    recorder = Recorder(said or {})
    steps = [step for entry in catalogue().entries.values() for step in _steps(entry.said)]
    kept = [(step, {word: step[word] for word in _HOLDS if word in step}) for step in steps]
    for step, said_of in kept:
        step.update({word: _HOLDS[word] for word in said_of})
    try:
        with mock.patch.object(BaseClient, "_make_api_call", lambda *said: recorder(*said)):
            yield recorder
    finally:
        for step, conditions in kept:
            step.update(conditions)


def _steps(said: Any) -> Iterator[dict[str, Any]]:
    """All that has a condition, at any depth, each once."""
    if isinstance(said, dict):
        if not _HOLDS.keys().isdisjoint(said) and "call" in said:
            yield said
        for part in said.values():
            yield from _steps(part)
    elif isinstance(said, list):
        for part in said:
            yield from _steps(part)


def _of(shape: Shape, above: tuple[str, ...]) -> Any:
    """One value of a shape; of one that holds itself, no second time."""
    if isinstance(shape, StructureShape):
        members = {name: one for name, one in shape.members.items() if one.name not in above}
        within = (*above, shape.name)
        return {name: _of(one, within) for name, one in members.items() if not _TOKEN.fullmatch(name)}
    if isinstance(shape, ListShape):
        one = shape.member
        if one.name in above:
            return []
        kinds = one.members.get("Type") if isinstance(one, StructureShape) and len(above) < 2 else None
        if isinstance(kinds, StringShape) and kinds.enum:  # facts take those of one type
            return [{**_of(one, (*above, shape.name)), "Type": kind} for kind in kinds.enum]
        return [_of(one, (*above, shape.name))]
    if isinstance(shape, MapShape):
        return {_of(shape.key, above): _of(shape.value, (*above, shape.name))}
    if isinstance(shape, StringShape):
        return shape.enum[0] if shape.enum else "x"
    if shape.type_name == "timestamp":
        return datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    return {"boolean": True, "blob": b"{}"}.get(shape.type_name, 1)


def _copy(value: Any) -> Any:
    """What is read may add to an answer."""
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value
