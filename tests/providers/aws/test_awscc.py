"""Terraform's provider ``awscc``: every type by its CloudFormation schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from drift.declared.terraform.remembered import certain
from drift.dialect import Foreign
from drift.model import Resource
from providers.aws import AwsProvider, awscc
from providers.aws.facts import catalogue
from tests.providers.aws.generated.bodies import Bodies, type_of
from tests.providers.aws.generated.test_types import SAMPLE, schema

DIALECT = AwsProvider().terraform
assert DIALECT is not None
ACCOUNT, REGION = "111111111111", "eu-west-1"


def translate(type_: str, **attributes: Any) -> list[Resource]:
    assert DIALECT is not None
    found = DIALECT.translate(Foreign(type_, f"{type_}.x", attributes, ACCOUNT, REGION))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("type_", "name"),
    [  # as https://registry.terraform.io/providers/hashicorp/awscc/latest/docs lists them
        ("AWS::ACMPCA::CertificateAuthority", "awscc_acmpca_certificate_authority"),
        ("AWS::AIOps::InvestigationGroup", "awscc_aiops_investigation_group"),
        ("AWS::ApiGatewayV2::VpcLink", "awscc_apigatewayv2_vpc_link"),
        (
            "AWS::CloudFront::CloudFrontOriginAccessIdentity",
            "awscc_cloudfront_cloudfront_origin_access_identity",
        ),
        ("AWS::CloudWatch::OTelEnrichment", "awscc_cloudwatch_otel_enrichment"),
        ("AWS::DataSync::LocationFSxLustre", "awscc_datasync_location_fsx_lustre"),
        ("AWS::EC2::IPAMPoolCidr", "awscc_ec2_ipam_pool_cidr"),
        ("AWS::EC2::VPCCidrBlock", "awscc_ec2_vpc_cidr_block"),
        ("AWS::IoT::CACertificate", "awscc_iot_ca_certificate"),
        (
            "AWS::NetworkFirewall::TLSInspectionConfiguration",
            "awscc_networkfirewall_tls_inspection_configuration",
        ),
        ("AWS::OpenSearchServerless::VpcEndpoint", "awscc_opensearchserverless_vpc_endpoint"),
        ("AWS::S3ObjectLambda::AccessPoint", "awscc_s3objectlambda_access_point"),
        ("AWS::WAFv2::WebACL", "awscc_wafv2_web_acl"),
    ],
)
def test_names_of_types(type_: str, name: str) -> None:
    assert awscc.terraform_type(type_) == name
    assert awscc.cloudformation_type(name) == type_


def test_every_type_has_a_name_of_its_own() -> None:
    types = catalogue().all_types()
    assert len({awscc.terraform_type(type_) for type_ in types}) == len(types)


def state(bodies: Bodies, value: Any, node: Mapping[str, Any], *, top: str = "") -> Any:
    """A body as a state of Terraform's has it: what is not said is null, documents are texts."""
    node = bodies.schema.resolved(node)
    if isinstance(value, dict):
        if not node.get("properties"):
            pattern = next(iter((node.get("patternProperties") or {}).values()), None)
            if pattern is None:
                return json.dumps(value)
            return {name: state(bodies, one, pattern) for name, one in value.items()}
        found = {}
        for name, said in node["properties"].items():
            spelled = awscc.snake(name)
            if top and spelled in ("id", "provider"):
                spelled = f"{top}_id" if spelled == "id" else "provider_name"
            found[spelled] = state(bodies, value[name], said) if name in value else None
        return found
    if isinstance(value, list):
        return [state(bodies, one, node.get("items", {})) for one in value]
    if isinstance(value, str) and type_of(node) == "object":
        return value
    return value


def test_a_state_says_the_body_that_it_was_made_of() -> None:
    tried = 0
    for type_ in SAMPLE:
        entry = catalogue().entry(type_)
        assert entry is not None
        bodies = Bodies(schema(type_), Random(type_))
        body = bodies.body()
        top = awscc.snake(type_.rpartition("::")[2])
        attributes = state(bodies, body, bodies.schema.raw, top=top)
        (found,) = translate(awscc.terraform_type(type_), **{**attributes, "id": "the|id"})
        assert found.attributes == body, type_
        assert found.type == type_ and (entry.regional == (found.region == REGION))
        tried += 1
    assert tried == len(SAMPLE)


def test_the_id_is_the_primary_identifier() -> None:
    (found,) = translate("awscc_appconfig_environment", id="app|env", application_id="app", name="shop")
    assert (found.id, found.type, found.name) == ("app|env", "AWS::AppConfig::Environment", "shop")


def test_a_type_with_own_facts_is_known_by_them() -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"
    policy = json.dumps({"maxReceiveCount": 3})
    (found,) = translate("awscc_sqs_queue", id=url, arn=arn, queue_name="orders", redrive_policy=policy)
    assert AwsProvider().canonical_id(found) == arn
    assert found.attributes["RedrivePolicy"] == {"maxReceiveCount": 3}


def test_a_part_of_another_type_is_merged_into_that() -> None:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/orders"
    (found,) = translate("awscc_sqs_queue_policy", id=url, queues=[url], policy_document='{"Statement": []}')
    assert found.partial and found.type == "AWS::SQS::Queue"
    assert found.attributes == {"PolicyDocument": {"Statement": []}}


def test_what_nobody_can_read_is_not_supported() -> None:
    assert DIALECT is not None
    assert DIALECT.owns("awscc_medialive_channel")
    assert DIALECT.translate(Foreign("awscc_medialive_channel", "x", {})) is None
    assert DIALECT.attributes("awscc_medialive_channel") is None


def test_what_the_cloud_chose_is_not_certain() -> None:
    """All that nobody must set is computed, too: a state tells what is live of it, whoever set it."""
    assert DIALECT is not None
    said = {
        "id": "app|env",
        "application_id": "app",
        "name": "shop",
        "description": "by hand",
        "monitors": None,
    }
    foreign = Foreign("awscc_appconfig_environment", "x", said, ACCOUNT, REGION)
    whole = DIALECT.translate(foreign)
    assert whole is not None
    assert certain(DIALECT, foreign, whole) == [{"ApplicationId": "app", "Name": "shop"}]
    known = certain(DIALECT, foreign, whole, frozenset({"description"}))
    assert known == [None] or known[0] is not None and known[0]["Description"] == "by hand"


def test_names_that_a_schema_gives_again_below_itself() -> None:
    loop = {
        "nodes": [{"name": "a", "type": "Input", "configuration": {"loop": {"definition": {"nodes": []}}}}]
    }
    (found,) = translate("awscc_bedrock_flow", id="x", definition=loop)
    (node,) = found.attributes["Definition"]["Nodes"]
    assert node["Configuration"] == {"Loop": {"Definition": {"Nodes": []}}}
