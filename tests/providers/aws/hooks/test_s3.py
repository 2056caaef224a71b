"""Buckets as Amazon S3 itself answers, where the loopback AWS answers otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drift.compare.verdict import compare
from drift.kinds.base import Context
from drift.model import Resource, Unresolved
from drift.redaction.redact import Redactor
from providers.aws.expressions import prune
from providers.aws.facts import catalogue
from providers.aws.hooks import s3
from providers.aws.hooks.s3_grants import access, inline_grants, terraform_acl

_OWNER = "0f" * 32
_ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
_BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)
_NEW = datetime(2024, 5, 1, tzinfo=UTC)
_OLD = datetime(2020, 5, 1, tzinfo=UTC)

#: What GetBucket… give for a bucket made today with nothing but a name.
_UNTOUCHED: dict[str, Any] = {
    "Name": "b",
    "BucketRegion": "eu-west-1",
    "CreationDate": _NEW,
    "HostId": "a bucket of Amazon S3 itself",
    "PublicAccessBlock": _BLOCKED,
    "Ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "Encryption": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
            "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
        }
    ],
    "Versioning": {"Status": None},
    "Acl": {
        "Owner": {"ID": _OWNER},
        "Grants": [{"Grantee": {"ID": _OWNER, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}],
    },
}


def paths(declared: dict[str, Any], **live: Any) -> set[str]:
    """The paths that differ between a declaration and an untouched bucket with other answers."""
    entry = catalogue().entries["AWS::S3::Bucket"]
    document = {**_UNTOUCHED, **live, "account": "123456789012", "region": "us-east-1", "partition": "aws"}
    attributes = {name: read(document) for name, read in entry.properties.items()}
    attributes.update(s3.bucket(document))
    context = Context("aws", "123456789012", None, entry.type)
    one = Resource("aws", "123456789012", entry.type, "arn:aws:s3:::b", {"BucketName": "b", **declared})
    verdict = compare(one, one.but(attributes=prune(attributes)), entry.facts, context, Redactor("k" * 32))
    return {change.path for change in verdict.changes}


def test_an_untouched_bucket_is_silent() -> None:
    assert paths({}) == set()


def test_what_is_the_default_may_be_declared() -> None:
    assert (
        paths(
            {
                "AccessControl": "Private",
                "PublicAccessBlockConfiguration": _BLOCKED,
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
            }
        )
        == set()
    )


def test_a_removed_public_access_block_is_one_that_is_off() -> None:
    assert paths({}, PublicAccessBlock=None) == {"/PublicAccessBlockConfiguration"}
    assert paths({"PublicAccessBlockConfiguration": _BLOCKED}, PublicAccessBlock=None) == {
        f"/PublicAccessBlockConfiguration/{name}" for name in _BLOCKED
    }


def test_removed_ownership_controls_bring_access_control_lists_back() -> None:
    assert paths({}, Ownership=None) == {"/OwnershipControls"}


def test_a_bucket_of_before_never_had_them() -> None:
    assert paths({}, PublicAccessBlock=None, Ownership=None, CreationDate=_OLD) == set()


def test_of_a_bucket_of_before_they_are_missed_where_declared() -> None:
    assert (
        len(paths({"PublicAccessBlockConfiguration": _BLOCKED}, PublicAccessBlock=None, CreationDate=_OLD))
        == 4
    )


def test_switches_that_a_template_leaves_out_are_off() -> None:
    declared = {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    half = {**dict.fromkeys(_BLOCKED, False), "BlockPublicAcls": True}
    assert paths(declared, PublicAccessBlock=half) == set()
    assert len(paths(declared)) == 3


def test_a_block_switched_off_is_seen_where_nothing_is_declared() -> None:
    assert paths({}, PublicAccessBlock=dict.fromkeys(_BLOCKED, False)) == {"/PublicAccessBlockConfiguration"}


def test_customer_keys_allowed_again_are_seen() -> None:
    encryption = [{**_UNTOUCHED["Encryption"][0], "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]
    assert paths({}, Encryption=encryption) == {"/BucketEncryption"}


def test_a_public_list_is_seen_also_where_the_owner_is_left_out() -> None:
    grants = [{"Grantee": {"URI": _ALL_USERS, "Type": "Group"}, "Permission": "READ"}]
    assert access({"Owner": {"ID": _OWNER}, "Grants": grants}) == {"AccessControl": "PublicRead"}
    assert paths({}, Acl={"Owner": {"ID": _OWNER}, "Grants": grants}) == {"/AccessControl"}


def test_terraform_does_not_take_what_it_read_for_what_was_said() -> None:
    """A refresh writes the public grant that somebody added into the state; the canned name stays what it
    was."""
    policy = {
        "owner": [{"id": _OWNER}],
        "grant": [{"permission": "READ", "grantee": [{"uri": _ALL_USERS, "type": "Group", "id": ""}]}],
    }
    assert terraform_acl({"acl": "private", "access_control_policy": [policy]}) == {
        "AccessControl": "Private"
    }
    assert terraform_acl({"acl": "", "access_control_policy": [policy]}) == {"AccessControl": "PublicRead"}


_OTHER = "b" * 64


def _inline(*given: tuple[str, str]) -> list[dict[str, Any]]:
    key = {True: "uri", False: "id"}
    return [
        {"id": "", "uri": "", key[who.startswith("http")]: who, "type": "x", "permissions": [what]}
        for who, what in given
    ]


def test_grants_of_a_bucket_of_terraforms_version_3_are_declared() -> None:
    said = _inline((_OWNER, "FULL_CONTROL"), (_OTHER, "READ"))
    declared = inline_grants({"acl": "private", "grant": said})
    assert declared == {"Grants": [{"Grantee": _OTHER, "Permission": "READ"}]}
    acl = {"Owner": {"ID": _OWNER}, "Grants": [{"Grantee": {"ID": _OTHER}, "Permission": "READ"}]}
    assert paths(declared, Acl=acl) == set()
    assert paths(declared) == {"/Grants"}
    assert inline_grants({"grant": _inline((_ALL_USERS, "READ"))}) == {"AccessControl": "PublicRead"}


def test_what_terraform_reads_since_version_4_is_nobodys_word() -> None:
    assert inline_grants({"object_lock_enabled": False, "grant": _inline((_OTHER, "READ"))}) == {}


def test_of_two_accounts_with_full_control_nobody_knows_the_owner() -> None:
    said = inline_grants({"grant": _inline((_OWNER, "FULL_CONTROL"), (_OTHER, "FULL_CONTROL"))})
    assert isinstance(said["Grants"], Unresolved)


def test_lifecycle_rules_without_id_and_in_older_spelling() -> None:
    answer = {
        "Rules": [
            {
                "ID": "MzQ1NjQ1",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"Days": 30},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                "Transitions": [{"Days": 3, "StorageClass": "GLACIER"}],
            }
        ],
        "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
    }
    rule = {
        "Status": "Enabled",
        "ExpirationInDays": "30",
        "NoncurrentVersionExpirationInDays": 7,
        "Transition": {"TransitionInDays": 3, "StorageClass": "GLACIER"},
    }
    assert paths({"LifecycleConfiguration": {"Rules": [rule]}}, Lifecycle=answer) == set()
    other = {**rule, "ExpirationInDays": 31}
    assert paths({"LifecycleConfiguration": {"Rules": [other]}}, Lifecycle=answer) != set()


def test_a_notification_of_several_events_is_one_entry_each() -> None:
    answer = {
        "QueueConfigurations": [
            {
                "Id": "x",
                "QueueArn": "q",
                "Events": ["s3:ObjectRemoved:*", "s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}]}},
            }
        ]
    }
    rules = {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}}
    declared = [
        {"Event": "s3:ObjectCreated:*", "Queue": "q", "Filter": rules},
        {"Event": "s3:ObjectRemoved:*", "Queue": "q", "Filter": rules},
    ]
    assert (
        paths({"NotificationConfiguration": {"QueueConfigurations": declared}}, Notification=answer) == set()
    )
