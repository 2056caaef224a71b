"""What people and attackers do to the Auto Scaling groups of ``autoscaling.tf`` behind Git's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.providers.aws.estate.mutation import Mutation

Clients = Callable[[str], Any]
_TYPE = "AWS::AutoScaling::AutoScalingGroup"


def _update(name: str, **said: Any) -> Callable[[Clients], None]:
    def apply(clients: Clients) -> None:
        clients("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, **said)

    return apply


def _tagged(clients: Clients) -> None:
    tag = {
        "ResourceId": "autoscaling-rich",
        "ResourceType": "auto-scaling-group",
        "Key": "Intruder",
        "Value": "yes",
        "PropagateAtLaunch": True,
    }
    clients("autoscaling").create_or_update_tags(Tags=[tag])


def _suspended(clients: Clients) -> None:
    clients("autoscaling").suspend_processes(
        AutoScalingGroupName="autoscaling-rich", ScalingProcesses=["Terminate"]
    )


def _detached(clients: Clients) -> None:
    client = clients("autoscaling")
    group = client.describe_auto_scaling_groups(AutoScalingGroupNames=["autoscaling-rich"])
    client.detach_load_balancer_target_groups(
        AutoScalingGroupName="autoscaling-rich",
        TargetGroupARNs=group["AutoScalingGroups"][0]["TargetGroupARNs"],
    )


def _hook(clients: Clients) -> None:
    clients("autoscaling").put_lifecycle_hook(
        LifecycleHookName="autoscaling-intruder",
        AutoScalingGroupName="autoscaling-rich",
        LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING",
    )


def _hook_changed(clients: Clients) -> None:
    clients("autoscaling").put_lifecycle_hook(
        LifecycleHookName="autoscaling-drain",
        AutoScalingGroupName="autoscaling-rich",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        DefaultResult="CONTINUE",
        HeartbeatTimeout=30,
    )


def _deleted(clients: Clients) -> None:
    clients("autoscaling").delete_auto_scaling_group(
        AutoScalingGroupName="autoscaling-mixed", ForceDelete=True
    )


MUTATIONS = [
    Mutation(
        "capacity by hand",
        _update("autoscaling-rich", DesiredCapacity=2),
        _TYPE,
        "autoscaling-rich",
        paths=("/DesiredCapacity",),
    ),
    Mutation(
        "larger", _update("autoscaling-scaled", MaxSize=30), _TYPE, "autoscaling-scaled", paths=("/MaxSize",)
    ),
    Mutation(
        "health checks of EC2 only",
        _update("autoscaling-rich", HealthCheckType="EC2"),
        _TYPE,
        "autoscaling-rich",
        paths=("/HealthCheckType",),
    ),
    Mutation("tag", _tagged, _TYPE, "autoscaling-rich", paths=("/Tags/Intruder",)),
    Mutation("process suspended", _suspended, _TYPE, "autoscaling-rich", paths=("/SuspendedProcesses",)),
    Mutation("target group detached", _detached, _TYPE, "autoscaling-rich", paths=("/TargetGroupARNs",)),
    Mutation(
        "hook added",
        _hook,
        _TYPE,
        "autoscaling-rich",
        paths=("/LifecycleHookSpecificationList/autoscaling-intruder",),
    ),
    Mutation(
        "hook changed",
        _hook_changed,
        _TYPE,
        "autoscaling-rich",
        paths=("/LifecycleHookSpecificationList/autoscaling-drain/HeartbeatTimeout",),
    ),
    Mutation("deleted", _deleted, _TYPE, "autoscaling-mixed", "missing"),
]
