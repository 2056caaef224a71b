"""Amazon S3's own equalities: older spellings of lifecycle rules, and switches that are off where they are
left out."""

from __future__ import annotations

from typing import Any

from drift.kinds.base import Canonical, Context, Keyed, Kind
from drift.kinds.collections import by_label
from drift.kinds.text import canonical_text

_SWITCHES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _public_access_block(value: Any, context: Context) -> Canonical:
    """A public access block with all four switches: those that it leaves out are off.

    ``{}`` stays: it says that there is none. Source:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html.
    """
    if not isinstance(value, dict) or not value:
        return value
    return {
        **dict.fromkeys(_SWITCHES, False),
        **{name: item for name, item in value.items() if item is not None},
    }


def _lifecycle_rules(value: Any, context: Context) -> Canonical:
    """Lifecycle rules by their ``Id``, in today's spelling: order does not count, no prefix is the empty
    prefix.

    ``Transition``, ``NoncurrentVersionTransition`` and ``NoncurrentVersionExpirationInDays`` are older
    spellings. Source:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-rule.html.
    """
    if isinstance(value, Keyed) or not isinstance(value, list):
        return value
    rules = [_rule(rule) for rule in value]
    labels = [_label(rule) for rule in rules]
    if any(label is None for label in labels):
        return value
    keyed = by_label([(label or "", rule) for label, rule in zip(labels, rules, strict=True)])
    return value if keyed is None else keyed


def _label(rule: Any) -> str | None:
    if isinstance(rule, dict) and isinstance(rule.get("Id"), str) and rule["Id"]:
        return str(rule["Id"])
    return canonical_text(rule)


def _rule(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    rule = {
        name: item
        for name, item in given.items()
        if item is not None and not (name == "Prefix" and item == "")
    }
    for one, many in (
        ("Transition", "Transitions"),
        ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"),
    ):
        if isinstance(rule.get(one), dict) and isinstance(rule.get(many, []), list):
            rule[many] = [*rule.get(many, []), rule.pop(one)]
    if "NoncurrentVersionExpirationInDays" in rule and "NoncurrentVersionExpiration" not in rule:
        rule["NoncurrentVersionExpiration"] = {
            "NoncurrentDays": rule.pop("NoncurrentVersionExpirationInDays")
        }
    return rule


def _admits(declared: Any, live: Any, context: Context) -> bool:
    """Whether the rules are the same but for the ids that S3 gave to those that are declared without one."""
    wanted, found = _lifecycle_rules(declared, context), _lifecycle_rules(live, context)
    if not isinstance(wanted, Keyed) or not isinstance(found, Keyed) or len(wanted) != len(found):
        return False
    left = dict(found)
    nameless = []
    for label, rule in wanted.items():
        if not isinstance(rule, dict) or "Id" not in rule:
            nameless.append(rule)
        elif canonical_text(rule) != canonical_text(left.pop(label, None)):
            return False
    contents = sorted(str(canonical_text(_without_id(rule))) for rule in left.values())
    return contents == sorted(str(canonical_text(rule)) for rule in nameless)


def _without_id(rule: Any) -> Any:
    return {name: item for name, item in rule.items() if name != "Id"} if isinstance(rule, dict) else rule


S3_PUBLIC_ACCESS_BLOCK = Kind("s3-public-access-block", _public_access_block)
S3_LIFECYCLE_RULES = Kind("s3-lifecycle-rules", _lifecycle_rules, admits=_admits)
