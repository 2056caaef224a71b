"""Builds the shop's keys, buckets, database, names and telemetry, as the files of `repository/terraform/shop`
declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.aws.demo import tags
from providers.aws.demo.accounts import SHOP, VIRGINIA, Clients
from providers.aws.demo.identity import policy
from providers.aws.demo.states import SECRETS

Created = dict[str, str]
PRIVATE = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def key(kms: Any, description: str, alias: str, owner: str) -> str:
    """A key that rotates, with its alias."""
    made: str = kms.create_key(
        Description=description,
        Tags=[{"TagKey": k, "TagValue": v} for k, v in tags.plain(Owner=owner).items()],
    )["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=made)
    kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made)
    return made


def keys(clients: Clients) -> Created:
    return {"aws_kms_key.shop": key(clients.get("kms"), "Data of the shop", "shop", tags.WEB)}


def buckets(clients: Clients, made: Mapping[str, str]) -> Created:
    s3 = clients.get("s3")
    bucket(s3, "larkspur-photos")
    s3.put_bucket_versioning(Bucket="larkspur-photos", VersioningConfiguration={"Status": "Enabled"})
    bucket(s3, "larkspur-invoices", owner="finance@larkspur.example")
    rule = {
        "ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": f"arn:aws:kms:eu-west-1:{SHOP}:key/{made['aws_kms_key.shop']}",
        },
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(Bucket="larkspur-invoices", ServerSideEncryptionConfiguration={"Rules": [rule]})
    bucket(clients.get("s3", VIRGINIA), "larkspur-downloads", private=False)
    return {}


def bucket(s3: Any, name: str, owner: str = tags.WEB, private: bool = True) -> None:
    """A bucket with its tags, and its public access block if asked for."""
    region = s3.meta.region_name
    where = {} if region == VIRGINIA else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags.pairs(Owner=owner)})
    if private:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=PRIVATE)


def databases(clients: Clients, made: Mapping[str, str]) -> Created:
    rds = clients.get("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="shop",
        DBSubnetGroupDescription="Managed by Terraform",
        SubnetIds=[made["aws_subnet.private[0]"], made["aws_subnet.private[1]"]],
        Tags=tags.pairs(Owner=tags.DATA_TEAM),
    )
    rds.create_db_instance(
        DBInstanceIdentifier="shop",
        Engine="postgres",
        EngineVersion="16.3",
        DBInstanceClass="db.t3.medium",
        AllocatedStorage=50,
        StorageType="gp3",
        StorageEncrypted=True,
        DBName="shop",
        MasterUsername="shop",
        MasterUserPassword=SECRETS["database_password"],
        DBSubnetGroupName="shop",
        VpcSecurityGroupIds=[made["aws_security_group.database"]],
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        Tags=tags.pairs(Owner=tags.DATA_TEAM),
    )
    secrets = clients.get("secretsmanager")
    secret = secrets.create_secret(
        Name="shop/database",
        Description="Password of the shop's database",
        KmsKeyId=f"arn:aws:kms:eu-west-1:{SHOP}:key/{made['aws_kms_key.shop']}",
        Tags=tags.pairs(Owner=tags.DATA_TEAM),
    )["ARN"]
    version = secrets.put_secret_value(SecretId=secret, SecretString=SECRETS["database_password"])[
        "VersionId"
    ]
    return {
        "aws_secretsmanager_secret.database": secret,
        "aws_secretsmanager_secret_version.database": f"{secret}|{version}",
    }


def telemetry(clients: Clients) -> Created:
    """Log groups, an alarm, topics and parameters in both regions."""
    log_group(clients.get("logs"), "/shop/web", 365)
    log_group(clients.get("logs", VIRGINIA), "/shop/edge", 90)
    topic = clients.get("sns").create_topic(Name="alarms", Tags=tags.pairs())["TopicArn"]
    clients.get("sns", VIRGINIA).create_topic(
        Name="billing", Tags=tags.pairs(Owner="finance@larkspur.example")
    )
    clients.get("cloudwatch").put_metric_alarm(
        AlarmName="shop-errors",
        AlarmDescription="The shop answers with errors",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=5,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
        Tags=tags.pairs(),
    )
    subscription = _subscribed(clients, topic)
    clients.get("ssm").put_parameter(Name="/shop/currency", Type="String", Value="EUR", Tags=tags.pairs())
    certificate = f"arn:aws:acm:us-east-1:{SHOP}:certificate/6f1a2b3c-0000-4000-8000-000000000001"
    clients.get("ssm", VIRGINIA).put_parameter(
        Name="/shop/certificate", Type="String", Value=certificate, Tags=tags.pairs()
    )
    return {"aws_sns_topic_subscription.oncall": subscription}


def _subscribed(clients: Clients, topic: str) -> str:
    """The queue of those on call, which gets every alarm; the subscription's ARN."""
    queue = f"arn:aws:sqs:eu-west-1:{SHOP}:oncall"
    statement = {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    clients.get("sqs").create_queue(
        QueueName="oncall",
        Attributes={
            "MessageRetentionPeriod": "86400",
            "MaximumMessageSize": "262144",
            "Policy": policy(statement),
        },
        tags=tags.plain(Owner="platform@larkspur.example"),
    )
    return str(
        clients.get("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
        )["SubscriptionArn"]
    )


def log_group(logs: Any, name: str, days: int, owner: str = tags.WEB) -> None:
    logs.create_log_group(logGroupName=name, tags=tags.plain(Owner=owner))
    logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def names(clients: Clients, balancer: Mapping[str, str]) -> Created:
    """The hosted zone. ``balancer`` is the load balancer as described."""
    route53 = clients.get("route53", VIRGINIA)
    zone = route53.create_hosted_zone(
        Name="larkspur.example",
        CallerReference="larkspur",
        HostedZoneConfig={"Comment": "The shop", "PrivateZone": False},
    )["HostedZone"]["Id"].rsplit("/", 1)[1]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=tags.pairs())
    records: list[dict[str, Any]] = [
        {
            "Name": "shop.larkspur.example",
            "Type": "A",
            "AliasTarget": {
                "DNSName": balancer["DNSName"],
                "HostedZoneId": balancer["CanonicalHostedZoneId"],
                "EvaluateTargetHealth": True,
            },
        },
        {
            "Name": "larkspur.example",
            "Type": "MX",
            "TTL": 3600,
            "ResourceRecords": [{"Value": "10 mail.larkspur.example."}],
        },
    ]
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return {"aws_route53_zone.shop": zone}
