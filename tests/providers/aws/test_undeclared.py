"""What is no change though nobody declares it: only where the thing that brings it is there, and only that
value."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource
from providers.aws.undeclared import acceptance

MIXED = "/MixedInstancesPolicy/InstancesDistribution/OnDemandAllocationStrategy"
CHOSEN = {"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceRequirements": {}}]}}}
NAMED = {"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": "m5.large"}]}}}
CLUSTER, SERVICE = "AWS::RDS::DBCluster", "AWS::ECS::Service"
GROUP, QUEUE, INSTANCE, BUCKET = (
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::SQS::Queue",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
)
LOCKED = {"ObjectLockEnabled": True}
POOL, KAFKA = "AWS::Cognito::UserPool", "AWS::MSK::Cluster"
OLDER = {"LambdaConfig": {"PreTokenGeneration": "a"}}
BOTH = {"LambdaConfig": {"PreTokenGeneration": "a", "PreTokenGenerationConfig": {"LambdaArn": "a"}}}
OTHER = {"LambdaConfig": {"PreTokenGeneration": "a", "PreTokenGenerationConfig": {"LambdaArn": "b"}}}
NEWER, ANYONE = "/LambdaConfig/PreTokenGenerationConfig", "/ClientAuthentication/Unauthenticated/Enabled"


def asked(type_: str, declared: dict[str, Any], live: dict[str, Any], path: str, value: Any) -> bool:
    want, have = (Resource("aws", "1", type_, "id", said, "eu-west-1") for said in (declared, live))
    return acceptance(want, have)(path, value) is not None


@pytest.mark.parametrize(
    ("type_", "declared", "live", "path", "value"),
    [
        (INSTANCE, {}, {"DBClusterIdentifier": "c"}, "/StorageEncrypted", True),
        (INSTANCE, {}, {"DBClusterIdentifier": "c"}, "/DBSubnetGroupName", "g"),
        (INSTANCE, {"SourceDBInstanceIdentifier": "a"}, {}, "/Engine", "postgres"),
        (INSTANCE, {"SourceDBInstanceIdentifier": "a"}, {}, "/BackupRetentionPeriod", 0),
        (CLUSTER, {"SnapshotIdentifier": "a"}, {}, "/MasterUsername", "admin"),
        (INSTANCE, {}, {"Engine": "mysql"}, "/Port", "3306"),
        (INSTANCE, {}, {"Engine": "custom-oracle-ee"}, "/Port", 1521),
        (CLUSTER, {}, {"Engine": "aurora-postgresql"}, "/Port", 3306),
        (BUCKET, LOCKED, LOCKED, "/VersioningConfiguration", {"Status": "Enabled"}),
        (QUEUE, {}, {"KmsMasterKeyId": "alias/aws/sqs"}, "/SqsManagedSseEnabled", "false"),
        (GROUP, {}, CHOSEN, MIXED, "lowest-price"),
        (BUCKET, {}, {}, "/PolicyDocument/Version", "2008-10-17"),
        (BUCKET, LOCKED, LOCKED, "/PolicyDocument/Version", "2008-10-17"),
        (SERVICE, {}, {"SchedulingStrategy": "DAEMON"}, "/DeploymentConfiguration/MaximumPercent", 100),
        (
            SERVICE,
            {},
            {"SchedulingStrategy": "REPLICA"},
            "/DeploymentConfiguration/MinimumHealthyPercent",
            100,
        ),
        (SERVICE, {}, {}, "/DeploymentConfiguration/MaximumPercent", 200),
        (POOL, OLDER, BOTH, f"{NEWER}/LambdaArn", "a"),
        (KAFKA, {}, {}, ANYONE, True),
    ],
)
def test_is_no_change(type_: str, declared: Any, live: Any, path: str, value: Any) -> None:
    assert asked(type_, declared, live, path, value)


@pytest.mark.parametrize(
    ("type_", "declared", "live", "path", "value"),
    [
        (INSTANCE, {}, {}, "/StorageEncrypted", True),
        (INSTANCE, {}, {"Engine": "mysql"}, "/Port", "5432"),
        (INSTANCE, {}, {"Engine": "postgres"}, "/Port", "3306"),
        (CLUSTER, {}, {"Engine": "aurora-mysql"}, "/Port", 5432),
        (INSTANCE, {}, {"Engine": "a new one"}, "/Port", "3306"),
        (INSTANCE, {"SourceDBInstanceIdentifier": "a"}, {}, "/BackupRetentionPeriod", 7),
        (INSTANCE, {"SourceDBInstanceIdentifier": "a"}, {}, "/PubliclyAccessible", True),
        (INSTANCE, {"DBSnapshotIdentifier": "a"}, {}, "/BackupRetentionPeriod", 0),
        (CLUSTER, {"SnapshotIdentifier": "a"}, {}, "/DeletionProtection", True),
        (CLUSTER, {}, {}, "/MasterUsername", "admin"),
        (INSTANCE, {}, {"DBClusterIdentifier": "c"}, "/PubliclyAccessible", True),
        (BUCKET, {}, LOCKED, "/VersioningConfiguration", {"Status": "Enabled"}),
        (BUCKET, LOCKED, LOCKED, "/VersioningConfiguration", {"Status": "Suspended"}),
        (BUCKET, LOCKED, LOCKED, "/PolicyDocument", {}),
        (BUCKET, {}, {}, "/PolicyDocument/Version", "2012-10-17"),
        (QUEUE, {}, {}, "/SqsManagedSseEnabled", "false"),
        (QUEUE, {}, {"KmsMasterKeyId": "k"}, "/KmsMasterKeyId", "k"),
        (GROUP, {}, NAMED, MIXED, "lowest-price"),
        (SERVICE, {}, {"SchedulingStrategy": "DAEMON"}, "/DeploymentConfiguration/MaximumPercent", 200),
        (SERVICE, {}, {"SchedulingStrategy": "REPLICA"}, "/DeploymentConfiguration/MaximumPercent", 100),
        (
            SERVICE,
            {},
            {"SchedulingStrategy": "DAEMON"},
            "/DeploymentConfiguration/MinimumHealthyPercent",
            100,
        ),
        (GROUP, {}, CHOSEN, MIXED, "prioritized"),
        (POOL, {}, OLDER, "/LambdaConfig/PreTokenGeneration", "a"),
        (POOL, {}, BOTH, f"{NEWER}/LambdaArn", "a"),
        (POOL, OLDER, OTHER, f"{NEWER}/LambdaArn", "b"),
        (KAFKA, {"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}}, {}, ANYONE, True),
    ],
)
def test_is_a_change(type_: str, declared: Any, live: Any, path: str, value: Any) -> None:
    assert not asked(type_, declared, live, path, value)
