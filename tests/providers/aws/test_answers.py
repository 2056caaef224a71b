"""What a 200 must hold to be taken for the operation's answer, in each of AWS's protocols, over real HTTP."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from providers.aws import answers
from providers.aws.failures import CALL_ERRORS, explain
from tests.conftest import serving

S3 = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
EC2 = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
IAM = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
USERS = (
    f"<ListUsersResponse {IAM}><ListUsersResult><IsTruncated>false</IsTruncated><Users/></ListUsersResult>"
    "</ListUsersResponse>"
)
ROLES = USERS.replace("Users", "Roles")
VPCS = f"<DescribeVpcsResponse {EC2}><vpcSet/></DescribeVpcsResponse>"
ZONES = "<ListHostedZonesResponse>{}<IsTruncated>false</IsTruncated></ListHostedZonesResponse>"
ZONE = (
    "<HostedZones><HostedZone>{}"
    "<Name>a.</Name><CallerReference>c</CallerReference></HostedZone></HostedZones>"
)
VERSIONING = f"<VersioningConfiguration {S3}><Status>Enabled</Status></VersioningConfiguration>"
BUCKET = {"Bucket": "b"}
PARAMETERS = '{"Parameters": [{"Name": "p", "Type": "String", "Value": "v"}], "InvalidParameters": []}'
DESCRIBED = '{"Parameters": [{"Name": "p", "Type": "String", "Tier": "Standard"}]}'


def bucket_list(root: str, inner: str = "<IsTruncated>false</IsTruncated>") -> str:
    return f"<{root} {S3}>{inner}</{root}>"


#: What S3 answers where a bucket has none, by the operation; the last is of a store that does not know it.
#: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html and its siblings
CONFIGURATIONS = [
    ("analytics", "ListBucketAnalyticsConfigurationResult"),
    ("analytics", "ListBucketAnalyticsConfigurationsResult"),
    ("intelligent_tiering", "ListBucketIntelligentTieringConfigurationsOutput"),
    ("intelligent_tiering", "ListIntelligentTieringConfigurationsResult"),
    ("inventory", "ListInventoryConfigurationsResult"),
    ("metrics", "ListMetricsConfigurationsResult"),
    ("metrics", "ListBucketResult"),
]

TAKEN = [
    ("iam", "list_users", {}, USERS),
    ("ec2", "describe_vpcs", {}, VPCS),
    ("s3", "get_bucket_versioning", BUCKET, VERSIONING),
    ("s3", "get_bucket_versioning", BUCKET, f"<VersioningConfiguration {S3}/>"),
    ("s3", "get_bucket_notification_configuration", BUCKET, f"<GetBucketNotificationResponse {S3}/>"),
    ("s3", "get_bucket_versioning", BUCKET, f"<GetBucketVersioningResponse {S3}/>"),
    ("s3", "get_bucket_accelerate_configuration", BUCKET, f"<AccelerateConfiguration {S3}/>"),
    ("s3", "get_bucket_logging", BUCKET, f"<BucketLoggingStatus {S3}/>"),
    ("s3", "list_buckets", {}, f"<ListAllMyBucketsResult {S3}><Buckets/></ListAllMyBucketsResult>"),
    ("s3", "get_bucket_location", BUCKET, f"<LocationConstraint {S3}/>"),
    ("route53", "list_hosted_zones", {}, ZONES.format(ZONE.format("<Id>/hostedzone/Z</Id>"))),
    ("route53", "list_hosted_zones", {}, ZONES.format("<HostedZones/>")),
    ("kms", "list_keys", {}, '{"Keys": [], "Truncated": false}'),
    ("kms", "describe_key", {"KeyId": "k"}, '{"KeyMetadata": {"KeyId": "k"}}'),
    ("lambda", "list_functions", {}, '{"Functions": [], "NextMarker": null}'),
    ("dynamodb", "list_tables", {}, '{"TableNames": []}'),
    ("ssm", "get_parameters", {"Names": ["p"]}, PARAMETERS),
    ("ssm", "describe_parameters", {}, DESCRIBED),
    ("ssm", "describe_parameters", {}, DESCRIBED.replace("Tier", "NewerThanTheSdk")),
    *(
        ("s3", f"list_bucket_{kind}_configurations", BUCKET, bucket_list(root))
        for kind, root in CONFIGURATIONS
    ),
]
REFUSED = [
    *((service, method, given, "") for service, method, given, _ in TAKEN),
    *((service, method, given, "<a/>") for service, method, given, _ in TAKEN),
    *((service, method, given, "{}") for service, method, given, _ in TAKEN),
    *((service, method, given, "[]") for service, method, given, _ in TAKEN),
    *((service, method, given, "<html><body>Sign in</body></html>") for service, method, given, _ in TAKEN),
    *((service, method, given, good[: len(good) // 2]) for service, method, given, good in TAKEN),
    ("iam", "list_users", {}, ROLES),
    ("iam", "list_users", {}, "<ListUsersResponse><ResponseMetadata/></ListUsersResponse>"),
    ("ec2", "describe_vpcs", {}, VPCS.replace("Vpcs", "Subnets")),
    ("s3", "get_bucket_versioning", BUCKET, VERSIONING.replace("Versioning", "Accelerate")),
    (
        "s3",
        "get_bucket_versioning",
        BUCKET,
        f"<ListAllMyBucketsResult {S3}><Buckets/></ListAllMyBucketsResult>",
    ),
    (
        "s3",
        "get_bucket_versioning",
        BUCKET,
        f"<LifecycleConfiguration {S3}><Rule><Status>Enabled</Status></Rule></LifecycleConfiguration>",
    ),
    ("route53", "list_hosted_zones", {}, ZONES.format(ZONE.format(""))),
    ("kms", "list_keys", {}, '{"Aliases": [], "Truncated": false}'),
    ("kms", "list_keys", {}, '{"NextMarker": "m"}'),
    ("kms", "describe_key", {"KeyId": "k"}, '{"KeyMetadata": {}}'),
    ("kms", "describe_key", {"KeyId": "k"}, '{"KeyMetadata": {"KeyId": null}}'),
    ("lambda", "list_functions", {}, '{"Layers": [], "NextMarker": null}'),
    ("dynamodb", "list_tables", {}, '{"Table": {"TableName": "t"}}'),
    ("ssm", "get_parameters", {"Names": ["p"]}, DESCRIBED),
    ("ssm", "describe_parameters", {}, PARAMETERS),
    *(
        ("s3", f"list_bucket_{kind}_configurations", BUCKET, bucket_list(root))
        for kind in ("analytics", "intelligent_tiering", "inventory")
        for other, root in CONFIGURATIONS
        if other not in (kind, "analytics") and root != "ListBucketResult"
    ),
    ("s3", "list_bucket_inventory_configurations", BUCKET, bucket_list("VersionResult")),
    ("s3", "list_buckets", {}, bucket_list("ListBucketResult")),
]


@pytest.fixture(scope="module")
def said() -> Iterator[dict[str, str]]:
    """``url`` of a server that answers 200 with ``body`` to anything."""
    told: dict[str, str] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = told["body"].encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        told["url"] = url
        yield told


def ask(said: dict[str, str], service: str, method: str, given: dict[str, Any], body: str) -> Any:
    said["body"] = body
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    made = boto3.client(
        service,
        region_name="eu-west-1",
        endpoint_url=said["url"],
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - for a server of the test
        config=config,
    )
    answers.watch(made.meta.events)
    return getattr(made, method)(**given)


@pytest.mark.parametrize(("service", "method", "given", "body"), TAKEN)
def test_an_answer(said: dict[str, str], service: str, method: str, given: dict[str, Any], body: str) -> None:
    assert "ResponseMetadata" in ask(said, service, method, given, body)


@pytest.mark.parametrize(("service", "method", "given", "body"), REFUSED)
def test_no_answer(said: dict[str, str], service: str, method: str, given: dict[str, Any], body: str) -> None:
    with pytest.raises(CALL_ERRORS):
        ask(said, service, method, given, body)


def test_what_an_answer_lacks_is_told(said: dict[str, str]) -> None:
    with pytest.raises(CALL_ERRORS) as caught:
        ask(said, "kms", "describe_key", {"KeyId": "k"}, '{"KeyMetadata": {}}')
    told = explain(caught.value, "kms:DescribeKey")
    assert (told.status, told.message) == (
        "failed",
        "kms:DescribeKey: the answer has a KeyMetadata without KeyId",
    )


def test_a_page_without_its_list() -> None:
    assert answers.listed({"Functions": []}, "Functions[].FunctionName", "lambda:ListFunctions")
    assert answers.listed({"items": []}, '"items"', "apigateway:GetRestApis")
    assert answers.listed({}, "QueueUrls", "sqs:ListQueues")
    assert not answers.listed({"NextToken": "x"}, "Reservations[].Instances[]", "ec2:DescribeInstances")
