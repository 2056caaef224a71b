"""ECS writes camelCase; CloudFormation has the same shapes in its own names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

#: What is not simply the name with a capital.
_NAMES = {
    "efsVolumeConfiguration": "EFSVolumeConfiguration",
    "fsxWindowsFileServerVolumeConfiguration": "FSxWindowsFileServerVolumeConfiguration",
    "s3filesVolumeConfiguration": "S3FilesVolumeConfiguration",
    "iam": "IAM",
}
#: Maps whose keys are the user's.
_MAPS = frozenset({"options", "dockerLabels", "driverOpts", "labels", "hookDetails"})
_SERVICE_ROLE = "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"


def spelled(value: Any) -> Any:
    """The value with its members in CloudFormation's names."""
    if isinstance(value, Mapping):
        return {
            _NAMES.get(name, name[:1].upper() + name[1:]): item if name in _MAPS else spelled(item)
            for name, item in value.items()
        }
    return [spelled(item) for item in value] if isinstance(value, list) else value


def cluster(document: dict[str, Any]) -> dict[str, Any] | None:
    """The described cluster; None for one that is deleted and still shown for a while."""
    if document.get("status") == "INACTIVE":
        return None
    return {
        "ClusterSettings": spelled(document.get("settings")),
        "Configuration": spelled(document.get("configuration")),
        "DefaultCapacityProviderStrategy": spelled(document.get("defaultCapacityProviderStrategy")),
        "ServiceConnectDefaults": spelled(document.get("serviceConnectDefaults")),
        "Tags": spelled(document.get("tags")),
    }


def service(document: dict[str, Any]) -> dict[str, Any] | None:
    """The described service; what changes with each deployment comes from the primary one."""
    if document.get("status") in ("INACTIVE", "DRAINING"):
        return None
    deployments = document.get("deployments") or [{}]
    primary = next((one for one in deployments if one.get("status") == "PRIMARY"), deployments[0])
    daemon = document.get("schedulingStrategy") == "DAEMON"
    return {
        **{
            name: spelled(document.get(name[:1].lower() + name[1:]))
            for name in (
                "AvailabilityZoneRebalancing",
                "CapacityProviderStrategy",
                "DeploymentController",
                "EnableECSManagedTags",
                "EnableExecuteCommand",
                "HealthCheckGracePeriodSeconds",
                "LaunchType",
                "LoadBalancers",
                "NetworkConfiguration",
                "PlacementConstraints",
                "PlatformVersion",
                "PropagateTags",
                "SchedulingStrategy",
                "ServiceRegistries",
                "Tags",
                "TaskDefinition",
            )
        },
        "DeploymentConfiguration": spelled(document.get("deploymentConfiguration")),
        "DesiredCount": None if daemon else document.get("desiredCount"),
        "PlacementStrategies": spelled(document.get("placementStrategy")),
        "Role": _role(document.get("roleArn")),
        "ServiceConnectConfiguration": spelled(primary.get("serviceConnectConfiguration")),
        "VolumeConfigurations": spelled(primary.get("volumeConfigurations")),
        "VpcLatticeConfigurations": spelled(primary.get("vpcLatticeConfigurations")),
    }


def terraform_service(document: dict[str, Any]) -> dict[str, Any]:
    """``DeploymentConfiguration``, ``DesiredCount`` and ``Role`` of ``aws_ecs_service``."""
    daemon = document.get("scheduling_strategy") == "DAEMON"
    alarms = (document.get("alarms") or [None])[0]
    breaker = (document.get("deployment_circuit_breaker") or [None])[0]
    configuration = {
        **_terraform_rollout((document.get("deployment_configuration") or [{}])[0] or {}),
        "MaximumPercent": document.get("deployment_maximum_percent"),
        "MinimumHealthyPercent": document.get("deployment_minimum_healthy_percent"),
        "DeploymentCircuitBreaker": breaker
        and {"Enable": breaker.get("enable"), "Rollback": breaker.get("rollback")},
        "Alarms": alarms
        and {
            "AlarmNames": alarms.get("alarm_names"),
            "Enable": alarms.get("enable"),
            "Rollback": alarms.get("rollback"),
        },
    }
    return {
        "DeploymentConfiguration": _deployment(configuration, daemon),
        "DesiredCount": None if daemon else document.get("desired_count"),
        "Role": _role(document.get("iam_role")),
    }


