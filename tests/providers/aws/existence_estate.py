"""One resource of each existence-only type that the loopback AWS knows: how it is made, what a state says of
it, and how it is deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from providers.aws.loopback import ACCOUNT

Client = Callable[[str], Any]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that is there: its Terraform type and attributes, and what deletes it."""

    terraform: str
    attributes: dict[str, Any]
    delete: Callable[[], Any]


def named(
    service: str,
    create: str,
    said: dict[str, Any],
    terraform: str,
    attributes: dict[str, str],
    delete: str,
    by: dict[str, str],
    take: str = "",
) -> Callable[[Client], Made]:
    """A maker. ``attributes`` and ``by`` name members of what was said and answered (``=text`` is a text);
    ``take`` is the answer's member that holds the resource (``A.B``, a number for a list's)."""

    def make(client: Client) -> Made:
        aws = client(service)
        answer = getattr(aws, create)(**said)
        for part in filter(None, take.split(".")):
            answer = answer[int(part)] if part.isdigit() else answer[part]
        known = {**said, **(answer if isinstance(answer, dict) else {"answer": answer})}

        def value(name: str) -> Any:
            return name[1:] if name.startswith("=") else known[name]

        return Made(
            terraform,
            {name: value(said) for name, said in attributes.items()},
            lambda: getattr(aws, delete)(**{name: value(said) for name, said in by.items()}),
        )

    return make


def subnets(client: Client) -> list[str]:
    found = client("ec2").describe_subnets()["Subnets"]
    return [one["SubnetId"] for one in found[:2]]


def vpc(client: Client) -> str:
    return str(client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


def _peering(client: Client) -> Made:
    ec2 = client("ec2")
    other = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    found = ec2.create_vpc_peering_connection(VpcId=vpc(client), PeerVpcId=other)["VpcPeeringConnection"]
    id_ = found["VpcPeeringConnectionId"]

    def delete() -> None:
        ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=id_)

    return Made("aws_vpc_peering_connection", {"id": id_}, delete)


def _attachment(client: Client) -> Made:
    ec2 = client("ec2")
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    found = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway, VpcId=vpc(client), SubnetIds=subnets(client)[:1]
    )["TransitGatewayVpcAttachment"]
    id_ = found["TransitGatewayAttachmentId"]
    return Made(
        "aws_ec2_transit_gateway_vpc_attachment",
        {"id": id_},
        lambda: ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=id_),
    )


def _gateway_table(client: Client) -> Made:
    ec2 = client("ec2")
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    found = ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)["TransitGatewayRouteTable"]
    id_ = found["TransitGatewayRouteTableId"]
    return Made(
        "aws_ec2_transit_gateway_route_table",
        {"id": id_},
        lambda: ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=id_),
    )


def _interface(client: Client) -> Made:
    ec2 = client("ec2")
    found = ec2.create_network_interface(SubnetId=subnets(client)[0])["NetworkInterface"]
    id_ = found["NetworkInterfaceId"]
    return Made(
        "aws_network_interface", {"id": id_}, lambda: ec2.delete_network_interface(NetworkInterfaceId=id_)
    )


def _waf(kind: str, scope: str, terraform: str, more: dict[str, Any]) -> Callable[[Client], Made]:
    def make(client: Client) -> Made:
        waf = client("wafv2")
        metrics = {
            "SampledRequestsEnabled": False,
            "CloudWatchMetricsEnabled": False,
            "MetricName": "m",
        }
        said = {
            **more,
            **({"VisibilityConfig": metrics} if "Set" not in terraform and "set" not in kind else {}),
        }
        found = getattr(waf, f"create_{kind}")(Name="shop", Scope=scope, **said)["Summary"]
        return Made(
            terraform,
            {"id": found["Id"], "arn": found["ARN"], "name": "shop"},
            lambda: getattr(waf, f"delete_{kind}")(
                Name="shop",
                Scope=scope,
                Id=found["Id"],
                LockToken=getattr(waf, f"get_{kind}")(Name="shop", Scope=scope, Id=found["Id"])["LockToken"],
            ),
        )

    return make


def _subnet_group(
    service: str, said: dict[str, Any], terraform: str, name: str, call: str
) -> Callable[[Client], Made]:
    def make(client: Client) -> Made:
        aws = client(service)
        getattr(aws, f"create_{call}")(**said, SubnetIds=subnets(client))
        return Made(
            terraform,
            {"name": said[name]},
            lambda: getattr(aws, f"delete_{call}")(**{name: said[name]}),
        )

    return make


