"""Deploys the CloudFormation templates of the demo's repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from providers.aws.demo.accounts import DATA, IRELAND, SHOP, VIRGINIA, Clients
from providers.aws.demo.states import REPOSITORY
from providers.aws.demo.storage import PRIVATE
from providers.aws.demo.tags import DATA_TEAM


@dataclass(frozen=True, slots=True)
class Stack:
    """A template below ``cloudformation/`` and where it is deployed under the same name."""

    name: str
    account: str
    region: str

    @property
    def file(self) -> str:
        return f"cloudformation/{self.name}.yaml"


STACKS = (Stack("orders", SHOP, IRELAND), Stack("loyalty", SHOP, VIRGINIA), Stack("reports", DATA, IRELAND))


def deploy(clients: Clients, stack: Stack) -> list[str]:
    """Creates the stack; the types of its resources."""
    client = clients.get("cloudformation", stack.region, stack.account)
    body = (REPOSITORY / stack.file).read_text(encoding="utf-8")
    client.create_stack(StackName=stack.name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
    client.get_waiter("stack_create_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    if stack.name in _COMPLETE:
        _COMPLETE[stack.name](clients)
    told = client.list_stack_resources(StackName=stack.name)["StackResourceSummaries"]
    return [resource["ResourceType"] for resource in told]


def _orders(clients: Clients) -> None:
    owner = "orders@larkspur.example"
    clients.get("lambda").tag_resource(
        Resource=f"arn:aws:lambda:eu-west-1:{SHOP}:function:orders", Tags={"Owner": owner}
    )
    clients.get("sns").tag_resource(
        ResourceArn=f"arn:aws:sns:eu-west-1:{SHOP}:order-placed", Tags=[{"Key": "Owner", "Value": owner}]
    )


def _reports(clients: Clients) -> None:
    clients.get("s3", account=DATA).put_public_access_block(
        Bucket="larkspur-reports", PublicAccessBlockConfiguration=PRIVATE
    )
    clients.get("sns", account=DATA).tag_resource(
        ResourceArn=f"arn:aws:sns:eu-west-1:{DATA}:reports-finished",
        Tags=[{"Key": "Owner", "Value": DATA_TEAM}],
    )


#: What AWS's CloudFormation does and moto's leaves out: access blocks, some tags.
_COMPLETE: Mapping[str, Callable[[Clients], None]] = {"orders": _orders, "reports": _reports}
