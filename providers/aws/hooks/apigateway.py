"""REST APIs of API Gateway: maps by status or path there, lists in CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from providers.aws import fitting

_METHOD = "AWS::ApiGateway::Method"
_SETTINGS = "AWS::ApiGateway::Stage/MethodSettings/*"
#: Of a method's settings what CloudFormation does not know.
_CACHE_CONTROL = {
    "requireAuthorizationForCacheControl": "RequireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "UnauthorizedCacheControlHeaderStrategy",
}


def rest_api(document: dict[str, Any]) -> dict[str, Any]:
    r"""``Policy``: the answer writes its quotes as ``\"``."""
    text = document.get("policy")
    if not isinstance(text, str) or not text:
        return {"Policy": None}
    for attempt in (text, text.replace('\\"', '"').replace("\\/", "/")):
        try:
            return {"Policy": json.loads(attempt)}
        except ValueError:
            continue
    return {"Policy": text}


def method(document: dict[str, Any]) -> dict[str, Any]:
    """``Integration`` and ``MethodResponses`` of one method of a resource."""
    said = document.get("value") or {}
    integration = said.get("methodIntegration")
    told = None
    if isinstance(integration, Mapping):
        responses = integration.get("integrationResponses") or {}
        told = fitting.live(
            {
                **integration,
                "integrationHttpMethod": integration.get("httpMethod"),
                "integrationResponses": [{"statusCode": key, **one} for key, one in responses.items()],
            },
            f"{_METHOD}/Integration",
        )
    found = said.get("methodResponses") or {}
    return {
        "Integration": told,
        "MethodResponses": fitting.live(
            [{"statusCode": key, **one} for key, one in found.items()], f"{_METHOD}/MethodResponses"
        ),
    }


def terraform_integration(document: dict[str, Any]) -> dict[str, Any]:
    """``Integration`` of ``aws_api_gateway_integration``."""
    return {
        "Integration": {
            "CacheKeyParameters": document.get("cache_key_parameters") or None,
            "CacheNamespace": document.get("cache_namespace") or None,
            "ConnectionId": document.get("connection_id") or None,
            "ConnectionType": document.get("connection_type") or None,
            "ContentHandling": document.get("content_handling") or None,
            "Credentials": document.get("credentials") or None,
            "IntegrationHttpMethod": document.get("integration_http_method") or None,
            "IntegrationTarget": document.get("integration_target") or None,
            "PassthroughBehavior": document.get("passthrough_behavior") or None,
            "RequestParameters": document.get("request_parameters") or None,
            "RequestTemplates": document.get("request_templates") or None,
            "ResponseTransferMode": document.get("response_transfer_mode") or None,
            "TimeoutInMillis": document.get("timeout_milliseconds") or None,
            "Type": document.get("type"),
            "Uri": document.get("uri") or None,
        }
    }


def terraform_integration_response(document: dict[str, Any]) -> dict[str, Any]:
    """One of ``Integration/IntegrationResponses``."""
    told = {
        "StatusCode": document.get("status_code"),
        "ContentHandling": document.get("content_handling") or None,
        "ResponseParameters": document.get("response_parameters") or None,
        "ResponseTemplates": document.get("response_templates") or None,
        "SelectionPattern": document.get("selection_pattern") or None,
    }
    return {"Integration": {"IntegrationResponses": [told]}}


def stage(document: dict[str, Any]) -> dict[str, Any]:
    """``MethodSettings``: by ``~1path/VERB`` in the answer, ``*/*`` for all."""
    settings = document.get("methodSettings") or {}
    return {"MethodSettings": [_settings(path, one) for path, one in settings.items()] or None}


def _settings(path: str, said: Mapping[str, Any]) -> dict[str, Any]:
    resource, _, verb = path.rpartition("/")
    more = {spelled: said[name] for name, spelled in _CACHE_CONTROL.items() if name in said}
    return {
        "ResourcePath": settings_path(resource),
        "HttpMethod": verb,
        **fitting.live(said, _SETTINGS),
        **more,
    }


def settings_path(resource: str) -> str:
    """A resource's path as people say it: in answers ``~1`` is a slash and the first one may be left out,
    in templates the first one is written beside it (``/~1menu``).

    Source: MethodSetting of ``AWS::ApiGateway::Stage`` (``ResourcePath``).
    """
    return "/" + resource.replace("~1", "/").lstrip("/")


def terraform_usage_plan(document: dict[str, Any]) -> dict[str, Any]:
    """``ApiStages``, whose limits stand under the path that they are of."""
    stages = [
        {
            "ApiId": one.get("api_id"),
            "Stage": one.get("stage"),
            "Throttle": {
                str(limit.get("path")): {
                    "BurstLimit": limit.get("burst_limit"),
                    "RateLimit": limit.get("rate_limit"),
                }
                for limit in one.get("throttle") or ()
            }
            or None,
        }
        for one in document.get("api_stages") or ()
    ]
    return {"ApiStages": stages or None}