def _role(client: Client) -> str:
    iam = client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
    try:
        return str(iam.get_role(RoleName="r")["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        made = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
        return str(made["Role"]["Arn"])


def _state_machine(client: Client) -> Made:
    aws = client("stepfunctions")
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    arn = aws.create_state_machine(name="orders", definition=text, roleArn=_role(client))["stateMachineArn"]
    return Made(
        "aws_sfn_state_machine",
        {"id": arn, "arn": arn},
        lambda: aws.delete_state_machine(stateMachineArn=arn),
    )


def _metric_filter(client: Client) -> Made:
    logs = client("logs")
    logs.create_log_group(logGroupName="/shop")
    logs.put_metric_filter(
        logGroupName="/shop",
        filterName="errors",
        filterPattern="ERROR",
        metricTransformations=[{"metricName": "e", "metricNamespace": "n", "metricValue": "1"}],
    )
    said = {"id": "errors", "name": "errors", "log_group_name": "/shop"}
    return Made(
        "aws_cloudwatch_log_metric_filter",
        said,
        lambda: logs.delete_metric_filter(logGroupName="/shop", filterName="errors"),
    )


def _destination(client: Client) -> Made:
    logs = client("logs")
    stream = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/x"
    logs.put_destination(destinationName="central", targetArn=stream, roleArn=ROLE)
    return Made(
        "aws_cloudwatch_log_destination",
        {"id": "central", "name": "central"},
        lambda: logs.delete_destination(destinationName="central"),
    )


def _cluster(client: Client) -> Made:
    eks = client("eks")
    eks.create_cluster(name="shop", roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets(client)})
    return Made("aws_eks_cluster", {"id": "shop", "name": "shop"}, lambda: eks.delete_cluster(name="shop"))


def _event_source(client: Client) -> Made:
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", "def f(e, c): pass\n")
    aws = client("lambda")
    aws.create_function(
        FunctionName="consumer",
        Runtime="python3.12",
        Role=_role(client),
        Handler="a.f",
        Code={"ZipFile": content.getvalue()},
    )
    client("sqs").create_queue(QueueName="orders")
    found = aws.create_event_source_mapping(
        FunctionName="consumer", EventSourceArn=f"arn:aws:sqs:{aws.meta.region_name}:{ACCOUNT}:orders"
    )
    uuid = found["UUID"]
    return Made(
        "aws_lambda_event_source_mapping",
        {"id": uuid, "uuid": uuid},
        lambda: aws.delete_event_source_mapping(UUID=uuid),
    )


def _scaling(client: Client) -> str:
    aws = client("autoscaling")
    if not aws.describe_auto_scaling_groups()["AutoScalingGroups"]:
        image = client("ec2").describe_images()["Images"][0]["ImageId"]
        aws.create_launch_configuration(
            LaunchConfigurationName="base", ImageId=image, InstanceType="t3.micro"
        )
        aws.create_auto_scaling_group(
            AutoScalingGroupName="web",
            LaunchConfigurationName="base",
            MinSize=0,
            MaxSize=0,
            AvailabilityZones=["us-east-1a"],
        )
    return "web"


def _launch_configuration(client: Client) -> Made:
    aws = client("autoscaling")
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    aws.create_launch_configuration(LaunchConfigurationName="old", ImageId=image, InstanceType="t3.micro")
    return Made(
        "aws_launch_configuration",
        {"id": "old", "name": "old"},
        lambda: aws.delete_launch_configuration(LaunchConfigurationName="old"),
    )


def _scheduled_action(client: Client) -> Made:
    aws, group = client("autoscaling"), _scaling(client)
    aws.put_scheduled_update_group_action(
        AutoScalingGroupName=group, ScheduledActionName="night", Recurrence="0 22 * * *", MinSize=0, MaxSize=0
    )
    return Made(
        "aws_autoscaling_schedule",
        {"id": "night", "scheduled_action_name": "night", "autoscaling_group_name": group},
        lambda: aws.delete_scheduled_action(AutoScalingGroupName=group, ScheduledActionName="night"),
    )


def _distribution(client: Client) -> Made:
    aws = client("cloudfront")
    origin = {
        "Id": "o",
        "DomainName": "shop.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    found = aws.create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": False,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "o",
                "ViewerProtocolPolicy": "allow-all",
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                "MinTTL": 0,
            },
        }
    )
    id_ = found["Distribution"]["Id"]
    return Made(
        "aws_cloudfront_distribution",
        {"id": id_},
        lambda: aws.delete_distribution(Id=id_, IfMatch=found["ETag"]),
    )


