"""Deploys the CloudFormation templates of the demo's repository."""

from __future__ import annotations

from dataclasses import dataclass

from providers.aws.demo.accounts import DATA, IRELAND, SHOP, VIRGINIA, Clients
from providers.aws.demo.states import REPOSITORY


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
    told = client.list_stack_resources(StackName=stack.name)["StackResourceSummaries"]
    return [resource["ResourceType"] for resource in told]