def _terraform_rollout(said: Mapping[str, Any]) -> dict[str, Any]:
    """``deployment_configuration`` of ``aws_ecs_service``: how a new version takes over."""
    gradual = {
        "CanaryConfiguration": ("canary", "CanaryPercent", "canary_percent"),
        "LinearConfiguration": ("linear", "StepPercent", "step_percent"),
    }
    told: dict[str, Any] = {
        "Strategy": said.get("strategy") or None,
        "BakeTimeInMinutes": _number(said.get("bake_time_in_minutes")),
        "LifecycleHooks": [
            {
                "HookTargetArn": hook.get("hook_target_arn"),
                "RoleArn": hook.get("role_arn"),
                "LifecycleStages": hook.get("lifecycle_stages"),
                "HookDetails": hook.get("hook_details") or None,
            }
            for hook in said.get("lifecycle_hook") or ()
        ]
        or None,
    }
    for name, (block, part, argument) in gradual.items():
        for steps in said.get(f"{block}_configuration") or ():
            bake = _number(steps.get(f"{block if block == 'canary' else 'step'}_bake_time_in_minutes"))
            waits = "CanaryBakeTimeInMinutes" if block == "canary" else "StepBakeTimeInMinutes"
            told[name] = {part: _number(steps.get(argument)), waits: bake}
    return told


def _number(said: Any) -> Any:
    """A number that the provider may keep as text."""
    return float(said) if isinstance(said, str) and re.fullmatch(r"\d+(\.\d+)?", said) else said


def task_definition(document: dict[str, Any]) -> dict[str, Any]:
    """The described task definition."""
    found = document.get("taskDefinition") or {}
    properties = {
        name: spelled(found.get(name[:1].lower() + name[1:]))
        for name in (
            "ContainerDefinitions",
            "Cpu",
            "EnableFaultInjection",
            "EphemeralStorage",
            "ExecutionRoleArn",
            "Family",
            "InferenceAccelerators",
            "IpcMode",
            "Memory",
            "NetworkMode",
            "PidMode",
            "PlacementConstraints",
            "RequiresCompatibilities",
            "RuntimePlatform",
            "TaskRoleArn",
        )
    }
    proxy = spelled(found.get("proxyConfiguration"))
    if proxy:
        proxy["ProxyConfigurationProperties"] = proxy.pop("Properties", None)
    return {
        **properties,
        "ProxyConfiguration": proxy,
        "Tags": spelled(document.get("tags")),
        "Volumes": [_volume(spelled(volume)) for volume in found.get("volumes") or ()],
    }


