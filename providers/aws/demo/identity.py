"""Builds the shop's roles, policies, users and groups, as `repository/terraform/shop/identity.tf` declares
them."""

from __future__ import annotations

import json
from typing import Any

from providers.aws.demo import tags
from providers.aws.demo.accounts import SHOP, VIRGINIA, Clients

ORDERS_READ = f"arn:aws:iam::{SHOP}:policy/orders-read"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def build(clients: Clients) -> dict[str, str]:
    """Every name is given, so nothing has to be told to the state."""
    iam = clients.get("iam", VIRGINIA)
    role(iam, "shop-app", service("ec2"))
    role(iam, "shop-functions", service("lambda"))
    iam.create_instance_profile(InstanceProfileName="shop-app", Tags=tags.pairs())
    iam.add_role_to_instance_profile(InstanceProfileName="shop-app", RoleName="shop-app")
    iam.create_policy(
        PolicyName="orders-read",
        Description="Read the orders",
        PolicyDocument=allow(
            ["dynamodb:GetItem", "dynamodb:Query"], f"arn:aws:dynamodb:eu-west-1:{SHOP}:table/orders"
        ),
        Tags=tags.pairs(),
    )
    iam.attach_role_policy(RoleName="shop-app", PolicyArn=ORDERS_READ)
    iam.put_role_policy(
        RoleName="shop-functions",
        PolicyName="logs",
        PolicyDocument=allow(
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            f"arn:aws:logs:eu-west-1:{SHOP}:log-group:/aws/lambda/menu:*",
        ),
    )
    iam.create_group(GroupName="developers")
    iam.attach_group_policy(GroupName="developers", PolicyArn=READ_ONLY)
    iam.create_user(UserName="ci", Tags=tags.pairs())
    return {}


def role(iam: Any, name: str, principal: dict[str, str], owner: str = tags.WEB, **settings: str) -> None:
    """A role that the principal may assume."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=policy(statement), Tags=tags.pairs(Owner=owner), **settings
    )


def service(name: str) -> dict[str, str]:
    return {"Service": f"{name}.amazonaws.com"}


def allow(actions: str | list[str], resource: str) -> str:
    """A policy of one statement."""
    return policy({"Effect": "Allow", "Action": actions, "Resource": resource})


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
