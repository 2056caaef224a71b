"""A 0 that somebody sets where AWS has another number: silent while it is live, a change where it is not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from providers.aws.facts import catalogue
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
