"""What of Amazon EC2's instances, templates and gateways is more than a renaming."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drift.values import is_empty
from providers.aws.hooks.terraform_blocks import block

Document = dict[str, Any]

WITH_IOPS = frozenset({"io1", "io2", "gp3"})
#: Families whose CPU is paid by credits. Source: the EC2 user guide, "Burstable performance instances".
_BURSTABLE = re.compile(r"t\d[a-z]*\.")
_FLOW_LOG_RESOURCES = {
    "vpc-": "VPC",
    "subnet-": "Subnet",
    "eni-": "NetworkInterface",
    "tgw-attach-": "TransitGatewayAttachment",
    "tgw-": "TransitGateway",
}
_LISTS = frozenset(
    {"block_device_mappings", "network_interfaces", "tag_specifications", "license_specification", "tags"}
)
_NAMES = {
    "vpc_security_group_ids": "SecurityGroupIds",
    "security_group_names": "SecurityGroups",
    "license_specification": "LicenseSpecifications",
    "memory_gib_per_vcpu": "MemoryGiBPerVCpu",
    "memory_mib": "MemoryMiB",
    "vcpu_count": "VCpuCount",
    "accelerator_total_memory_mib": "AcceleratorTotalMemoryMiB",
    "total_local_storage_gb": "TotalLocalStorageGB",
    "baseline_ebs_bandwidth_mbps": "BaselineEbsBandwidthMbps",
    "security_groups": "Groups",
    "enable_resource_name_dns_aaaa_record": "EnableResourceNameDnsAAAARecord",
    "ipv4_address_count": "SecondaryPrivateIpAddressCount",
}
#: What a launch template's resource says besides its data.
_NOT_DATA = frozenset(
    [
        "arn",
        "default_version",
        "description",
        "id",
        "latest_version",
        "name",
        "name_prefix",
        "tags",
        "tags_all",
        "update_default_version",
        "timeouts",
        "account",
        "region",
        "region_name",
        "elastic_gpu_specifications",
        "elastic_inference_accelerator",
    ]
)


# Instances


def instance(document: Document) -> Document:
    """Volumes, network interfaces and credits of an instance."""
    volumes = {volume["VolumeId"]: volume for volume in document.get("volumes") or ()}
    devices = []
    attached = []
    for device in document.get("BlockDeviceMappings") or ():
        ebs = device.get("Ebs") or {}
        volume = volumes.get(ebs.get("VolumeId"), {})
        devices.append(
            {"DeviceName": device["DeviceName"], "Ebs": _ebs(volume, ebs.get("DeleteOnTermination"))}
        )
        if ebs.get("VolumeId"):
            attached.append({"Device": device["DeviceName"], "VolumeId": ebs["VolumeId"]})
    found: Document = {
        "BlockDeviceMappings": devices,
        "Volumes": attached,
        "NetworkInterfaces": [_interface(one) for one in document.get("NetworkInterfaces") or ()],
    }
    if _BURSTABLE.match(document.get("InstanceType") or ""):
        # Those that the listing leaves out are standard and always were.
        credits = (document.get("join_credits") or {}).get("CpuCredits") or "standard"
        found["CreditSpecification"] = {"CPUCredits": credits}
    return found


def _ebs(volume: Mapping[str, Any], delete: Any) -> Document:
    type_ = volume.get("VolumeType")
    return {
        "DeleteOnTermination": delete,
        "Encrypted": volume.get("Encrypted"),
        "Iops": volume.get("Iops") if type_ in WITH_IOPS else None,
        "KmsKeyId": volume.get("KmsKeyId") or None,
        "SnapshotId": volume.get("SnapshotId") or None,
        "VolumeSize": volume.get("Size"),
        "VolumeType": type_,
    }


def _interface(given: Mapping[str, Any]) -> Document:
    attachment = given.get("Attachment") or {}
    addresses = [
        {"PrivateIpAddress": one.get("PrivateIpAddress"), "Primary": one.get("Primary")}
        for one in given.get("PrivateIpAddresses") or ()
    ]
    return {
        "DeviceIndex": str(attachment.get("DeviceIndex", 0)),
        "NetworkInterfaceId": given.get("NetworkInterfaceId"),
        "SubnetId": given.get("SubnetId"),
        "GroupSet": [group["GroupId"] for group in given.get("Groups") or ()],
        "Description": given.get("Description") or None,
        "DeleteOnTermination": attachment.get("DeleteOnTermination"),
        "EnaSrdSpecification": attachment.get("EnaSrdSpecification"),
        "PrivateIpAddress": given.get("PrivateIpAddress"),
        "PrivateIpAddresses": addresses,
        "Ipv6Addresses": [
            {"Ipv6Address": one.get("Ipv6Address")} for one in given.get("Ipv6Addresses") or ()
        ],
    }


def terraform_instance(document: Document) -> Document:
    """The devices that Terraform knows: root and others; and interfaces made elsewhere."""
    devices = []
    for one in (*(document.get("root_block_device") or ()), *(document.get("ebs_block_device") or ())):
        if not one.get("device_name"):
            continue
        type_ = one.get("volume_type")
        ebs = {
            "DeleteOnTermination": one.get("delete_on_termination"),
            "Encrypted": one.get("encrypted"),
            "Iops": (one.get("iops") or None) if type_ in WITH_IOPS else None,
            "KmsKeyId": one.get("kms_key_id") or None,
            "SnapshotId": one.get("snapshot_id") or None,
            "VolumeSize": one.get("volume_size") or None,
            "VolumeType": type_ or None,
        }
        devices.append({"DeviceName": one["device_name"], "Ebs": ebs})
    found: Document = {"BlockDeviceMappings": devices or None}
    interfaces = [
        {
            "DeviceIndex": str(one.get("device_index", 0)),
            "NetworkInterfaceId": one.get("network_interface_id"),
            "DeleteOnTermination": one.get("delete_on_termination"),
        }
        for one in document.get("network_interface") or ()
    ]
    found["NetworkInterfaces"] = interfaces or None
    return found


# NAT gateways, flow logs


def nat_gateway(document: Document) -> Document:
    """The addresses of a gateway: its own, then the secondary ones."""
    addresses = [one for one in document.get("NatGatewayAddresses") or () if one.get("Status") != "failed"]
    primary = next((one for one in addresses if one.get("IsPrimary")), addresses[0] if addresses else {})
    others = [one for one in addresses if one is not primary]
    found: Document = {
        "AllocationId": primary.get("AllocationId"),
        "PrivateIpAddress": primary.get("PrivateIp"),
        "EniId": primary.get("NetworkInterfaceId"),
    }
    if document.get("AvailabilityMode") == "regional":
        zones: dict[str, list[str]] = {}
        for one in addresses:
            if one.get("AvailabilityZone") and one.get("AllocationId"):
                zones.setdefault(one["AvailabilityZone"], []).append(one["AllocationId"])
        found["AvailabilityZoneAddresses"] = [
            {"AvailabilityZone": zone, "AllocationIds": ids} for zone, ids in zones.items()
        ]
        found["AllocationId"] = None
    else:
        found["SecondaryAllocationIds"] = [one["AllocationId"] for one in others if one.get("AllocationId")]
        found["SecondaryPrivateIpAddresses"] = [one["PrivateIp"] for one in others if one.get("PrivateIp")]
        found["SecondaryPrivateIpAddressCount"] = len(others) or None
    return found


def flow_log(document: Document) -> Document:
    """What is logged, by its id; and a log group's full name where the API only has the short one."""
    destination = document.get("LogDestination") or None
    if destination is None and document.get("LogGroupName"):
        place = ":".join((document["partition"], "logs", document["region"], document["account"]))
        destination = f"arn:{place}:log-group:{document['LogGroupName']}"
    return {"LogDestination": destination, "ResourceType": _resource_type(document.get("ResourceId"))}


