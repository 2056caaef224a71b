"""Builds the account of the reports, as `repository/terraform/data` declares it."""

from __future__ import annotations

from providers.aws.demo import identity, storage, tags
from providers.aws.demo.accounts import DATA, READER, SHOP, VIRGINIA, Clients


def build(clients: Clients) -> dict[str, str]:
    """Roles, the data lake and the customers' table; Terraform address → id."""
    iam = clients.get("iam", VIRGINIA, DATA)
    identity.role(
        iam,
        READER,
        {"AWS": f"arn:aws:iam::{SHOP}:root"},
        tags.DATA_TEAM,
        Description="Lets drift read this account from the shop's",
    )
    iam.attach_role_policy(RoleName=READER, PolicyArn=identity.READ_ONLY)
    identity.role(iam, "reports", identity.service("lambda"), tags.DATA_TEAM)
    key = storage.key(clients.get("kms", account=DATA), "The data lake", "lake", tags.DATA_TEAM)
    _lake(clients)
    clients.get("dynamodb", account=DATA).create_table(
        TableName="customers",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        DeletionProtectionEnabled=True,
        Tags=tags.pairs(Owner=tags.DATA_TEAM),
    )
    clients.get("dynamodb", account=DATA).update_continuous_backups(
        TableName="customers", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    storage.log_group(clients.get("logs", account=DATA), "/reports", 30, tags.DATA_TEAM)
    return {"aws_kms_key.lake": key}


def _lake(clients: Clients) -> None:
    s3 = clients.get("s3", account=DATA)
    storage.bucket(s3, "larkspur-lake", owner=tags.DATA_TEAM)
    rule = {"ID": "raw", "Status": "Enabled", "Filter": {"Prefix": "raw/"}, "Expiration": {"Days": 400}}
    s3.put_bucket_lifecycle_configuration(Bucket="larkspur-lake", LifecycleConfiguration={"Rules": [rule]})
