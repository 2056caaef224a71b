"""What `terraform import` calls resources: the examples of the providers' documentation."""

from __future__ import annotations

from typing import Any

import pytest

from drift.model import Resource
from providers.aws.facts import catalogue
from providers.aws.terraform import _IMPORTS, AwsTerraform
from providers.azure.terraform import _IMPORTS as AZURE_IMPORTS
from providers.azure.terraform import AzureTerraform
from providers.azure.terraform import entries as azure_entries
from providers.gcp.terraform import _IMPORTS as GCP_IMPORTS
from providers.gcp.terraform import GcpTerraform
from providers.gcp.terraform import entries as gcp_entries

ARN = "arn:aws:{}:us-west-2:123456789012:{}"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/group1"
#: What a word of AWS' forms is that is no property.
WORDS = frozenset({"whole", "arn", "id", "account", "region", "partition"})


@pytest.mark.parametrize(
    ("type_", "id_", "attributes", "expected"),
    [
        ("aws_vpc", "vpc-a01106c2", {}, "vpc-a01106c2"),
        ("aws_s3_bucket", "arn:aws:s3:::bucket-name", {"BucketName": "bucket-name"}, "bucket-name"),
        ("aws_kms_key", ARN.format("kms", "key/1234abcd-12ab"), {}, "1234abcd-12ab"),
        ("aws_sns_topic", ARN.format("sns", "my-topic"), {}, ARN.format("sns", "my-topic")),
        ("aws_eip", "203.0.113.7|eipalloc-00a10e96", {}, "eipalloc-00a10e96"),
        ("aws_cloudwatch_event_rule", ARN.format("events", "rule/bus/sign-in"), {}, "bus/sign-in"),
        ("aws_cloudwatch_event_rule", ARN.format("events", "rule/sign-in"), {}, "sign-in"),
        ("aws_ecs_service", ARN.format("ecs", "service/cluster/name"), {}, "cluster/name"),
        ("aws_ecs_service", ARN.format("ecs", "service/name"), {}, None),
        ("aws_ebs_encryption_by_default", "ebs-encryption-by-default", {}, "default"),
        ("aws_iam_account_password_policy", "password-policy", {}, "iam-account-password-policy"),
        ("aws_api_gateway_account", "123456789012", {}, "123456789012"),
        ("aws_glue_resource_policy", "policy", {}, "us-west-2"),
        ("aws_quicksight_account_subscription", "123456789012", {}, "123456789012"),
        ("aws_iam_account_alias", "account-alias", {"AccountAlias": "my-alias"}, "my-alias"),
        ("aws_ecr_registry_policy", "registry-policy", {}, "123456789012"),
        ("aws_ec2_image_block_public_access", "image-block", {}, None),
        ("aws_vpc_block_public_access_options", "x", {}, "us-west-2"),
        ("aws_cognito_user_group", "us-east-1_vG78M4goG|user-group", {}, "us-east-1_vG78M4goG/user-group"),
        ("aws_cognito_user_pool_domain", "us-east-1_vG78M4goG|auth.example.org", {}, "auth.example.org"),
        ("aws_autoscaling_schedule", "example-action|example-asg", {}, "example-asg/example-action"),
        ("aws_cloudwatch_log_metric_filter", "group|filter", {}, "group:filter"),
        ("aws_cloudwatch_log_subscription_filter", "filter|group", {}, "group|filter"),
        ("aws_backup_selection", "efgh5678", {"BackupPlanId": "abcd1234"}, "abcd1234|efgh5678"),
        ("aws_appautoscaling_target", "resource|dimension|namespace", {}, "namespace/resource/dimension"),
        ("aws_glue_catalog_database", "my_database", {}, "123456789012:my_database"),
        (
            "aws_kinesis_firehose_delivery_stream",
            "example",
            {},
            ARN.format("firehose", "deliverystream/example"),
        ),
        (
            "aws_route53_record",
            "dev|z4kap|ns|",
            {"HostedZoneId": "Z4KAP", "Type": "NS", "Name": "dev."},
            "Z4KAP_dev_NS",
        ),
        (
            "aws_wafv2_web_acl",
            ARN.format("wafv2", "regional/webacl/example/a1b2"),
            {"Id": "a1b2", "Name": "example", "Scope": "REGIONAL"},
            "a1b2/example/REGIONAL",
        ),
        ("aws_iam_role", ARN.format("iam", "role/x"), {"RoleName": {"$secret": {}}}, None),
        ("aws_default_vpc", "vpc-a01106c2", {}, None),
    ],
)
def test_of_aws(type_: str, id_: str, attributes: dict[str, Any], expected: str | None) -> None:
    resource = Resource("aws", "123456789012", "AWS::X::Y", id_, attributes, region="us-west-2")
    assert AwsTerraform().import_id(type_, resource) == expected


