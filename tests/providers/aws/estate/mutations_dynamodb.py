"""What people do to the tables of ``dynamodb.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/"


def _update(name: str, **changes: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("dynamodb").update_table(TableName=name, **changes)

    return apply


def _recovery_off(clients: Clients) -> None:
    clients("dynamodb").update_continuous_backups(
        TableName="dynamodb-orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )


def _expiry_off(clients: Clients) -> None:
    clients("dynamodb").update_time_to_live(
        TableName="dynamodb-orders", TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"}
    )


def _share(clients: Clients) -> None:
    statement = {
        "Sid": "Partner",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": "dynamodb:*",
        "Resource": _ARN + "dynamodb-plain",
    }
    clients("dynamodb").put_resource_policy(
        ResourceArn=_ARN + "dynamodb-plain",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _tag(clients: Clients) -> None:
    clients("dynamodb").tag_resource(
        ResourceArn=_ARN + "dynamodb-orders", Tags=[{"Key": "Owner", "Value": "somebody"}]
    )


_TABLE = "AWS::DynamoDB::Table"
_INDEX = {
    "IndexName": "by-status",
    "ProvisionedThroughput": {"ReadCapacityUnits": 9, "WriteCapacityUnits": 2},
}

MUTATIONS: list[Mutation] = [
    Mutation(
        "protection off",
        _update("dynamodb-orders", DeletionProtectionEnabled=False),
        _TABLE,
        "dynamodb-orders",
        paths=("/DeletionProtectionEnabled",),
    ),
    Mutation(
        "index capacity",
        _update("dynamodb-orders", GlobalSecondaryIndexUpdates=[{"Update": _INDEX}]),
        _TABLE,
        "dynamodb-orders",
        paths=("/GlobalSecondaryIndexes/by-status/ProvisionedThroughput/ReadCapacityUnits",),
    ),
    Mutation(
        "index dropped",
        _update("dynamodb-orders", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-status"}}]),
        _TABLE,
        "dynamodb-orders",
        paths=("/GlobalSecondaryIndexes/by-status",),
    ),
    Mutation(
        "recovery off",
        _recovery_off,
        _TABLE,
        "dynamodb-orders",
        paths=("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled",),
    ),
    Mutation(
        "expiry off", _expiry_off, _TABLE, "dynamodb-orders", paths=("/TimeToLiveSpecification/Enabled",)
    ),
    Mutation("tag added", _tag, _TABLE, "dynamodb-orders", paths=("/Tags/Owner",)),
    Mutation(
        "policy widened",
        _share,
        _TABLE,
        "dynamodb-plain",
        paths=("/ResourcePolicy/PolicyDocument/Statement/Partner/Action",),
    ),
    Mutation(
        "stream switched on",
        _update("dynamodb-plain", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}),
        _TABLE,
        "dynamodb-plain",
        paths=("/StreamSpecification",),
    ),
]
