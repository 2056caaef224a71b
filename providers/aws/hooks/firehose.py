"""Firehose tells where a stream sends in other words than it is said in: descriptions for configurations, and
Terraform in flatter blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.aws import fitting

TYPE = "AWS::KinesisFirehose::DeliveryStream"
#: Members of an answer that a template calls otherwise.
_TOLD = {
    "S3DestinationDescription": "S3Configuration",
    "S3BackupDescription": "S3BackupConfiguration",
    "VpcConfigurationDescription": "VpcConfiguration",
}
#: The destinations whose block of Terraform is not called like them.
_BLOCKS = {
    "elasticsearch_configuration": "ElasticsearchDestinationConfiguration",
    "extended_s3_configuration": "ExtendedS3DestinationConfiguration",
    "http_endpoint_configuration": "HttpEndpointDestinationConfiguration",
    "iceberg_configuration": "IcebergDestinationConfiguration",
    "opensearch_configuration": "AmazonopensearchserviceDestinationConfiguration",
    "opensearchserverless_configuration": "AmazonOpenSearchServerlessDestinationConfiguration",
    "redshift_configuration": "RedshiftDestinationConfiguration",
    "snowflake_configuration": "SnowflakeDestinationConfiguration",
    "splunk_configuration": "SplunkDestinationConfiguration",
}
#: Arguments of Terraform that stand in an object of their own: argument → object and member.
_INSIDE = {
    "buffer_interval": ("BufferingHints", "IntervalInSeconds"),
    "buffer_size": ("BufferingHints", "SizeInMBs"),
    "buffering_interval": ("BufferingHints", "IntervalInSeconds"),
    "buffering_size": ("BufferingHints", "SizeInMBs"),
    "copy_options": ("CopyCommand", "CopyOptions"),
    "data_table_columns": ("CopyCommand", "DataTableColumns"),
    "data_table_name": ("CopyCommand", "DataTableName"),
    "access_key": ("EndpointConfiguration", "AccessKey"),
    "name": ("EndpointConfiguration", "Name"),
    "url": ("EndpointConfiguration", "Url"),
    "catalog_arn": ("CatalogConfiguration", "CatalogArn"),
    "retry_duration": ("RetryOptions", "DurationInSeconds"),
}
#: Arguments of Terraform that a template calls otherwise.
_CALLED = {
    "database_name": "DestinationDatabaseName",
    "destination_table_configuration": "DestinationTableConfigurationList",
    "hec_acknowledgment_timeout": "HECAcknowledgmentTimeoutInSeconds",
    "table_name": "DestinationTableName",
    "vpc_config": "VpcConfiguration",
}
#: Blocks of Terraform whose arguments are called as their template's members are.
_ALIKE = frozenset({"schema_configuration", "common_attributes", "processors", "parameters"})


def stream(document: Mapping[str, Any]) -> dict[str, Any]:
    """Where a delivery stream sends, one configuration for each description of its destination."""
    found = {}
    for destination in document.get("Destinations") or ():
        for name, told in destination.items():
            if name.endswith("DestinationDescription"):
                property_ = name.removesuffix("Description") + "Configuration"
                found[property_] = fitting.live(_configured(told), f"{TYPE}/{property_}")
    return found


def _configured(told: Any) -> Any:
    if isinstance(told, Mapping):
        return {_TOLD.get(name, name): _configured(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_configured(one) for one in told]
    return told


def terraform(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a state's blocks."""
    found = {}
    for block, property_ in _BLOCKS.items():
        for one in attributes.get(block) or ():
            found[property_] = fitting.said(dict(_members(one)), f"{TYPE}/{property_}")
    return found


def _members(block: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members of a block, those that are one object in a template together."""
    inside: dict[str, dict[str, Any]] = {}
    for name, value in block.items():
        if name in _INSIDE:
            if value is not None and value != "":
                object_, member = _INSIDE[name]
                inside.setdefault(object_, {})[member] = value
        elif name == "kms_key_arn":
            if value:
                inside["EncryptionConfiguration"] = {"KMSEncryptionConfig": {"AWSKMSKeyARN": value}}
        elif name == "common_attributes":
            yield (
                "CommonAttributes",
                [{"AttributeName": one["name"], "AttributeValue": one["value"]} for one in value or ()],
            )
        elif name in _ALIKE or not _blocks(value):
            yield _CALLED.get(name, name), value
        else:
            yield _CALLED.get(name, name), [dict(_members(one)) for one in value]
    yield from inside.items()


def _blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
