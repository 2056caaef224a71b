"""Reads StackSets: their template and parameters, and in which accounts and regions their instances are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from drift.errors import DeclaredError
from drift.limits import Limits
from providers.aws import bounded
from providers.aws.cloudformation.recorded import plain
from providers.aws.failures import CALL_ERRORS, code, explain

STACK_SET = "AWS::CloudFormation::StackSet"
#: As whom a StackSet is asked for; those with service-managed permissions belong to the organisation, whose
#: delegated administrator says so. Source:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackSet.html
_CALLERS: tuple[dict[str, str], ...] = ({}, {"CallAs": "DELEGATED_ADMIN"})
_NOT_HERE = frozenset({"StackSetNotFoundException", "StackSetNotFound", "ValidationError"})


def declared_sets(stacks: Iterable[Mapping[str, Any]]) -> set[str]:
    """The StackSets that stacks hold, by name."""
    members = (one for stack in stacks for one in stack["resources"].values())
    ids = (one["physical_id"] for one in members if one["type"] == STACK_SET and one["physical_id"])
    return {id_.partition(":")[0] for id_ in ids}


def read_stack_sets(
    client: Any, names: Iterable[str], scope: str, region: str, limits: Limits
) -> tuple[list[dict[str, Any]], list[str]]:
    """The StackSets of these names that there are in an account and region, as plain JSON without secrets,
    and why some could not be read. One is::

        {"scope": account, "region": region, "name": …, "id": "NAME:UUID", "status": …, "template": …,
         "parameters": {name: value}, "tags": {key: value},
         "instances": [{"account": …, "region": …, "stack_id": … or None, "status": "CURRENT" | "OUTDATED" |
                        "INOPERABLE", "reason": …}]}
    """
    found, failures = [], []
    for name in sorted(names):
        try:
            told = _read(client, name, limits)
        except CALL_ERRORS as error:
            failures.append(f"{name}: {explain(error, 'cloudformation:DescribeStackSet').message}")
            continue
        except DeclaredError as error:
            failures.append(f"{name}: {error}")
            continue
        if told is not None:
            found.append({"scope": scope, "region": region, **told})
    return found, failures


def _read(client: Any, name: str, limits: Limits) -> dict[str, Any] | None:
    """A StackSet; None where there is none of this name."""
    for caller in _CALLERS:
        try:
            told = client.describe_stack_set(StackSetName=name, **caller)["StackSet"]
        except ClientError as error:
            if code(error) in _NOT_HERE:
                continue
            raise
        pages = bounded.pages(client, "list_stack_instances", limits, StackSetName=name, **caller)
        instances = [one for page in pages for one in page.get("Summaries", ())]
        return {
            "name": told["StackSetName"],
            "id": told.get("StackSetId", name),
            "status": told.get("Status"),
            "template": plain(told.get("TemplateBody") or "", f"the template of the StackSet {name}"),
            "parameters": {
                one["ParameterKey"]: one.get("ParameterValue", "") for one in told.get("Parameters") or ()
            },
            "tags": {one["Key"]: one.get("Value", "") for one in told.get("Tags") or ()},
            "instances": sorted(map(_instance, instances), key=lambda one: (one["account"], one["region"])),
        }
    return None


def _instance(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "account": told.get("Account", ""),
        "region": told.get("Region", ""),
        "stack_id": told.get("StackId"),
        "status": told.get("Status", "CURRENT"),
        "reason": told.get("StatusReason", ""),
    }
