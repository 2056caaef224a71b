"""Live values that nobody declares because something else that is declared brings them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from drift.hooks import Acceptance, Filled
from drift.model import Resource

#: Properties that an Aurora or Multi-AZ cluster decides for its members, where they are compared. Source:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
#: ("Not applicable. … managed by the DB cluster"; "If specified, the setting must match the DB cluster
#: setting").
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

_DATABASES = frozenset({"AWS::RDS::DBInstance", "AWS::RDS::DBCluster"})
#: Properties that an instance or cluster has from what it was made of (a snapshot, the source of a replica):
#: they can't be said with it, or are the source's where they are not. Source: the CloudFormation reference of
#: both types, ``DBSnapshotIdentifier``, ``SnapshotIdentifier`` and ``SourceDBInstanceIdentifier``, and
#: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html ("created
#: with backups disabled. All other attributes … are inherited from the source").
_ORIGINS = (
    "DBSnapshotIdentifier",
    "DBClusterSnapshotIdentifier",
    "SnapshotIdentifier",
    "SourceDBInstanceIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDbiResourceId",
    "SourceDBInstanceAutomatedBackupsArn",
)
_FROM_ORIGIN = frozenset(
    {
        "AllocatedStorage",
        "CharacterSetName",
        "DBName",
        "DBSubnetGroupName",
        "DatabaseName",
        "Engine",
        "Iops",
        "KmsKeyId",
        "LicenseModel",
        "MasterUsername",
        "NcharCharacterSetName",
        "Port",
        "StorageEncrypted",
        "StorageThroughput",
        "StorageType",
        "Timezone",
    }
)
#: The port of a database that says none, by engine or the first part of its name. Source: the CloudFormation
#: reference of ``Port`` of both types; a provisioned cluster of Aurora PostgreSQL listens on 3306 where only
#: ``Engine`` is said.
_PORTS = {
    "aurora-mysql": ("3306",),
    "aurora-postgresql": ("3306", "5432"),
    "aurora": ("3306",),
    "db2": ("50000",),
    "mariadb": ("3306",),
    "mysql": ("3306",),
    "oracle": ("1521",),
    "postgres": ("5432",),
    "sqlserver": ("1433",),
}


#: What an Aurora cluster repeats of its members, which are where it is said and compared. Source:
#: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html and, of Multi-AZ
#: clusters only, API_CreateDBCluster.html (``AutoMinorVersionUpgrade``, ``MonitoringInterval``,
#: ``EnablePerformanceInsights``: "Valid for …").
_MEMBERS_OWN = frozenset(
    {
        "AutoMinorVersionUpgrade",
        "MonitoringInterval",
        "MonitoringRoleArn",
        "PerformanceInsightsEnabled",
        "PerformanceInsightsKmsKeyId",
        "PerformanceInsightsRetentionPeriod",
    }
)


def acceptance(declared: Resource, live: Resource) -> Acceptance:
    """Why a live value that is neither declared nor a default is no change; None where it is one."""
    own = _of_type(declared, live)
    return _of_policy if own is None else lambda path, value: own(path, value) or _of_policy(path, value)


def _of_type(declared: Resource, live: Resource) -> Acceptance | None:
    has = live.attributes
    if live.type == "AWS::RDS::DBInstance" and has.get("DBClusterIdentifier"):
        return _of_cluster
    if live.type in _DATABASES and any(name in declared.attributes for name in _ORIGINS):
        return _of_replica if "SourceDBInstanceIdentifier" in declared.attributes else _of_origin
    if live.type in _DATABASES:
        engine = _of_engine(str(has.get("Engine", "")))
        if live.type == "AWS::RDS::DBCluster" and str(has.get("Engine", "")).startswith("aurora"):
            return lambda path, value: _of_members(path, value) or engine(path, value)
        return engine
    if live.type == "AWS::S3::Bucket" and declared.attributes.get("ObjectLockEnabled") in (True, "true"):
        return _of_object_lock
    if live.type == "AWS::SQS::Queue" and has.get("KmsMasterKeyId"):
        return _of_key
    if live.type == "AWS::ECS::Service":
        return _of_service(str(has.get("SchedulingStrategy") or "REPLICA"))
    if live.type == "AWS::AutoScaling::AutoScalingGroup":
        return _of_requirements if _by_requirements(has) else _of_linked_role
    if live.type in _SAID_BESIDE:
        return partial(_SAID_BESIDE[live.type], declared.attributes, has)
    return None


def _of_policy(path: str, value: Any) -> str | None:
    """What a policy without ``Version`` is. Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html.
    """
    oldest = path.endswith("/Version") and value == "2008-10-17"
    return "the version of a policy that says none" if oldest else None


def _of_cluster(path: str, value: Any) -> str | None:
    return "its cluster decides it" if path.split("/", 2)[1] in _CLUSTERS_OWN else None


def _of_origin(path: str, value: Any) -> str | None:
    return "it comes from what it was made of" if path.split("/", 2)[1] in _FROM_ORIGIN else None


def _of_replica(path: str, value: Any) -> str | None:
    if path == "/BackupRetentionPeriod" and value in (0, "0"):
        return "a replica has no backups of its own"
    return _of_origin(path, value)


def _of_members(path: str, value: Any) -> str | None:
    return "an Aurora cluster repeats what its members say" if path.split("/", 2)[1] in _MEMBERS_OWN else None


def _of_engine(engine: str) -> Acceptance:
    name = engine.lower().removeprefix("custom-")
    ports = _PORTS.get(name) or _PORTS.get(name.partition("-")[0], ())

    def of_engine(path: str, value: Any) -> str | None:
        return "its engine's port" if path == "/Port" and str(value) in ports else None

    return of_engine


def _of_object_lock(path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html ("When you
    enable Object Lock, Amazon S3 automatically enables versioning for the bucket")."""
    found = (path, value)
    whole, inner = (
        ("/VersioningConfiguration", {"Status": "Enabled"}),
        (
            "/VersioningConfiguration/Status",
            "Enabled",
        ),
    )
    return "object lock brings versioning" if found in (whole, inner) else None


