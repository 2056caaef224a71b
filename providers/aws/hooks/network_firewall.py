"""Terraform's rules of a Network Firewall in CloudFormation's form: blocks, and maps said as lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.aws.hooks.terraform_blocks import block

_POLICY_LISTS = (
    "stateful_rule_group_reference",
    "stateless_custom_action",
    "stateless_rule_group_reference",
    "dimension",
)
_GROUP_LISTS = (
    *(
        "custom_action",
        "destination",
        "destination_port",
        "dimension",
        "rule_option",
        "source",
        "source_port",
    ),
    *("stateful_rule", "stateless_rule", "tcp_flag"),
)
_NAMES = {
    "custom_action": "CustomActions",
    "destination_port": "DestinationPorts",
    "dimension": "Dimensions",
    "rule_option": "RuleOptions",
    "source_port": "SourcePorts",
    "stateful_rule": "StatefulRules",
    "stateful_rule_group_reference": "StatefulRuleGroupReferences",
    "stateless_custom_action": "StatelessCustomActions",
    "stateless_rule": "StatelessRules",
    "stateless_rule_group_reference": "StatelessRuleGroupReferences",
    "tcp_flag": "TCPFlags",
    "tls_inspection_configuration_arn": "TLSInspectionConfigurationArn",
}
#: Lists of blocks in a rule's match, which a stateful rule's header has as texts.
_PLACES = {"Source": "Sources", "Destination": "Destinations"}


def terraform_policy(document: dict[str, Any]) -> dict[str, Any]:
    """``FirewallPolicy`` of ``aws_networkfirewall_firewall_policy``."""
    given = _first(document.get("firewall_policy"))
    rest = {name: value for name, value in given.items() if name != "policy_variables"}
    found = block(rest, lists=_POLICY_LISTS, names=_NAMES)
    variables = _keyed(_first(given.get("policy_variables")).get("rule_variables"), "ip_set")
    if variables:
        found["PolicyVariables"] = {"RuleVariables": variables}
    return {"FirewallPolicy": found}


def terraform_group(document: dict[str, Any]) -> dict[str, Any]:
    """``RuleGroup`` of ``aws_networkfirewall_rule_group``; ``rules`` is the text of its rules alone."""
    if document.get("rules"):
        return {"RuleGroup": {"RulesSource": {"RulesString": document["rules"]}}}
    given = _first(document.get("rule_group"))
    variables, references = _first(given.get("rule_variables")), _first(given.get("reference_sets"))
    rest = {name: value for name, value in given.items() if name not in ("rule_variables", "reference_sets")}
    found = _placed(block(rest, lists=_GROUP_LISTS, names=_NAMES))
    sets = {
        "IPSets": _keyed(variables.get("ip_sets"), "ip_set"),
        "PortSets": _keyed(variables.get("port_sets"), "port_set"),
    }
    if any(sets.values()):
        found["RuleVariables"] = {name: value for name, value in sets.items() if value}
    referred = _keyed(references.get("ip_set_references"), "ip_set_reference")
    if referred:
        found["ReferenceSets"] = {"IPSetReferences": referred}
    return {"RuleGroup": found}


def _first(given: Any) -> dict[str, Any]:
    return dict(given[0]) if isinstance(given, list) and given and isinstance(given[0], Mapping) else {}


def _keyed(given: Any, name: str) -> dict[str, Any]:
    """``[{key: HOME, ip_set: [{definition: […]}]}]`` → ``{HOME: {Definition: […]}}``."""
    return {one["key"]: block(_first(one.get(name))) for one in given or () if one.get("key")}


def _placed(value: Any) -> Any:
    """``Source`` and ``Destination`` of a match are lists in CloudFormation, and named so."""
    if isinstance(value, list):
        return [_placed(one) for one in value]
    if isinstance(value, dict):
        if "ToPort" in value:  # a range from 0 says it
            value = {"FromPort": 0, **value}
        return {
            (_PLACES.get(name, name) if isinstance(one, list) else name): _placed(one)
            for name, one in value.items()
        }
    return value
