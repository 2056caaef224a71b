"""The kinds of AWS: what its services take for the same, by the name that type facts use."""

from __future__ import annotations

from drift.kinds.base import Kind
from providers.aws.kinds import (
    arn,
    dynamodb,
    ec2,
    ecs_size,
    elb,
    iam_login,
    iam_policy,
    identifiers,
    kms_key_ref,
    lake_formation,
    properties_text,
    rate,
    rds_parameter,
    s3,
    security_group_rules,
    ssm_tier,
    tags,
    versions,
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        arn.ARN,
        arn.ARN_TAIL,
        arn.ECS_TASK_DEFINITION,
        arn.LOG_GROUP_ARN,
        arn.NAME_OR_ARN,
        dynamodb.TTL,
        ec2.SSH_PUBLIC_KEY,
        ec2.USER_DATA,
        ecs_size.ECS_SIZE,
        elb.LISTENER_CONDITIONS,
        iam_login.IAM_LOGIN_PROFILE,
        iam_login.PASSWORD_RESET,
        iam_policy.IAM_POLICY,
        identifiers.CAPITALS,
        identifiers.COMMA_LIST,
        identifiers.FOLDER,
        identifiers.LOWERCASE_IDENTIFIER,
        identifiers.ROUTE53_NAME,
        identifiers.WORD,
        kms_key_ref.KMS_KEY_REF,
        lake_formation.PERMISSIONS,
        lake_formation.RESOURCE,
        properties_text.PROPERTIES_TEXT,
        rate.RATE,
        rds_parameter.RDS_PARAMETER,
        s3.S3_LIFECYCLE_RULES,
        s3.S3_PUBLIC_ACCESS_BLOCK,
        security_group_rules.SECURITY_GROUP_EGRESS,
        security_group_rules.SECURITY_GROUP_RULES,
        ssm_tier.SSM_TIER,
        tags.TAGS,
        versions.ENGINE_VERSION,
        versions.LATEST,
    )
}
