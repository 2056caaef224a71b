"""What moto tells otherwise than AWS does: policies in an account's details, their tags in bulk, pages of
parameters, new buckets, stacks. Each function has it told as AWS does, from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast


class _PolicyDetail:
    """A policy as ``iam:GetAccountAuthorizationDetails`` tells it: with its id, and without its description.

    Source: the answer in
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html.
    """

    def __init__(self, policy: Any) -> None:
        self._policy = policy

    def __getattr__(self, name: str) -> Any:
        if name == "description":
            raise AttributeError(name)
        return getattr(self._policy, "id" if name == "policy_id" else name)


def policies() -> None:
    """Has ``iam:GetAccountAuthorizationDetails`` tell policies as AWS does."""
    from moto.iam.models import IAMBackend

    known = IAMBackend.get_account_authorization_details

    def told(backend: Any, asked: list[str]) -> dict[str, Any]:
        found = known(backend, asked)
        return {**found, "managed_policies": [_PolicyDetail(one) for one in found["managed_policies"]]}

    cast("Any", IAMBackend).get_account_authorization_details = told


def tags() -> None:
    """Has ``tag:GetResources`` tell of IAM's policies and instance profiles, in the one region that does. Of
    users and roles it tells nothing
    (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html)."""
    from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend as Backend

    known: Any = Backend._get_resources_generator  # noqa: SLF001

    def generate(backend: Any, *said: Any, **more: Any) -> Iterator[Any]:
        yield from known(backend, *said, **more)
        if backend.region_name == "us-east-1":
            yield from _of_iam(backend.account_id, more.get("resource_type_filters"))

    cast("Any", Backend)._get_resources_generator = generate  # noqa: SLF001


def _of_iam(account: str, asked: list[str] | None) -> Iterator[Any]:
    from moto.core.resource_tagging import TaggedResource, match_resource_type
    from moto.iam.models import iam_backends

    iam = iam_backends[account]["aws"]
    kinds: dict[str, dict[str, Any]] = {
        "iam:policy": iam.managed_policies,
        "iam:instance-profile": iam.instance_profiles,
    }
    for kind, ones in kinds.items():
        for one in ones.values() if match_resource_type(kind, asked) else ():
            said: Any = one.tags.values() if isinstance(one.tags, dict) else one.tags
            if said and not one.arn.startswith("arn:aws:iam::aws:"):
                plain = {tag["Key"]: tag["Value"] for tag in said}
                yield TaggedResource(arn=one.arn, tags=plain, resource_type=kind)


def parameters() -> None:
    """Has ``ssm:DescribeParameters`` tell as many a page as are asked for; moto's hold ten."""
    from moto.core.responses import ActionResult
    from moto.ssm.responses import SimpleSystemManagerResponse as Response

    def told(response: Any) -> ActionResult:
        names = ("Filters", "ParameterFilters", "MaxResults", "NextToken")
        filters, more, size, token = (response._get_param(name) for name in names)  # noqa: SLF001
        found = response.ssm_backend.describe_parameters(filters, more)
        start = int((token or "0").strip())
        end = start + int(size or 10)
        page = [one.describe_response_object(False) for one in found[start:end]]
        return ActionResult({"Parameters": page, **({"NextToken": str(end)} if end < len(found) else {})})

    cast("Any", Response).describe_parameters = told


def buckets() -> None:
    """Has a new bucket be its owner's alone, without access control lists, as every one is since April 2023
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html), and
    ``s3:ListBuckets`` tell of each where it is."""
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    known: Any = S3Backend.create_bucket

    def create(backend: Any, *said: Any, **more: Any) -> Any:
        made = known(backend, *said, **more)
        made.ownership_rule = "BucketOwnerEnforced"
        return made

    cast("Any", S3Backend).create_bucket = create
    cast("Any", S3Response).serialized = _telling_regions(S3Response.serialized)


def _telling_regions(known: Any) -> Any:
    def serialized(response: Any, answer: Any) -> Any:
        if response.data.get("Action") == "ListBuckets":
            for bucket in answer.result["Buckets"]:
                bucket.setdefault("BucketRegion", response.backend.get_bucket(bucket["Name"]).region_name)
        return known(response, answer)

    return serialized


def stacks() -> None:
    """Has CloudFormation tell the id of a stack as what made it, the stack that nests one, and the stack of
    an instance of a StackSet."""
    from moto.cloudformation.models import Stack, StackInstance

    cast("Any", Stack).physical_resource_id = property(lambda stack: stack.stack_id)
    if not hasattr(Stack, "parent_id"):  # a newer moto may know it
        cast("Any", Stack).parent_id = property(_parent_id)
    cast("Any", StackInstance).to_dict = _with_its_stack(StackInstance.to_dict)


def _parent_id(stack: Any) -> str | None:
    """``ParentId`` of ``cloudformation:DescribeStacks``: the stack that has this one among its resources."""
    from moto.cloudformation.models import cloudformation_backends

    others = cloudformation_backends[stack.account_id][stack.region_name].stacks.values()
    nesting = (one.stack_id for one in others if stack in one.resource_map._parsed_resources.values())  # noqa: SLF001
    return next(nesting, None)


def _with_its_stack(known: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """``cloudformation:ListStackInstances``: ``StackId`` is the one of the stack that was made."""

    def told(instance: Any) -> dict[str, Any]:
        return {**known(instance), "StackId": instance.stack.stack_id}

    return told


def brokers() -> None:
    """Has ``mq`` tell what it says of every broker and configuration: the log's group, and a description."""
    from moto.mq.models import MQBackend

    mq = cast("Any", MQBackend)
    broker, configuration, configurations = (
        mq.describe_broker,
        mq.describe_configuration,
        mq.list_configurations,
    )

    def told(backend: Any, broker_id: str) -> Any:
        found = broker(backend, broker_id=broker_id)
        found.logs = {**found.logs, "GeneralLogGroup": f"/aws/amazonmq/broker/{broker_id}/general"}
        return found

    def described(one: Any) -> Any:
        one.description = getattr(one, "description", None) or ""
        return one

    mq.describe_broker = told
    mq.describe_configuration = lambda *said, **more: described(configuration(*said, **more))
    mq.list_configurations = lambda *said: [described(one) for one in configurations(*said)]


def simulated(response: Any) -> Any:
    """``iam:SimulatePrincipalPolicy``: by the policies of a user or role, in the way in which moto judges
    calls."""
    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.iam.exceptions import NotFoundException

    backend = response.backend
    arn = response._get_param("PolicySourceArn")
    held = [*backend.roles.values(), *backend.users.values()]
    who = next((one for one in held if one.arn == arn), None)
    if who is None:
        raise NotFoundException(f"Entity {arn} does not exist")
    inline = getattr(who, "policies", {})
    own = [
        one["policy_document"] if isinstance(one, dict) else one
        for one in (inline.values() if isinstance(inline, dict) else inline)
    ]
    policies = [IAMPolicy(one) for one in (*own, *who.managed_policies.values())]
    found = []
    for action in response._get_param("ActionNames", []):
        told = {policy.is_action_permitted(action) for policy in policies}
        decision = "implicitDeny"
        if PermissionResult.DENIED in told:
            decision = "explicitDeny"
        elif PermissionResult.PERMITTED in told:
            decision = "allowed"
        found.append({"EvalActionName": action, "EvalResourceName": "*", "EvalDecision": decision})
    return ActionResult({"EvaluationResults": found, "IsTruncated": False})
