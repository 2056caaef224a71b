"""Answers of edge, API and data services, and what says the same of each in a template."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

MOMENT = datetime(2030, 1, 2, 9, tzinfo=UTC)
#: A distribution as its API tells it, which counts every list, and as a template says it.
WEB = {
    "CallerReference": "c",
    "Enabled": True,
    "Comment": "",
    "Aliases": {"Quantity": 0},
    "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "o.example.net"}]},
    "DefaultCacheBehavior": {
        "TargetOriginId": "o",
        "ViewerProtocolPolicy": "https-only",
        "AllowedMethods": {
            "Quantity": 2,
            "Items": ["HEAD", "GET"],
            "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        },
        "CachePolicyId": "",
    },
    "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404, "ResponseCode": ""}]},
}
SITE = {
    "Enabled": True,
    "Origins": [{"Id": "o", "DomainName": "o.example.net"}],
    "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
    "CustomErrorResponses": [{"ErrorCode": 404}],
}

#: Hook → (answer, property, what says the same of it in a template).
EDGE: dict[str, list[tuple[dict[str, Any], str, list[Any]]]] = {
    "apigateway.method": [
        (
            {"value": {"methodIntegration": {"type": "HTTP", "httpMethod": "POST", "uri": "u"}}},
            "Integration",
            [{"Type": "HTTP", "IntegrationHttpMethod": "POST", "Uri": "u", "TimeoutInMillis": 29000}],
        ),
        (
            {"value": {"methodIntegration": {"type": "MOCK", "integrationResponses": {"200": {}}}}},
            "Integration",
            [{"Type": "MOCK", "IntegrationResponses": [{"StatusCode": 200}]}],
        ),
        (
            {"value": {"methodResponses": {"200": {"statusCode": "200"}}}},
            "MethodResponses",
            [[{"StatusCode": "200"}], [{"StatusCode": 200}]],
        ),
    ],
    "apigateway.rest_api": [
        ({"policy": '{\\"Version\\":\\"2012-10-17\\"}'}, "Policy", [{"Version": "2012-10-17"}]),
        ({"policy": ""}, "Policy", [{}]),
    ],
    "apigateway.stage": [
        (
            {"methodSettings": {"*/*": {"metricsEnabled": True}}},
            "MethodSettings",
            [[{"ResourcePath": path, "HttpMethod": "*", "MetricsEnabled": True}] for path in ("/*", "*")],
        ),
        (
            {"methodSettings": {"~1menu/GET": {"loggingLevel": "INFO"}}},
            "MethodSettings",
            [
                [{"ResourcePath": path, "HttpMethod": "GET", "LoggingLevel": "INFO"}]
                for path in ("/menu", "/~1menu")
            ],
        ),
    ],
    "apigatewayv2.integration": [
        (
            {"ResponseParameters": {"200": {"overwrite:header.a": "b"}}},
            "ResponseParameters",
            [{"200": {"ResponseParameters": [{"Destination": "overwrite:header.a", "Source": "b"}]}}],
        ),
    ],
    "autoscaling.scheduled": [
        ({"Recurrence": "0 9 * * *", "StartTime": "2030-01-02T09:00:00Z"}, "Recurrence", ["0 9 * * *"]),
    ],
    "cloudformation.stack": [
        (
            {
                "Parameters": [
                    {"ParameterKey": "Size", "ParameterValue": "5"},
                    {"ParameterKey": "Password", "ParameterValue": "****"},
                ]
            },
            "Parameters",
            [{"Size": "5"}, {}],
        ),
    ],
    "cloudfront.distribution": [
        ({"Config": {**WEB, "Logging": {"Bucket": "", "Enabled": False}}}, "DistributionConfig", [SITE]),
        ({"Config": WEB}, "DistributionConfig", [SITE, {**SITE, "Aliases": [], "Comment": ""}]),
        (
            {"Config": {**WEB, "OriginGroups": {"Quantity": 0}}},
            "DistributionConfig",
            [SITE, {**SITE, "OriginGroups": {"Quantity": 0}}],
        ),
    ],
    "cloudfront.headers_policy": [
        (
            {
                "ResponseHeadersPolicyConfig": {
                    "Name": "n",
                    "Comment": "",
                    "RemoveHeadersConfig": {"Quantity": 1, "Items": [{"Header": "a"}]},
                }
            },
            "ResponseHeadersPolicyConfig",
            [{"Name": "n", "RemoveHeadersConfig": {"Items": [{"Header": "a"}]}}],
        ),
    ],
    "cloudfront.policy": [
        (
            {
                "CachePolicyConfig": {
                    "Name": "n",
                    "Comment": "",
                    "ParametersInCacheKeyAndForwardedToOrigin": {
                        "HeadersConfig": {
                            "HeaderBehavior": "whitelist",
                            "Headers": {"Quantity": 1, "Items": ["a"]},
                        }
                    },
                }
            },
            "CachePolicyConfig",
            [
                {
                    "Name": "n",
                    "ParametersInCacheKeyAndForwardedToOrigin": {
                        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["a"]}
                    },
                }
            ],
        ),
    ],
    "datasync.location_s3": [
        ({"LocationUri": "s3://b/"}, "Subdirectory", ["/"]),
        ({"LocationUri": "s3://b/in/"}, "Subdirectory", ["/in/", "/in"]),
    ],
    "firehose.stream": [
        (
            {
                "Destinations": [
                    {
                        "ExtendedS3DestinationDescription": {
                            "BucketARN": "arn:aws:s3:::b",
                            "RoleARN": "r",
                            "CompressionFormat": "UNCOMPRESSED",
                            "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
                            "S3BackupMode": "Disabled",
                        }
                    }
                ]
            },
            "ExtendedS3DestinationConfiguration",
            [{"BucketARN": "arn:aws:s3:::b", "RoleARN": "r"}],
        ),
        (
            {
                "Destinations": [
                    {
                        "SplunkDestinationDescription": {
                            "HECEndpoint": "e",
                            "S3DestinationDescription": {"BucketARN": "b"},
                        }
                    }
                ]
            },
            "SplunkDestinationConfiguration",
            [{"HECEndpoint": "e", "S3Configuration": {"BucketARN": "b"}}],
        ),
    ],
    "lambda_more.mapping": [
        (
            {"StartingPositionTimestamp": MOMENT},
            "StartingPositionTimestamp",
            [MOMENT.timestamp(), int(MOMENT.timestamp())],
        ),
    ],
    "scheduler.schedule": [
        ({"StartDate": MOMENT}, "StartDate", ["2030-01-02T09:00:00Z", "2030-01-02T09:00:00.000Z"]),
    ],
    "wafv2.rules": [
        (
            {"Rules": [{"Name": "r", "Statement": {"ByteMatchStatement": {"SearchString": b"a"}}}]},
            "Rules",
            [
                [{"Name": "r", "Statement": {"ByteMatchStatement": {"SearchString": "a"}}}],
                [{"Name": "r", "Statement": {"ByteMatchStatement": {"SearchStringBase64": "YQ=="}}}],
            ],
        ),
        (
            {"Rules": [{"Name": "r", "Statement": {"IPSetReferenceStatement": {"ARN": "a"}}}]},
            "Rules",
            [[{"Name": "r", "Statement": {"IPSetReferenceStatement": {"Arn": "a"}}}]],
        ),
    ],
}
