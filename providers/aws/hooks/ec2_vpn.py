"""The tunnels of VPN connections, as EC2 answers them and as Terraform stores them, in CloudFormation's form.

Sources: TunnelOption and VpnTunnelOptionsSpecification in
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/ and
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpn_connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: CloudFormation's name of a member → the API's; the same where it is not here.
_ANSWERED = {"DPDTimeoutAction": "DpdTimeoutAction", "DPDTimeoutSeconds": "DpdTimeoutSeconds"}
#: CloudFormation's name of a member → Terraform's, after ``tunnel1_``.
_STORED = {
    "DPDTimeoutAction": "dpd_timeout_action",
    "DPDTimeoutSeconds": "dpd_timeout_seconds",
    "EnableTunnelLifecycleControl": "enable_tunnel_lifecycle_control",
    "Phase1LifetimeSeconds": "phase1_lifetime_seconds",
    "Phase2LifetimeSeconds": "phase2_lifetime_seconds",
    "PreSharedKey": "preshared_key",
    "RekeyFuzzPercentage": "rekey_fuzz_percentage",
    "RekeyMarginTimeSeconds": "rekey_margin_time_seconds",
    "ReplayWindowSize": "replay_window_size",
    "StartupAction": "startup_action",
    "TunnelInsideCidr": "inside_cidr",
    "TunnelInsideIpv6Cidr": "inside_ipv6_cidr",
}
#: Lists, whose members are mappings with ``Value``: the API's and Terraform's names.
_LISTS = {
    "IKEVersions": ("IkeVersions", "ike_versions"),
    "Phase1DHGroupNumbers": ("Phase1DHGroupNumbers", "phase1_dh_group_numbers"),
    "Phase1EncryptionAlgorithms": ("Phase1EncryptionAlgorithms", "phase1_encryption_algorithms"),
    "Phase1IntegrityAlgorithms": ("Phase1IntegrityAlgorithms", "phase1_integrity_algorithms"),
    "Phase2DHGroupNumbers": ("Phase2DHGroupNumbers", "phase2_dh_group_numbers"),
    "Phase2EncryptionAlgorithms": ("Phase2EncryptionAlgorithms", "phase2_encryption_algorithms"),
    "Phase2IntegrityAlgorithms": ("Phase2IntegrityAlgorithms", "phase2_integrity_algorithms"),
}
_LOGS = {
    "BgpLogEnabled": "bgp_log_enabled",
    "BgpLogGroupArn": "bgp_log_group_arn",
    "BgpLogOutputFormat": "bgp_log_output_format",
    "LogEnabled": "log_enabled",
    "LogGroupArn": "log_group_arn",
    "LogOutputFormat": "log_output_format",
}
TUNNELS = "VpnTunnelOptionsSpecifications"
_KEY = "PreSharedKey"
#: What no two tunnels have in common.
OWN = frozenset({_KEY, "TunnelInsideCidr", "TunnelInsideIpv6Cidr"})


def connection(document: dict[str, Any]) -> dict[str, Any]:
    """The tunnels of a described connection."""
    found = [_answered(one) for one in (document.get("Options") or {}).get("TunnelOptions") or ()]
    if document.get("PreSharedKeyArn"):
        for place, one in enumerate(found):
            one.pop(_KEY, None)
            reason = "the key is kept in Secrets Manager, whose values are not read"
            document.setdefault("unread", {})[f"{TUNNELS}/{place}/{_KEY}"] = reason
    return {TUNNELS: found or None}


def terraform_connection(document: dict[str, Any]) -> dict[str, Any]:
    """The same of ``aws_vpn_connection``."""
    found = [_stored(document, number) for number in (1, 2)]
    return {TUNNELS: found if any(found) else None}


def _answered(one: Mapping[str, Any]) -> dict[str, Any]:
    logs = (one.get("LogOptions") or {}).get("CloudWatchLogOptions") or {}
    return _some(
        {name: one.get(_ANSWERED.get(name, name)) for name in _STORED}
        | {name: one.get(answered) for name, (answered, _) in _LISTS.items()}
        | {"LogOptions": _logging({name: logs.get(name) for name in _LOGS})}
    )


def _stored(document: Mapping[str, Any], number: int) -> dict[str, Any]:
    said = {
        name: document.get(f"tunnel{number}_{stored}")
        for name, stored in {**_STORED, **{name: stored for name, (_, stored) in _LISTS.items()}}.items()
    }
    said = {name: value or None for name, value in said.items()}
    for name in _LISTS:
        listed = said[name]
        if isinstance(listed, list):
            said[name] = [{"Value": one} for one in listed]
    options = document.get(f"tunnel{number}_log_options")
    inner = options[0].get("cloudwatch_log_options") if isinstance(options, list) and options else None
    logs = inner[0] if isinstance(inner, list) and inner else {}
    said["LogOptions"] = _logging({name: logs.get(stored) for name, stored in _LOGS.items()})
    return _some(said)


def _logging(said: Mapping[str, Any]) -> dict[str, Any] | None:
    kept = {name: value for name, value in said.items() if value not in (None, "")}
    return {"CloudwatchLogOptions": kept} if kept else None


def _some(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value not in (None, "", [])}