def test_every_form_of_aws_names_a_type_and_properties_that_are_read() -> None:
    known = catalogue()
    for type_ in _IMPORTS._said:
        made = [known.entries[one.type] for one in known.terraform[type_] if one.type is not None]
        assert made, type_
        for word in _IMPORTS.words(type_) - WORDS:
            assert word.isdigit() or word[0] in "~=" or all(word in one.properties for one in made), (
                type_,
                word,
            )


@pytest.mark.parametrize(
    ("type_", "name", "attributes", "expected"),
    [
        ("google_pubsub_topic", "pubsub.googleapis.com/projects/p/topics/t", {}, "projects/p/topics/t"),
        (
            "google_cloud_run_service",
            "run.googleapis.com/projects/p/locations/l/services/s",
            {},
            "locations/l/namespaces/p/services/s",
        ),
        ("google_logging_metric", "logging.googleapis.com/projects/p/metrics/m", {}, "p m"),
        (
            "google_service_account",
            "iam.googleapis.com/projects/p/serviceAccounts/117",
            {"email": "a@p.iam.gserviceaccount.com"},
            "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com",
        ),
        ("google_sql_user", "sqladmin.googleapis.com/projects/p/instances/i/users/u", {}, "p/i/u"),
        (
            "google_sql_user",
            "sqladmin.googleapis.com/projects/p/instances/i/users/u",
            {"host": "%"},
            "p/i/%/u",
        ),
        ("google_project_iam_custom_role", "iam.googleapis.com/projects/p/roles/r", {}, "projects/p/roles/r"),
        (
            "google_iam_workload_identity_pool",
            "iam.googleapis.com/projects/p/locations/global/workloadIdentityPools/w",
            {},
            "projects/p/locations/global/workloadIdentityPools/w",
        ),
        ("google_dataproc_cluster", "dataproc.googleapis.com/projects/p/regions/r/clusters/c", {}, None),
        ("google_project_iam_member", "cloudresourcemanager.googleapis.com/projects/p", {}, None),
    ],
)
def test_of_google(type_: str, name: str, attributes: dict[str, Any], expected: str | None) -> None:
    resource = Resource("gcp", "p", "x", f"//{name}", attributes)
    assert GcpTerraform().import_id(type_, resource) == expected


@pytest.mark.parametrize(
    ("type_", "kind", "id_", "attributes", "expected"),
    [
        (
            "azurerm_storage_account",
            "Microsoft.Storage/storageAccounts",
            f"{GROUP}/providers/microsoft.storage/storageaccounts/a",
            {},
            f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a",
        ),
        (
            "azurerm_service_plan",
            "Microsoft.Web/serverfarms",
            f"{GROUP}/providers/microsoft.web/serverfarms/farm1",
            {},
            f"{GROUP}/providers/Microsoft.Web/serverFarms/farm1",
        ),
        (
            "azurerm_api_management_policy",
            "Microsoft.ApiManagement/service/policies",
            f"{GROUP}/providers/microsoft.apimanagement/service/service1/policies/policy",
            {},
            f"{GROUP}/providers/Microsoft.ApiManagement/service/service1",
        ),
        (
            "azurerm_monitor_diagnostic_setting",
            "Microsoft.Insights/diagnosticSettings",
            f"{GROUP}/providers/microsoft.keyvault/vaults/v/providers/microsoft.insights/diagnosticsettings/d",
            {},
            f"{GROUP}/providers/Microsoft.KeyVault/vaults/v|d",
        ),
        (
            "azurerm_management_group_policy_assignment",
            "Microsoft.Authorization/policyAssignments",
            "/providers/Microsoft.Management/managementGroups/g/providers/Microsoft.Authorization/policyAssignments/a",
            {},
            "/providers/Microsoft.Management/managementGroups/g/providers/Microsoft.Authorization/policyAssignments/a",
        ),
        (
            "azurerm_role_definition",
            "Microsoft.Authorization/roleDefinitions",
            f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r",
            {},
            f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r|{SUBSCRIPTION}",
        ),
        (
            "azurerm_key_vault_key",
            "Microsoft.KeyVault/vaults/keys",
            f"{GROUP}/providers/Microsoft.KeyVault/vaults/v/keys/k",
            {"properties": {"keyUriWithVersion": "https://v.vault.azure.net/keys/k/fdf0"}},
            "https://v.vault.azure.net/keys/k/fdf0",
        ),
    ],
)
def test_of_azure(type_: str, kind: str, id_: str, attributes: dict[str, Any], expected: str) -> None:
    resource = Resource("azure", "s", kind, id_.lower(), attributes)
    assert str(AzureTerraform().import_id(type_, resource)).lower() == expected.lower()
    fixed = [part for part in expected.split("/") if part.lower() != part and not part.startswith("00")]
    told = str(AzureTerraform().import_id(type_, resource)).split("/")
    assert all(part in told for part in fixed)


def test_what_has_a_form_of_its_own_is_mapped() -> None:
    assert set(AZURE_IMPORTS._said) <= set(azure_entries())
    assert set(GCP_IMPORTS._said) <= set(gcp_entries())