def _access_control(client: Client) -> Made:
    aws = client("cloudfront")
    found = aws.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "oac",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]
    return Made(
        "aws_cloudfront_origin_access_control",
        {"id": found["Id"]},
        lambda: aws.delete_origin_access_control(Id=found["Id"]),
    )


def _resolver_endpoint(client: Client) -> Made:
    aws = client("route53resolver")
    group = client("ec2").create_security_group(GroupName="dns", Description="d", VpcId=vpc(client))
    found = aws.create_resolver_endpoint(
        CreatorRequestId="1",
        Name="in",
        SecurityGroupIds=[group["GroupId"]],
        Direction="INBOUND",
        IpAddresses=[{"SubnetId": one} for one in subnets(client)],
    )["ResolverEndpoint"]
    return Made(
        "aws_route53_resolver_endpoint",
        {"id": found["Id"]},
        lambda: aws.delete_resolver_endpoint(ResolverEndpointId=found["Id"]),
    )


def _dashboard(client: Client) -> Made:
    aws = client("cloudwatch")
    aws.put_dashboard(DashboardName="shop", DashboardBody=json.dumps({"widgets": []}))
    return Made(
        "aws_cloudwatch_dashboard",
        {"id": "shop", "dashboard_name": "shop"},
        lambda: aws.delete_dashboards(DashboardNames=["shop"]),
    )


def _trail(client: Client) -> Made:
    s3 = client("s3")
    region = s3.meta.region_name
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket="trail-of-shop", **place)
    aws = client("cloudtrail")
    arn = aws.create_trail(Name="all", S3BucketName="trail-of-shop")["TrailARN"]
    return Made(
        "aws_cloudtrail", {"id": "all", "arn": arn, "name": "all"}, lambda: aws.delete_trail(Name="all")
    )


def _detector(client: Client) -> Made:
    aws = client("guardduty")
    id_ = aws.create_detector(Enable=True)["DetectorId"]
    return Made("aws_guardduty_detector", {"id": id_}, lambda: aws.delete_detector(DetectorId=id_))


def _transfer(client: Client) -> Made:
    aws = client("transfer")
    id_ = aws.create_server()["ServerId"]
    arn = f"arn:aws:transfer:us-east-1:{ACCOUNT}:server/{id_}"
    return Made("aws_transfer_server", {"id": id_, "arn": arn}, lambda: aws.delete_server(ServerId=id_))


def _schedule(client: Client) -> Made:
    aws = client("scheduler")
    aws.create_schedule_group(Name="nightly")
    arn = aws.create_schedule(
        Name="backup",
        GroupName="nightly",
        FlexibleTimeWindow={"Mode": "OFF"},
        ScheduleExpression="rate(1 day)",
        Target={"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders", "RoleArn": ROLE},
    )["ScheduleArn"]
    return Made(
        "aws_scheduler_schedule",
        {"id": "nightly/backup", "arn": arn, "name": "backup"},
        lambda: aws.delete_schedule(Name="backup", GroupName="nightly"),
    )


def _search(service: str, terraform: str, name: str, create: str, delete: str) -> Callable[[Client], Made]:
    def make(client: Client) -> Made:
        aws = client(service)
        arn = getattr(aws, create)(DomainName=name)["DomainStatus"]["ARN"]
        return Made(
            terraform,
            {"id": arn, "arn": arn, "domain_name": name},
            lambda: getattr(aws, delete)(DomainName=name),
        )

    return make


