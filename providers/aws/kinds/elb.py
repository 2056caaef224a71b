"""Conditions of load balancer rules, which have a short and a long form."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind, Unordered
from drift.kinds.collections import unordered
from drift.kinds.names import ascii_lower

_CONFIG = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}


def _listener_conditions(value: Any, context: Context) -> Canonical:
    """Conditions as a set, each in its long form only.

    ``{Field: path-pattern, Values: […]}`` ≡ ``{Field: path-pattern, PathPatternConfig: {Values: […]}}``;
    DescribeRules answers both forms at once. Source: API_RuleCondition.html, "Values". Where the two forms
    differ, both stay.
    """
    if not isinstance(value, list):
        return value
    conditions = [_long(condition) for condition in value]
    members = unordered(conditions)
    return conditions if members is None else members


def _long(condition: Any) -> Any:
    if not isinstance(condition, dict) or condition.get("Field") not in _CONFIG:
        return condition
    name = _CONFIG[condition["Field"]]
    rest = _hosts(condition) if name == "HostHeaderConfig" else dict(condition)
    for short in ("Values", "RegexValues"):
        config = rest.get(name) or {}
        if rest.get(short) and isinstance(config, dict) and config.get(short, rest[short]) == rest[short]:
            rest[name] = {**config, short: rest.pop(short)}
        elif short in rest and not rest[short]:
            del rest[short]
    return rest


def _hosts(condition: dict[str, Any]) -> dict[str, Any]:
    """A condition on host names, which have no letter case. Source: API_HostHeaderConditionConfig.html ("The
    comparison is case insensitive"; of ``Values`` alone)."""
    rest = dict(condition)
    if isinstance(rest.get("Values"), (list, dict)):
        rest["Values"] = _lower(rest["Values"])
    config = rest.get("HostHeaderConfig")
    if isinstance(config, dict) and "Values" in config:
        rest["HostHeaderConfig"] = {**config, "Values": _lower(config["Values"])}
    return rest


def _lower(names: Any) -> Any:
    if isinstance(names, Unordered):
        found = unordered([_lower(one) for one in names.values()])
        return names if found is None else found
    if isinstance(names, list):
        return [_lower(one) for one in names]
    return ascii_lower(names) if isinstance(names, str) else names


LISTENER_CONDITIONS = Kind("listener-conditions", _listener_conditions, phase="after")
