"""Integrations, stages and domain names of HTTP and WebSocket APIs."""

from __future__ import annotations

from typing import Any

from providers.aws import fitting

_SETTINGS = "AWS::ApiGatewayV2::Stage/DefaultRouteSettings"


def integration(document: dict[str, Any]) -> dict[str, Any]:
    """``ResponseParameters``: a map by status in both, of a list in CloudFormation."""
    return {"ResponseParameters": _by_status(document.get("ResponseParameters"))}


def terraform_integration(document: dict[str, Any]) -> dict[str, Any]:
    """``ResponseParameters`` of ``aws_apigatewayv2_integration``."""
    said = {
        str(one.get("status_code")): one.get("mappings") for one in document.get("response_parameters") or ()
    }
    return {"ResponseParameters": _by_status(said)}


def _by_status(said: Any) -> Any:
    return {
        status: {
            "ResponseParameters": [
                {"Destination": where, "Source": value} for where, value in (mappings or {}).items()
            ]
        }
        for status, mappings in (said or {}).items()
    } or None


def terraform_stage(document: dict[str, Any]) -> dict[str, Any]:
    """``RouteSettings`` by route."""
    said = {
        str(one.get("route_key")): fitting.said(one, _SETTINGS)
        for one in document.get("route_settings") or ()
    }
    return {"RouteSettings": said or None}


def domain_name(document: dict[str, Any]) -> dict[str, Any]:
    """``AWS::ApiGatewayV2::DomainName`` in the shape of ``AWS::ApiGateway::DomainName``: both APIs tell the
    same names. Source: the CloudFormation reference of both types."""
    listed = document.get("DomainNameConfigurations")
    first = listed[0] if isinstance(listed, list) and listed else {}
    said = first if isinstance(first, dict) else {}
    tags = document.get("Tags")
    regional = said.get("EndpointType") != "EDGE"
    return {
        **{name: document.get(name) for name in ("DomainName", "MutualTlsAuthentication", "RoutingMode")},
        "RegionalCertificateArn" if regional else "CertificateArn": said.get("CertificateArn"),
        "EndpointConfiguration": {
            "Types": ["REGIONAL" if regional else "EDGE"],
            "IpAddressType": said.get("IpAddressType"),
        },
        "OwnershipVerificationCertificateArn": said.get("OwnershipVerificationCertificateArn"),
        "SecurityPolicy": said.get("SecurityPolicy"),
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]
        if isinstance(tags, dict)
        else tags,
    }
