"""What services do to what they are given is no change of a type that is judged by its schema; what people do
is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.providers.aws.generated.test_types import verdict

_RUNNER = "AWS::AppRunner::Service"
_CORE = "AWS::NetworkManager::CoreNetwork"
_APPLICATION = "AWS::OpenSearchService::Application"
_PROXY = "AWS::RDS::DBProxyEndpoint"
_LOG = "AWS::EventsV2::Subscriber"
_FLEET = "AWS::GameLift::Fleet"
_POLICY = "AWS::VpcLattice::ResourcePolicy"
_SCOPE = "AWS::EC2::NetworkInsightsAccessScope"


def _runner(source: str) -> dict[str, Any]:
    code = {"CodeConfiguration": {"ConfigurationSource": source}, "RepositoryUrl": "https://x"}
    return {"SourceConfiguration": {"CodeRepository": code}}


def _network(*segments: str, **more: Any) -> dict[str, Any]:
    return {"version": "2021.12", "segments": [{"name": one, **more} for one in segments]}


def _config(**values: str) -> dict[str, Any]:
    return {"Name": "shop", "AppConfigs": [{"Key": name, "Value": one} for name, one in values.items()]}


def _protocols(*words: str) -> dict[str, Any]:
    return {"MatchPaths": [{"Source": {"PacketHeaderStatement": {"Protocols": list(words)}}}]}


def _allowed(action: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}]}


SILENT = {
    "a word in other letters": (_RUNNER, _runner("API"), _runner("Api")),
    "words in another order": (_SCOPE, _protocols("tcp", "udp"), _protocols("udp", "tcp")),
    "what a document is filled with": (
        _CORE,
        {"PolicyDocument": _network("prod")},
        {"PolicyDocument": json.dumps(_network("prod", **{"isolate-attachments": False}))},
    ),
    "a setting of the service's own words": (
        _APPLICATION,
        _config(a="1"),
        _config(a="1", b="2"),
    ),
    "the default security group": (
        _PROXY,
        {"DBProxyName": "p"},
        {"DBProxyName": "p", "VpcSecurityGroupIds": ["sg-1"]},
    ),
    "a default in prose that the answer leaves out": (
        _LOG,
        {"LogConfiguration": {"IncludePayload": "ON_ERROR_ONLY", "Level": "ERROR"}},
        {"LogConfiguration": {"Level": "ERROR"}},
    ),
    "zero that the answer leaves out": (_FLEET, {"Name": "f", "MinSize": 0}, {"Name": "f"}),
    "nothing that the answer leaves out": (
        "AWS::SageMaker::Domain",
        {"DefaultUserSettings": {"StudioWebPortal": "DISABLED"}},
        {"DefaultUserSettings": {"ExecutionRole": "r"}},
    ),
    "how something scales": (
        "AWS::EMR::InstanceGroupConfig",
        {"Name": "g"},
        {"Name": "g", "AutoScalingPolicy": {"Constraints": {"MaxCapacity": 1, "MinCapacity": 1}}},
    ),
}
LOUD = {
    "another word": (_RUNNER, _runner("API"), _runner("REPOSITORY"), "/SourceConfiguration"),
    "another choice of words": (_SCOPE, _protocols("tcp"), _protocols("tcp", "udp"), "/MatchPaths"),
    "a member of a document's list": (
        _CORE,
        {"PolicyDocument": _network("prod")},
        {"PolicyDocument": _network("prod", "else")},
        "/PolicyDocument/segments/1",
    ),
    "a group that was added": (
        _PROXY,
        {"VpcSecurityGroupIds": ["sg-1"]},
        {"VpcSecurityGroupIds": ["sg-1", "sg-2"]},
        "/VpcSecurityGroupIds",
    ),
    "another value than the default in prose": (
        _LOG,
        {"LogConfiguration": {"IncludePayload": "ON_ERROR_ONLY"}},
        {"LogConfiguration": {"IncludePayload": "ALL"}},
        "/LogConfiguration/IncludePayload",
    ),
    "what is no default and is gone": (
        _LOG,
        {"LogConfiguration": {"IncludePayload": "ALL", "Level": "ERROR"}},
        {"LogConfiguration": {"Level": "ERROR"}},
        "/LogConfiguration/IncludePayload",
    ),
    "a setting that gives access": (
        _APPLICATION,
        _config(x="a"),
        _config(**{"x": "a", "opensearchDashboards.dashboardAdmin.users": "*"}),
        "/AppConfigs",
    ),
    "a number that is gone": (_FLEET, {"Name": "f", "MinSize": 1}, {"Name": "f"}, "/MinSize"),
    "a policy": (_POLICY, {"ResourceArn": "x"}, {"ResourceArn": "x", "Policy": _allowed("*")}, "/Policy"),
    "what kept people out is off": (
        "AWS::S3Express::AccessPoint",
        {"Bucket": "b"},
        {"Bucket": "b", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False}},
        "/PublicAccessBlockConfiguration",
    ),
    "a container that may do all": (
        "AWS::ECS::DaemonTaskDefinition",
        {"ContainerDefinitions": [{"Name": "a", "Image": "b"}]},
        {"ContainerDefinitions": [{"Name": "a", "Image": "b", "Privileged": True}]},
        "/ContainerDefinitions",
    ),
    "accounts that nobody declared": (
        "AWS::InspectorV2::CisScanConfiguration",
        {"ScanName": "s"},
        {"ScanName": "s", "Targets": {"AccountIds": ["666666666666"]}},
        "/Targets",
    ),
    "networks in a list that nobody declared": (
        "AWS::GlobalAccelerator::CrossAccountAttachment",
        {"Name": "a"},
        {"Name": "a", "Resources": [{"Cidr": "203.0.113.0/24"}]},
        "/Resources",
    ),
    "a statement": (
        _POLICY,
        {"Policy": _allowed("a:b")},
        {"Policy": {"Statement": [*_allowed("a:b")["Statement"], *_allowed("*")["Statement"]]}},
        "/Policy/Statement",
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_services_do_is_silent(name: str) -> None:
    type_, declared, live = SILENT[name]
    assert [(one.path, one.live) for one in verdict(type_, declared, live, "inform").changes] == []


@pytest.mark.parametrize("name", LOUD)
def test_what_people_do_is_told(name: str) -> None:
    type_, declared, live, path = LOUD[name]
    told = [one.path for one in verdict(type_, declared, live, "inform").changes]
    assert len(told) == 1 and told[0].startswith(path)


def test_a_word_in_capitals_is_told_as_it_is() -> None:
    (told,) = verdict(_RUNNER, _runner("API"), _runner("REPOSITORY_X"), "inform").changes
    assert told.live == "REPOSITORY_X"
