"""What only a Terraform state tells is no intent: it is named once a resource, and what opens or grants is a
finding, whatever the state says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.scan import Run
from tests.declared.terraform.test_state import instance, managed, state

ACCOUNT, REGION = "111122223333", "eu-west-1"
WORLD = "0.0.0.0/0"


def rule(port: int, cidr: str) -> dict[str, Any]:
    """An inline rule as a state has it."""
    none: list[str] = []
    return {
        "from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [cidr], "description": "",
        "ipv6_cidr_blocks": none, "prefix_list_ids": none, "security_groups": none, "self": False,
    }  # fmt: skip


def live_rule(port: int, cidr: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr}


def group(*ingress: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        "id": "sg-1", "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1", "name": "g",
        "description": "d", "vpc_id": "vpc-1", "tags": {}, "tags_all": {}, "owner_id": ACCOUNT,
        "revoke_rules_on_delete": False, "ingress": list(ingress), "egress": [],
    }  # fmt: skip
    return managed("aws_security_group", "g", instance(attributes))


def group_rule(port: int, cidr: str) -> dict[str, Any]:
    attributes = {
        "id": f"sgrule-{port}", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
        "from_port": port, "to_port": port, "cidr_blocks": [cidr], "self": False,
    }  # fmt: skip
    return managed("aws_security_group_rule", f"r{port}", instance(attributes))


def live_group(*ingress: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        "Id": "sg-1", "GroupId": "sg-1", "GroupName": "g", "GroupDescription": "d", "VpcId": "vpc-1",
        "Tags": [], "SecurityGroupIngress": list(ingress), "SecurityGroupEgress": [],
    }  # fmt: skip
    told = {"type": "AWS::EC2::SecurityGroup", "id": "sg-1", "name": "g", "region": REGION}
    return {**told, "attributes": attributes}


class Told:
    def __init__(self, report: Mapping[str, Any]) -> None:
        self.findings = {
            one["resource_id"].rpartition("/")[2]: {each["path"]: each for each in one["changes"]}
            for one in report["findings"]
        }
        self.severities = {
            one["resource_id"].rpartition("/")[2]: one["severity"] for one in report["findings"]
        }
        self.only_state = {
            one["resource_id"].rpartition("/")[2]: one["reason"]
            for one in report["unverifiable"]
            if "only the state says" in one["reason"]
        }


def compared(folder: Path, resources: Sequence[Mapping[str, Any]], *live: Mapping[str, Any]) -> Told:
    """What a state and a snapshot say of each other."""
    (folder / "terraform.tfstate").write_text(json.dumps(state(*resources)))
    own = {"provider": "aws", "scope": ACCOUNT}
    (folder / "live.jsonl").write_text("".join(json.dumps({**own, **one}) + "\n" for one in live))
    text = f"version: 1\ndeclared: [{{path: terraform.tfstate, scope: '{ACCOUNT}', region: {REGION}}}]"
    run = Run(parse(text, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"])
    return Told(run.scan().report)


def test_rules_of_a_group_that_only_a_refresh_saw_are_named_once(tmp_path: Path) -> None:
    told = compared(tmp_path, [group(rule(443, "10.0.0.0/16"))], live_group(live_rule(443, "10.0.0.0/16")))
    assert told.findings == {}
    assert list(told.only_state) == ["sg-1"]
    assert "/SecurityGroupIngress" in told.only_state["sg-1"]
    assert "`configuration:`" in told.only_state["sg-1"]


def test_rules_that_another_resource_declares_are_certain(tmp_path: Path) -> None:
    resources = [group(rule(443, "10.0.0.0/16")), group_rule(443, "10.0.0.0/16")]
    told = compared(tmp_path, resources, live_group(live_rule(443, "10.0.0.0/16")))
    assert (told.findings, told.only_state) == ({}, {})


def test_a_port_that_was_opened_beside_declared_rules_is_told_though_the_state_has_it(tmp_path: Path) -> None:
    resources = [group(rule(443, "10.0.0.0/16"), rule(3389, WORLD)), group_rule(443, "10.0.0.0/16")]
    live = live_group(live_rule(443, "10.0.0.0/16"), live_rule(3389, WORLD))
    told = compared(tmp_path, resources, live)
    (change,) = told.findings["sg-1"].values()
    assert change["path"] == "/SecurityGroupIngress"
    assert [one["FromPort"] for one in change["live"]] == [3389]
    assert told.severities == {"sg-1": "critical"}


def test_what_a_state_has_and_what_it_has_not_is_one_finding(tmp_path: Path) -> None:
    resources = [group(rule(443, "10.0.0.0/16"), rule(3389, WORLD)), group_rule(443, "10.0.0.0/16")]
    live = live_group(live_rule(443, "10.0.0.0/16"), live_rule(3389, WORLD), live_rule(22, WORLD))
    told = compared(tmp_path, resources, live)
    (change,) = told.findings["sg-1"].values()
    assert sorted(one["FromPort"] for one in change["live"]) == [22, 3389]


def test_what_differs_from_the_state_is_told_as_ever(tmp_path: Path) -> None:
    told = compared(tmp_path, [group(rule(443, "10.0.0.0/16"))], live_group(live_rule(80, "10.0.0.0/16")))
    assert list(told.findings["sg-1"]) == ["/SecurityGroupIngress"]
    assert told.only_state == {}


ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LITTLE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def role(attached: Sequence[str] = (), inline: Mapping[str, Any] | None = None) -> dict[str, Any]:
    policies = [{"name": name, "policy": json.dumps(one)} for name, one in (inline or {}).items()]
    attributes = {
        "arn": f"arn:aws:iam::{ACCOUNT}:role/r", "id": "r", "name": "r", "path": "/", "description": "",
        "assume_role_policy": json.dumps(TRUST), "force_detach_policies": False, "inline_policy": policies,
        "managed_policy_arns": list(attached), "max_session_duration": 3600, "permissions_boundary": "",
        "tags": {}, "tags_all": {}, "unique_id": "AROA",
    }  # fmt: skip
    return managed("aws_iam_role", "r", instance(attributes))


def attachment(arn: str) -> dict[str, Any]:
    attributes = {"id": "r-1", "role": "r", "policy_arn": arn}
    return managed("aws_iam_role_policy_attachment", "a", instance(attributes))


def live_role(attached: Sequence[str] = (), inline: Mapping[str, Any] | None = None) -> dict[str, Any]:
    policies = [{"PolicyName": name, "PolicyDocument": one} for name, one in (inline or {}).items()]
    attributes = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/r", "RoleName": "r", "Path": "/", "MaxSessionDuration": 3600,
        "AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": list(attached), "Policies": policies,
        "Tags": [],
    }  # fmt: skip
    arn = f"arn:aws:iam::{ACCOUNT}:role/r"
    return {"type": "AWS::IAM::Role", "id": arn, "name": "r", "attributes": attributes}


def test_an_administrator_whom_a_refresh_made_is_told(tmp_path: Path) -> None:
    told = compared(tmp_path, [role([READ, ADMIN]), attachment(READ)], live_role([READ, ADMIN]))
    (change,) = told.findings["r"].values()
    assert change["path"].startswith("/ManagedPolicyArns")
    assert told.severities == {"r": "critical"}


def test_an_inline_policy_that_a_refresh_took_in(tmp_path: Path) -> None:
    told = compared(tmp_path, [role(inline={"x": ANYTHING})], live_role(inline={"x": ANYTHING}))
    assert told.severities == {"r": "critical"}
    told = compared(tmp_path, [role(inline={"x": LITTLE})], live_role(inline={"x": LITTLE}))
    assert told.findings == {}
    assert "/Policies" in told.only_state["r"]


def test_attachments_that_others_declare_are_certain(tmp_path: Path) -> None:
    told = compared(tmp_path, [role([READ]), attachment(READ)], live_role([READ]))
    assert (told.findings, told.only_state) == ({}, {})


def table(*routes: tuple[str, str]) -> dict[str, Any]:
    said = [
        {"cidr_block": cidr, "nat_gateway_id": nat, "gateway_id": "", "ipv6_cidr_block": ""}
        for cidr, nat in routes
    ]
    attributes = {
        "id": "rtb-1", "arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:route-table/rtb-1", "owner_id": ACCOUNT,
        "vpc_id": "vpc-1", "propagating_vgws": [], "route": said, "tags": {}, "tags_all": {},
    }  # fmt: skip
    return managed("aws_route_table", "t", instance(attributes))


def route(cidr: str, nat: str) -> dict[str, Any]:
    attributes = {"id": f"r-rtb-1{cidr}", "route_table_id": "rtb-1", "destination_cidr_block": cidr,
                  "nat_gateway_id": nat, "state": "active", "origin": "CreateRoute"}  # fmt: skip
    return managed("aws_route", cidr.partition(".")[0], instance(attributes))


def test_a_route_that_a_refresh_took_in_is_named(tmp_path: Path) -> None:
    routes = [("0.0.0.0/0", "nat-1"), ("192.168.0.0/16", "nat-2")]
    ways = [{"DestinationCidrBlock": cidr, "NatGatewayId": nat} for cidr, nat in routes]
    live = {
        "type": "AWS::EC2::RouteTable", "id": "rtb-1", "region": REGION,
        "attributes": {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Main": False, "Associations": [],
                       "PropagatingVgws": [], "Tags": [], "Routes": ways},
    }  # fmt: skip
    told = compared(tmp_path, [table(*routes), route(*routes[0])], live)
    assert told.findings == {}
    assert "/Routes" in told.only_state["rtb-1"]
    told = compared(tmp_path, [table(*routes), *(route(*one) for one in routes)], live)
    assert (told.findings, told.only_state) == ({}, {})


@pytest.mark.parametrize("spill", [False, True], ids=["in memory", "on disk"])
def test_it_is_told_of_states_that_do_not_fit_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spill: bool
) -> None:
    from drift.store import live as shelf

    if spill:
        monkeypatch.setattr(shelf, "IN_MEMORY", 0)
    told = compared(tmp_path, [group(rule(443, "10.0.0.0/16"))], live_group(live_rule(443, "10.0.0.0/16")))
    assert list(told.only_state) == ["sg-1"]
