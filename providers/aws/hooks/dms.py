"""A Terraform endpoint of DMS says the secret that logs in, and the role of some engines, beside the engine's
settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.values import is_unset
from providers.aws import fitting

TYPE = "AWS::DMS::Endpoint"
#: Engine → the property that holds its settings, and their block of Terraform.
#: https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateEndpoint.html (EngineName).
_SETTINGS = {
    "aurora": ("MySqlSettings", "mysql_settings"),
    "aurora-postgresql": ("PostgreSqlSettings", "postgres_settings"),
    "aurora-postgresql-serverless": ("PostgreSqlSettings", "postgres_settings"),
    "aurora-serverless": ("MySqlSettings", "mysql_settings"),
    "db2": ("IbmDb2Settings", ""),
    "db2-zos": ("IbmDb2Settings", ""),
    "docdb": ("DocDbSettings", ""),
    "dynamodb": ("DynamoDbSettings", ""),
    "mariadb": ("MySqlSettings", "mysql_settings"),
    "mongodb": ("MongoDbSettings", "mongodb_settings"),
    "mysql": ("MySqlSettings", "mysql_settings"),
    "oracle": ("OracleSettings", "oracle_settings"),
    "postgres": ("PostgreSqlSettings", "postgres_settings"),
    "redshift": ("RedshiftSettings", "redshift_settings"),
    "sqlserver": ("MicrosoftSqlServerSettings", ""),
    "sybase": ("SybaseSettings", ""),
}


def terraform_endpoint(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the endpoint's engine, with its secret and role."""
    property_, block = _SETTINGS.get(str(attributes.get("engine_name")), ("", ""))
    beside = {
        "SecretsManagerAccessRoleArn": attributes.get("secrets_manager_access_role_arn"),
        "SecretsManagerSecretId": attributes.get("secrets_manager_arn"),
    }
    if property_ == "DynamoDbSettings":
        beside = {"ServiceAccessRoleArn": attributes.get("service_access_role")}
    beside = {name: value for name, value in beside.items() if not is_unset(value)}
    if not property_ or not beside:
        return {}
    said = fitting.said(attributes.get(block), f"{TYPE}/{property_}") if attributes.get(block) else {}
    return {property_: {**said, **beside}}