def _of_key(path: str, value: Any) -> str | None:
    """Source:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html ("Only
    one server-side encryption option is supported per queue")."""
    off = path == "/SqsManagedSseEnabled" and value in (False, "false")
    return "a queue with a key of KMS has no other encryption" if off else None


def _of_service(strategy: str) -> Acceptance:
    """Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html ("If
    a service is using the DAEMON service scheduler type, …"): at most 100 and at least 0 percent; 200 and 100
    of the others."""
    most, least = (100, 0) if strategy == "DAEMON" else (200, 100)

    def of_service(path: str, value: Any) -> str | None:
        place = path.removeprefix("/DeploymentConfiguration/")
        brought = (place, value) in (("MaximumPercent", most), ("MinimumHealthyPercent", least))
        return f"the default of a {strategy.lower()} service" if brought else None

    return of_service


def _by_requirements(has: Mapping[str, Any]) -> bool:
    """Whether an Auto Scaling group chooses its instance types by what they must have."""
    template = (has.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    return any("InstanceRequirements" in one for one in template.get("Overrides") or ())


def _of_requirements(path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
    ("lowest-price … Default value for Auto Scaling groups that specify InstanceRequirements")."""
    place = "/MixedInstancesPolicy/InstancesDistribution/OnDemandAllocationStrategy"
    if (path, value) == (place, "lowest-price"):
        return "the default of groups by requirements"
    return _of_linked_role(path, value)


def _of_linked_role(path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html."""
    own = "/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    plain = path == "/ServiceLinkedRoleARN" and str(value).endswith(own)
    return "the role that Auto Scaling makes for itself" if plain else None


def _instance(declared: Mapping[str, Any], _live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """The groups of an instance are those of its first interface, where these are said."""
    if path != "/SecurityGroupIds" or not isinstance(value, (list, Mapping)):
        return None
    groups = sorted(map(str, value.values() if isinstance(value, Mapping) else value))
    first = (
        one.get("GroupSet")
        for one in declared.get("NetworkInterfaces") or ()
        if isinstance(one, Mapping) and str(one.get("DeviceIndex")) == "0"
    )
    said = any(isinstance(one, list) and sorted(map(str, one)) == groups for one in first)
    return "the groups of its first interface" if said else None


def _address(declared: Mapping[str, Any], _live: Mapping[str, Any], path: str, _value: Any) -> str | None:
    said = path == "/NetworkInterfaceId" and bool(declared.get("InstanceId"))
    return "the interface of the instance that is declared" if said else None


def _function(_declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html ("By default, Lambda sends
    logs to a default log group named /aws/lambda/<function name>")."""
    own = path == "/LoggingConfig/LogGroup" and value == f"/aws/lambda/{live.get('FunctionName')}"
    return "the function's own log group" if own else None


def _event_source(_declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html (``BatchSize``:
    "Kinesis – Default 100 … Simple Queue Service – Default 10")."""
    queue = ":sqs:" in str(live.get("EventSourceArn"))
    return "the default of its kind" if path == "/BatchSize" and value == (10 if queue else 100) else None


def _target_group(_declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: ``HealthCheckPort`` of
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html ("If the
    protocol is GENEVE, the default is port 80")."""
    own = live.get("Protocol") == "GENEVE" and (path, str(value)) == ("/HealthCheckPort", "80")
    return "the port at which appliances are asked" if own else None


def _replication_group(
    declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any
) -> str | None:
    """Source: ``AutomaticFailoverEnabled`` of
    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    ("must be enabled for … (cluster mode enabled) replication groups")."""
    on = (path, value) == ("/AutomaticFailoverEnabled", True)
    return "a cluster always has it" if on and (_is_cluster(live) or _is_cluster(declared)) else None


def _is_cluster(has: Mapping[str, Any]) -> bool:
    """Whether a replication group has several groups of nodes, or is told to be of that mode."""
    groups = str(has.get("NumNodeGroups", ""))
    return has.get("ClusterMode") == "enabled" or (groups.isdecimal() and int(groups) > 1)


def _distribution(_said: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: the answer to ``create-distribution`` of a multi-tenant distribution in the AWS CLI's
    examples."""
    place = "/DistributionConfig/ViewerCertificate/MinimumProtocolVersion"
    tenants = (live.get("DistributionConfig") or {}).get("ConnectionMode") == "tenant-only"
    brought = tenants and (path, value) == (place, "TLSv1.2_2021")
    return "what tenants are served with" if brought else None


def _restored(declared: Mapping[str, Any], _live: Mapping[str, Any], path: str, _value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemFromBackup.html ("You
    can use this API operation to create … a file system with the same … as the original")."""
    restored = bool(declared.get("BackupId")) and path.split("/", 2)[1] in _OF_BACKUPS
    return "it comes from what it was made of" if restored else None


#: What a file system has from the backup that it was made of, unless something else is said with it.
_OF_BACKUPS = frozenset(
    {
        "FileSystemTypeVersion",
        "LustreConfiguration",
        "OpenZFSConfiguration",
        "StorageCapacity",
        "StorageType",
        "WindowsConfiguration",
    }
)


def _file_system(_declared: Mapping[str, Any], live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Source: https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html ("Backup … Default is
    false. However, if you specify an AvailabilityZoneName, the default is true")."""
    on = (path, value) in (
        ("/BackupPolicy", {"Status": "ENABLED"}),
        ("/BackupPolicy/Status", "ENABLED"),
    )
    return "a file system in one zone is backed up" if on and live.get("AvailabilityZoneName") else None


def _user_pool(declared: Mapping[str, Any], live: Mapping[str, Any], path: str, _value: Any) -> str | None:
    """One trigger is told in two forms, with one ARN.

    Source: API_LambdaConfigType.html of
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/ (``PreTokenGeneration``).
    """
    newer, older = "PreTokenGenerationConfig", "PreTokenGeneration"
    part = path.removeprefix("/LambdaConfig/").partition("/")[0]
    if not path.startswith("/LambdaConfig/") or part not in (newer, older):
        return None
    said, has = declared.get("LambdaConfig") or {}, live.get("LambdaConfig") or {}
    one = (has.get(newer) or {}).get("LambdaArn") == has.get(older)
    return "its other form says the same" if one and said.get(older if part == newer else newer) else None


def _kafka(declared: Mapping[str, Any], _live: Mapping[str, Any], path: str, value: Any) -> str | None:
    """Where no other way to log in is named, none is needed.

    Source: https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html (``ClientAuthentication``).
    """
    if path != "/ClientAuthentication/Unauthenticated/Enabled" or value not in (True, "true"):
        return None
    ways = declared.get("ClientAuthentication") or {}
    named = any(ways.get(one) for one in ("Sasl", "Tls"))
    return None if named else Filled("on where no other way to log in is named")


#: Type → why a value is no change, by what is declared or live beside it.
_SAID_BESIDE: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], str, Any], str | None]] = {
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::EC2::EIP": _address,
    "AWS::EFS::FileSystem": _file_system,
    "AWS::EC2::Instance": _instance,
    "AWS::ElastiCache::ReplicationGroup": _replication_group,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::FSx::FileSystem": _restored,
    "AWS::Lambda::EventSourceMapping": _event_source,
    "AWS::Lambda::Function": _function,
    "AWS::MSK::Cluster": _kafka,
}
