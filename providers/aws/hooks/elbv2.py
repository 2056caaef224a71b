"""What of load balancers is more than a renaming: attributes, targets, actions and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from providers.aws.hooks.terraform_blocks import block

Document = dict[str, Any]

#: Attribute of a load balancer ← aws_lb's attribute.
_BALANCER = {
    "client_keep_alive.seconds": "client_keep_alive",
    "deletion_protection.enabled": "enable_deletion_protection",
    "dns_record.client_routing_policy": "dns_record_client_routing_policy",
    "idle_timeout.timeout_seconds": "idle_timeout",
    "load_balancing.cross_zone.enabled": "enable_cross_zone_load_balancing",
    "routing.http.desync_mitigation_mode": "desync_mitigation_mode",
    "routing.http.drop_invalid_header_fields.enabled": "drop_invalid_header_fields",
    "routing.http.preserve_host_header.enabled": "preserve_host_header",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "enable_tls_version_and_cipher_suite_headers",
    "routing.http.xff_client_port.enabled": "enable_xff_client_port",
    "routing.http.xff_header_processing.mode": "xff_header_processing_mode",
    "routing.http2.enabled": "enable_http2",
    "waf.fail_open.enabled": "enable_waf_fail_open",
    "zonal_shift.config.enabled": "enable_zonal_shift",
}
#: What only some load balancers have; Terraform's state says it of all of them.
_ONLY = {
    "application": frozenset(_BALANCER)
    - {"dns_record.client_routing_policy", "load_balancing.cross_zone.enabled"},
    "network": frozenset(
        {
            "deletion_protection.enabled",
            "dns_record.client_routing_policy",
            "load_balancing.cross_zone.enabled",
            "zonal_shift.config.enabled",
        }
    ),
    "gateway": frozenset({"deletion_protection.enabled", "load_balancing.cross_zone.enabled"}),
}
_GROUP = {
    "deregistration_delay.timeout_seconds": "deregistration_delay",
    "deregistration_delay.connection_termination.enabled": "connection_termination",
    "lambda.multi_value_headers.enabled": "lambda_multi_value_headers_enabled",
    "load_balancing.algorithm.type": "load_balancing_algorithm_type",
    "load_balancing.algorithm.anomaly_mitigation": "load_balancing_anomaly_mitigation",
    "load_balancing.cross_zone.enabled": "load_balancing_cross_zone_enabled",
    "preserve_client_ip.enabled": "preserve_client_ip",
    "proxy_protocol_v2.enabled": "proxy_protocol_v2",
    "slow_start.duration_seconds": "slow_start",
}
_STICKY = {
    "lb_cookie": "stickiness.lb_cookie.duration_seconds",
    "app_cookie": "stickiness.app_cookie.duration_seconds",
}
_HEALTH = {
    "HealthCheckEnabled": "enabled",
    "HealthCheckIntervalSeconds": "interval",
    "HealthCheckPath": "path",
    "HealthCheckPort": "port",
    "HealthCheckProtocol": "protocol",
    "HealthCheckTimeoutSeconds": "timeout",
    "HealthyThresholdCount": "healthy_threshold",
    "UnhealthyThresholdCount": "unhealthy_threshold",
}
_CONDITIONS = {
    "host_header": ("host-header", "HostHeaderConfig"),
    "path_pattern": ("path-pattern", "PathPatternConfig"),
    "http_header": ("http-header", "HttpHeaderConfig"),
    "http_request_method": ("http-request-method", "HttpRequestMethodConfig"),
    "query_string": ("query-string", "QueryStringConfig"),
    "source_ip": ("source-ip", "SourceIpConfig"),
}
_LISTENER_SPELLINGS = (("_header_name", ".header_name"), ("_header_value", ".header_value"))
_ACTION_NAMES = {"duration": "DurationSeconds", "arn": "TargetGroupArn", "target_group": "TargetGroups"}
#: States of a target that is on its way out. Source: TargetHealth.
_LEAVING = frozenset({"draining"})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attributes(said: Mapping[str, Any]) -> list[Document]:
    return [{"Key": key, "Value": _text(value)} for key, value in said.items() if value not in (None, "")]


# Load balancers


def load_balancer(document: Document) -> Document:
    """Attributes and the addresses in each subnet."""
    always_on = document.get("Type") == "application"
    attributes = [
        one
        for one in document.get("Attributes") or ()
        if not (always_on and one["Key"] == "load_balancing.cross_zone.enabled")
    ]
    mappings = []
    for zone in document.get("AvailabilityZones") or ():
        address = (zone.get("LoadBalancerAddresses") or [{}])[0]
        mappings.append(
            {
                "SubnetId": zone.get("SubnetId"),
                "AllocationId": address.get("AllocationId"),
                "PrivateIPv4Address": address.get("PrivateIPv4Address"),
                "IPv6Address": address.get("IPv6Address"),
            }
        )
    return {"LoadBalancerAttributes": attributes, "SubnetMappings": mappings}


def terraform_load_balancer(document: Document) -> Document:
    """The attributes that this type of load balancer has, with those of its log blocks."""
    has = _ONLY.get(document.get("load_balancer_type") or "application", frozenset())
    said: Document = {key: document.get(name) for key, name in _BALANCER.items() if key in has}
    for kind in ("access_logs", "connection_logs", "health_check_logs"):
        for logs in document.get(kind) or ():
            said[f"{kind}.s3.enabled"] = logs.get("enabled")
            if logs.get("enabled"):
                said[f"{kind}.s3.bucket"] = logs.get("bucket")
                said[f"{kind}.s3.prefix"] = logs.get("prefix")
    mappings = [
        {
            "SubnetId": one.get("subnet_id"),
            "AllocationId": one.get("allocation_id") or None,
            "PrivateIPv4Address": one.get("private_ipv4_address") or None,
            "IPv6Address": one.get("ipv6_address") or None,
        }
        for one in document.get("subnet_mapping") or ()
    ]
    return {"LoadBalancerAttributes": _attributes(said), "SubnetMappings": mappings or None}


# Target groups


def target_group(document: Document) -> Document:
    """Attributes, and the targets that stay. A target on the group's own port is said without port."""
    targets = []
    for one in document.get("Health") or ():
        if (one.get("TargetHealth") or {}).get("State") in _LEAVING:
            continue
        targets.append(_target(one["Target"], document.get("Port")))
    return {"TargetGroupAttributes": document.get("Attributes"), "Targets": targets}


