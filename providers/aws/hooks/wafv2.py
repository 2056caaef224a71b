"""The rules of AWS WAF as CloudFormation and Terraform declare them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from providers.aws import fitting

_ACL = "AWS::WAFv2::WebACL"


def rules(document: dict[str, Any]) -> dict[str, Any]:
    """``Rules``, ``DefaultAction`` and ``CustomResponseBodies`` of a web ACL or a rule group; what is matched
    is text in CloudFormation, and base64 where it is none."""
    return {"Rules": _spelled(document.get("Rules"))}


def terraform_rules(document: dict[str, Any]) -> dict[str, Any]:
    """``Rules`` from the blocks ``rule``, or from ``rule_json`` (``rules_json``), which is in the API's own
    words, and ``CustomResponseBodies``."""
    text = document.get("rule_json") or document.get("rules_json")
    said: Any = None
    if isinstance(text, str) and text:
        try:
            said = _spelled(json.loads(text))
        except ValueError:
            document.setdefault("unread", {})["Rules"] = "rule_json is no JSON"
    else:
        said = fitting.said(document.get("rule"), f"{_ACL}/Rules")
    bodies = {
        str(one.get("key")): {"Content": one.get("content"), "ContentType": one.get("content_type")}
        for one in document.get("custom_response_body") or ()
        if isinstance(one, Mapping)
    }
    return {"Rules": said, "CustomResponseBodies": bodies or None}


def terraform_logging(document: dict[str, Any]) -> dict[str, Any]:
    """``LoggingConfiguration`` of ``aws_wafv2_web_acl_logging_configuration``."""
    filters = (document.get("logging_filter") or [None])[0] or {}
    told = [
        {
            "Behavior": one.get("behavior"),
            "Requirement": one.get("requirement"),
            "Conditions": [_condition(each) for each in one.get("condition") or ()],
        }
        for one in filters.get("filter") or ()
    ]
    return {
        "LoggingConfiguration": {
            "LogDestinationConfigs": document.get("log_destination_configs"),
            "LoggingFilter": {"DefaultBehavior": filters.get("default_behavior"), "Filters": told}
            if filters
            else None,
            "RedactedFields": [_field(one) for one in document.get("redacted_fields") or ()] or None,
        }
    }


def _condition(said: Mapping[str, Any]) -> dict[str, Any]:
    action = (said.get("action_condition") or [None])[0]
    label = (said.get("label_name_condition") or [None])[0]
    return {
        "ActionCondition": action and {"Action": action.get("action")},
        "LabelNameCondition": label and {"LabelName": label.get("label_name")},
    }


def _field(said: Mapping[str, Any]) -> Any:
    """One redacted field; those of which there is nothing more to say are empty blocks."""
    header = (said.get("single_header") or [None])[0]
    found: dict[str, Any] = {"SingleHeader": {"Name": header.get("name")}} if header else {}
    for name, spelled in (("method", "Method"), ("query_string", "QueryString"), ("uri_path", "UriPath")):
        if said.get(name):
            found[spelled] = {}
    return found


def searched(value: Any) -> Any:
    """Rules with each text that is looked for as a text, where they say it in base64.

    Source: ByteMatchStatement of ``AWS::WAFv2::WebACL`` (``SearchStringBase64``).
    """
    if isinstance(value, list):
        return [searched(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {name: searched(one) for name, one in value.items()}
    text = found.get("SearchStringBase64")
    if isinstance(text, str) and "SearchString" not in found:
        try:
            told = base64.b64decode(text, validate=True).decode()
        except ValueError:  # no base64, or bytes that are no text
            return found
        del found["SearchStringBase64"]
        found["SearchString"] = told
    return found


def _spelled(value: Any) -> Any:
    """An answer's part in CloudFormation's names: ``Arn``, and texts for bytes."""
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for name, one in value.items():
            if isinstance(one, bytes):
                try:
                    found[name] = one.decode()
                except UnicodeDecodeError:
                    found[f"{name}Base64"] = base64.b64encode(one).decode()
            else:
                found["Arn" if name == "ARN" else name] = _spelled(one)
        return found
    return [_spelled(one) for one in value] if isinstance(value, list) else value
