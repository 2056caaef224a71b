"""Live values that nobody declares because something else that is declared brings them."""

from __future__ import annotations

from typing import Any

from drift.hooks import Acceptance
from drift.model import Resource

#: Properties that an Aurora or Multi-AZ cluster decides for its members, where they are compared.
#: Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
#: ("Not applicable. … managed by the DB cluster"; "If specified, the setting must match the DB cluster setting").
_CLUSTERS_OWN = frozenset(
    {
        "AllocatedStorage",
        "BackupRetentionPeriod",
        "CharacterSetName",
        "DBName",
        "DBSubnetGroupName",
        "DeletionProtection",
        "EnableCloudwatchLogsExports",
        "EnableIAMDatabaseAuthentication",
        "Iops",
        "KmsKeyId",
        "ManageMasterUserPassword",
        "MasterUserSecret",
        "MasterUsername",
        "MultiAZ",
        "NetworkType",
        "OptionGroupName",
        "Port",
        "PreferredBackupWindow",
        "StorageEncrypted",
        "StorageThroughput",
        "StorageType",
        "VPCSecurityGroups",
    }
)


def acceptance(declared: Resource, live: Resource) -> Acceptance:
    """Why a live value that is neither declared nor a default is no change; None where it is one."""
    if live.type == "AWS::RDS::DBInstance" and live.attributes.get("DBClusterIdentifier"):
        return _of_cluster
    if live.type == "AWS::S3::Bucket" and declared.attributes.get("ObjectLockEnabled") in (True, "true"):
        return _of_object_lock
    return _none


def _none(path: str, value: Any) -> str | None:
    return None


def _of_cluster(path: str, value: Any) -> str | None:
    return "its cluster decides it" if path.split("/", 2)[1] in _CLUSTERS_OWN else None


def _of_object_lock(path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html ("When you enable Object
    Lock, Amazon S3 automatically enables versioning for the bucket")."""
    brought = path == "/VersioningConfiguration" and value == {"Status": "Enabled"}
    return (
        "object lock brings versioning"
        if brought or path == "/VersioningConfiguration/Status" and value == "Enabled"
        else None
    )
