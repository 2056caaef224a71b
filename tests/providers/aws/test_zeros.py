"""A 0 that somebody sets where AWS has another number: silent while it is live, a change where it is not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from providers.aws.facts import catalogue
from providers.aws.resource_types import resource_type
from tests.declared.terraform.test_intent import REGION, record
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, state

BALANCING = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
LISTENER = f"{BALANCING}:listener/app/x/1/2"
MAIN_TF = f"""
resource "aws_launch_template" "spot" {{
  name = "spot"
  network_interfaces {{ security_groups = ["sg-1"] }}
  instance_requirements {{
    memory_mib {{ min = 2048 }}
    vcpu_count {{ min = 2 }}
    accelerator_count {{ max = 0 }}
  }}
}}
resource "aws_autoscaling_group" "spot" {{
  name                = "spot"
  min_size            = 0
  max_size            = 4
  vpc_zone_identifier = ["subnet-1"]
  mixed_instances_policy {{
    instances_distribution {{ on_demand_percentage_above_base_capacity = 0 }}
    launch_template {{
      launch_template_specification {{ launch_template_name = "spot" }}
    }}
  }}
}}
resource "aws_autoscaling_policy" "more" {{
  name                   = "more"
  autoscaling_group_name = "spot"
  adjustment_type        = "ChangeInCapacity"
  policy_type            = "StepScaling"
  step_adjustment {{
    scaling_adjustment          = 1
    metric_interval_lower_bound = 0
  }}
}}
resource "aws_cloudwatch_log_metric_filter" "errors" {{
  name           = "errors"
  log_group_name = "shop"
  pattern        = "ERROR"
  metric_transformation {{
    name          = "Errors"
    namespace     = "Shop"
    value         = 1
    default_value = 0
  }}
}}
resource "aws_ecs_capacity_provider" "spot" {{
  name = "spot"
  auto_scaling_group_provider {{
    auto_scaling_group_arn = "spot"
    managed_scaling {{ instance_warmup_period = 0 }}
  }}
}}
resource "aws_lb_listener" "web" {{
  load_balancer_arn = "{BALANCING}:loadbalancer/app/x/1"
  port              = 80
  protocol          = "HTTP"
  default_action {{
    type = "forward"
    forward {{
      target_group {{
        arn    = "{BALANCING}:targetgroup/blue/1"
        weight = 100
      }}
      target_group {{
        arn    = "{BALANCING}:targetgroup/green/2"
        weight = 0
      }}
    }}
  }}
}}
"""
POLICY = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:1:autoScalingGroupName/spot:policyName/more"
LIVE: dict[str, tuple[str, dict[str, Any]]] = {
    "AWS::EC2::LaunchTemplate": (
        "lt-1",
        {
            "LaunchTemplateName": "spot",
            "LaunchTemplateData": {
                "NetworkInterfaces": [{"DeviceIndex": 0, "NetworkCardIndex": 0, "Groups": ["sg-1"]}],
                "InstanceRequirements": {
                    "MemoryMiB": {"Min": 2048},
                    "VCpuCount": {"Min": 2},
                    "AcceleratorCount": {"Min": 0, "Max": 0},
                },
            },
        },
    ),
    "AWS::AutoScaling::AutoScalingGroup": (
        "spot",
        {
            "AutoScalingGroupName": "spot",
            "MinSize": 0,
            "MaxSize": 4,
            "VPCZoneIdentifier": ["subnet-1"],
            "MixedInstancesPolicy": {
                "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
                "LaunchTemplate": {
                    "LaunchTemplateSpecification": {"LaunchTemplateName": "spot", "Version": "$Default"}
                },
            },
        },
    ),
    "AWS::AutoScaling::ScalingPolicy": (
        POLICY,
        {
            "PolicyName": "more",
            "AutoScalingGroupName": "spot",
            "AdjustmentType": "ChangeInCapacity",
            "PolicyType": "StepScaling",
            "StepAdjustments": [{"ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0}],
        },
    ),
    "AWS::Logs::MetricFilter": (
        "shop|errors",
        {
            "FilterName": "errors",
            "LogGroupName": "shop",
            "FilterPattern": "ERROR",
            "MetricTransformations": [
                {"MetricName": "Errors", "MetricNamespace": "Shop", "MetricValue": "1", "DefaultValue": 0.0}
            ],
        },
    ),
    "AWS::ECS::CapacityProvider": (
        "spot",
        {
            "Name": "spot",
            "AutoScalingGroupProvider": {
                "AutoScalingGroupArn": "spot",
                "ManagedScaling": {"InstanceWarmupPeriod": 0},
            },
        },
    ),
    "AWS::ElasticLoadBalancingV2::Listener": (
        LISTENER,
        {
            "ListenerArn": LISTENER,
            "LoadBalancerArn": f"{BALANCING}:loadbalancer/app/x/1",
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [
                {
                    "Type": "forward",
                    "Order": 1,
                    "ForwardConfig": {
                        "TargetGroups": [
                            {"TargetGroupArn": f"{BALANCING}:targetgroup/blue/1", "Weight": 100},
                            {"TargetGroupArn": f"{BALANCING}:targetgroup/green/2", "Weight": 0},
                        ]
                    },
                }
            ],
        },
    ),
}


def changes(folder: Path, live: dict[str, tuple[str, dict[str, Any]]]) -> set[tuple[str, str]]:
    folder.mkdir()
    records = []
    for type_, (id_, attributes) in live.items():
        name = catalogue().compared[type_].called(attributes)
        records.append({**record(type_, id_, attributes), **({"name": name} if name else {})})
    block = managed("aws_lb_listener", "web", instance({"id": LISTENER, "arn": LISTENER}))
    files = {"infra/main.tf": MAIN_TF, "infra/terraform.tfstate": json.dumps(state(block))}
    report = scan(folder, files, records, path="infra/terraform.tfstate")
    assert report["problems"] == [] and report["summary"]["live"] == len(LIVE)
    return {(one["type"], change["path"]) for one in report["findings"] for change in one["changes"]}


def test_a_set_0_is_live(tmp_path: Path) -> None:
    assert changes(tmp_path / "untouched", LIVE) == set()
    otherwise = copy.deepcopy(LIVE)
    data = otherwise["AWS::EC2::LaunchTemplate"][1]["LaunchTemplateData"]
    del data["InstanceRequirements"]["AcceleratorCount"]
    spot = otherwise["AWS::AutoScaling::AutoScalingGroup"][1]["MixedInstancesPolicy"]
    spot["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] = 100
    steps = otherwise["AWS::AutoScaling::ScalingPolicy"][1]["StepAdjustments"]
    del steps[0]["MetricIntervalLowerBound"]
    del otherwise["AWS::Logs::MetricFilter"][1]["MetricTransformations"][0]["DefaultValue"]
    groups = otherwise["AWS::ElasticLoadBalancingV2::Listener"][1]["DefaultActions"][0]["ForwardConfig"]
    groups["TargetGroups"][1]["Weight"] = 1
    scaling = otherwise["AWS::ECS::CapacityProvider"][1]["AutoScalingGroupProvider"]["ManagedScaling"]
    scaling["InstanceWarmupPeriod"] = 300
    told = changes(tmp_path / "changed", otherwise)
    assert {type_ for type_, _ in told} == LIVE.keys()
    assert len(told) == len(LIVE), told


STAGE_TF = """
resource "aws_apigatewayv2_stage" "shop" {
  api_id = "api1"
  name   = "shop"
}
resource "aws_apigatewayv2_stage" "shut" {
  api_id = "api1"
  name   = "shut"
  default_route_settings {
    throttling_burst_limit = 0
    throttling_rate_limit  = 0
  }
}
"""
#: What a state says of both: 0, whether somebody set it or nobody did.
NAUGHT = [{"detailed_metrics_enabled": False, "throttling_burst_limit": 0, "throttling_rate_limit": 0}]


def throttled(
    folder: Path, shop: dict[str, float], shut: dict[str, float], main_tf: str
) -> set[tuple[str, str]]:
    """(id, path) of each change of a stage that nobody throttles and of one that is shut."""
    folder.mkdir()
    blocks = [
        managed(
            "aws_apigatewayv2_stage",
            name,
            instance({"id": name, "api_id": "api1", "name": name, "default_route_settings": NAUGHT}),
        )
        for name in ("shop", "shut")
    ]
    records = [
        record(
            "AWS::ApiGatewayV2::Stage",
            f"api1|{name}",
            {
                "ApiId": "api1",
                "StageName": name,
                "DefaultRouteSettings": {"DetailedMetricsEnabled": False, **said},
            },
        )
        for name, said in (("shop", shop), ("shut", shut))
    ]
    files = {"infra/main.tf": main_tf, "infra/terraform.tfstate": json.dumps(state(*blocks))}
    report = scan(folder, files, records, path="infra/terraform.tfstate")
    assert report["problems"] == [] and report["summary"]["live"] == 2
    return {(one["resource_id"], change["path"]) for one in report["findings"] for change in one["changes"]}


def test_a_stage_that_lets_nothing_through_where_nobody_says_so_is_told(tmp_path: Path) -> None:
    none = {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}
    limits = {f"/DefaultRouteSettings/{name}" for name in none}
    assert throttled(tmp_path / "untouched", {}, none, STAGE_TF) == set()
    told = throttled(tmp_path / "shut", none, none, STAGE_TF)
    assert told == {("api1|shop", "/DefaultRouteSettings")}
    told = throttled(tmp_path / "opened", {}, {"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 5}, STAGE_TF)
    assert told == {("api1|shut", path) for path in limits}


def test_no_default_is_nothing_where_the_schema_says_another() -> None:
    """What Terraform's state has where nobody sets anything (0, false, "") is not taken for AWS's default."""
    wrong, held = [], 0
    for name, entry in catalogue().compared.items():
        known = resource_type(name)
        said = {**known.documented, **known.defaults} if known is not None else {}
        for path, value in said.items():
            node = entry.facts.root
            for part in path.split("/"):
                node = node.member() if part == "*" else node.child(part)
            held += bool(node.defaults)
            if value and node.defaults and not any(node.defaults):
                wrong.append(f"{name}: {path} is {value!r}, and not {node.defaults}")
    assert wrong == []
    assert held > 100
