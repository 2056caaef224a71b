"""What a property means because of another one is the same on both sides, in Terraform's words and in
CloudFormation's; another value is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.model import Resource
from providers.aws import expressions
from providers.aws.facts import catalogue
from tests.conftest import Drift

ACCOUNT, REGION = "123456789012", "us-east-1"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/0a"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/0a"
PARAMETERS = f"arn:aws:rds:{REGION}:{ACCOUNT}:pg:tuned"
CROSS = "load_balancing.cross_zone.enabled"


def state(folder: Path, *said: tuple[str, Mapping[str, Any]]) -> str:
    resources = [
        {"mode": "managed", "type": type_, "name": f"a{number}", "instances": [{"attributes": attributes}]}
        for number, (type_, attributes) in enumerate(said)
    ]
    document = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources}
    (folder / "terraform.tfstate").write_text(json.dumps(document), encoding="utf-8")
    return "terraform.tfstate"


def baseline(folder: Path, type_: str, id_: str, attributes: Mapping[str, Any]) -> str:
    """What a template says in the end: CloudFormation's own words."""
    (folder / "declared").mkdir()
    record = Resource("aws", ACCOUNT, type_, id_, dict(attributes), REGION).record()
    (folder / "declared/d.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    return "declared"


def changes(
    folder: Path, drift: Drift, declared: str, type_: str, id_: str, live: Mapping[str, Any]
) -> list[str]:
    record = Resource("aws", ACCOUNT, type_, id_, dict(live), REGION).record()
    (folder / "live.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    ran = drift("diff", "--live", "live.jsonl", "--declared", declared, "-o", "out")
    return [change["path"] for one in ran.report["findings"] for change in one["changes"]]


OWN, OTHER = {"Id": "i-1"}, {"Id": "i-1", "Port": 8080}
TARGETS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"target_id": "i-1"}, OWN, True),
    ({"target_id": "i-1", "port": 80}, OWN, True),
    ({"target_id": "i-1", "port": 80}, {"Id": "i-1", "Port": 80}, True),
    ({"target_id": "i-1"}, {"Id": "i-1", "Port": 80}, True),
    ({"target_id": "i-1", "port": 80, "availability_zone": "us-east-1a"}, OWN, True),
    ({"target_id": "i-1", "port": 8080}, OTHER, True),
    ({"target_id": "i-1", "port": 8080}, OWN, False),
    ({"target_id": "i-1"}, OTHER, False),
    ({"target_id": "i-1", "availability_zone": "all"}, OWN, False),
]


@pytest.mark.parametrize(("said", "target", "silent"), TARGETS)
@pytest.mark.parametrize(
    ("language", "whole"), [("terraform", True), ("terraform", False), ("cloudformation", True)]
)
def test_a_target_on_its_groups_own_port(
    language: str,
    whole: bool,
    said: dict[str, Any],
    target: dict[str, Any],
    silent: bool,
    tmp_path: Path,
    drift: Drift,
) -> None:
    type_ = "AWS::ElasticLoadBalancingV2::TargetGroup"
    live = {"Name": "web", "Port": 80, "Protocol": "TCP", "Targets": [target]}
    if language == "terraform":
        group = ("aws_lb_target_group", {"arn": GROUP, "name": "web", "port": 80, "protocol": "TCP"})
        attached = ("aws_lb_target_group_attachment", {"target_group_arn": GROUP, **said})
        declared = state(tmp_path, *([group] if whole else []), attached)
    else:
        names = {"target_id": "Id", "port": "Port", "availability_zone": "AvailabilityZone"}
        own = {"Name": "web", "Port": 80, "Protocol": "TCP"}
        targets = [{names[name]: value for name, value in said.items()}]
        declared = baseline(tmp_path, type_, GROUP, {**own, "Targets": targets})
    assert (changes(tmp_path, drift, declared, type_, GROUP, live) == []) is silent


@pytest.mark.parametrize(
    ("type_of", "value", "silent"),
    [
        ("application", "true", True),
        ("application", "false", False),
        ("network", "true", False),
    ],
)
def test_what_is_always_on_may_be_said(
    type_of: str, value: str, silent: bool, tmp_path: Path, drift: Drift
) -> None:
    type_ = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    said = {"Type": type_of, "LoadBalancerAttributes": [{"Key": CROSS, "Value": value}]}
    live_value = [] if type_of == "application" else [{"Key": CROSS, "Value": "false"}]
    live = {"Type": type_of, "LoadBalancerAttributes": live_value}
    declared = baseline(tmp_path, type_, BALANCER, said)
    assert (changes(tmp_path, drift, declared, type_, BALANCER, live) == []) is silent


ENGINE = {"max_connections": "100", "ssl": "1"}
ROWS: list[tuple[dict[str, str], dict[str, str], list[str]]] = [
    ({"max_connections": "100"}, {}, []),
    ({"ssl": "ON"}, {}, []),
    ({"ssl": "OFF"}, {}, ["/Parameters/ssl"]),
    ({"max_connections": "200"}, {}, ["/Parameters/max_connections"]),
    ({"max_connections": "100"}, {"max_connections": "300"}, ["/Parameters/max_connections"]),
    ({"unheard_of": "1"}, {}, ["/Parameters/unheard_of"]),
    ({}, {"ssl": "0"}, ["/Parameters/ssl"]),
]


