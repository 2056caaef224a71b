"""The tags of the demo's Terraform resources: the provider's default tags and the resource's own."""

from __future__ import annotations

WEB = "web@larkspur.example"
DATA_TEAM = "data@larkspur.example"


def plain(**own: str) -> dict[str, str]:
    """As a map."""
    return {"ManagedBy": "terraform", "Owner": WEB, **own}


def pairs(**own: str) -> list[dict[str, str]]:
    """As most services take them."""
    return [{"Key": key, "Value": value} for key, value in plain(**own).items()]


def lower(**own: str) -> list[dict[str, str]]:
    """As Amazon ECS takes them."""
    return [{"key": key, "value": value} for key, value in plain(**own).items()]


def specification(*resources: str, **own: str) -> list[dict[str, object]]:
    """As EC2 takes them when it creates something."""
    return [{"ResourceType": resource, "Tags": pairs(**own)} for resource in resources]