def _target(given: Mapping[str, Any], own_port: Any) -> Document:
    port = given.get("Port")
    zone = given.get("AvailabilityZone")
    return {
        "Id": given.get("Id"),
        "Port": None if port == own_port else port,
        "AvailabilityZone": zone if zone == "all" else None,
        "QuicServerId": given.get("QuicServerId"),
    }


def terraform_target_group(document: Document) -> Document:
    """Attributes and the health check."""
    said: Document = {key: document.get(name) for key, name in _GROUP.items()}
    balances = document.get("protocol") in ("HTTP", "HTTPS")
    if not balances:
        said.pop("slow_start.duration_seconds")
    if document.get("target_type") != "lambda":
        said.pop("lambda.multi_value_headers.enabled")
    for key in ("proxy_protocol_v2.enabled", "deregistration_delay.connection_termination.enabled"):
        if not said[key]:  # the state says it of groups that have no such attribute
            said.pop(key)
    for sticky in document.get("stickiness") or ():
        said["stickiness.enabled"] = sticky.get("enabled")
        said["stickiness.type"] = sticky.get("type")
        if sticky.get("type") in _STICKY and sticky.get("cookie_duration"):
            said[_STICKY[sticky["type"]]] = sticky["cookie_duration"]
        if sticky.get("type") == "app_cookie":
            said["stickiness.app_cookie.cookie_name"] = sticky.get("cookie_name")
    for failover in document.get("target_failover") or ():
        said["target_failover.on_deregistration"] = failover.get("on_deregistration")
        said["target_failover.on_unhealthy"] = failover.get("on_unhealthy")
    for state in document.get("target_health_state") or ():
        ends = state.get("enable_unhealthy_connection_termination")
        said["target_health_state.unhealthy.connection_termination.enabled"] = ends
        if ends is False:  # else there is nothing to drain
            drains = state.get("unhealthy_draining_interval")
            said["target_health_state.unhealthy.draining_interval_seconds"] = drains
    for health in document.get("target_group_health") or ():
        for part in ("dns_failover", "unhealthy_state_routing"):
            for limits in health.get(part) or ():
                for unit in ("count", "percentage"):
                    key = f"target_group_health.{part}.minimum_healthy_targets.{unit}"
                    said[key] = limits.get(f"minimum_healthy_targets_{unit}")
    found: Document = {"TargetGroupAttributes": _attributes(said)}
    for check in document.get("health_check") or ():
        for property_, name in _HEALTH.items():
            value = check.get(name)
            found[property_] = None if value in ("", 0) and value is not False else value
        if check.get("matcher"):
            code = "GrpcCode" if document.get("protocol_version") == "GRPC" else "HttpCode"
            found["Matcher"] = {code: check["matcher"]}
    return found