@pytest.mark.parametrize(("said", "set_", "told"), ROWS)
@pytest.mark.parametrize("language", ["terraform", "cloudformation"])
def test_a_parameter_with_the_engines_own_value(
    language: str,
    said: dict[str, str],
    set_: dict[str, str],
    told: list[str],
    tmp_path: Path,
    drift: Drift,
) -> None:
    type_ = "AWS::RDS::DBParameterGroup"
    live = {"DBParameterGroupName": "tuned", "Parameters": {"a": "1", **set_}, "EngineParameters": ENGINE}
    everything = {"a": "1", **said}
    if language == "terraform":
        rows = [{"name": name, "value": value} for name, value in everything.items()]
        declared = state(
            tmp_path, ("aws_db_parameter_group", {"arn": PARAMETERS, "name": "tuned", "parameter": rows})
        )
    else:
        attributes = {"DBParameterGroupName": "tuned", "Parameters": everything}
        declared = baseline(tmp_path, type_, PARAMETERS, attributes)
    assert changes(tmp_path, drift, declared, type_, PARAMETERS, live) == told


@pytest.mark.parametrize("type_", ["AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"])
def test_the_answer_tells_apart_who_set_a_parameter(type_: str) -> None:
    step = catalogue().entries[type_].said["describe"][0]
    answer = {
        "Parameters": [
            {"ParameterName": "a", "ParameterValue": "1", "Source": "user"},
            {"ParameterName": "b", "ParameterValue": "2"},
            {"ParameterName": "c", "ParameterValue": "3", "Source": "engine-default"},
            {"ParameterName": "d", "Source": "engine-default"},
            {"ParameterName": "e", "ParameterValue": "5", "Source": "system"},
        ]
    }
    found = expressions.compile(step["take"])(answer)
    assert found == {"Parameters": {"a": "1", "b": "2"}, "EngineParameters": {"c": "3", "e": "5"}}


ENTRY = {"RuleNumber": 100, "Egress": False, "RuleAction": "allow", "CidrBlock": "10.0.0.0/8"}
RULE = {
    "network_acl_id": "acl-1",
    "rule_number": 100,
    "egress": False,
    "rule_action": "allow",
    "cidr_block": "10.0.0.0/8",
}


@pytest.mark.parametrize(
    ("said", "live", "paths"),
    [
        ({"protocol": "-1", "from_port": 0, "to_port": 0}, {"Protocol": "-1"}, []),
        ({"protocol": "all", "from_port": 0, "to_port": 0}, {"Protocol": "-1"}, []),
        (
            {"protocol": "icmp", "from_port": 0, "to_port": 0, "icmp_type": 8, "icmp_code": 0},
            {"Protocol": "1", "Icmp": {"Type": 8, "Code": 0}},
            [],
        ),
        (
            {"protocol": "tcp", "from_port": 22, "to_port": 22, "icmp_type": 0, "icmp_code": 0},
            {"Protocol": "6", "PortRange": {"From": 22, "To": 22}},
            [],
        ),
        (
            {"protocol": "tcp", "from_port": 22, "to_port": 22},
            {"Protocol": "6", "PortRange": {"From": 22, "To": 23}},
            ["/Entries/false|100/PortRange/To"],
        ),
    ],
)
def test_ports_of_a_rule_count_where_its_protocol_has_them(
    tmp_path: Path, drift: Drift, said: dict[str, Any], live: dict[str, Any], paths: list[str]
) -> None:
    acl = (
        "aws_network_acl",
        {"id": "acl-1", "vpc_id": "vpc-1", "subnet_ids": [], "ingress": None, "egress": None},
    )
    declared = state(tmp_path, acl, ("aws_network_acl_rule", {**RULE, **said}))
    there = {"Id": "acl-1", "VpcId": "vpc-1", "Entries": [{**ENTRY, **live}]}
    assert changes(tmp_path, drift, declared, "AWS::EC2::NetworkAcl", "acl-1", there) == paths
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert [one["path"] for one in report["unverifiable"]] == []


KEYS = ("alpha.beta.gamma.1", "alpha.beta.gamma.2")
TUNNEL_1 = {"TunnelInsideCidr": "169.254.10.0/30", "PreSharedKey": KEYS[0]}
TUNNEL_2 = {"TunnelInsideCidr": "169.254.20.0/30", "PreSharedKey": KEYS[1], "StartupAction": "start"}
TUNNELS: list[tuple[list[dict[str, Any]] | None, list[str]]] = [
    ([{"TunnelInsideCidr": "169.254.20.0/30", "StartupAction": "start"}], []),
    ([{"PreSharedKey": KEYS[1], "StartupAction": "start"}, {"PreSharedKey": KEYS[0]}], []),
    ([{"StartupAction": "start"}, {"StartupAction": "add"}], []),
    ([{"TunnelInsideCidr": "169.254.20.0/30", "StartupAction": "add"}], ["1/StartupAction"]),
    (
        [{"TunnelInsideCidr": "169.254.10.0/30", "PreSharedKey": "other.key.3"}],
        ["0/PreSharedKey", "1/StartupAction"],
    ),
    (None, ["1/StartupAction"]),
]


@pytest.mark.parametrize(("said", "paths"), TUNNELS)
def test_a_tunnel_is_compared_with_the_live_one_that_it_is(
    tmp_path: Path, drift: Drift, said: list[dict[str, Any]] | None, paths: list[str]
) -> None:
    own = {"CustomerGatewayId": "cgw-1", "Type": "ipsec.1", "StaticRoutesOnly": True}
    type_, name = "AWS::EC2::VPNConnection", "VpnTunnelOptionsSpecifications"
    declared = baseline(tmp_path, type_, "vpn-1", own if said is None else {**own, name: said})
    found = changes(tmp_path, drift, declared, type_, "vpn-1", {**own, name: [TUNNEL_1, TUNNEL_2]})
    assert found == [f"/{name}/{path}" for path in paths]
    assert all(key not in (tmp_path / "out/report.json").read_text() for key in (*KEYS, "other.key.3"))
