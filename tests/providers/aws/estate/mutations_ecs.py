"""What people do to the clusters and task definitions of ``ecs.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_ARN = "arn:aws:ecs:us-east-1:123456789012:"


def _insights_off(clients: Clients) -> None:
    clients("ecs").update_cluster(
        cluster="ecs-main", settings=[{"name": "containerInsights", "value": "disabled"}]
    )


def _only_spot(clients: Clients) -> None:
    clients("ecs").put_cluster_capacity_providers(
        cluster="ecs-main",
        capacityProviders=["FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )


def _tag(resource: str) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("ecs").tag_resource(resourceArn=_ARN + resource, tags=[{"key": "Owner", "value": "somebody"}])

    return apply


def _deregister(clients: Clients) -> None:
    clients("ecs").deregister_task_definition(taskDefinition="ecs-plain:1")


def _delete(clients: Clients) -> None:
    clients("ecs").delete_cluster(cluster="ecs-plain")


_CLUSTER, _TASK = "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition"

MUTATIONS: list[Mutation] = [
    Mutation(
        "insights off", _insights_off, _CLUSTER, "ecs-main", paths=("/ClusterSettings/containerInsights",)
    ),
    Mutation(
        "only spot",
        _only_spot,
        _CLUSTER,
        "ecs-main",
        paths=(
            "/CapacityProviders",
            "/DefaultCapacityProviderStrategy/FARGATE",
            "/DefaultCapacityProviderStrategy/FARGATE_SPOT",
        ),
    ),
    Mutation("cluster tagged", _tag("cluster/ecs-main"), _CLUSTER, "ecs-main", paths=("/Tags/Owner",)),
    Mutation("task tagged", _tag("task-definition/ecs-web:1"), _TASK, "ecs-web:1", paths=("/Tags/Owner",)),
    Mutation("task deregistered", _deregister, _TASK, "ecs-plain:1", kind="missing"),
    Mutation("cluster deleted", _delete, _CLUSTER, "ecs-plain", kind="missing"),
]
