"""How Terraform says a snapshot lifecycle policy: nested blocks, and tags as maps."""

from __future__ import annotations

from typing import Any

from providers.aws.hooks.terraform_blocks import block

_LISTS = (
    *("action", "cross_region_copy", "cross_region_copy_rule", "exclude_tags", "schedule", "scripts"),
    *("share_rule", "tags_to_add", "target_tags", "variable_tags"),
)
_NAMES = {
    "action": "Actions",
    "cross_region_copy_rule": "CrossRegionCopyRules",
    "schedule": "Schedules",
    "share_rule": "ShareRules",
}
_TAGS = frozenset({"exclude_tags", "tags_to_add", "target_tags", "variable_tags"})


def terraform_policy(document: dict[str, Any]) -> dict[str, Any]:
    """``PolicyDetails`` of ``aws_dlm_lifecycle_policy``."""
    details = (document.get("policy_details") or [None])[0]
    return {"PolicyDetails": block(_listed(details), lists=_LISTS, names=_NAMES)}


def _listed(value: Any) -> Any:
    """The blocks with their maps of tags as lists."""
    if isinstance(value, list):
        return [_listed(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [{"key": key, "value": one} for key, one in (said or {}).items()]
        if name in _TAGS and not isinstance(said, list)
        else _listed(said)
        for name, said in value.items()
    }
