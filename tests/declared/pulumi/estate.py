"""A small estate, made in a loopback AWS by its own API, and the export of the stack that would have made
it."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import client
from tests.declared.pulumi.exports import CIPHER, export, made, provider

ACCOUNT = "123456789012"
REGION = "us-east-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
INLINE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": "*"}],
}
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TAGS = {"team": "shop", "env": "dev"}


def build(url: str) -> dict[str, Any]:
    """Makes the estate, and gives its export."""
    resources = [
        *_storage(url),
        *_messages(url),
        *_identity(url),
        *_network(url),
        *_data(url),
        *_native(url),
    ]
    return export(provider("aws", region=REGION), provider("aws-native", region=REGION), *resources)


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _storage(url: str) -> list[dict[str, Any]]:
    s3 = client(url, "s3")
    name = "assets-4f1d2c3"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _listed(TAGS)})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    closed = {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={key[0].upper() + key[1:]: one for key, one in closed.items()},
    )
    bucket = made(
        "aws:s3/bucketV2:BucketV2",
        "assets",
        name,
        {
            "__defaults": ["bucket", "forceDestroy"],
            "bucket": name,
            "forceDestroy": False,
            "tags": {"__defaults": [], **TAGS},
        },
        {
            "arn": f"arn:aws:s3:::{name}",
            "bucket": name,
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketPrefix": "",
            "bucketRegion": REGION,
            "corsRules": [],
            "forceDestroy": False,
            "grants": [{"id": "abc", "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}],
            "hostedZoneId": "Z3AQBSTGFYJSTF",
            "lifecycleRules": [],
            "loggings": [],
            "objectLockEnabled": False,
            "policy": "",
            "region": REGION,
            "replicationConfigurations": [],
            "requestPayer": "BucketOwner",
            "serverSideEncryptionConfigurations": [],
            "tags": TAGS,
            "tagsAll": TAGS,
            "versionings": [{"enabled": True, "mfaDelete": False}],
            "websites": [],
        },
    )
    versioning = made(
        "aws:s3/bucketVersioningV2:BucketVersioningV2",
        "assets-versions",
        name,
        {"bucket": name, "versioningConfiguration": {"__defaults": [], "status": "Enabled"}},
        {
            "bucket": name,
            "expectedBucketOwner": "",
            "versioningConfiguration": {"mfaDelete": "", "status": "Enabled"},
        },
    )
    block = made(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "assets-closed",
        name,
        {"bucket": name, **closed},
        {"bucket": name, **closed},
    )
    return [bucket, versioning, block]


def _messages(url: str) -> list[dict[str, Any]]:
    sqs, sns = client(url, "sqs", REGION), client(url, "sns", REGION)
    name = "orders-77aa"
    link = sqs.create_queue(
        QueueName=name,
        Attributes={"VisibilityTimeout": "45", "MessageRetentionPeriod": "86400"},
        tags=TAGS,
    )["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    queue = made(
        "aws:sqs/queue:Queue",
        "orders",
        link,
        {
            "__defaults": ["name"],
            "name": name,
            "visibilityTimeoutSeconds": 45,
            "messageRetentionSeconds": 86400,
            "tags": {"__defaults": [], **TAGS},
        },
        {
            "arn": arn,
            "contentBasedDeduplication": False,
            "deduplicationScope": "",
            "delaySeconds": 0,
            "fifoQueue": False,
            "fifoThroughputLimit": "",
            "kmsDataKeyReusePeriodSeconds": 300,
            "kmsMasterKeyId": "",
            "maxMessageSize": 262144,
            "messageRetentionSeconds": 86400,
            "name": name,
            "namePrefix": "",
            "policy": "",
            "receiveWaitTimeSeconds": 0,
            "redriveAllowPolicy": "",
            "redrivePolicy": "",
            "sqsManagedSseEnabled": False,
            "tags": TAGS,
            "tagsAll": TAGS,
            "url": link,
            "visibilityTimeoutSeconds": 45,
        },
    )
    topic_arn = sns.create_topic(Name="news-1b2c", Attributes={"DisplayName": "News"})["TopicArn"]
    topic = made(
        "aws:sns/topic:Topic",
        "news",
        topic_arn,
        {"__defaults": ["name"], "name": "news-1b2c", "displayName": "News"},
        {
            "arn": topic_arn,
            "name": "news-1b2c",
            "displayName": "News",
            "owner": ACCOUNT,
            "tagsAll": {},
            "policy": "{}",
        },
    )
    return [queue, topic]


def _identity(url: str) -> list[dict[str, Any]]:
    iam = client(url, "iam")
    name = "worker-5d5d"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Description="Works")
    iam.attach_role_policy(RoleName=name, PolicyArn=READ)
    iam.put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=json.dumps(INLINE))
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    trust = json.dumps(TRUST, separators=(",", ":"))
    role = made(
        "aws:iam/role:Role",
        "worker",
        name,
        {
            "__defaults": ["forceDetachPolicies", "maxSessionDuration", "name", "path"],
            "name": name,
            "path": "/",
            "maxSessionDuration": 3600,
            "forceDetachPolicies": False,
            "assumeRolePolicy": json.dumps(TRUST),
            "description": "Works",
        },
        {
            "arn": arn,
            "assumeRolePolicy": trust,
            "createDate": "2026-01-02T03:04:05Z",
            "description": "Works",
            "forceDetachPolicies": False,
            "inlinePolicies": [{"name": "send", "policy": json.dumps(INLINE)}],
            "managedPolicyArns": [READ],
            "maxSessionDuration": 3600,
            "name": name,
            "namePrefix": "",
            "path": "/",
            "permissionsBoundary": "",
            "tagsAll": {},
            "uniqueId": "AROA0000000000000001",
        },
    )
    attachment = made(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "worker-reads",
        f"{name}-1",
        {"policyArn": READ, "role": name},
        {"policyArn": READ, "role": name},
    )
    inline = made(
        "aws:iam/rolePolicy:RolePolicy",
        "worker-sends",
        f"{name}:send",
        {"__defaults": ["name"], "name": "send", "role": name, "policy": json.dumps(INLINE)},
        {"name": "send", "namePrefix": "", "role": name, "policy": json.dumps(INLINE)},
    )
    return [role, attachment, inline]


def _network(url: str) -> list[dict[str, Any]]:
    ec2 = client(url, "ec2", REGION)
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    name = "web-9c9c"
    group = ec2.create_security_group(GroupName=name, Description="Managed by Pulumi", VpcId=vpc)["GroupId"]
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{**web, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}]}],
    )
    rule = {
        "cidrBlocks": ["10.0.0.0/8"],
        "description": "office",
        "fromPort": 443,
        "toPort": 443,
        "protocol": "tcp",
    }
    everywhere = {"cidrBlocks": ["0.0.0.0/0"], "fromPort": 0, "toPort": 0, "protocol": "-1"}
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}"
    rest = {"ipv6CidrBlocks": [], "prefixListIds": [], "securityGroups": [], "self": False}
    said = {"__defaults": ["self"], "self": False}
    return [
        made(
            "aws:ec2/securityGroup:SecurityGroup",
            "web",
            group,
            {
                "__defaults": ["description", "name", "revokeRulesOnDelete"],
                "description": "Managed by Pulumi",
                "name": name,
                "revokeRulesOnDelete": False,
                "vpcId": vpc,
                "ingress": [{**said, **rule}],
                "egress": [{**said, **everywhere}],
            },
            {
                "arn": arn,
                "description": "Managed by Pulumi",
                "name": name,
                "namePrefix": "",
                "ownerId": ACCOUNT,
                "ingress": [{**rest, **rule}],
                "egress": [{**rest, "description": "", **everywhere}],
                "revokeRulesOnDelete": False,
                "tagsAll": {},
                "vpcId": vpc,
            },
        ),
    ]


def _data(url: str) -> list[dict[str, Any]]:
    dynamodb, ssm = client(url, "dynamodb", REGION), client(url, "ssm", REGION)
    dynamodb.create_table(
        TableName="carts-3e3e",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "owner", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    columns = [{"name": "id", "type": "S"}, {"name": "owner", "type": "S"}]
    index = {"hashKey": "owner", "name": "by-owner", "projectionType": "ALL"}
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts-3e3e"
    table = made(
        "aws:dynamodb/table:Table",
        "carts",
        "carts-3e3e",
        {
            "__defaults": ["name"],
            "name": "carts-3e3e",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "id",
            "attributes": columns,
            "globalSecondaryIndexes": [index],
        },
        {
            "arn": arn,
            "attributes": columns,
            "billingMode": "PAY_PER_REQUEST",
            "deletionProtectionEnabled": False,
            "globalSecondaryIndexes": [
                {**index, "nonKeyAttributes": [], "rangeKey": "", "readCapacity": 0, "writeCapacity": 0}
            ],
            "hashKey": "id",
            "localSecondaryIndexes": [],
            "name": "carts-3e3e",
            "pointInTimeRecovery": {"enabled": False, "recoveryPeriodInDays": 0},
            "rangeKey": None,
            "readCapacity": 0,
            "replicas": [],
            "serverSideEncryption": None,
            "streamArn": "",
            "streamEnabled": False,
            "streamLabel": "",
            "streamViewType": "",
            "tableClass": "STANDARD",
            "tagsAll": {},
            "ttl": {"attributeName": "", "enabled": False},
            "writeCapacity": 0,
        },
    )
    ssm.put_parameter(Name="/shop/token", Type="String", Value="not-for-people-9931")
    parameter = made(
        "aws:ssm/parameter:Parameter",
        "token",
        "/shop/token",
        {"name": "/shop/token", "type": "String", "value": CIPHER},
        {
            "arn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/token",
            "dataType": "text",
            "name": "/shop/token",
            "tagsAll": {},
            "tier": "Standard",
            "type": "String",
            "value": CIPHER,
            "version": 1,
            "insecureValue": None,
        },
        additionalSecretOutputs=["value"],
    )
    return [table, parameter]


def _native(url: str) -> list[dict[str, Any]]:
    logs = client(url, "logs", REGION)
    logs.create_log_group(logGroupName="audit-2a2a")
    logs.put_retention_policy(logGroupName="audit-2a2a", retentionInDays=30)
    return [
        made(
            "aws-native:logs:LogGroup",
            "audit",
            "audit-2a2a",
            {"logGroupName": "audit-2a2a", "retentionInDays": 30},
            {
                "arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:audit-2a2a:*",
                "logGroupName": "audit-2a2a",
                "retentionInDays": 30,
            },
        )
    ]


def mutate(url: str) -> None:
    """One change behind the program's back, of each kind of value."""
    client(url, "sqs", REGION).set_queue_attributes(
        QueueUrl=client(url, "sqs", REGION).get_queue_url(QueueName="orders-77aa")["QueueUrl"],
        Attributes={"VisibilityTimeout": "90"},
    )
    client(url, "s3").put_bucket_versioning(
        Bucket="assets-4f1d2c3", VersioningConfiguration={"Status": "Suspended"}
    )
    client(url, "iam").attach_role_policy(
        RoleName="worker-5d5d", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    groups = client(url, "ec2", REGION).describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["web-9c9c"]}]
    )
    client(url, "ec2", REGION).authorize_security_group_ingress(
        GroupId=groups["SecurityGroups"][0]["GroupId"],
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ],
    )
    client(url, "logs", REGION).put_retention_policy(logGroupName="audit-2a2a", retentionInDays=7)
    client(url, "sns", REGION).delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:news-1b2c")
