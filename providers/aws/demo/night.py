"""What people do at night behind Git's back, one sentence each; each gives exactly the finding that it
names."""

from __future__ import annotations

import json

from drift.demo import Change, Found
from providers.aws.demo.accounts import DATA, SHOP, VIRGINIA, Clients
from providers.aws.demo.identity import ORDERS_READ, allow

SSH = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "temporary"}],
}


def open_ssh(clients: Clients) -> None:
    clients.get("ec2").authorize_security_group_ingress(GroupId=group(clients), IpPermissions=[SSH])


def resize(clients: Clients) -> None:
    ec2 = clients.get("ec2")
    roastery = instance(clients, "roastery")
    ec2.stop_instances(InstanceIds=[roastery])
    ec2.modify_instance_attribute(InstanceId=roastery, InstanceType={"Value": "t3.2xlarge"})
    ec2.start_instances(InstanceIds=[roastery])


def retag(clients: Clients) -> None:
    bastion = instance(clients, "bastion")
    clients.get("ec2").create_tags(Resources=[bastion], Tags=[{"Key": "Owner", "Value": "kim"}])


def publish_bucket(clients: Clients) -> None:
    s3 = clients.get("s3")
    s3.delete_public_access_block(Bucket="larkspur-photos")
    s3.put_public_access_block(
        Bucket="larkspur-photos",
        PublicAccessBlockConfiguration=dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False
        ),
    )
    statement = {
        "Sid": "Everybody",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::larkspur-photos/*",
    }
    s3.put_bucket_policy(
        Bucket="larkspur-photos", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


def delete_queue(clients: Clients) -> None:
    sqs = clients.get("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="orders-dead")["QueueUrl"])


def shadow_bucket(clients: Clients) -> None:
    s3 = clients.get("s3", VIRGINIA)
    s3.create_bucket(Bucket="larkspur-tmp-export")
    s3.put_object(Bucket="larkspur-tmp-export", Key="customers.csv", Body=b"id,name\n1,Ada\n")


def administrator(clients: Clients) -> None:
    iam = clients.get("iam", VIRGINIA)
    iam.create_user(UserName="backup-svc")
    iam.attach_user_policy(UserName="backup-svc", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_access_key(UserName="backup-svc")


def hot_fix(clients: Clients) -> None:
    functions = clients.get("lambda")
    now = functions.get_function_configuration(FunctionName="menu")["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName="menu", Environment={"Variables": {**now, "STAGE": "debug"}}
    )


def widen_policy(clients: Clients) -> None:
    clients.get("iam", VIRGINIA).create_policy_version(
        PolicyArn=ORDERS_READ, PolicyDocument=allow("dynamodb:*", "*"), SetAsDefault=True
    )


def shorten_logs(clients: Clients) -> None:
    clients.get("logs").put_retention_policy(logGroupName="/shop/web", retentionInDays=7)


def publish_database(clients: Clients) -> None:
    clients.get("rds").modify_db_instance(
        DBInstanceIdentifier="shop", PubliclyAccessible=True, ApplyImmediately=True
    )


def unprotect_customers(clients: Clients) -> None:
    clients.get("dynamodb", account=DATA).update_table(TableName="customers", DeletionProtectionEnabled=False)


def stop_rotation(clients: Clients) -> None:
    kms = clients.get("kms", account=DATA)
    kms.disable_key_rotation(KeyId=kms.describe_key(KeyId="alias/lake")["KeyMetadata"]["KeyId"])


def open_queue(clients: Clients) -> None:
    sqs = clients.get("sqs", VIRGINIA)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": f"arn:aws:sqs:us-east-1:{SHOP}:loyalty-stamps",
    }
    sqs.set_queue_attributes(
        QueueUrl=sqs.get_queue_url(QueueName="loyalty-stamps")["QueueUrl"],
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})},
    )


def group(clients: Clients) -> str:
    """The id of the security group that guards the web."""
    told = clients.get("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["web"]}])
    return str(told["SecurityGroups"][0]["GroupId"])


def instance(clients: Clients, name: str) -> str:
    """The id of the machine of a name."""
    told = clients.get("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return str(told["Reservations"][0]["Instances"][0]["InstanceId"])


NIGHT: tuple[Change, ...] = (
    Change(
        "23:41",
        "Kim retagged the bastion host: it is Kim's now.",
        retag,
        (
            Found(
                "AWS::EC2::Instance",
                "aws_instance.bastion",
                paths=("/Tags/Owner",),
            ),
        ),
        "kim@larkspur.example",
    ),
    Change(
        "00:12",
        "Somebody exported the customers into a bucket that nobody declared, larkspur-tmp-export.",
        shadow_bucket,
        (
            Found(
                "AWS::S3::Bucket",
                "larkspur-tmp-export",
                kind="unmanaged",
            ),
        ),
        "lena@larkspur.example",
    ),
    Change(
        "00:55",
        "Marketing wanted a link to the photos: the bucket larkspur-photos is public.",
        publish_bucket,
        (
            Found(
                "AWS::S3::Bucket",
                "larkspur-photos",
                paths=(
                    "/PolicyDocument",
                    *(
                        f"/PublicAccessBlockConfiguration/{name}"
                        for name in (
                            "BlockPublicAcls",
                            "BlockPublicPolicy",
                            "IgnorePublicAcls",
                            "RestrictPublicBuckets",
                        )
                    ),
                ),
            ),
        ),
        "sofia@larkspur.example",
    ),
    Change(
        "01:20",
        "The on-call engineer set STAGE=debug on the function menu.",
        hot_fix,
        (
            Found(
                "AWS::Lambda::Function",
                "aws_lambda_function.menu",
                paths=("/Environment/Variables/STAGE",),
            ),
        ),
        "mira@larkspur.example",
    ),
    Change(
        "02:14",
        "Someone opened SSH to the world on the security group web.",
        open_ssh,
        (
            Found(
                "AWS::EC2::SecurityGroup",
                "aws_security_group.web",
                paths=("/SecurityGroupIngress",),
            ),
        ),
        "mira@larkspur.example",
    ),
    Change(
        "02:31",
        "The roastery was slow: its instance is a t3.2xlarge now.",
        resize,
        (
            Found(
                "AWS::EC2::Instance",
                "aws_instance.roastery",
                paths=("/InstanceType",),
            ),
        ),
        "jonas@larkspur.example",
    ),
    Change(
        "02:58",
        "The policy orders-read may do anything with every table.",
        widen_policy,
        (
            Found(
                "AWS::IAM::ManagedPolicy",
                "aws_iam_policy.orders_read",
                paths=("/PolicyDocument/Statement/(no Sid)",),
            ),
        ),
        "lena@larkspur.example",
    ),
    Change(
        "03:05",
        "A user backup-svc appeared, with AdministratorAccess and an access key.",
        administrator,
        (
            Found("AWS::IAM::User", "backup-svc", kind="unmanaged"),
            Found("AWS::IAM::AccessKey", "AKIA", kind="unmanaged"),
        ),
        "tomas@larkspur.example",
    ),
    Change(
        "03:17",
        "Logs were expensive: /shop/web keeps seven days instead of a year.",
        shorten_logs,
        (
            Found(
                "AWS::Logs::LogGroup",
                "/shop/web",
                paths=("/RetentionInDays",),
            ),
        ),
        "jonas@larkspur.example",
    ),
    Change(
        "03:40",
        "A consultant could not reach the database shop: it is public now.",
        publish_database,
        (
            Found(
                "AWS::RDS::DBInstance",
                "aws_db_instance.shop",
                paths=("/PubliclyAccessible",),
            ),
        ),
        "sofia@larkspur.example",
    ),
    Change(
        "04:02",
        "A clean-up script deleted the queue orders-dead.",
        delete_queue,
        (
            Found(
                "AWS::SQS::Queue",
                "orders-dead",
                kind="missing",
            ),
        ),
        "tomas@larkspur.example",
    ),
    Change(
        "04:26",
        "Another team may send stamps: the queue loyalty-stamps obeys everybody.",
        open_queue,
        (
            Found(
                "AWS::SQS::Queue",
                "loyalty-stamps",
                paths=("/PolicyDocument",),
            ),
        ),
        "lena@larkspur.example",
    ),
    Change(
        "04:44",
        "Somebody switched off the rotation of the data lake's key.",
        stop_rotation,
        (
            Found(
                "AWS::KMS::Key",
                "aws_kms_key.lake",
                paths=("/EnableKeyRotation",),
            ),
        ),
        "tomas@larkspur.example",
    ),
    Change(
        "05:10",
        "… and the deletion protection of the table customers.",
        unprotect_customers,
        (
            Found(
                "AWS::DynamoDB::Table",
                "customers",
                paths=("/DeletionProtectionEnabled",),
            ),
        ),
        "tomas@larkspur.example",
    ),
)
