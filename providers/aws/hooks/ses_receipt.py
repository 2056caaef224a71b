"""Rules for mail that comes in, as Terraform says them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.aws import fitting

_ACTIONS = "AWS::SES::ReceiptRule/Rule/Actions/*"
#: Block of ``aws_ses_receipt_rule`` → the action that it is.
_BLOCKS = {
    "add_header_action": "AddHeaderAction",
    "bounce_action": "BounceAction",
    "lambda_action": "LambdaAction",
    "s3_action": "S3Action",
    "sns_action": "SNSAction",
    "stop_action": "StopAction",
    "workmail_action": "WorkmailAction",
}


def terraform_rule(document: dict[str, Any]) -> dict[str, Any]:
    """``Rule``: its actions in the order of their positions, which are told apart from them."""
    ordered = sorted(_actions(document), key=lambda one: one[0])
    return {
        "Rule": {
            "Actions": [action for _, action in ordered] or None,
            "Enabled": document.get("enabled"),
            "Name": document.get("name"),
            "Recipients": document.get("recipients") or None,
            "ScanEnabled": document.get("scan_enabled"),
            "TlsPolicy": document.get("tls_policy") or None,
        }
    }


def _actions(document: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for block, name in _BLOCKS.items():
        for one in document.get(block) or ():
            yield int(one.get("position") or 0), {name: fitting.said(one, f"{_ACTIONS}/{name}")}
