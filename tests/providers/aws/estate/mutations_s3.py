"""What people and attackers do to the buckets of ``s3.tf`` behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_TYPE = "AWS::S3::Bucket"


def _call(method: str, **parameters: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        getattr(clients("s3"), method)(**parameters)

    return apply


def _open_policy(bucket: str) -> str:
    statement = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    )


def _statement_added(clients: Clients) -> None:
    client = clients("s3")
    document = json.loads(client.get_bucket_policy(Bucket="s3-rich")["Policy"])
    document["Statement"].append(json.loads(_open_policy("s3-rich"))["Statement"][0])
    client.put_bucket_policy(Bucket="s3-rich", Policy=json.dumps(document))


def _lifecycle(clients: Clients) -> None:
    client = clients("s3")
    rules = client.get_bucket_lifecycle_configuration(Bucket="s3-rich")["Rules"]
    for rule in rules:
        if rule["ID"] == "expire-logs":
            rule["Expiration"] = {"Days": 1}
    client.put_bucket_lifecycle_configuration(Bucket="s3-rich", LifecycleConfiguration={"Rules": rules})


def _notification(clients: Clients) -> None:
    client = clients("s3")
    said = client.get_bucket_notification_configuration(Bucket="s3-rich")
    said.pop("ResponseMetadata")
    said["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"][0]["Value"] = "everything/"
    client.put_bucket_notification_configuration(Bucket="s3-rich", NotificationConfiguration=said)


def _granted(clients: Clients) -> None:
    client = clients("s3")
    acl = client.get_bucket_acl(Bucket="s3-shared")
    stranger = {"Type": "CanonicalUser", "ID": "9a" * 32}
    client.put_bucket_acl(
        Bucket="s3-shared",
        AccessControlPolicy={
            "Owner": acl["Owner"],
            "Grants": [*acl["Grants"], {"Grantee": stranger, "Permission": "FULL_CONTROL"}],
        },
    )


def _mutation(name: str, bucket: str, paths: tuple[str, ...], apply: Callable[[Clients], None]) -> Mutation:
    return Mutation(name=name, apply=apply, type=_TYPE, resource=bucket, paths=paths)


MUTATIONS = [
    _mutation(
        "a policy opens a bucket that had none",
        "s3-plain",
        ("/PolicyDocument",),
        _call("put_bucket_policy", Bucket="s3-plain", Policy=_open_policy("s3-plain")),
    ),
    _mutation(
        "versioning of a bucket that never had it",
        "s3-plain",
        ("/VersioningConfiguration",),
        _call("put_bucket_versioning", Bucket="s3-plain", VersioningConfiguration={"Status": "Enabled"}),
    ),
    _mutation(
        "a bucket made public by a canned list",
        "s3-inline",
        ("/AccessControl",),
        _call("put_bucket_acl", Bucket="s3-inline", ACL="public-read"),
    ),
    _mutation("a stranger in the access control list", "s3-shared", ("/Grants",), _granted),
    _mutation(
        "a statement added to the policy", "s3-rich", ("/PolicyDocument/Statement/Open",), _statement_added
    ),
    _mutation(
        "versioning suspended",
        "s3-rich",
        ("/VersioningConfiguration/Status",),
        _call("put_bucket_versioning", Bucket="s3-rich", VersioningConfiguration={"Status": "Suspended"}),
    ),
    _mutation(
        "a switch of the public access block off",
        "s3-rich",
        ("/PublicAccessBlockConfiguration/RestrictPublicBuckets",),
        _call(
            "put_public_access_block",
            Bucket="s3-rich",
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": False,
            },
        ),
    ),
    _mutation(
        "access control lists switched on again",
        "s3-rich",
        ("/OwnershipControls/Rules/0/ObjectOwnership",),
        _call(
            "put_bucket_ownership_controls",
            Bucket="s3-rich",
            OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        ),
    ),
    _mutation(
        "encryption with S3's own key",
        "s3-rich",
        (
            "/BucketEncryption/ServerSideEncryptionConfiguration/0/BucketKeyEnabled",
            "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/KMSMasterKeyID",
            "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/SSEAlgorithm",
        ),
        _call(
            "put_bucket_encryption",
            Bucket="s3-rich",
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        ),
    ),
    _mutation(
        "logs expire at once",
        "s3-rich",
        ("/LifecycleConfiguration/Rules/expire-logs/ExpirationInDays",),
        _lifecycle,
    ),
    _mutation(
        "logging off",
        "s3-rich",
        ("/LoggingConfiguration",),
        _call("put_bucket_logging", Bucket="s3-rich", BucketLoggingStatus={}),
    ),
    _mutation(
        "events of another folder",
        "s3-rich",
        ("/NotificationConfiguration/QueueConfigurations",),
        _notification,
    ),
    _mutation(
        "replication off",
        "s3-rich",
        ("/ReplicationConfiguration",),
        _call("delete_bucket_replication", Bucket="s3-rich"),
    ),
    _mutation(
        "a tag added",
        "s3-rich",
        ("/Tags/Intruder",),
        _call(
            "put_bucket_tagging",
            Bucket="s3-rich",
            Tagging={
                "TagSet": [
                    {"Key": "Data", "Value": "orders"},
                    {"Key": "ManagedBy", "Value": "terraform"},
                    {"Key": "Intruder", "Value": "yes"},
                ]
            },
        ),
    ),
    _mutation(
        "every origin allowed",
        "s3-rich",
        ("/CorsConfiguration/CorsRules",),
        _call(
            "put_bucket_cors",
            Bucket="s3-rich",
            CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        ),
    ),
    _mutation(
        "acceleration suspended",
        "s3-rich",
        ("/AccelerateConfiguration/AccelerationStatus",),
        _call(
            "put_bucket_accelerate_configuration",
            Bucket="s3-rich",
            AccelerateConfiguration={"Status": "Suspended"},
        ),
    ),
    _mutation(
        "retention shortened",
        "s3-locked",
        ("/ObjectLockConfiguration/Rule/DefaultRetention/Days",),
        _call(
            "put_object_lock_configuration",
            Bucket="s3-locked",
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
            },
        ),
    ),
    _mutation(
        "another error page",
        "s3-site",
        ("/WebsiteConfiguration/ErrorDocument", "/WebsiteConfiguration/RoutingRules"),
        _call(
            "put_bucket_website",
            Bucket="s3-site",
            WebsiteConfiguration={
                "IndexDocument": {"Suffix": "index.html"},
                "ErrorDocument": {"Key": "evil.html"},
            },
        ),
    ),
    Mutation(
        name="a bucket deleted",
        apply=_call("delete_bucket", Bucket="s3-replica"),
        type=_TYPE,
        resource="s3-replica",
        kind="missing",
    ),
]
