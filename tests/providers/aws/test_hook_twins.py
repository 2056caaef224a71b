"""What a hook drops, or spells otherwise, of an answer is no change where a template says it in its own
words: each hook of the facts is asked with an answer and what says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from providers.aws import expressions
from providers.aws.attaching import function
from providers.aws.facts import catalogue
from providers.aws.hooks.sns import _OWNERS_ACTIONS
from tests.providers.aws.hook_twins_edge import EDGE, SITE
from tests.providers.aws.test_twins import told

PLACE = {"account": "111111111111", "region": "eu-west-1", "partition": "aws"}
ENTRY = {
    "RuleNumber": 100,
    "Egress": False,
    "Protocol": "-1",
    "RuleAction": "allow",
    "CidrBlock": "10.0.0.0/8",
}
ECS_ROLE = "arn:aws:iam::111111111111:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:t"
DEFAULT_POLICY = {
    "Version": "2008-10-17",
    "Id": "__default_policy_ID",
    "Statement": [
        {
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": sorted(_OWNERS_ACTIONS),
            "Resource": TOPIC,
            "Condition": {"StringEquals": {"AWS:SourceOwner": "111111111111"}},
        }
    ],
}
INVOKE = {"Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "arn:f"}
FORWARD = {
    "Type": "forward",
    "Order": 1,
    "TargetGroupArn": "g",
    "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "g", "Weight": 1}]},
}
FORWARDS = [
    [{"Type": "forward", "TargetGroupArn": "g"}],
    [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "g"}]}}],
]
TUNNEL = {"TunnelInsideCidr": "169.254.44.240/30", "IKEVersions": [{"Value": "ikev2"}]}
ANSWERED_TUNNEL = {"TunnelInsideCidr": "169.254.44.240/30", "IkeVersions": [{"Value": "ikev2"}]}
ARCHIVE = {"StorageClass": "GLACIER"}

#: Hook → (answer, property, what says the same of it in a template).
ALIKE: dict[str, list[tuple[dict[str, Any], str, list[Any]]]] = {
    **EDGE,
    "autoscaling.group": [
        (
            {"EnabledMetrics": [{"Metric": "GroupMinSize", "Granularity": "1Minute"}]},
            "MetricsCollection",
            [[{"Granularity": "1Minute", "Metrics": ["GroupMinSize"]}]],
        ),
    ],
    "dynamodb.table": [
        (
            {"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "k"}},
            "SSESpecification",
            [{"SSEEnabled": True, "KMSMasterKeyId": "k"}],
        ),
        ({}, "SSESpecification", [{"SSEEnabled": False}]),
    ],
    "ec2_instances.flow_log": [
        (
            {"LogGroupName": "g", "ResourceId": "vpc-1"},
            "LogDestination",
            ["arn:aws:logs:eu-west-1:111111111111:log-group:g"],
        ),
        ({"ResourceId": "vpc-1"}, "ResourceType", ["VPC"]),
    ],
    "ec2_instances.instance": [
        (
            {
                "BlockDeviceMappings": [{"DeviceName": "/dev/a", "Ebs": {"VolumeId": "v"}}],
                "volumes": [{"VolumeId": "v", "VolumeType": "gp2", "Iops": 100, "Size": 8}],
            },
            "BlockDeviceMappings",
            [[{"DeviceName": "/dev/a", "Ebs": {"VolumeSize": "8", "VolumeType": "gp2", "Iops": 100}}]],
        ),
        ({"InstanceType": "t3.small"}, "CreditSpecification", [{"CPUCredits": "standard"}]),
    ],
    "ec2_instances.launch_template": [
        (
            {"join_latest": {"LaunchTemplateData": {"InstanceType": "a", "KeyName": ""}}},
            "LaunchTemplateData",
            [{"InstanceType": "a", "KeyName": "", "EbsOptimized": False, "Monitoring": {"Enabled": False}}],
        ),
    ],
    "ec2_instances.nat_gateway": [
        (
            {"NatGatewayAddresses": [{"AllocationId": "a", "IsPrimary": True}, {"AllocationId": "b"}]},
            "SecondaryAllocationIds",
            [["b"]],
        ),
    ],
    "ec2_network.dhcp_options": [
        (
            {"DhcpConfigurations": [{"Key": "domain-name", "Values": [{"Value": "a.example"}]}]},
            "DomainName",
            ["a.example"],
        ),
    ],
    "ec2_network.network_acl": [
        (
            {"Entries": [ENTRY, {**ENTRY, "RuleNumber": 32767, "RuleAction": "deny"}]},
            "Entries",
            [
                [ENTRY],
                [{**ENTRY, "Protocol": -1, "PortRange": {"From": 0, "To": 65535}}],
                [{**ENTRY, "Icmp": {"Code": -1, "Type": -1}}],
                [ENTRY, {**ENTRY, "RuleNumber": "32767", "RuleAction": "deny"}],
            ],
        ),
        (
            {"Entries": [{**ENTRY, "Protocol": "6", "PortRange": {"From": 80, "To": 80}}]},
            "Entries",
            [[{**ENTRY, "Protocol": "tcp", "PortRange": {"From": "80", "To": "80"}, "Icmp": {"Code": 0}}]],
        ),
    ],
    "ec2_network.route_table": [
        (
            {
                "Routes": [
                    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                    {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"},
                    {
                        "DestinationCidrBlock": "0.0.0.0/0",
                        "InstanceId": "i-1",
                        "NetworkInterfaceId": "eni-1",
                    },
                ]
            },
            "Routes",
            [
                [{"DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-1"}],
                [
                    {"DestinationCidrBlock": "0.0.0.0/0", "NetworkInterfaceId": "eni-1"},
                    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                    {"DestinationPrefixListId": "pl-1", "VpcEndpointId": "vpce-1"},
                ],
            ],
        ),
    ],
    "ec2_network.security_group": [
        (
            {
                "OwnerId": "1",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 443,
                        "ToPort": 443,
                        "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "1"}],
                    }
                ],
            },
            "SecurityGroupIngress",
            [
                [
                    {
                        "IpProtocol": "6",
                        "FromPort": "443",
                        "ToPort": 443,
                        "SourceSecurityGroupId": "sg-2",
                        "SourceSecurityGroupOwnerId": "1",
                        "Description": "",
                    }
                ]
            ],
        ),
        (
            {"IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]},
            "SecurityGroupIngress",
            [
                [{"IpProtocol": "-1", "FromPort": 0, "ToPort": 0, "CidrIp": "10.0.0.0/8"}],
                [{"IpProtocol": "all", "FromPort": 0, "ToPort": 65535, "CidrIp": "10.0.0.0/8"}],
            ],
        ),
    ],
    "ec2_network.vpc": [({"DhcpOptionsId": "default"}, "DhcpOptionsId", ["default"])],
    "ecs.cluster": [
        ({"settings": [{"name": "a", "value": "b"}]}, "ClusterSettings", [[{"Name": "a", "Value": "b"}]])
    ],
    "ecs.service": [
        ({"roleArn": ECS_ROLE}, "Role", [ECS_ROLE, "AWSServiceRoleForECS"]),
        ({"schedulingStrategy": "DAEMON", "desiredCount": 3}, "DesiredCount", [0, 3]),
        (
            {
                "schedulingStrategy": "DAEMON",
                "deploymentConfiguration": {"maximumPercent": 100, "minimumHealthyPercent": 0},
            },
            "DeploymentConfiguration",
            [{"MaximumPercent": 100}],
        ),
    ],
    "ecs.task_definition": [
        (
            {"taskDefinition": {"volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "f"}}]}},
            "Volumes",
            [[{"Name": "v", "EFSVolumeConfiguration": {"FilesystemId": "f"}}]],
        ),
    ],
    "elbv2.listener": [({"DefaultActions": [FORWARD]}, "DefaultActions", FORWARDS)],
    "elbv2.load_balancer": [
        (
            {
                "Type": "application",
                "Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}],
            },
            "LoadBalancerAttributes",
            [[], [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]],
        ),
    ],
    "elbv2.rule": [({"Actions": [FORWARD]}, "Actions", FORWARDS)],
    "elbv2.target_group": [
        (
            {"Port": 80, "Health": [{"Target": {"Id": "i", "Port": 80, "AvailabilityZone": "eu-west-1a"}}]},
            "Targets",
            [[{"Id": "i"}], [{"Id": "i", "Port": "80", "AvailabilityZone": "eu-west-1a"}]],
        ),
    ],
    "events.targets": [
        (
            {
                "Targets": [
                    {"Id": "a", "Arn": "x", "EcsParameters": {"PlacementStrategy": [{"type": "spread"}]}}
                ]
            },
            "Targets",
            [[{"Id": "a", "Arn": "x", "EcsParameters": {"PlacementStrategies": [{"Type": "spread"}]}}]],
        ),
    ],
    "lambda_.permissions": [
        (
            {
                "FunctionArn": "arn:f",
                "Policy": json.dumps(
                    {"Statement": [{**INVOKE, "Principal": {"AWS": "arn:aws:iam::222222222222:root"}}]}
                ),
            },
            "Permissions",
            [
                [{"Action": "lambda:InvokeFunction", "Principal": "222222222222"}],
                [{"Action": "lambda:InvokeFunction", "Principal": "arn:aws:iam::222222222222:root"}],
            ],
        ),
    ],
    "s3.bucket": [
        (
            {
                "Name": "b",
                "Lifecycle": {
                    "Rules": [
                        {
                            "ID": "r",
                            "Status": "Enabled",
                            "Filter": {"Prefix": ""},
                            "Transitions": [{"Days": 3, **ARCHIVE}],
                        }
                    ]
                },
            },
            "LifecycleConfiguration",
            [
                {
                    "Rules": [
                        {
                            "Id": "r",
                            "Status": "Enabled",
                            "Prefix": "",
                            "Transitions": [{"TransitionInDays": 3, **ARCHIVE}],
                        }
                    ]
                }
            ],
        ),
        (
            {
                "Name": "b",
                "Notification": {
                    "QueueConfigurations": [
                        {
                            "QueueArn": "q",
                            "Events": ["e"],
                            "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "x"}]}},
                        }
                    ]
                },
            },
            "NotificationConfiguration",
            [
                {
                    "QueueConfigurations": [
                        {
                            "Event": "e",
                            "Queue": "q",
                            "Filter": {"S3Key": {"Rules": [{"Name": "Prefix", "Value": "x"}]}},
                        }
                    ]
                }
            ],
        ),
        (
            {"Name": "b"},
            "NotificationConfiguration",
            [{}, {"EventBridgeConfiguration": {"EventBridgeEnabled": False}}],
        ),
        ({"Name": "b"}, "OwnershipControls", [{"Rules": [{"ObjectOwnership": "ObjectWriter"}]}]),
        ({"Name": "b"}, "PublicAccessBlockConfiguration", [{"BlockPublicAcls": False}]),
        ({"Name": "b", "Metrics": [{"Id": "m"}]}, "MetricsConfigurations", [[{"Id": "m", "Prefix": ""}]]),
        (
            {
                "Name": "b",
                "Replication": {"Role": "r", "Rules": [{"ID": "x", "Status": "Enabled", "Filter": {}}]},
            },
            "ReplicationConfiguration",
            [{"Role": "r", "Rules": [{"Id": "x", "Status": "Enabled", "Prefix": ""}]}],
        ),
    ],
    "ec2_vpn.connection": [
        (
            {"Options": {"TunnelOptions": [{**ANSWERED_TUNNEL, "DpdTimeoutAction": "restart"}]}},
            "VpnTunnelOptionsSpecifications",
            [[{**TUNNEL, "DPDTimeoutAction": "restart"}]],
        )
    ],
    "elasticache.replication_group": [
        ({"MemberClusters": ["a-1", "a-2"], "NodeGroups": [{}]}, "NumCacheClusters", [2, "2"]),
        ({"MemberClusters": ["a-1", "a-2"], "NodeGroups": [{}]}, "NumNodeGroups", [1]),
    ],
    "sns.topic": [
        (
            {"TopicArn": TOPIC, "Policy": json.dumps(DEFAULT_POLICY)},
            "PolicyDocument",
            [DEFAULT_POLICY],
        ),
        (
            {"TopicArn": TOPIC, "SQSFailureFeedbackRoleArn": "r"},
            "DeliveryStatusLogging",
            [[{"Protocol": "sqs", "FailureFeedbackRoleArn": "r"}]],
        ),
    ],
}
#: These only say which of what is listed is a resource, or give a name.
NOTHING_DROPPED = {
    "lambda_.layer_permissions",
    "cloudformation.template",
    "cognito.user_pool",
    "kafka.configuration",
    "lakeformation.grant",
    "kinesis.policy",
    "kms.key",
    "kms.replica",
    "logs.stream",
    "route53.record",
    "secretsmanager.secret",
    "sns.subscription",
    "ssm.parameter",
}
#: What one answer is no more than: of each, that a template says otherwise.
UNLIKE: list[tuple[str, int, Any]] = [
    ("apigateway.method", 0, {"Type": "HTTP", "IntegrationHttpMethod": "GET", "Uri": "u"}),
    ("apigateway.stage", 1, [{"ResourcePath": "/menu", "HttpMethod": "GET", "LoggingLevel": "ERROR"}]),
    ("cloudfront.distribution", 1, {**SITE, "Enabled": False}),
    ("datasync.location_s3", 1, "/out"),
    ("ec2_network.network_acl", 1, [{**ENTRY, "Protocol": "udp", "PortRange": {"From": 80, "To": 80}}]),
    ("ec2_network.network_acl", 1, [{**ENTRY, "Protocol": "tcp", "PortRange": {"From": 80, "To": 81}}]),
    ("ec2_network.route_table", 0, [{"DestinationCidrBlock": "0.0.0.0/0", "InstanceId": "i-2"}]),
    ("ec2_vpn.connection", 0, [{"IKEVersions": [{"Value": "ikev1"}]}]),
    ("elasticache.replication_group", 0, 3),
    ("ecs.service", 0, "arn:aws:iam::111111111111:role/other"),
    ("firehose.stream", 0, {"BucketARN": "arn:aws:s3:::b", "RoleARN": "r", "CompressionFormat": "GZIP"}),
    ("lambda_.permissions", 0, [{"Action": "lambda:InvokeFunction", "Principal": "333333333333"}]),
    ("s3.bucket", 3, {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
    ("s3.bucket", 2, {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}),
    ("scheduler.schedule", 0, "2030-01-02T10:00:00Z"),
    ("sns.topic", 0, {**DEFAULT_POLICY, "Id": "mine"}),
    ("wafv2.rules", 0, [{"Name": "r", "Statement": {"ByteMatchStatement": {"SearchStringBase64": "Yg=="}}}]),
]


def hooks() -> Iterator[tuple[str, str]]:
    """The hook of what is live, and its type."""
    for name, entry in catalogue().compared.items():
        if "hook" in entry.said:
            yield entry.said["hook"], name


TYPES = dict(hooks())


def differing(hook: str, answer: Mapping[str, Any], property_: str, declared: Any) -> list[str]:
    """What is told of a property where an answer is live, by the hook and the facts' own expressions."""
    entry = catalogue().compared[TYPES[hook]]
    document = {**PLACE, **answer}
    own = expressions.prune(function(hook)(document))
    for name, text in entry.said.get("properties", {}).items():
        own.setdefault(name, expressions.prune(expressions.compile(text or name)(document)))
    live = {name: value for name, value in own.items() if value is not None}
    paths = told(TYPES[hook], {property_: declared}, live)
    return [path for path in paths if path.split("/")[1] == property_]


def test_each_hook_is_asked() -> None:
    assert set(TYPES) == ALIKE.keys() | NOTHING_DROPPED


@pytest.mark.parametrize("hook", sorted(ALIKE))
def test_what_a_hook_drops_of_an_answer_is_none_in_a_template(hook: str) -> None:
    wrong = [
        (declared, paths)
        for answer, property_, said in ALIKE[hook]
        for declared in said
        if (paths := differing(hook, answer, property_, declared))
    ]
    assert wrong == []


@pytest.mark.parametrize(("hook", "at", "declared"), UNLIKE)
def test_what_says_otherwise_is_told(hook: str, at: int, declared: Any) -> None:
    answer, property_, _ = ALIKE[hook][at]
    assert differing(hook, answer, property_, declared)
