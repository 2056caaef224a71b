"""What people do to the databases of ``rds.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ARN = "arn:aws:rds:us-east-1:123456789012:"


def _modify(**changes: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("rds").modify_db_instance(DBInstanceIdentifier="rds-orders", ApplyImmediately=True, **changes)

    return apply


def _parameter(clients: Clients) -> None:
    parameter = {"ParameterName": "slow_query_log", "ParameterValue": "0", "ApplyMethod": "immediate"}
    clients("rds").modify_db_parameter_group(DBParameterGroupName="rds-mysql", Parameters=[parameter])


def _cluster_parameter(clients: Clients) -> None:
    parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
    clients("rds").modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="rds-aurora", Parameters=[parameter]
    )


def _cluster(clients: Clients) -> None:
    clients("rds").modify_db_cluster(
        DBClusterIdentifier="rds-aurora", BackupRetentionPeriod=1, ApplyImmediately=True
    )


def _untag(clients: Clients) -> None:
    clients("rds").remove_tags_from_resource(ResourceName=_ARN + "subgrp:rds-main", TagKeys=["Team"])


def _tag(resource: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("rds").add_tags_to_resource(
            ResourceName=_ARN + resource, Tags=[{"Key": "Owner", "Value": "somebody"}]
        )

    return apply


_INSTANCE, _GROUP = "AWS::RDS::DBInstance", "AWS::RDS::DBParameterGroup"
_CLUSTER, _CLUSTER_GROUP = "AWS::RDS::DBCluster", "AWS::RDS::DBClusterParameterGroup"

MUTATIONS: list[Mutation] = [
    Mutation(
        "opened to the world",
        _modify(PubliclyAccessible=True),
        _INSTANCE,
        "rds-orders",
        paths=("/PubliclyAccessible",),
    ),
    Mutation(
        "backups cut",
        _modify(BackupRetentionPeriod=0),
        _INSTANCE,
        "rds-orders",
        paths=("/BackupRetentionPeriod",),
    ),
    Mutation(
        "protection off",
        _modify(DeletionProtection=False),
        _INSTANCE,
        "rds-orders",
        paths=("/DeletionProtection",),
    ),
    Mutation("tag added", _tag("db:rds-orders"), _INSTANCE, "rds-orders", paths=("/Tags/Owner",)),
    Mutation("parameter", _parameter, _GROUP, "rds-mysql", paths=("/Parameters/slow_query_log",)),
    Mutation("group tagged", _tag("pg:rds-mysql"), _GROUP, "rds-mysql", paths=("/Tags/Owner",)),
    Mutation(
        "subnet group tagged",
        _tag("subgrp:rds-main"),
        "AWS::RDS::DBSubnetGroup",
        "rds-main",
        paths=("/Tags/Owner",),
    ),
    Mutation("subnet group untagged", _untag, "AWS::RDS::DBSubnetGroup", "rds-main", paths=("/Tags/Team",)),
    Mutation("cluster backups cut", _cluster, _CLUSTER, "rds-aurora", paths=("/BackupRetentionPeriod",)),
    Mutation("cluster tagged", _tag("cluster:rds-aurora"), _CLUSTER, "rds-aurora", paths=("/Tags/Owner",)),
    Mutation(
        "plain text allowed",
        _cluster_parameter,
        _CLUSTER_GROUP,
        "rds-aurora",
        paths=("/Parameters/rds.force_ssl",),
    ),
]
