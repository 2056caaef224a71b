"""What people do to the queues of ``sqs.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]


def _url(clients: Clients, name: str) -> str:
    return str(clients("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _set(name: str, **attributes: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("sqs").set_queue_attributes(QueueUrl=_url(clients, name), Attributes=attributes)

    return apply


def _open_policy(clients: Clients) -> None:
    statement = {
        "Sid": "Everyone",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "arn:aws:sqs:us-east-1:123456789012:sqs-plain",
    }
    _set("sqs-plain", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))(clients)


def _tag(clients: Clients) -> None:
    clients("sqs").tag_queue(QueueUrl=_url(clients, "sqs-orders"), Tags={"Owner": "somebody"})


def _delete(clients: Clients) -> None:
    clients("sqs").delete_queue(QueueUrl=_url(clients, "sqs-ledger.fifo"))


def _redrive(clients: Clients) -> None:
    target = "arn:aws:sqs:us-east-1:123456789012:sqs-orders-dead"
    policy = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 40})
    _set("sqs-orders", RedrivePolicy=policy)(clients)


_QUEUE = "AWS::SQS::Queue"

MUTATIONS: list[Mutation] = [
    Mutation(
        "visibility timeout",
        _set("sqs-orders", VisibilityTimeout="30"),
        _QUEUE,
        "sqs-orders",
        paths=("/VisibilityTimeout",),
    ),
    Mutation("tag added", _tag, _QUEUE, "sqs-orders", paths=("/Tags/Owner",)),
    Mutation(
        "retention cut",
        _set("sqs-plain", MessageRetentionPeriod="60"),
        _QUEUE,
        "sqs-plain",
        paths=("/MessageRetentionPeriod",),
    ),
    Mutation("open policy added", _open_policy, _QUEUE, "sqs-plain", paths=("/PolicyDocument",)),
    Mutation("redrive count", _redrive, _QUEUE, "sqs-orders", paths=("/RedrivePolicy/maxReceiveCount",)),
    Mutation("queue deleted", _delete, _QUEUE, "sqs-ledger.fifo", kind="missing"),
]
