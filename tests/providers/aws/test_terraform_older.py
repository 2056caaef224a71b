"""Names that older majors of Terraform's AWS provider had for the same thing."""

from __future__ import annotations

from typing import Any

import pytest

from drift.dialect import Foreign
from providers.aws.terraform import AwsTerraform

ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/t/1"


@pytest.mark.parametrize(
    ("type_", "said", "property_", "value"),
    [
        ("aws_cloudwatch_event_rule", {"is_enabled": False}, "State", "DISABLED"),
        ("aws_cloudwatch_event_rule", {"is_enabled": True}, "State", "ENABLED"),
        ("aws_cloudwatch_event_rule", {"is_enabled": True, "state": "DISABLED"}, "State", "DISABLED"),
        ("aws_cloudwatch_event_rule", {}, "State", None),
        ("aws_db_instance", {"name": "shop"}, "DBName", "shop"),
        ("aws_db_instance", {"name": "shop", "db_name": "other"}, "DBName", "other"),
        ("aws_ecs_cluster", {"capacity_providers": ["FARGATE"]}, "CapacityProviders", ["FARGATE"]),
        ("aws_ecs_cluster", {"capacity_providers": []}, "CapacityProviders", None),
        (
            "aws_autoscaling_attachment",
            {"alb_target_group_arn": ARN, "autoscaling_group_name": "g"},
            "TargetGroupARNs",
            [ARN],
        ),
        ("aws_secretsmanager_secret", {"rotation_lambda_arn": "arn:l"}, "RotationLambdaARN", "arn:l"),
        ("aws_secretsmanager_secret", {"rotation_lambda_arn": ""}, "RotationLambdaARN", None),
        (
            "aws_autoscaling_group",
            {"tags": [{"key": "Team", "value": "web", "propagate_at_launch": "true"}]},
            "Tags",
            [{"Key": "Team", "Value": "web", "PropagateAtLaunch": "true"}],
        ),
        (
            "aws_instance",
            {"cpu_core_count": 2, "cpu_threads_per_core": 1},
            "CpuOptions",
            {"CoreCount": 2, "ThreadsPerCore": 1},
        ),
        ("aws_eip", {"vpc": True, "public_ip": "192.0.2.1", "allocation_id": "eipalloc-1"}, "Domain", "vpc"),
    ],
)
def test_a_name_of_an_older_provider_says_the_same(
    type_: str, said: dict[str, Any], property_: str, value: Any
) -> None:
    made = AwsTerraform().translate(Foreign(type_, "x.a", said, "111122223333", "eu-west-1"))
    assert made is not None
    assert [one.attributes.get(property_) for one in made] == [value]
