"""What of an Auto Scaling group is more than a renaming."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drift.model import Unresolved
from providers.aws.hooks.terraform_blocks import block

Document = dict[str, Any]

_NAMES = {
    "override": "Overrides",
    "memory_gib_per_vcpu": "MemoryGiBPerVCpu",
    "memory_mib": "MemoryMiB",
    "vcpu_count": "VCpuCount",
    "accelerator_total_memory_mib": "AcceleratorTotalMemoryMiB",
    "total_local_storage_gb": "TotalLocalStorageGB",
    "baseline_ebs_bandwidth_mbps": "BaselineEbsBandwidthMbps",
}
_LISTS = frozenset({"override"})
#: Of which 0 is not what AWS has where nobody sets one.
_ZEROS = frozenset({"on_demand_percentage_above_base_capacity", "min_healthy_percentage"})


def group(document: Document) -> Document:
    """Tags and metrics as CloudFormation has them; whether the desired capacity moves by itself."""
    tags = document.get("Tags") or ()
    moved_by = _moves_capacity(document)
    if moved_by:
        document.setdefault("unread", {})["DesiredCapacity"] = (
            f"{moved_by} moves it between MinSize and MaxSize, which are compared"
        )
    return {
        "Tags": [
            {"Key": tag["Key"], "Value": tag.get("Value"), "PropagateAtLaunch": tag.get("PropagateAtLaunch")}
            for tag in tags
        ],
        "MetricsCollection": _metrics(
            (one["Metric"], one["Granularity"]) for one in document.get("EnabledMetrics") or ()
        ),
    }


def _moves_capacity(document: Mapping[str, Any]) -> str | None:
    if document.get("join_policy"):
        return "a scaling policy of the group"
    if document.get("join_schedule"):
        return "a scheduled action of the group"
    keys = {tag["Key"] for tag in document.get("Tags") or ()}
    return "the cluster autoscaler" if "k8s.io/cluster-autoscaler/enabled" in keys else None


def _metrics(pairs: Iterable[tuple[str, str]]) -> list[Document]:
    grouped: dict[str, list[str]] = {}
    for metric, granularity in pairs:
        grouped.setdefault(granularity, []).append(metric)
    return [{"Granularity": granularity, "Metrics": metrics} for granularity, metrics in grouped.items()]


def terraform_group(document: Document) -> Document:
    """The blocks of ``aws_autoscaling_group``, and what it attaches in one of three ways."""
    found: Document = {}
    for name, property_ in (
        ("availability_zone_distribution", "AvailabilityZoneDistribution"),
        ("capacity_reservation_specification", "CapacityReservationSpecification"),
        ("instance_maintenance_policy", "InstanceMaintenancePolicy"),
        ("mixed_instances_policy", "MixedInstancesPolicy"),
    ):
        given = document.get(name)
        if given:
            found[property_] = block(given[0], lists=_LISTS, names=_NAMES, zeros=_ZEROS)
    for template in document.get("launch_template") or ():
        found["LaunchTemplate"] = {
            "LaunchTemplateId": template.get("id") or None,
            "LaunchTemplateName": template.get("name") or None,
            "Version": template.get("version") or None,
        }
    metrics = document.get("enabled_metrics") or ()
    granularity = document.get("metrics_granularity") or "1Minute"
    found["MetricsCollection"] = _metrics((metric, granularity) for metric in metrics)
    found["Tags"] = [
        {"Key": tag["key"], "Value": tag["value"], "PropagateAtLaunch": tag["propagate_at_launch"]}
        for tag in document.get("tag") or document.get("tags") or ()  # tags: a list of the like, up to 4
    ]
    hooks = [
        block(one, names={"name": "LifecycleHookName", "role_arn": "RoleARN"})
        for one in document.get("initial_lifecycle_hook") or ()
    ]
    for one in hooks:
        if "NotificationTargetArn" in one:
            one["NotificationTargetARN"] = one.pop("NotificationTargetArn")
    found["LifecycleHookSpecificationList"] = hooks or None
    attached = set(document.get("target_group_arns") or ())
    balancers = set(document.get("load_balancers") or ())
    for source in document.get("traffic_source") or ():
        (attached if source.get("type") == "elbv2" else balancers).add(source["identifier"])
    found["TargetGroupARNs"] = sorted(attached) or None
    found["LoadBalancerNames"] = sorted(balancers) or None
    return found


def scheduled(document: dict[str, Any]) -> dict[str, Any]:
    """Says of an action that recurs that when it starts is not known: AWS moves that to its next time.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScheduledUpdateGroupAction.html.
    """
    if document.get("Recurrence"):
        document.setdefault("unread", {})["StartTime"] = "AWS moves the start of what recurs to its next time"
    return {}


def terraform_launch_configuration(document: Document) -> Document:
    """The devices; of a root device the state does not tell the name, by which devices are told apart."""
    if document.get("root_block_device"):
        return {"BlockDeviceMappings": Unresolved("the state does not tell how the root device is called")}
    devices = [
        {
            "DeviceName": one.get("device_name"),
            "NoDevice": one.get("no_device") or None,
            "Ebs": {
                "DeleteOnTermination": one.get("delete_on_termination"),
                "Encrypted": one.get("encrypted") or None,
                "Iops": one.get("iops") or None,
                "SnapshotId": one.get("snapshot_id") or None,
                "Throughput": one.get("throughput") or None,
                "VolumeSize": one.get("volume_size") or None,
                "VolumeType": one.get("volume_type") or None,
            },
        }
        for one in document.get("ebs_block_device") or ()
    ]
    devices += [
        {
            "DeviceName": one.get("device_name"),
            "NoDevice": one.get("no_device") or None,
            "VirtualName": one.get("virtual_name") or None,
        }
        for one in document.get("ephemeral_block_device") or ()
    ]
    return {"BlockDeviceMappings": devices or None}