def _resource_type(id_: Any) -> str | None:
    return next((type_ for start, type_ in _FLOW_LOG_RESOURCES.items() if str(id_).startswith(start)), None)


def terraform_flow_log(document: Document) -> Document:
    """The one of five attributes that says what is logged."""
    names = ("vpc_id", "subnet_id", "eni_id", "transit_gateway_attachment_id", "transit_gateway_id")
    id_ = next((document[name] for name in names if document.get(name)), None)
    return {"ResourceId": id_, "ResourceType": _resource_type(id_)}


# Launch templates


def launch_template(document: Document) -> Document:
    """The data of the newest version."""
    latest = document.get("join_latest") or {}
    return {"LaunchTemplateData": _without_nothing(latest.get("LaunchTemplateData") or {})}


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        said = {name: _without_nothing(member) for name, member in value.items()}
        return {name: member for name, member in said.items() if not is_empty(member)}
    if isinstance(value, list):
        return [_without_nothing(member) for member in value]
    return value


def terraform_launch_template(document: Document) -> Document:
    """The data that Terraform spreads over the resource. It reads the newest version back, too."""
    data = block({k: v for k, v in document.items() if k not in _NOT_DATA}, lists=_LISTS, names=_NAMES)
    for one in data.get("TagSpecifications", ()):
        tags = one.get("Tags") or {}
        one["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    for interface in data.get("NetworkInterfaces", ()):
        for plural, single in (
            ("Ipv6Addresses", "Ipv6Address"),
            ("Ipv4Prefixes", "Ipv4Prefix"),
            ("Ipv6Prefixes", "Ipv6Prefix"),
        ):
            if plural in interface:
                interface[plural] = [{single: one} for one in interface[plural]]
        for address in interface.pop("Ipv4Addresses", ()):
            interface.setdefault("PrivateIpAddresses", []).append({"PrivateIpAddress": address})
    return {"LaunchTemplateData": {name: value for name, value in data.items() if value is not False}}