def _pipeline(client: Client) -> Made:
    aws = client("codepipeline")
    role = client("iam").create_role(
        RoleName="pipes",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "codepipeline.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )["Role"]["Arn"]

    def action(category: str, provider: str, name: str) -> dict[str, Any]:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {
            "name": name,
            "actionTypeId": kind,
            "configuration": {},
            "outputArtifacts": [],
            "inputArtifacts": [],
        }

    aws.create_pipeline(
        pipeline={
            "name": "ship",
            "roleArn": role,
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "stages": [
                {"name": "Source", "actions": [action("Source", "S3", "a")]},
                {"name": "Build", "actions": [action("Approval", "Manual", "b")]},
            ],
            "version": 1,
        }
    )
    return Made("aws_codepipeline", {"id": "ship", "name": "ship"}, lambda: aws.delete_pipeline(name="ship"))


MAKERS: dict[str, Callable[[Client], Made]] = {
    "AWS::EC2::VPCPeeringConnection": _peering,
    "AWS::EC2::TransitGateway": named(
        "ec2",
        "create_transit_gateway",
        {},
        "aws_ec2_transit_gateway",
        {"id": "TransitGatewayId"},
        "delete_transit_gateway",
        {"TransitGatewayId": "TransitGatewayId"},
        "TransitGateway",
    ),
    "AWS::EC2::TransitGatewayVpcAttachment": _attachment,
    "AWS::EC2::TransitGatewayRouteTable": _gateway_table,
    "AWS::EC2::VPNGateway": named(
        "ec2",
        "create_vpn_gateway",
        {"Type": "ipsec.1"},
        "aws_vpn_gateway",
        {"id": "VpnGatewayId"},
        "delete_vpn_gateway",
        {"VpnGatewayId": "VpnGatewayId"},
        "VpnGateway",
    ),
    "AWS::EC2::CustomerGateway": named(
        "ec2",
        "create_customer_gateway",
        {"Type": "ipsec.1", "PublicIp": "198.51.100.7", "BgpAsn": 65000},
        "aws_customer_gateway",
        {"id": "CustomerGatewayId"},
        "delete_customer_gateway",
        {"CustomerGatewayId": "CustomerGatewayId"},
        "CustomerGateway",
    ),
    "AWS::EC2::PrefixList": named(
        "ec2",
        "create_managed_prefix_list",
        {"PrefixListName": "office", "MaxEntries": 1, "AddressFamily": "IPv4"},
        "aws_ec2_managed_prefix_list",
        {"id": "PrefixListId"},
        "delete_managed_prefix_list",
        {"PrefixListId": "PrefixListId"},
        "PrefixList",
    ),
    "AWS::EC2::NetworkInterface": _interface,
    "AWS::EC2::EgressOnlyInternetGateway": lambda client: named(
        "ec2",
        "create_egress_only_internet_gateway",
        {"VpcId": vpc(client)},
        "aws_egress_only_internet_gateway",
        {"id": "EgressOnlyInternetGatewayId"},
        "delete_egress_only_internet_gateway",
        {"EgressOnlyInternetGatewayId": "EgressOnlyInternetGatewayId"},
        "EgressOnlyInternetGateway",
    )(client),
    "AWS::ElasticLoadBalancing::LoadBalancer": named(
        "elb",
        "create_load_balancer",
        {
            "LoadBalancerName": "old",
            "Listeners": [{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
            "AvailabilityZones": ["us-east-1a"],
        },
        "aws_elb",
        {"id": "LoadBalancerName", "name": "LoadBalancerName"},
        "delete_load_balancer",
        {"LoadBalancerName": "LoadBalancerName"},
    ),
    "AWS::Route53::HealthCheck": named(
        "route53",
        "create_health_check",
        {"CallerReference": "1", "HealthCheckConfig": {"IPAddress": "192.0.2.44", "Port": 80, "Type": "TCP"}},
        "aws_route53_health_check",
        {"id": "Id"},
        "delete_health_check",
        {"HealthCheckId": "Id"},
        "HealthCheck",
    ),
    "AWS::Route53Resolver::ResolverEndpoint": _resolver_endpoint,
    "AWS::Route53Resolver::ResolverRule": named(
        "route53resolver",
        "create_resolver_rule",
        {"CreatorRequestId": "2", "RuleType": "SYSTEM", "DomainName": "corp.example.com", "Name": "corp"},
        "aws_route53_resolver_rule",
        {"id": "Id"},
        "delete_resolver_rule",
        {"ResolverRuleId": "Id"},
        "ResolverRule",
    ),
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudFront::OriginAccessControl": _access_control,
    "AWS::ApiGateway::RestApi": named(
        "apigateway",
        "create_rest_api",
        {"name": "shop"},
        "aws_api_gateway_rest_api",
        {"id": "id"},
        "delete_rest_api",
        {"restApiId": "id"},
    ),
    "AWS::ApiGateway::UsagePlan": named(
        "apigateway",
        "create_usage_plan",
        {"name": "gold"},
        "aws_api_gateway_usage_plan",
        {"id": "id"},
        "delete_usage_plan",
        {"usagePlanId": "id"},
    ),
    "AWS::ApiGateway::DomainName": named(
        "apigateway",
        "create_domain_name",
        {"domainName": "api.example.com"},
        "aws_api_gateway_domain_name",
        {"id": "domainName", "domain_name": "domainName"},
        "delete_domain_name",
        {"domainName": "domainName"},
    ),
    "AWS::ApiGatewayV2::Api": named(
        "apigatewayv2",
        "create_api",
        {"Name": "shop", "ProtocolType": "HTTP"},
        "aws_apigatewayv2_api",
        {"id": "ApiId"},
        "delete_api",
        {"ApiId": "ApiId"},
    ),
    "AWS::CertificateManager::Certificate": named(
        "acm",
        "request_certificate",
        {"DomainName": "shop.example.com", "ValidationMethod": "DNS"},
        "aws_acm_certificate",
        {"id": "CertificateArn", "arn": "CertificateArn"},
        "delete_certificate",
        {"CertificateArn": "CertificateArn"},
    ),
    "AWS::WAFv2::WebACL": _waf(
        "web_acl", "CLOUDFRONT", "aws_wafv2_web_acl", {"DefaultAction": {"Allow": {}}}
    ),
    "AWS::WAFv2::IPSet": _waf(
        "ip_set", "REGIONAL", "aws_wafv2_ip_set", {"IPAddressVersion": "IPV4", "Addresses": []}
    ),
    "AWS::WAFv2::RuleGroup": _waf("rule_group", "REGIONAL", "aws_wafv2_rule_group", {"Capacity": 5}),
    "AWS::WAFv2::RegexPatternSet": _waf(
        "regex_pattern_set", "REGIONAL", "aws_wafv2_regex_pattern_set", {"RegularExpressionList": []}
    ),
    "AWS::EFS::FileSystem": named(
        "efs",
        "create_file_system",
        {"CreationToken": "a"},
        "aws_efs_file_system",
        {"id": "FileSystemId", "arn": "FileSystemArn"},
        "delete_file_system",
        {"FileSystemId": "FileSystemId"},
    ),
    "AWS::EFS::AccessPoint": lambda client: named(
        "efs",
        "create_access_point",
        {
            "ClientToken": "a",
            "FileSystemId": client("efs").create_file_system(CreationToken="b")["FileSystemId"],
        },
        "aws_efs_access_point",
        {"id": "AccessPointId", "arn": "AccessPointArn"},
        "delete_access_point",
        {"AccessPointId": "AccessPointId"},
    )(client),
    "AWS::FSx::FileSystem": lambda client: named(
        "fsx",
        "create_file_system",
        {
            "FileSystemType": "LUSTRE",
            "StorageCapacity": 1200,
            "SubnetIds": subnets(client)[:1],
            "LustreConfiguration": {"DeploymentType": "SCRATCH_2"},
        },
        "aws_fsx_lustre_file_system",
        {"id": "FileSystemId"},
        "delete_file_system",
        {"FileSystemId": "FileSystemId"},
        "FileSystem",
    )(client),
    "AWS::Backup::BackupVault": named(
        "backup",
        "create_backup_vault",
        {"BackupVaultName": "Vault"},
        "aws_backup_vault",
        {"id": "BackupVaultName", "name": "BackupVaultName"},
        "delete_backup_vault",
        {"BackupVaultName": "BackupVaultName"},
    ),
    "AWS::Backup::BackupPlan": named(
        "backup",
        "create_backup_plan",
        {
            "BackupPlan": {
                "BackupPlanName": "p",
                "Rules": [{"RuleName": "r", "TargetBackupVaultName": "Vault"}],
            }
        },
        "aws_backup_plan",
        {"id": "BackupPlanId"},
        "delete_backup_plan",
        {"BackupPlanId": "BackupPlanId"},
    ),
    "AWS::Transfer::Server": _transfer,
    "AWS::Glue::Job": named(
        "glue",
        "create_job",
        {"Name": "load", "Role": ROLE, "Command": {"Name": "glueetl", "ScriptLocation": "s3://x/y"}},
        "aws_glue_job",
        {"id": "Name", "name": "Name"},
        "delete_job",
        {"JobName": "Name"},
    ),
    "AWS::Glue::Database": named(
        "glue",
        "create_database",
        {"DatabaseInput": {"Name": "lake"}},
        "aws_glue_catalog_database",
        {"id": f"={ACCOUNT}:lake", "name": "=lake"},
        "delete_database",
        {"Name": "=lake"},
    ),
    "AWS::Glue::Crawler": named(
        "glue",
        "create_crawler",
        {
            "Name": "crawl",
            "Role": ROLE,
            "DatabaseName": "lake",
            "Targets": {"S3Targets": [{"Path": "s3://x/y"}]},
        },
        "aws_glue_crawler",
        {"id": "Name", "name": "Name"},
        "delete_crawler",
        {"Name": "Name"},
    ),
    "AWS::Glue::Trigger": named(
        "glue",
        "create_trigger",
        {"Name": "t", "Type": "ON_DEMAND", "Actions": [{"JobName": "load"}]},
        "aws_glue_trigger",
        {"id": "Name", "name": "Name"},
        "delete_trigger",
        {"Name": "Name"},
    ),
    "AWS::Athena::WorkGroup": named(
        "athena",
        "create_work_group",
        {"Name": "analysts"},
        "aws_athena_workgroup",
        {"id": "Name", "name": "Name"},
        "delete_work_group",
        {"WorkGroup": "Name"},
    ),
    "AWS::Kinesis::Stream": named(
        "kinesis",
        "create_stream",
        {"StreamName": "clicks", "ShardCount": 1},
        "aws_kinesis_stream",
        {
            "id": f"=arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks",
            "arn": f"=arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks",
        },
        "delete_stream",
        {"StreamName": "StreamName"},
    ),
    "AWS::KinesisFirehose::DeliveryStream": named(
        "firehose",
        "create_delivery_stream",
        {
            "DeliveryStreamName": "lake",
            "ExtendedS3DestinationConfiguration": {
                "RoleARN": ROLE,
                "BucketARN": "arn:aws:s3:::trail-of-shop",
            },
        },
        "aws_kinesis_firehose_delivery_stream",
        {"name": "DeliveryStreamName"},
        "delete_delivery_stream",
        {"DeliveryStreamName": "DeliveryStreamName"},
    ),
    "AWS::ElastiCache::CacheCluster": named(
        "elasticache",
        "create_cache_cluster",
        {
            "CacheClusterId": "sessions",
            "Engine": "redis",
            "NumCacheNodes": 1,
            "CacheNodeType": "cache.t3.micro",
        },
        "aws_elasticache_cluster",
        {"id": "CacheClusterId", "cluster_id": "CacheClusterId"},
        "delete_cache_cluster",
        {"CacheClusterId": "CacheClusterId"},
    ),
    "AWS::ElastiCache::ReplicationGroup": named(
        "elasticache",
        "create_replication_group",
        {
            "ReplicationGroupId": "carts",
            "ReplicationGroupDescription": "d",
            "Engine": "redis",
            "CacheNodeType": "cache.t3.micro",
        },
        "aws_elasticache_replication_group",
        {"id": "ReplicationGroupId", "replication_group_id": "ReplicationGroupId"},
        "delete_replication_group",
        {"ReplicationGroupId": "ReplicationGroupId"},
    ),
    "AWS::MemoryDB::Cluster": named(
        "memorydb",
        "create_cluster",
        {"ClusterName": "mem", "NodeType": "db.t4g.small", "ACLName": "open-access"},
        "aws_memorydb_cluster",
        {"id": "ClusterName", "name": "ClusterName"},
        "delete_cluster",
        {"ClusterName": "ClusterName"},
    ),
    "AWS::DAX::Cluster": named(
        "dax",
        "create_cluster",
        {"ClusterName": "dax", "NodeType": "dax.t3.small", "ReplicationFactor": 1, "IamRoleArn": ROLE},
        "aws_dax_cluster",
        {"cluster_name": "ClusterName"},
        "delete_cluster",
        {"ClusterName": "ClusterName"},
    ),
    "AWS::MSK::Cluster": lambda client: named(
        "kafka",
        "create_cluster_v2",
        {"ClusterName": "events", "Serverless": {"VpcConfigs": [{"SubnetIds": subnets(client)}]}},
        "aws_msk_serverless_cluster",
        {"id": "ClusterArn", "arn": "ClusterArn"},
        "delete_cluster",
        {"ClusterArn": "ClusterArn"},
    )(client),
    "AWS::OpenSearchService::Domain": _search(
        "opensearch", "aws_opensearch_domain", "find", "create_domain", "delete_domain"
    ),
    "AWS::Redshift::Cluster": named(
        "redshift",
        "create_cluster",
        {
            "ClusterIdentifier": "dwh",
            "NodeType": "ra3.large",
            "MasterUsername": "root",
            "MasterUserPassword": "Passw0rd-of-moto",
        },
        "aws_redshift_cluster",
        {"id": "ClusterIdentifier", "cluster_identifier": "ClusterIdentifier"},
        "delete_cluster",
        {"ClusterIdentifier": "ClusterIdentifier"},
    ),
    "AWS::Redshift::ClusterSubnetGroup": _subnet_group(
        "redshift",
        {"ClusterSubnetGroupName": "private", "Description": "d"},
        "aws_redshift_subnet_group",
        "ClusterSubnetGroupName",
        "cluster_subnet_group",
    ),
    "AWS::Redshift::ClusterParameterGroup": named(
        "redshift",
        "create_cluster_parameter_group",
        {"ParameterGroupName": "tuned", "ParameterGroupFamily": "redshift-1.0", "Description": "d"},
        "aws_redshift_parameter_group",
        {"name": "ParameterGroupName"},
        "delete_cluster_parameter_group",
        {"ParameterGroupName": "ParameterGroupName"},
    ),
    "AWS::RDS::EventSubscription": named(
        "rds",
        "create_event_subscription",
        {"SubscriptionName": "alerts", "SnsTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t"},
        "aws_db_event_subscription",
        {"id": "SubscriptionName", "name": "SubscriptionName"},
        "delete_event_subscription",
        {"SubscriptionName": "SubscriptionName"},
    ),
    "AWS::DMS::ReplicationInstance": named(
        "dms",
        "create_replication_instance",
        {"ReplicationInstanceIdentifier": "mover", "ReplicationInstanceClass": "dms.t3.micro"},
        "aws_dms_replication_instance",
        {"replication_instance_arn": "ReplicationInstanceArn"},
        "delete_replication_instance",
        {"ReplicationInstanceArn": "ReplicationInstanceArn"},
        "ReplicationInstance",
    ),
    "AWS::DMS::Endpoint": named(
        "dms",
        "create_endpoint",
        {"EndpointIdentifier": "src", "EndpointType": "source", "EngineName": "mysql", "ServerName": "db"},
        "aws_dms_endpoint",
        {"endpoint_arn": "EndpointArn"},
        "delete_endpoint",
        {"EndpointArn": "EndpointArn"},
        "Endpoint",
    ),
    "AWS::StepFunctions::StateMachine": _state_machine,
    "AWS::StepFunctions::Activity": named(
        "stepfunctions",
        "create_activity",
        {"name": "pack"},
        "aws_sfn_activity",
        {"id": "activityArn"},
        "delete_activity",
        {"activityArn": "activityArn"},
    ),
    "AWS::Cognito::UserPool": named(
        "cognito-idp",
        "create_user_pool",
        {"PoolName": "people"},
        "aws_cognito_user_pool",
        {"id": "Id"},
        "delete_user_pool",
        {"UserPoolId": "Id"},
        "UserPool",
    ),
    "AWS::Cognito::IdentityPool": named(
        "cognito-identity",
        "create_identity_pool",
        {"IdentityPoolName": "people", "AllowUnauthenticatedIdentities": False},
        "aws_cognito_identity_pool",
        {"id": "IdentityPoolId"},
        "delete_identity_pool",
        {"IdentityPoolId": "IdentityPoolId"},
    ),
    "AWS::CodeBuild::Project": named(
        "codebuild",
        "create_project",
        {
            "name": "build",
            "source": {"type": "S3", "location": "b/k"},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
            "serviceRole": ROLE,
        },
        "aws_codebuild_project",
        {"name": "name"},
        "delete_project",
        {"name": "name"},
    ),
    "AWS::CodePipeline::Pipeline": _pipeline,
    "AWS::SES::EmailIdentity": named(
        "sesv2",
        "create_email_identity",
        {"EmailIdentity": "example.com"},
        "aws_sesv2_email_identity",
        {"id": "EmailIdentity", "email_identity": "EmailIdentity"},
        "delete_email_identity",
        {"EmailIdentity": "EmailIdentity"},
    ),
    "AWS::SES::ConfigurationSet": named(
        "sesv2",
        "create_configuration_set",
        {"ConfigurationSetName": "mails"},
        "aws_sesv2_configuration_set",
        {"configuration_set_name": "ConfigurationSetName"},
        "delete_configuration_set",
        {"ConfigurationSetName": "ConfigurationSetName"},
    ),
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": named(
        "scheduler",
        "create_schedule_group",
        {"Name": "weekly"},
        "aws_scheduler_schedule_group",
        {"id": "Name", "arn": "ScheduleGroupArn"},
        "delete_schedule_group",
        {"Name": "Name"},
    ),
    "AWS::Pipes::Pipe": named(
        "pipes",
        "create_pipe",
        {
            "Name": "p",
            "RoleArn": ROLE,
            "Source": f"arn:aws:sqs:us-east-1:{ACCOUNT}:a",
            "Target": f"arn:aws:sqs:us-east-1:{ACCOUNT}:b",
        },
        "aws_pipes_pipe",
        {"id": "Name", "name": "Name"},
        "delete_pipe",
        {"Name": "Name"},
    ),
    "AWS::SSM::Document": named(
        "ssm",
        "create_document",
        {
            "Name": "Patch",
            "DocumentType": "Command",
            "DocumentFormat": "JSON",
            "Content": json.dumps(
                {"schemaVersion": "2.2", "description": "d", "parameters": {}, "mainSteps": []}
            ),
        },
        "aws_ssm_document",
        {"id": "Name", "name": "Name"},
        "delete_document",
        {"Name": "=Patch"},
    ),
    "AWS::SSM::MaintenanceWindow": named(
        "ssm",
        "create_maintenance_window",
        {
            "Name": "night",
            "Schedule": "rate(1 day)",
            "Duration": 2,
            "Cutoff": 1,
            "AllowUnassociatedTargets": False,
        },
        "aws_ssm_maintenance_window",
        {"id": "WindowId"},
        "delete_maintenance_window",
        {"WindowId": "WindowId"},
    ),
    "AWS::SSM::PatchBaseline": named(
        "ssm",
        "create_patch_baseline",
        {"Name": "base", "OperatingSystem": "AMAZON_LINUX_2"},
        "aws_ssm_patch_baseline",
        {"id": "BaselineId"},
        "delete_patch_baseline",
        {"BaselineId": "BaselineId"},
    ),
    "AWS::EKS::Cluster": _cluster,
    "AWS::AutoScaling::LaunchConfiguration": _launch_configuration,
    "AWS::AutoScaling::ScheduledAction": _scheduled_action,
    "AWS::Lambda::EventSourceMapping": _event_source,
    "AWS::Logs::MetricFilter": _metric_filter,
    "AWS::Logs::ResourcePolicy": named(
        "logs",
        "put_resource_policy",
        {"policyName": "route53", "policyDocument": "{}"},
        "aws_cloudwatch_log_resource_policy",
        {"id": "=route53", "policy_name": "=route53"},
        "delete_resource_policy",
        {"policyName": "=route53"},
    ),
    "AWS::Logs::Destination": _destination,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::CloudTrail::Trail": _trail,
    "AWS::GuardDuty::Detector": _detector,
    "AWS::Config::ConfigRule": named(
        "config",
        "put_config_rule",
        {
            "ConfigRule": {
                "ConfigRuleName": "tags",
                "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"},
            }
        },
        "aws_config_config_rule",
        {"id": "=tags", "name": "=tags"},
        "delete_config_rule",
        {"ConfigRuleName": "=tags"},
    ),
    "AWS::Config::ConfigurationRecorder": named(
        "config",
        "put_configuration_recorder",
        {"ConfigurationRecorder": {"name": "default", "roleARN": ROLE}},
        "aws_config_configuration_recorder",
        {"id": "=default", "name": "=default"},
        "delete_configuration_recorder",
        {"ConfigurationRecorderName": "=default"},
    ),
    "AWS::AmazonMQ::Broker": named(
        "mq",
        "create_broker",
        {
            "BrokerName": "b",
            "EngineType": "RABBITMQ",
            "EngineVersion": "3.13",
            "HostInstanceType": "mq.m5.large",
            "DeploymentMode": "SINGLE_INSTANCE",
            "PubliclyAccessible": False,
            "AutoMinorVersionUpgrade": True,
            "Users": [{"Username": "admin", "Password": "Passw0rd-of-moto"}],
        },
        "aws_mq_broker",
        {"id": "BrokerId"},
        "delete_broker",
        {"BrokerId": "BrokerId"},
    ),
    "AWS::AppSync::GraphQLApi": named(
        "appsync",
        "create_graphql_api",
        {"name": "shop", "authenticationType": "API_KEY"},
        "aws_appsync_graphql_api",
        {"id": "apiId", "arn": "arn"},
        "delete_graphql_api",
        {"apiId": "apiId"},
        "graphqlApi",
    ),
}
