"""With a state beside it the configuration is edited, never the state; a state alone is described."""

from __future__ import annotations

import json
from pathlib import Path

from tests.remediate.harness import adopted, repository, snapshot

MAIN = """\
resource "aws_security_group" "web" {
  name        = "web"
  description = "of the shop"
  vpc_id      = "vpc-1"

  # the office
  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = {
    Owner = "ada"
  }
}
"""
CONFIG = """\
version: 1
declared:
  - {path: states/prod.tfstate, configuration: infra, scope: "111122223333", region: eu-west-1}
"""
ARN = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"
INGRESS = {
    "from_port": 443,
    "to_port": 443,
    "protocol": "tcp",
    "cidr_blocks": ["10.0.0.0/8"],
    "description": "https",
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "security_groups": [],
    "self": False,
}

EGRESS = {
    **INGRESS,
    "from_port": 0,
    "to_port": 0,
    "protocol": "-1",
    "cidr_blocks": ["0.0.0.0/0"],
    "description": "",
}


def state() -> str:
    attributes = {
        "id": "sg-1",
        "arn": ARN,
        "owner_id": "111122223333",
        "name": "web",
        "description": "of the shop",
        "vpc_id": "vpc-1",
        "ingress": [INGRESS],
        "egress": [EGRESS],
        "tags": {"Owner": "ada"},
        "tags_all": {"Owner": "ada"},
    }
    resource = {
        "mode": "managed",
        "type": "aws_security_group",
        "name": "web",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"attributes": attributes}],
    }
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": [resource]})


def group(*ingress: dict[str, object], owner: str = "ada") -> dict[str, object]:
    return {
        "provider": "aws",
        "scope": "111122223333",
        "region": "eu-west-1",
        "type": "AWS::EC2::SecurityGroup",
        "id": "sg-1",
        "name": "web",
        "attributes": {
            "GroupId": "sg-1",
            "GroupName": "web",
            "GroupDescription": "of the shop",
            "VpcId": "vpc-1",
            "SecurityGroupIngress": list(ingress),
            "SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}],
            "Tags": [{"Key": "Owner", "Value": owner}],
        },
    }


def rule(port: int, cidr: str, description: str = "https") -> dict[str, object]:
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "CidrIp": cidr,
        "Description": description,
    }


def test_a_rule_more_is_a_block_more(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "r", {"infra/main.tf": MAIN, "states/prod.tfstate": state(), "drift.yaml": CONFIG}
    )
    live = snapshot(
        tmp_path / "live.jsonl",
        [group(rule(443, "10.0.0.0/8"), rule(8443, "10.1.0.0/16", "of the ${team}"), owner="bob")],
    )
    done = adopted(folder, live)
    assert done.described == {}
    block = """\
  ingress {
    description = "of the $${team}"
    from_port   = 8443
    to_port     = 8443
    protocol    = "tcp"
    cidr_blocks = ["10.1.0.0/16"]
  }
"""
    wanted = MAIN.replace('["10.0.0.0/8"]\n  }\n', '["10.0.0.0/8"]\n  }\n\n' + block).replace(
        '"ada"', '"bob"'
    )
    assert done.files == {"infra/main.tf": wanted}
    assert set(done.after.findings) == set()


def test_another_rule_is_the_block_changed(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "r", {"infra/main.tf": MAIN, "states/prod.tfstate": state(), "drift.yaml": CONFIG}
    )
    live = snapshot(tmp_path / "live.jsonl", [group(rule(443, "10.2.0.0/16"))])
    done = adopted(folder, live)
    assert done.files == {"infra/main.tf": MAIN.replace("10.0.0.0/8", "10.2.0.0/16")}


def test_a_rule_less_is_its_block_gone_with_its_comment(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "r", {"infra/main.tf": MAIN, "states/prod.tfstate": state(), "drift.yaml": CONFIG}
    )
    done = adopted(folder, snapshot(tmp_path / "live.jsonl", [group()]))
    start, end = MAIN.index("\n  # the office"), MAIN.index("\n  egress")
    assert done.files == {"infra/main.tf": MAIN[:start] + MAIN[end:]}


def test_a_state_may_lie_outside_of_the_repository(tmp_path: Path) -> None:
    kept = tmp_path / "bucket" / "prod.tfstate"
    kept.parent.mkdir()
    kept.write_text(state())
    config = CONFIG.replace("states/prod.tfstate", "../bucket/prod.tfstate")
    folder = repository(tmp_path / "r", {"infra/main.tf": MAIN, "drift.yaml": config})
    live = snapshot(tmp_path / "live.jsonl", [group(rule(443, "10.0.0.0/8"), owner="bob")])
    done = adopted(folder, live)
    assert done.files == {"infra/main.tf": MAIN.replace('"ada"', '"bob"')}
    assert kept.read_text() == state()


def test_a_state_alone_is_described(tmp_path: Path) -> None:
    config = CONFIG.replace(" configuration: infra,", "")
    folder = repository(tmp_path / "r", {"states/prod.tfstate": state(), "drift.yaml": config})
    done = adopted(folder, snapshot(tmp_path / "live.jsonl", [group(rule(80, "10.0.0.0/8"))]))
    assert done.files == {}
    assert [why for why, _ in done.described.values()] == ["no configuration is declared beside the state"]


def queues(**delays: int) -> str:
    """A state of queues that one block declares, and of one that nothing live is left of."""
    instances = [
        {
            "index_key": name,
            "attributes": {
                "arn": f"arn:aws:sqs:eu-west-1:111122223333:{name}",
                "name": name,
                "delay_seconds": delay,
            },
        }
        for name, delay in delays.items()
    ]
    one = {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
    }
    gone = {"attributes": {"arn": "arn:aws:sqs:eu-west-1:111122223333:gone", "name": "gone"}}
    resources = [{**one, "name": "all", "instances": instances}, {**one, "name": "gone", "instances": [gone]}]
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources})


def test_an_edit_may_not_change_another_instance_while_others_are_to_be_applied(tmp_path: Path) -> None:
    """The other one would only be pending, as the removal of the third is: it is a change all the same."""
    main = (
        'resource "aws_sqs_queue" "all" {\n  for_each      = toset(["a", "b"])\n  name          = each.key\n'
        '  delay_seconds = 5\n}\n\nresource "aws_sqs_queue" "gone" {\n  name = "gone"\n}\n'
    )
    files = {"infra/main.tf": main, "states/prod.tfstate": queues(a=5, b=5), "drift.yaml": CONFIG}
    folder = repository(tmp_path / "r", files)
    records = [
        {
            "provider": "aws",
            "scope": "111122223333",
            "region": "eu-west-1",
            "type": "AWS::SQS::Queue",
            "id": f"arn:aws:sqs:eu-west-1:111122223333:{name}",
            "name": name,
            "attributes": {"QueueName": name, "DelaySeconds": delay},
        }
        for name, delay in (("a", 9), ("b", 5))
    ]
    done = adopted(folder, snapshot(tmp_path / "live.jsonl", records))
    assert set(done.files) == {"infra/main.tf"}
    assert "delay_seconds = 5" in str(done.files["infra/main.tf"])
    assert "removed {" in str(done.files["infra/main.tf"])
    assert [done.before[one].resource.name for one in done.described] == ["a"]
