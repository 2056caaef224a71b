"""What CloudTrail keeps of the demo's nights: who called what, by the change that it is of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from drift.demo import Change, Night
from providers.aws.demo import next_day, night
from providers.aws.demo.accounts import DATA, IRELAND, SHOP, VIRGINIA, Clients
from providers.aws.demo.identity import ORDERS_READ

_ROLE = "AWSReservedSSO_Engineer_5f0c1a7b"


class _Call(NamedTuple):
    """A call that the log keeps: ``names`` are those that its resources are looked up by."""

    service: str
    event: str
    parameters: dict[str, Any]
    names: tuple[str, ...]
    region: str = IRELAND
    account: str = SHOP


def records(change: Change, over: Night, clients: Clients) -> Iterator[dict[str, Any]]:
    """The events of a change. Form:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html."""
    calls = _CALLS.get(change.apply)
    for number, call in enumerate(calls(clients) if calls else ()):
        told = f"{change.clock} {change.sentence} {number}"
        yield {
            "eventID": hashlib.sha256(told.encode()).hexdigest()[:32],
            "eventTime": over.at(change.clock),
            "eventSource": f"{call.service}.amazonaws.com",
            "eventName": call.event,
            "awsRegion": call.region,
            "readOnly": False,
            "recipientAccountId": call.account,
            "userIdentity": _identity(call.account, change.by or ""),
            "requestParameters": call.parameters,
            "$resources": call.names,
        }


def _identity(account: str, who: str) -> dict[str, Any]:
    """Somebody who signed in, in a session of that name."""
    issuer = f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{_ROLE}"
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{_ROLE}/{who}",
        "sessionContext": {"sessionIssuer": {"userName": _ROLE, "arn": issuer}},
    }


def _retagged(clients: Clients) -> list[_Call]:
    id_ = night.instance(clients, "bastion")
    said = {"resourcesSet": {"items": [{"resourceId": id_}]}, "tagSet": {"items": [{"key": "Owner"}]}}
    return [_Call("ec2", "CreateTags", said, (id_,))]


def _resized(clients: Clients) -> list[_Call]:
    id_ = night.instance(clients, "roastery")
    said = {"instanceId": id_, "instanceType": {"value": "t3.2xlarge"}}
    return [_Call("ec2", "ModifyInstanceAttribute", said, (id_,))]


def _opened(clients: Clients) -> list[_Call]:
    id_ = night.group(clients)
    said = {"groupId": id_, "ipPermissions": {"items": [{"fromPort": 22, "toPort": 22}]}}
    return [_Call("ec2", "AuthorizeSecurityGroupIngress", said, (id_,))]


def _published(_: Clients) -> list[_Call]:
    said, names = {"bucketName": "larkspur-photos"}, ("larkspur-photos",)
    return [_Call("s3", event, said, names) for event in ("PutBucketPublicAccessBlock", "PutBucketPolicy")]


def _administrator(clients: Clients) -> list[_Call]:
    user = {"userName": "backup-svc"}
    keys = clients.get("iam", VIRGINIA).list_access_keys(UserName="backup-svc")["AccessKeyMetadata"]
    return [
        _Call("iam", "CreateUser", user, ("backup-svc",), VIRGINIA),
        _Call("iam", "CreateAccessKey", user, ("backup-svc", keys[0]["AccessKeyId"]), VIRGINIA),
    ]


def _unrotated(clients: Clients) -> list[_Call]:
    key = clients.get("kms", account=DATA).describe_key(KeyId="alias/lake")["KeyMetadata"]
    names = (key["KeyId"], key["Arn"])
    return [_Call("kms", "DisableKeyRotation", {"keyId": key["Arn"]}, names, account=DATA)]


def _queue(name: str, event: str, region: str = IRELAND, **more: Any) -> list[_Call]:
    url, arn = f"https://sqs.{region}.amazonaws.com/{SHOP}/{name}", f"arn:aws:sqs:{region}:{SHOP}:{name}"
    return [_Call("sqs", event, {"queueUrl": url, **more}, (name, arn), region)]


def _retention(days: int) -> list[_Call]:
    said = {"logGroupName": "/shop/web", "retentionInDays": days}
    arn = f"arn:aws:logs:{IRELAND}:{SHOP}:log-group:/shop/web"
    return [_Call("logs", "PutRetentionPolicy", said, ("/shop/web", "web", arn))]


#: By what changes the cloud, the calls that it makes, as the log has them.
_CALLS: dict[Callable[..., None], Callable[[Clients], list[_Call]]] = {
    night.retag: _retagged,
    night.resize: _resized,
    night.open_ssh: _opened,
    night.publish_bucket: _published,
    night.administrator: _administrator,
    night.stop_rotation: _unrotated,
    night.delete_queue: lambda _: _queue("orders-dead", "DeleteQueue"),
    night.open_queue: lambda _: _queue(
        "loyalty-stamps", "SetQueueAttributes", VIRGINIA, attributes={"Policy": "…"}
    ),
    night.shorten_logs: lambda _: _retention(7),
    next_day.shorten_again: lambda _: _retention(1),
    night.shadow_bucket: lambda _: [
        _Call("s3", "CreateBucket", {"bucketName": "larkspur-tmp-export"}, ("larkspur-tmp-export",), VIRGINIA)
    ],
    night.hot_fix: lambda _: [
        _Call(
            "lambda",
            "UpdateFunctionConfiguration20150331v2",
            {"functionName": "menu", "environment": {}},
            ("menu", f"arn:aws:lambda:{IRELAND}:{SHOP}:function:menu"),
        )
    ],
    night.widen_policy: lambda _: [
        _Call(
            "iam",
            "CreatePolicyVersion",
            {"policyArn": ORDERS_READ, "setAsDefault": True},
            ("orders-read", ORDERS_READ),
            VIRGINIA,
        )
    ],
    night.publish_database: lambda _: [
        _Call(
            "rds",
            "ModifyDBInstance",
            {"dBInstanceIdentifier": "shop", "publiclyAccessible": True},
            ("shop", f"arn:aws:rds:{IRELAND}:{SHOP}:db:shop"),
        )
    ],
    night.unprotect_customers: lambda _: [
        _Call(
            "dynamodb",
            "UpdateTable",
            {"tableName": "customers", "deletionProtectionEnabled": False},
            ("customers", f"arn:aws:dynamodb:{IRELAND}:{DATA}:table/customers"),
            account=DATA,
        )
    ],
    next_day.open_another: lambda _: [
        _Call(
            "logs",
            "CreateLogGroup",
            {"logGroupName": "/shop/debug"},
            ("/shop/debug", "debug", f"arn:aws:logs:{IRELAND}:{SHOP}:log-group:/shop/debug"),
        )
    ],
}
