"""CloudFront: its API counts every list (``{Quantity, Items}``), CloudFormation does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.aws import fitting

_DISTRIBUTION = "AWS::CloudFront::Distribution/DistributionConfig"
_TTLS = (("min_ttl", "MinTTL"), ("default_ttl", "DefaultTTL"), ("max_ttl", "MaxTTL"))


def distribution(document: dict[str, Any]) -> dict[str, Any]:
    """``DistributionConfig`` as CloudFormation spells it."""
    config = document.get("Config")
    if not isinstance(config, Mapping):
        return {"DistributionConfig": None}
    told = _plain(config)
    for behavior in [told.get("DefaultCacheBehavior"), *(told.get("CacheBehaviors") or ())]:
        if isinstance(behavior, dict):
            methods = behavior.get("AllowedMethods")
            if isinstance(methods, dict):
                behavior["AllowedMethods"] = methods.get("Items")
                behavior["CachedMethods"] = methods.get("CachedMethods")
            for name in (
                "CachePolicyId",
                "OriginRequestPolicyId",
                "ResponseHeadersPolicyId",
                "RealtimeLogConfigArn",
            ):
                behavior[name] = behavior.get(name) or None
            for _, name in _TTLS:  # the policy's own count instead
                if behavior["CachePolicyId"] and not behavior.get(name):
                    behavior.pop(name, None)
    geo = (told.get("Restrictions") or {}).get("GeoRestriction")
    if isinstance(geo, dict):
        geo["Locations"] = geo.pop("Items", None)
    if not (told.get("Logging") or {}).get("Bucket"):
        told.pop("Logging", None)
    for one in told.get("CustomErrorResponses") or ():
        for name in ("ResponseCode", "ResponsePagePath"):
            one[name] = one.get(name) or None
    groups = told.pop("OriginGroups", None)
    fitted = fitting.live(told, _DISTRIBUTION)
    fitted["OriginGroups"] = _groups(groups)
    return {"DistributionConfig": fitted}


def terraform_distribution(document: dict[str, Any]) -> dict[str, Any]:
    """``DistributionConfig`` of ``aws_cloudfront_distribution``."""
    fitted = fitting.said({**document, "origin_group": None}, _DISTRIBUTION)
    pairs = [(fitted.get("DefaultCacheBehavior"), _only(document.get("default_cache_behavior")))]
    pairs += zip(
        fitted.get("CacheBehaviors") or (), document.get("ordered_cache_behavior") or (), strict=False
    )
    for behavior, given in pairs:
        if not isinstance(behavior, dict) or not isinstance(given, Mapping):
            continue
        for name, spelled in _TTLS:  # with a cache policy 0 is what nobody said
            behavior.pop(spelled, None)
            if given.get("forwarded_values"):
                behavior[spelled] = given.get(name)
    for response in fitted.get("CustomErrorResponses") or ():
        if isinstance(response, dict):  # the provider sends 0 where nobody says how long
            response.setdefault("ErrorCachingMinTTL", 0)
    groups = [
        {
            "Id": one.get("origin_id"),
            "FailoverCriteria": {
                "StatusCodes": (_only(one.get("failover_criteria")) or {}).get("status_codes")
            },
            "Members": [{"OriginId": each.get("origin_id")} for each in one.get("member") or ()],
        }
        for one in document.get("origin_group") or ()
    ]
    fitted["OriginGroups"] = _groups(groups)
    return {"DistributionConfig": fitted}


def policy(document: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a cache or an origin request policy."""
    name = next(one for one in ("CachePolicyConfig", "OriginRequestPolicyConfig") if one in document)
    return {name: _plain(document[name])}


def headers_policy(document: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a response headers policy, whose lists stay under ``Items``."""
    return {"ResponseHeadersPolicyConfig": _uncounted(document.get("ResponseHeadersPolicyConfig"))}


def terraform_headers_policy(document: dict[str, Any]) -> dict[str, Any]:
    """Of ``aws_cloudfront_response_headers_policy``."""
    place = "AWS::CloudFront::ResponseHeadersPolicy/ResponseHeadersPolicyConfig"
    return {"ResponseHeadersPolicyConfig": fitting.said(document, place)}


def terraform_cache_policy(document: dict[str, Any]) -> dict[str, Any]:
    """Of ``aws_cloudfront_cache_policy``."""
    place = "AWS::CloudFront::CachePolicy/CachePolicyConfig"
    return {"CachePolicyConfig": fitting.said(_items(document), place)}


def terraform_origin_request_policy(document: dict[str, Any]) -> dict[str, Any]:
    """Of ``aws_cloudfront_origin_request_policy``."""
    place = "AWS::CloudFront::OriginRequestPolicy/OriginRequestPolicyConfig"
    return {"OriginRequestPolicyConfig": fitting.said(_items(document), place)}


def _groups(groups: Any) -> Any:
    """Origin groups as CloudFormation has them, which counts these alone."""
    if not groups:
        return None
    counted = [
        {
            **one,
            "FailoverCriteria": {
                "StatusCodes": _counted((one.get("FailoverCriteria") or {}).get("StatusCodes"))
            },
            "Members": _counted(one.get("Members")),
        }
        for one in groups
    ]
    return _counted(counted)


def _counted(items: Any) -> dict[str, Any]:
    return {"Quantity": len(items or ()), "Items": items or None}


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _plain(value: Any) -> Any:
    """Lists without their count; what says more beside it stays an object with ``Items``."""
    if isinstance(value, Mapping):
        if "Quantity" in value and not set(value) - {"Quantity", "Items", "Enabled"}:
            return [_plain(one) for one in value.get("Items") or ()]
        return {name: _plain(one) for name, one in value.items() if name != "Quantity"}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _uncounted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _uncounted(one) for name, one in value.items() if name != "Quantity"}
    return [_uncounted(one) for one in value] if isinstance(value, list) else value


def _items(value: Any) -> Any:
    """Terraform's blocks ``{items: […]}`` as their lists."""
    if isinstance(value, Mapping):
        return {name: _items(one) for name, one in value.items()}
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], Mapping) and set(value[0]) == {"items"}:
            return value[0]["items"]
        return [_items(one) for one in value]
    return value
