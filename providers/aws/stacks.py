"""Reads a region's CloudFormation stacks: what their logical ids really are, their parameters, outputs and
exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from drift.limits import Limits
from drift.moment import rfc3339
from providers.aws import bounded

#: Stacks of which nothing is there: deleted, or only a change set that was never executed.
_NOT_DEPLOYED = frozenset({"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"})


def read_stacks(
    client: Any,
    scope: str,
    region: str,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> list[dict[str, Any]]:
    """The deployed stacks of one account and region, as plain JSON for the snapshot's context.

    ``client`` is a boto3 ``cloudformation`` client of that region; only DescribeStacks and ListStackResources
    are called, every page of them. One stack is::

        {"scope": account, "region": region, "name": …, "id": stack ARN, "parent": stack ARN or None,
         "parameters": {name: value}, "resolved_parameters": {name: value},
         "resources": {logical id: {"type": …, "physical_id": … or None, "detected": …}},
         "outputs": {name: value}, "exports": {export name: value}, "tags": {key: value},
         "status": …, "description": …, "role": ARN or None, "notified": [topic ARN], "protected": bool}

    ``detected`` is there where AWS's own drift detection was asked: its status and when (RFC 3339).

    A NoEcho parameter's value is ``****``; ``resolved_parameters`` holds what an SSM parameter type stood for
    when the stack was last deployed. A stack that is deleted while it is read is left out. Raises botocore's
    ClientError when the region's stacks, or the resources of one, can't be read.
    """
    stacks = []
    for page in bounded.pages(client, "describe_stacks", limits):
        for stack in page.get("Stacks", ()):
            if stack.get("StackStatus") in _NOT_DEPLOYED:
                continue
            resources = _resources(client, stack.get("StackId") or stack["StackName"], limits)
            if resources is not None:
                stacks.append(_record(stack, resources, scope, region))
    return sorted(stacks, key=lambda stack: str(stack["id"]))


def _record(stack: Mapping[str, Any], resources: dict[str, Any], scope: str, region: str) -> dict[str, Any]:
    parameters = stack.get("Parameters", ())
    outputs = stack.get("Outputs", ())
    return {
        "scope": scope,
        "region": region,
        "name": stack["StackName"],
        "id": stack.get("StackId", stack["StackName"]),
        "parent": stack.get("ParentId"),
        "parameters": {one["ParameterKey"]: one.get("ParameterValue", "") for one in parameters},
        "resolved_parameters": {
            one["ParameterKey"]: one["ResolvedValue"]
            for one in parameters
            if one.get("ResolvedValue") is not None
        },
        "resources": resources,
        "outputs": {one["OutputKey"]: one.get("OutputValue", "") for one in outputs},
        "exports": {
            one["ExportName"]: one.get("OutputValue", "") for one in outputs if one.get("ExportName")
        },
        "tags": {one["Key"]: one.get("Value", "") for one in stack.get("Tags", ())},
        "status": stack.get("StackStatus"),
        "description": stack.get("Description"),
        "role": stack.get("RoleARN"),
        "notified": list(stack.get("NotificationARNs") or ()),
        "protected": bool(stack.get("EnableTerminationProtection")),
    }


def _detected(told: Mapping[str, Any]) -> str:
    """What AWS's own drift detection found last of a resource, and when; empty where it was not asked."""
    checked, status = told.get("LastCheckTimestamp"), told.get("StackResourceDriftStatus")
    return f"{status} at {rfc3339(checked)}" if checked is not None and status else ""


def _resources(client: Any, stack: str, limits: Limits) -> dict[str, dict[str, Any]] | None:
    """Logical id → type and physical id; None where the stack is no longer there."""
    found: dict[str, dict[str, Any]] = {}
    try:
        for page in bounded.pages(client, "list_stack_resources", limits, StackName=stack):
            for one in page.get("StackResourceSummaries", ()):
                if one.get("ResourceStatus") == "DELETE_COMPLETE" or not one.get("LogicalResourceId"):
                    continue
                detected = _detected(one.get("DriftInformation") or {})
                found[one["LogicalResourceId"]] = {
                    "type": one["ResourceType"],
                    "physical_id": one.get("PhysicalResourceId") or None,
                    **({"detected": detected} if detected else {}),
                }
    except ClientError as error:
        said = error.response.get("Error", {})
        if said.get("Code") == "ValidationError" and "does not exist" in said.get("Message", ""):
            return None
        raise
    return found
