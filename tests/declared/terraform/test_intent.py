"""What is declared is what the configuration sets, not what a state has absorbed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import load
from drift.scan import Run
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, queue, state
from tests.rules.support import write

REGION = "eu-west-1"
GROUP = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"


def scan(folder: Path, files: dict[str, str], content: Any, records: list[Any], **options: Any) -> Any:
    """The report on a state in ``infra`` with these configuration files beside it."""
    entry = {"path": "infra/terraform.tfstate", "scope": ACCOUNT, "region": REGION, **options}
    write(
        folder,
        {
            **{f"infra/{name}": text for name, text in files.items()},
            "infra/terraform.tfstate": json.dumps(content),
            "live.yaml": records,
            "drift.yaml": yaml.safe_dump({"version": 1, "declared": [entry]}),
        },
    )
    return Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"]).scan().report


def record(type_: str, id_: str, attributes: dict[str, Any], region: str | None = REGION) -> dict[str, Any]:
    place = {"region": region} if region else {}
    return {"provider": "aws", "scope": ACCOUNT, **place, "type": type_, "id": id_, "attributes": attributes}


def rule(port: int, cidr: str = "10.0.0.0/8") -> dict[str, Any]:
    return {
        "from_port": port,
        "to_port": port,
        "protocol": "tcp",
        "cidr_blocks": [cidr],
        "description": "",
        "self": False,
        "security_groups": [],
        "ipv6_cidr_blocks": [],
        "prefix_list_ids": [],
    }


def live_rule(port: int, cidr: str = "10.0.0.0/8") -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": cidr}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    own = {"id": "sg-1", "arn": GROUP, "name": "g", "description": "d", "vpc_id": "vpc-1"}
    return {**own, "owner_id": ACCOUNT, "tags": {}, "tags_all": {}, "ingress": list(rules), "egress": []}


def live_group(*rules: dict[str, Any]) -> dict[str, Any]:
    said = {"GroupName": "g", "GroupDescription": "d", "VpcId": "vpc-1", "SecurityGroupIngress": list(rules)}
    said["SecurityGroupEgress"] = []
    return record("AWS::EC2::SecurityGroup", "sg-1", said)


def live_queue(name: str, **attributes: Any) -> dict[str, Any]:
    id_ = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    return {**record("AWS::SQS::Queue", id_, {"QueueName": name, **attributes}), "name": name}


def told(report: Any) -> list[tuple[str, str, str]]:
    return [
        (one["kind"], one["status"], change["path"] if change else "")
        for one in report["findings"]
        for change in one["changes"] or [None]
    ]


SEPARATE = """
resource "aws_security_group" "g" {
  name        = "g"
  description = "d"
  vpc_id      = "vpc-1"
}
resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  security_group_id = aws_security_group.g.id
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["10.0.0.0/8"]
}
"""
INLINE = """
variable "open" { default = [22] }
resource "aws_security_group" "g" {
  name        = "g"
  description = "d"
  vpc_id      = "vpc-1"
  dynamic "ingress" {
    for_each = var.open
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}
"""


def rules_apart() -> dict[str, Any]:
    apart = {**rule(22), "type": "ingress", "security_group_id": "sg-1", "source_security_group_id": None}
    return managed("aws_security_group_rule", "ssh", instance(apart))


@pytest.mark.parametrize("hcl", [SEPARATE, INLINE])
def test_a_rule_that_the_state_has_absorbed_is_told_loudly(tmp_path: Path, hcl: str) -> None:
    more = [rules_apart()] if hcl is SEPARATE else []
    absorbed = state(
        managed("aws_security_group", "g", instance(group(rule(22), rule(3389, "0.0.0.0/0")))), *more
    )
    live = live_group(live_rule(22), live_rule(3389, "0.0.0.0/0"))
    report = scan(tmp_path, {"main.tf": hcl}, absorbed, [live])
    assert told(report) == [("changed", None, "/SecurityGroupIngress")]
    (finding,) = report["findings"]
    assert finding["severity"] == "critical"
    (change,) = finding["changes"]
    assert "absorbed" in change["note"]
    assert [one["FromPort"] for one in change["live"]] == [3389]
    assert finding["declared_at"]["file"] == "infra/main.tf"
    assert finding["declared_at"]["address"] == "aws_security_group.g"
    same = scan(tmp_path, {"main.tf": hcl}, absorbed, [live_group(live_rule(22))])
    assert told(same) == []


def test_a_value_that_the_state_has_absorbed_is_told(tmp_path: Path) -> None:
    hcl = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n  delay_seconds = 5\n  tags = { Team = "shop" }\n}\n'
    absorbed = queue("a", delay_seconds=60, visibility_timeout_seconds=99)
    absorbed["tags"] = absorbed["tags_all"] = {"Team": "shop", "By": "hand"}
    live = live_queue(
        "a",
        DelaySeconds=60,
        VisibilityTimeout=99,
        Tags=[{"Key": "Team", "Value": "shop"}, {"Key": "By", "Value": "hand"}],
    )
    report = scan(
        tmp_path, {"main.tf": hcl}, state(managed("aws_sqs_queue", "a", instance(absorbed))), [live]
    )
    changes = {one["path"]: one for one in report["findings"][0]["changes"]}
    assert set(changes) == {"/DelaySeconds", "/VisibilityTimeout", "/Tags/By"}
    assert changes["/DelaySeconds"]["declared"] == 5
    assert changes["/VisibilityTimeout"]["undeclared"]
    assert all("absorbed" in one["note"] for one in changes.values())


def test_what_is_set_by_an_expression_is_as_the_state_has_it(tmp_path: Path) -> None:
    hcl = (
        'data "aws_caller_identity" "me" {}\nresource "aws_kms_key" "k" {}\n'
        'resource "aws_sqs_queue" "a" {\n  name = "a-${data.aws_caller_identity.me.account_id}"\n'
        "  delay_seconds = unknown_function(aws_kms_key.k.id)\n}\n"
    )
    me = {"mode": "data", "type": "aws_caller_identity", "name": "me", "provider": "p", "instances": []}
    me["instances"] = [{"attributes": {"account_id": "1"}}]
    content = state(managed("aws_sqs_queue", "a", instance(queue("a-1", delay_seconds=5))), me)
    report = scan(tmp_path, {"main.tf": hcl}, content, [live_queue("a-1", DelaySeconds=5)])
    assert told(report) == []
    report = scan(tmp_path, {"main.tf": hcl}, content, [live_queue("a-1", DelaySeconds=6)])
    assert ("changed", None, "/DelaySeconds") in told(report)


def test_what_it_is_a_part_of_may_be_told_by_what_the_cloud_chose(tmp_path: Path) -> None:
    """The address that an association names is known by its number, which no configuration sets."""
    hcl = (
        'resource "aws_eip" "a" { domain = "vpc" }\nresource "aws_eip_association" "a" {\n'
        '  allocation_id = aws_eip.a.id\n  instance_id = "i-1"\n}\n'
    )
    address = {"id": "eipalloc-1", "allocation_id": "eipalloc-1", "public_ip": "192.0.2.1", "domain": "vpc"}
    held = {"id": "eipassoc-1", "allocation_id": "eipalloc-1", "public_ip": "192.0.2.1", "instance_id": "i-1"}
    content = state(
        managed("aws_eip", "a", instance(address)), managed("aws_eip_association", "a", instance(held))
    )
    live = {"PublicIp": "192.0.2.1", "AllocationId": "eipalloc-1", "Domain": "vpc", "InstanceId": "i-2"}
    report = scan(
        tmp_path, {"main.tf": hcl}, content, [record("AWS::EC2::EIP", "192.0.2.1|eipalloc-1", live)]
    )
    assert told(report) == [("changed", None, "/InstanceId")]
    assert report["unverifiable"] == []


def test_declared_and_never_applied_is_pending(tmp_path: Path) -> None:
    hcl = "".join(f'resource "aws_sqs_queue" "{one}" {{\n  name = "{one}"\n}}\n' for one in "ab")
    content = state(managed("aws_sqs_queue", "a", instance(queue("a"))))
    report = scan(tmp_path, {"main.tf": hcl}, content, [live_queue("a")])
    assert told(report) == [("missing", "pending", "")]
    (finding,) = report["findings"]
    assert finding["declared_at"]["address"] == "aws_sqs_queue.b"
    assert finding["declared_at"]["line"] == 4
    assert "never applied" in finding["note"]
    assert report["run"]["exit_code"] == 0


def test_applied_and_declared_no_longer_is_a_pending_removal(tmp_path: Path) -> None:
    hcl = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n}\n'
    content = state(*(managed("aws_sqs_queue", one, instance(queue(one))) for one in "ab"))
    report = scan(tmp_path, {"main.tf": hcl}, content, [live_queue("a"), live_queue("b")])
    assert told(report) == [("unmanaged", "pending", "")]
    assert "aws_sqs_queue.b" in report["findings"][0]["note"]
    assert report["run"]["exit_code"] == 0
    assert told(scan(tmp_path, {"main.tf": hcl}, content, [live_queue("a")])) == []


def test_what_was_moved_is_neither(tmp_path: Path) -> None:
    hcl = (
        'module "m" {\n  source = "./m"\n  for_each = { x = 5 }\n  delay = each.value\n}\n'
        'moved {\n  from = aws_sqs_queue.a\n  to = module.m["x"].aws_sqs_queue.b\n}\n'
    )
    inner = (
        'variable "delay" {}\nresource "aws_sqs_queue" "b" {\n  name = "a"\n  delay_seconds = var.delay\n}\n'
    )
    content = state(managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=6))))
    report = scan(tmp_path, {"main.tf": hcl, "m/main.tf": inner}, content, [live_queue("a", DelaySeconds=6)])
    assert told(report) == [("changed", None, "/DelaySeconds")]
    assert report["findings"][0]["declared_at"]["address"] == 'module.m["x"].aws_sqs_queue.b'


def test_a_file_that_does_not_parse_is_named_and_the_state_speaks_for_it(tmp_path: Path) -> None:
    hcl = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n}\n'
    content = state(*(managed("aws_sqs_queue", one, instance(queue(one, delay_seconds=5))) for one in "ab"))
    files = {"main.tf": hcl, "b.tf": 'resource "aws_sqs_queue" "b" {\n  name = \n}\n'}
    report = scan(tmp_path, files, content, [live_queue("a"), live_queue("b", DelaySeconds=6)])
    assert told(report) == [("changed", None, "/DelaySeconds")]
    assert [one["source"] for one in report["problems"]] == ["infra/b.tf"]
    assert "infra/b.tf:2" in report["problems"][0]["message"]


def test_variables_of_the_entry_and_files_that_it_names(tmp_path: Path) -> None:
    hcl = 'variable "d" {}\nvariable "t" { default = 1 }\nresource "aws_sqs_queue" "a" {\n  name = "a"\n'
    hcl += "  delay_seconds = var.d\n  visibility_timeout_seconds = var.t\n}\n"
    content = state(
        managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=9, visibility_timeout_seconds=9)))
    )
    live = [live_queue("a", DelaySeconds=9, VisibilityTimeout=9)]
    files = {"main.tf": hcl, "prod.tfvars": "t = 7\n", "x.auto.tfvars": "t = 6\n"}
    report = scan(tmp_path, files, content, live, variables={"d": 8, "t": 5}, var_files=["infra/prod.tfvars"])
    changes = {one["path"]: one["declared"] for one in report["findings"][0]["changes"]}
    assert changes == {"/DelaySeconds": 8, "/VisibilityTimeout": 7}


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    hcl = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n}\nmodule "far" {\n  source = "acme/far/aws"\n}\n'
    content = state(managed("aws_sqs_queue", "a", instance(queue("a"))))
    files = {"infra/main.tf": hcl, "infra/prod.tfvars": "t = 7\n", "infra/s.tfstate": json.dumps(content)}
    write(tmp_path, {**files, "live.yaml": [live_queue("a")]})
    entry = {"version": 1, "declared": [{"path": "infra/s.tfstate", "scope": ACCOUNT, "region": REGION}]}
    (tmp_path / "drift.yaml").write_text(yaml.safe_dump(entry))
    said: list[str] = []
    Run(load(tmp_path / "drift.yaml"), (), [tmp_path / "live.yaml"], tell=said.append).scan()
    assert ["infra/prod.tfvars" in one or "module.far is not read" in one for one in said] == [True, True]


def test_what_is_to_be_imported_is_matched_by_its_id_and_pending(tmp_path: Path) -> None:
    hcl = (
        'data "aws_vpcs" "all" {}\nlocals { groups = { a = "sg-1", b = "sg-2" } }\n'
        'resource "aws_security_group" "g" {\n  for_each = local.groups\n  name_prefix = "g-"\n'
        '  description = "ours"\n  vpc_id = data.aws_vpcs.all.ids[0]\n}\n'
        "import {\n  for_each = local.groups\n  to = aws_security_group.g[each.key]\n  id = each.value\n}\n"
    )
    live = [live_group(live_rule(22)), live_group()]
    live[1] |= {"id": "sg-2", "attributes": {**live[1]["attributes"], "GroupDescription": "ours"}}
    report = scan(tmp_path, {"main.tf": hcl}, state(), live)
    assert [(one["resource_id"], one["status"], one["note"]) for one in report["findings"]] == [
        ("sg-1", "pending", 'to be imported: no state holds it yet as aws_security_group.g["a"]')
    ]
    assert report["run"]["exit_code"] in (0, 3)
    assert report["summary"]["unmanaged"] == 0
    gone = scan(tmp_path, {"main.tf": hcl}, state(), live[1:])
    assert [(one["kind"], one["status"]) for one in gone["findings"]] == [("missing", "pending")]


def test_a_value_that_neither_side_knows_is_unverifiable_where_it_stands(tmp_path: Path) -> None:
    """Of a map one value, of an argument that the state has empty all; what hangs on it, too."""
    hcl = """
        variable "who" {}
        resource "aws_sqs_queue" "a" {
          name            = "a"
          policy          = var.who
          tags            = { Team = var.who, Env = "prod" }
        }
        resource "aws_s3_bucket" "b" {
          bucket = "b"
          versioning {
            enabled = var.who
          }
        }
    """
    bucket = {"arn": "arn:aws:s3:::b", "id": "b", "bucket": "b", "versioning": []}
    content = state(
        managed("aws_sqs_queue", "a", instance({**queue("a"), "policy": None, "tags": {}, "tags_all": {}})),
        managed("aws_s3_bucket", "b", instance(bucket)),
    )
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sqs:*"}]}
    tags = [{"Key": "Team", "Value": "shop"}, {"Key": "Env", "Value": "prod"}]
    live = [
        live_queue("a", PolicyDocument=policy, Tags=tags),
        record("AWS::S3::Bucket", "arn:aws:s3:::b", {"BucketName": "b"}, None),
    ]
    report = scan(tmp_path, {"main.tf": hcl}, content, live)
    assert told(report) == []
    assert {(one["type"], one["path"]) for one in report["unverifiable"]} == {
        ("AWS::SQS::Queue", "/PolicyDocument"),
        ("AWS::SQS::Queue", "/Tags/Team"),
        ("AWS::S3::Bucket", "/VersioningConfiguration"),
    }


def test_a_rule_that_was_never_applied_is_pending_and_one_that_is_gone_is_drift(tmp_path: Path) -> None:
    """Of rules that are resources of their own, which are members of the group's list."""
    of_group = (
        'resource "aws_security_group_rule" "{}" {{\n  type = "ingress"\n  security_group_id = "sg-1"\n'
    )
    said = '  from_port = {}\n  to_port = {}\n  protocol = "tcp"\n  cidr_blocks = ["10.0.0.0/8"]\n}}\n'
    hcl = 'resource "aws_security_group" "g" {\n  name = "g"\n  description = "d"\n  vpc_id = "vpc-1"\n}\n'
    hcl += "".join(
        of_group.format(name) + said.format(port, port) for name, port in (("a", 443), ("b", 8443))
    )
    applied = {"id": "sgrule-1", "type": "ingress", "security_group_id": "sg-1", **rule(443)}
    own = {"id": "sg-1", "arn": GROUP, "name": "g", "description": "d", "vpc_id": "vpc-1"}
    content = state(
        managed("aws_security_group", "g", instance(own)),
        managed("aws_security_group_rule", "a", instance(applied)),
    )
    base: dict[str, Any] = {"GroupId": "sg-1", "GroupName": "g", "GroupDescription": "d", "VpcId": "vpc-1"}
    base["SecurityGroupEgress"] = []

    def status(number: int, *ports: int) -> list[str | None]:
        rules = {**base, "SecurityGroupIngress": [live_rule(port) for port in ports]}
        live = [record("AWS::EC2::SecurityGroup", "sg-1", rules)]
        report = scan(tmp_path / str(number), {"main.tf": hcl}, content, live)
        return [one["status"] for one in report["findings"]]

    assert status(1, 443) == ["pending"]
    assert status(2) == [None]
    assert status(3, 443, 8443) == []


def test_null_is_as_good_as_nothing_set(tmp_path: Path) -> None:
    """What modules pass on where nobody says anything is the cloud's choice."""
    hcl = """
        variable "ttl" { default = null }
        resource "aws_cloudfront_distribution" "d" {
          enabled = true
          default_cache_behavior {
            target_origin_id       = "o"
            viewer_protocol_policy = "https-only"
            default_ttl            = var.ttl
            forwarded_values { query_string = true }
          }
        }
    """
    behavior: dict[str, Any] = {"target_origin_id": "o", "viewer_protocol_policy": "https-only"}
    behavior.update(default_ttl=3600, forwarded_values=[{"query_string": True}])
    said = {"id": "E1", "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", "enabled": True}
    content = state(
        managed(
            "aws_cloudfront_distribution",
            "d",
            instance({**said, "default_cache_behavior": [behavior], "tags_all": {}}),
        )
    )
    lives = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "DefaultTTL": 3600}
    config = {"Enabled": True, "DefaultCacheBehavior": {**lives, "ForwardedValues": {"QueryString": True}}}
    one = record("AWS::CloudFront::Distribution", "E1", {"DistributionConfig": config}, None)
    assert told(scan(tmp_path, {"main.tf": hcl}, content, [one])) == []