def terraform_task_definition(document: dict[str, Any]) -> dict[str, Any]:
    """``aws_ecs_task_definition``: its containers are JSON in the API's names."""
    text = document.get("container_definitions")
    try:
        containers = json.loads(text) if isinstance(text, str) and text else None
    except ValueError:
        containers = None
    proxy = (document.get("proxy_configuration") or [None])[0]
    storage = (document.get("ephemeral_storage") or [None])[0]
    platform = (document.get("runtime_platform") or [None])[0]
    return {
        "ContainerDefinitions": spelled(containers),
        "Cpu": document.get("cpu") or None,
        "EnableFaultInjection": document.get("enable_fault_injection"),
        "EphemeralStorage": storage and {"SizeInGiB": storage.get("size_in_gib")},
        "ExecutionRoleArn": document.get("execution_role_arn") or None,
        "Family": document.get("family"),
        "InferenceAccelerators": [
            {"DeviceName": one.get("device_name"), "DeviceType": one.get("device_type")}
            for one in document.get("inference_accelerator") or ()
        ],
        "IpcMode": document.get("ipc_mode") or None,
        "Memory": document.get("memory") or None,
        "NetworkMode": document.get("network_mode") or None,
        "PidMode": document.get("pid_mode") or None,
        "PlacementConstraints": [
            {"Type": one.get("type"), "Expression": one.get("expression") or None}
            for one in document.get("placement_constraints") or ()
        ],
        "ProxyConfiguration": proxy
        and {
            "ContainerName": proxy.get("container_name"),
            "Type": proxy.get("type") or None,
            "ProxyConfigurationProperties": [
                {"Name": name, "Value": value} for name, value in (proxy.get("properties") or {}).items()
            ],
        },
        "RequiresCompatibilities": document.get("requires_compatibilities") or None,
        "RuntimePlatform": platform
        and {
            "CpuArchitecture": platform.get("cpu_architecture") or None,
            "OperatingSystemFamily": platform.get("operating_system_family") or None,
        },
        "Tags": [{"Key": key, "Value": value} for key, value in (document.get("tags_all") or {}).items()],
        "TaskRoleArn": document.get("task_role_arn") or None,
        "Volumes": [_terraform_volume(volume) for volume in document.get("volume") or ()],
    }


def _deployment(said: Any, daemon: bool) -> Any:
    """Without the percentages that every daemon has unless told otherwise (100 and 0)."""
    if not isinstance(said, dict) or not daemon:
        return said
    defaults = {"MaximumPercent": 100, "MinimumHealthyPercent": 0}
    return {name: value for name, value in said.items() if name not in defaults or value != defaults[name]}


def _role(said: Any) -> Any:
    """The role, None when it is the service-linked one that ECS takes by itself."""
    return None if not said or str(said).endswith(_SERVICE_ROLE) else said


def _volume(volume: dict[str, Any]) -> dict[str, Any]:
    shared = volume.get("EFSVolumeConfiguration")
    if shared and "FileSystemId" in shared:
        shared["FilesystemId"] = shared.pop("FileSystemId")
    return volume


def _terraform_volume(volume: Mapping[str, Any]) -> dict[str, Any]:
    docker = (volume.get("docker_volume_configuration") or [None])[0]
    efs = (volume.get("efs_volume_configuration") or [None])[0]
    windows = (volume.get("fsx_windows_file_server_volume_configuration") or [None])[0]
    access = ((efs or {}).get("authorization_config") or [None])[0]
    domain = ((windows or {}).get("authorization_config") or [None])[0]
    return {
        "Name": volume.get("name"),
        "ConfiguredAtLaunch": volume.get("configure_at_launch"),
        "Host": {"SourcePath": volume["host_path"]} if volume.get("host_path") else None,
        "DockerVolumeConfiguration": docker
        and {
            "Autoprovision": docker.get("autoprovision"),
            "Driver": docker.get("driver") or None,
            "DriverOpts": docker.get("driver_opts") or None,
            "Labels": docker.get("labels") or None,
            "Scope": docker.get("scope") or None,
        },
        "EFSVolumeConfiguration": efs
        and {
            "FilesystemId": efs.get("file_system_id"),
            "RootDirectory": efs.get("root_directory") or None,
            "TransitEncryption": efs.get("transit_encryption") or None,
            "TransitEncryptionPort": efs.get("transit_encryption_port") or None,
            "AuthorizationConfig": access
            and {"AccessPointId": access.get("access_point_id") or None, "IAM": access.get("iam") or None},
        },
        "FSxWindowsFileServerVolumeConfiguration": windows
        and {
            "FileSystemId": windows.get("file_system_id"),
            "RootDirectory": windows.get("root_directory"),
            "AuthorizationConfig": domain
            and {"CredentialsParameter": domain.get("credentials_parameter"), "Domain": domain.get("domain")},
        },
    }
