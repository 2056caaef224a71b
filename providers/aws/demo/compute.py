"""Builds what runs in the shop, as `repository/terraform/shop/compute.tf` declares it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from providers.aws.demo import tags
from providers.aws.demo.accounts import SHOP, Clients
from providers.aws.demo.states import SECRETS

Created = dict[str, str]
IMAGE = "ami-785db401"
#: What Terraform sets on each application load balancer: AWS's own defaults.
_BALANCER = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
_ROLES = f"arn:aws:iam::{SHOP}:role"


def build(clients: Clients, made: Mapping[str, str]) -> Created:
    """Instances, the group behind the load balancer, containers. ``made`` has network, roles and keys."""
    return {
        **_instances(clients.get("ec2"), made),
        **_balancer(clients.get("elbv2"), made),
        **_group(clients, made),
        **_containers(clients),
    }


def functions(clients: Clients) -> Created:
    """The Lambda function of the menu, with a secret in its environment."""
    clients.get("lambda").create_function(
        FunctionName="menu",
        Role=f"{_ROLES}/shop-functions",
        Runtime="python3.12",
        Handler="menu.handler",
        Code={"ZipFile": archive("menu.py")},
        Timeout=10,
        MemorySize=256,
        Environment={"Variables": {"STAGE": "production", "ROASTERY_API_KEY": SECRETS["roastery_api_key"]}},
        Tags=tags.plain(),
    )
    return {}


def archive(name: str) -> bytes:
    """A zip with one empty file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, "")
    return buffer.getvalue()


def _instances(ec2: Any, made: Mapping[str, str]) -> Created:
    roastery = _instance(
        ec2,
        "roastery",
        "roastery@larkspur.example",
        InstanceType="t3.small",
        SubnetId=made["aws_subnet.private[0]"],
        SecurityGroupIds=[made["aws_security_group.app"]],
        IamInstanceProfile={"Name": "shop-app"},
    )
    bastion = _instance(
        ec2,
        "bastion",
        "platform@larkspur.example",
        InstanceType="t3.micro",
        SubnetId=made["aws_subnet.public[0]"],
        SecurityGroupIds=[made["aws_security_group.app"]],
    )
    volume = ec2.create_volume(
        AvailabilityZone="eu-west-1a",
        Size=40,
        VolumeType="gp3",
        Encrypted=True,
        KmsKeyId=f"arn:aws:kms:eu-west-1:{SHOP}:key/{made['aws_kms_key.shop']}",
        TagSpecifications=tags.specification(
            "volume", Name="roastery-data", Owner="roastery@larkspur.example"
        ),
    )["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=roastery, Device="/dev/sdf")
    return {
        "aws_ebs_volume.roastery": volume,
        **_described(ec2, "roastery", roastery),
        **_described(ec2, "bastion", bastion),
    }


def _instance(ec2: Any, name: str, owner: str, **settings: Any) -> str:
    told = ec2.run_instances(
        ImageId=IMAGE,
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            *tags.specification("instance", Name=name, Owner=owner),
            *tags.specification("volume"),
        ],
        **settings,
    )
    return str(told["Instances"][0]["InstanceId"])


def _described(ec2: Any, name: str, instance: str) -> Created:
    """The id and what AWS chose: addresses and the volume that it booted from."""
    told = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    root = next(disk for disk in told["BlockDeviceMappings"] if disk["DeviceName"] == told["RootDeviceName"])
    return {
        f"aws_instance.{name}": instance,
        f"aws_instance.{name}.root": root["Ebs"]["VolumeId"],
        f"aws_instance.{name}.private_ip": told["PrivateIpAddress"],
        f"aws_instance.{name}.public_ip": told.get("PublicIpAddress", ""),
    }


def _balancer(elb: Any, made: Mapping[str, str]) -> Created:
    balancer = elb.create_load_balancer(
        Name="shop",
        Type="application",
        Subnets=[made["aws_subnet.public[0]"], made["aws_subnet.public[1]"]],
        SecurityGroups=[made["aws_security_group.web"]],
        Tags=tags.pairs(),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=balancer,
        Attributes=[{"Key": key, "Value": value} for key, value in _BALANCER.items()],
    )
    target = elb.create_target_group(
        Name="shop",
        Port=8080,
        Protocol="HTTP",
        VpcId=made["aws_vpc.main"],
        HealthCheckPath="/healthz",
        HealthyThresholdCount=3,
        UnhealthyThresholdCount=3,
        Tags=tags.pairs(),
    )["TargetGroups"][0]["TargetGroupArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "Order": 1, "TargetGroupArn": target}],
        Tags=tags.pairs(),
    )["Listeners"][0]["ListenerArn"]
    return {
        "aws_lb.shop": balancer,
        "aws_lb_target_group.shop": target,
        "aws_lb_listener.http": listener,
    }


def _group(clients: Clients, made: Mapping[str, str]) -> Created:
    template = clients.get("ec2").create_launch_template(
        LaunchTemplateName="shop",
        LaunchTemplateData={
            "ImageId": IMAGE,
            "InstanceType": "t3.small",
            "SecurityGroupIds": [made["aws_security_group.app"]],
        },
        TagSpecifications=tags.specification("launch-template"),
    )["LaunchTemplate"]["LaunchTemplateId"]
    clients.get("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="shop",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=1,
        VPCZoneIdentifier=f"{made['aws_subnet.private[0]']},{made['aws_subnet.private[1]']}",
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        Tags=[{"Key": "Owner", "Value": tags.WEB, "PropagateAtLaunch": True}],
    )
    return {"aws_launch_template.shop": template}


def _containers(clients: Clients) -> Created:
    clients.get("ecr").create_repository(
        repositoryName="shop",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=tags.pairs(),
    )
    clients.get("ecs").create_cluster(clusterName="shop", tags=tags.lower())
    return {}