def test_a_member_is_called_as_the_provider_chose(tmp_path: Path) -> None:
    """A target of a rule without an id of its own."""
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
    hcl = """
        resource "aws_cloudwatch_event_rule" "r" {
          name                = "r"
          schedule_expression = "rate(1 hour)"
        }
        resource "aws_cloudwatch_event_target" "t" {
          rule = aws_cloudwatch_event_rule.r.name
          arn  = "arn:aws:sqs:eu-west-1:123456789012:q"
        }
    """
    own = {
        "id": "r",
        "arn": rule,
        "name": "r",
        "schedule_expression": "rate(1 hour)",
        "event_bus_name": "default",
    }
    own.update(state="ENABLED", is_enabled=True, tags_all={})
    target = {"id": "r-x", "rule": "r", "event_bus_name": "default", "target_id": "terraform-1"}
    target["arn"] = "arn:aws:sqs:eu-west-1:123456789012:q"
    content = state(
        managed("aws_cloudwatch_event_rule", "r", instance(own)),
        managed("aws_cloudwatch_event_target", "t", instance(target)),
    )

    def paths(queue: str) -> list[str]:
        live = {
            "Name": "r",
            "ScheduleExpression": "rate(1 hour)",
            "State": "ENABLED",
            "EventBusName": "default",
        }
        targets = [{"Id": "terraform-1", "Arn": f"arn:aws:sqs:eu-west-1:123456789012:{queue}"}]
        one = record("AWS::Events::Rule", rule, {**live, "Targets": targets})
        return [path for _, _, path in told(scan(tmp_path, {"main.tf": hcl}, content, [one]))]

    assert paths("q") == []
    assert paths("evil") == ["/Targets/terraform-1/Arn"]
