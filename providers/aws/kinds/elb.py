"""Conditions of load balancer rules, which have a short and a long form."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Kind
from drift.kinds.collections import unordered

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
    rest = dict(condition)
    for short in ("Values", "RegexValues"):
        config = rest.get(name) or {}
        if rest.get(short) and isinstance(config, dict) and config.get(short, rest[short]) == rest[short]:
            rest[name] = {**config, short: rest.pop(short)}
        elif short in rest and not rest[short]:
            del rest[short]
    return rest


LISTENER_CONDITIONS = Kind("listener-conditions", _listener_conditions, phase="after")
