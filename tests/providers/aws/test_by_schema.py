"""Types without facts of their own: what their CloudFormation schema says of them."""

from __future__ import annotations

import subprocess
import sys

from drift.compare.canonical import canonicalise
from drift.dialect import Foreign
from drift.kinds.base import Context
from drift.model import Resource
from providers.aws import AwsProvider
from providers.aws.facts import catalogue
from providers.aws.resource_types import resource_type

PROVIDER = AwsProvider()


def test_identity_handlers_and_parents() -> None:
    rules = resource_type("AWS::APS::RuleGroupsNamespace")
    assert rules is not None
    assert rules.identifier == ("Arn",)
    assert rules.readable and rules.listable
    assert rules.parents == ("Arn",) and rules.parent_of == {"Arn": "Workspace"}
    assert "aps:DescribeRuleGroupsNamespace" in rules.permissions["read"]
    assert rules.tags == "Tags" and rules.kinds["Tags"] == "tags"
    assert rules.paths["Arn"] == "sr" and rules.paths["Tags"] == "a~"


def test_a_type_that_does_not_exist() -> None:
    assert resource_type("AWS::APS::Nothing") is None
    assert PROVIDER.facts("AWS::APS::Nothing") is None


def test_facts_follow_the_schema() -> None:
    facts = PROVIDER.facts("AWS::APS::RuleGroupsNamespace")
    assert facts is not None and facts.title == "APS rule groups namespace" and facts.regional
    assert facts.root.find("/Arn").read_only
    assert not facts.root.find("/Data").read_only
    domain = PROVIDER.facts("AWS::NetworkManager::GlobalNetwork")
    assert domain is not None and not domain.regional


def test_a_schema_that_holds_itself_has_facts_at_any_depth() -> None:
    known, facts = resource_type("AWS::Bedrock::Flow"), PROVIDER.facts("AWS::Bedrock::Flow")
    assert known is not None and facts is not None
    assert known.recurs == {"Definition": ("Nodes/*/Configuration/Loop/Definition",)}
    assert facts.root.reach("Definition") is facts.root.reach(
        "Definition/Nodes/*/Configuration/Loop/Definition"
    )


def test_own_facts_and_parts_of_others_come_first() -> None:
    entry = catalogue().entry("AWS::SQS::Queue")
    assert entry is catalogue().entries["AWS::SQS::Queue"]
    assert catalogue().entry("AWS::SQS::QueuePolicy") is None, "it is a part of a queue"


def test_every_type_that_can_be_read_is_told() -> None:
    told = set(PROVIDER.types())
    assert len(told) > 1600
    assert all(PROVIDER.facts(type_) is not None for type_ in sorted(told)[::25])
    assert {"AWS::MediaLive::Multiplex", "AWS::SQS::Queue"} <= told
    assert "AWS::CloudFormation::WaitConditionHandle" not in told


def test_an_id_is_the_primary_identifier() -> None:
    live = Resource("aws", "111111111111", "AWS::AppConfig::Environment", "app|env", {}, region="eu-west-1")
    assert PROVIDER.canonical_id(live) == "app|env"
    entry = catalogue().entry(live.type)
    assert entry is not None and entry.primary_identifier == ("ApplicationId", "EnvironmentId")


def test_nothing_is_read_before_a_type_without_own_facts_is_asked_for() -> None:
    code = (
        "from providers.aws.facts import catalogue\n"
        "from providers.aws import resource_types as types\n"
        "assert catalogue().entry('AWS::SQS::Queue') and not types._archive.cache_info().currsize\n"
        "assert catalogue().entry('AWS::MediaLive::Multiplex')\n"
        "assert types.resource_type.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_what_holds_a_secret_under_another_name_is_hidden() -> None:
    secrets = {
        "AWS::ApiGateway::ApiKey": ["Value"],
        "AWS::IVS::StreamKey": ["Value"],
        "AWS::AppFlow::ConnectorProfile": [
            "ConnectorProfileConfig/ConnectorProfileCredentials/CustomConnector/Custom/CredentialsMap/*"
        ],
        "AWS::Transfer::HostKey": [],
    }
    for type_, paths in secrets.items():
        facts = PROVIDER.facts(type_)
        assert facts is not None
        assert all(facts.root.reach(path).secret for path in paths)
        assert facts.root.holds_secret == bool(paths), type_


def test_a_document_is_one_in_any_spelling() -> None:
    facts = PROVIDER.facts("AWS::OpenSearchServerless::SecurityPolicy")
    assert facts is not None
    policy, context = facts.root.find("/Policy"), Context()
    written, told = '[{ "Rules": [], "AllowFromPublic": false }]', '[{"AllowFromPublic":false,"Rules":[]}]'
    assert canonicalise(written, policy, context) == canonicalise(told, policy, context)
    assert canonicalise(written, policy, context) != canonicalise(
        told.replace("false", "true"), policy, context
    )
    assert canonicalise("TLS_1_2", policy, context) == "TLS_1_2"


def test_a_native_resource_of_pulumi_is_spelled_as_the_schema_spells_it() -> None:
    said = {"name": "shop", "tags": [{"key": "team", "value": "shop"}], "insecureIngest": True}
    id_ = {"id": "arn:aws:ivs:eu-west-1:111111111111:channel/x"}
    known = Foreign("", "", id_, "111111111111", "eu-west-1")
    found = PROVIDER.pulumi.translate("aws-native:ivs:Channel", said, known)
    assert found is not None
    (channel,) = found
    assert (channel.type, channel.id) == ("AWS::IVS::Channel", known.attributes["id"])
    assert channel.attributes["Tags"] == [{"Key": "team", "Value": "shop"}]
