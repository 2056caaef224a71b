"""What RDS says of an instance that is really said of its cluster."""

from __future__ import annotations

from typing import Any

#: Properties that an Aurora or Multi-AZ cluster decides for its members; CloudFormation takes them at the cluster only.
#: Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
#: ("Not applicable. … managed by the DB cluster.").
_CLUSTERS_OWN = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "CharacterSetName",
    "DBName",
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
)


def instance(document: dict[str, Any]) -> dict[str, Any]:
    """Takes away from a cluster's member what the cluster decides: it is compared there, once."""
    return dict.fromkeys(_CLUSTERS_OWN) if document.get("DBClusterIdentifier") else {}