# Listeners and rules


def listener(document: Document) -> Document:
    """Attributes and default actions."""
    return {
        "ListenerAttributes": document.get("Attributes"),
        "DefaultActions": _actions(document.get("DefaultActions") or ()),
    }


def rule(document: Document) -> Document:
    """The actions."""
    return {"Actions": _actions(document.get("Actions") or ())}


def _actions(given: Iterable[Mapping[str, Any]]) -> list[Document]:
    actions = []
    for one in sorted(given, key=lambda action: action.get("Order") or 0):
        action = dict(one)
        groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        if action.get("TargetGroupArn") and not groups:
            forward = {**(action.get("ForwardConfig") or {})}
            action["ForwardConfig"] = {
                **forward,
                "TargetGroups": [{"TargetGroupArn": action["TargetGroupArn"]}],
            }
        elif len(groups) == 1:
            action.setdefault("TargetGroupArn", groups[0].get("TargetGroupArn"))
        actions.append(action)
    return actions


def terraform_listener(document: Document) -> Document:
    """Default actions, and the attributes that have a value."""
    said: Document = {}
    for name, value in document.items():
        if name == "tcp_idle_timeout_seconds" and document.get("protocol") in ("TCP", "GENEVE"):
            said["tcp.idle_timeout.seconds"] = value
        elif name == "routing_http_response_server_enabled" and document.get("protocol") in ("HTTP", "HTTPS"):
            said["routing.http.response.server.enabled"] = value
        elif name.startswith("routing_http_"):
            for ending, spelled in _LISTENER_SPELLINGS:
                if name.endswith(ending):
                    direction, _, what = (
                        name.removeprefix("routing_http_").removesuffix(ending).partition("_")
                    )
                    said[f"routing.http.{direction}.{what}{spelled}"] = value
    return {
        "ListenerAttributes": _attributes(said),
        "DefaultActions": _terraform_actions(document.get("default_action") or ()),
    }


def terraform_rule(document: Document) -> Document:
    """Actions and conditions."""
    conditions = []
    for given in document.get("condition") or ():
        for name, (field, config) in _CONDITIONS.items():
            blocks = given.get(name) or ()
            if not blocks:
                continue
            if name == "query_string":
                values: Any = [{"Key": one.get("key") or None, "Value": one.get("value")} for one in blocks]
                conditions.append({"Field": field, config: {"Values": values}})
                continue
            one = blocks[0]
            said = {
                "Values": one.get("values") or None,
                "HttpHeaderName": one.get("http_header_name") or None,
            }
            conditions.append({"Field": field, config: said})
    return {"Actions": _terraform_actions(document.get("action") or ()), "Conditions": conditions}


def _terraform_actions(given: Iterable[Mapping[str, Any]]) -> list[Document]:
    actions = []
    for one in given:
        names = {
            **_ACTION_NAMES,
            "authenticate_cognito": "AuthenticateCognitoConfig",
            "authenticate_oidc": "AuthenticateOidcConfig",
            "fixed_response": "FixedResponseConfig",
            "forward": "ForwardConfig",
            "redirect": "RedirectConfig",
            "stickiness": "TargetGroupStickinessConfig",
        }
        action = block(one, lists={"target_group"}, names=names, zeros={"weight"})
        sticky = (action.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig")
        if sticky is not None and not sticky.get("Enabled") and not sticky.get("DurationSeconds"):
            del action["ForwardConfig"]["TargetGroupStickinessConfig"]
        actions.append(action)
    return _actions(actions)
