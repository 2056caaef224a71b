"""How an EventBridge connection logs in, as Terraform says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.aws import fitting

_AUTH = "AWS::Events::Connection/AuthParameters"


def terraform_connection(document: dict[str, Any]) -> dict[str, Any]:
    """``AuthParameters`` of the blocks of ``aws_cloudwatch_event_connection``."""
    said = _first(document.get("auth_parameters"))
    if said is None:
        return {}
    key, basic, oauth = (_first(said.get(name)) for name in ("api_key", "basic", "oauth"))
    told: dict[str, Any] = {
        "ApiKeyAuthParameters": key and {"ApiKeyName": key.get("key"), "ApiKeyValue": key.get("value")},
        "BasicAuthParameters": basic
        and {"Username": basic.get("username"), "Password": basic.get("password")},
        "InvocationHttpParameters": _parameters(
            _first(said.get("invocation_http_parameters")), "InvocationHttpParameters"
        ),
    }
    if oauth is not None:
        client = _first(oauth.get("client_parameters")) or {}
        told["OAuthParameters"] = {
            "AuthorizationEndpoint": oauth.get("authorization_endpoint"),
            "ClientParameters": {
                "ClientID": client.get("client_id"),
                "ClientSecret": client.get("client_secret"),
            },
            "HttpMethod": oauth.get("http_method"),
            "OAuthHttpParameters": _parameters(
                _first(oauth.get("oauth_http_parameters")), "OAuthParameters/OAuthHttpParameters"
            ),
        }
    return {"AuthParameters": told}


def _parameters(said: Mapping[str, Any] | None, place: str) -> Any:
    """``body``, ``header`` and ``query_string`` in CloudFormation's names."""
    if said is None:
        return None
    named = {f"{name}_parameters": said.get(name) for name in ("body", "header", "query_string")}
    return fitting.said(named, f"{_AUTH}/{place}") or None


def _first(blocks: Any) -> Mapping[str, Any] | None:
    """What a block of which there is at most one says."""
    return next((one for one in blocks or () if isinstance(one, Mapping)), None)
