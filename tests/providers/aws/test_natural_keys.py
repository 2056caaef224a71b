"""What tells a resource whose id is not known: its name, never its tag Name, which many things share."""

from __future__ import annotations

from pathlib import Path

from providers.aws.facts import catalogue
from tests.declared.terraform.test_intent import record
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import ACCOUNT

TAG = [{"Key": "Name", "Value": "shop"}]
MAIN_TF = """
resource "aws_iam_role" "made" {
  name_prefix        = "shop-"
  assume_role_policy = "{}"
  tags               = { Name = "shop" }
}
resource "aws_eip" "out" {
  tags = { Name = "shop" }
}
"""


def test_the_tag_name_is_no_key_of_what_has_a_name() -> None:
    """People see it where nothing else tells what is meant."""
    keyed = [entry for entry in catalogue().compared.values() if entry.facts.natural_key]
    assert len(keyed) > 100
    assert [entry.type for entry in keyed if entry.called({"Tags": TAG}) is not None] == []
    assert catalogue().compared["AWS::EC2::VPC"].called({"Tags": TAG}) == "shop"


def test_what_a_prefix_names_is_neither_missing_nor_what_its_tag_names(tmp_path: Path) -> None:
    """By the configuration alone nobody knows which one is meant."""
    roles = [
        record(
            "AWS::IAM::Role",
            f"arn:aws:iam::{ACCOUNT}:role/{name}",
            {"RoleName": name, "AssumeRolePolicyDocument": {"Statement": []}, "Tags": TAG},
            None,
        )
        for name in ("shop-20260101", "shop")
    ]
    address = record(
        "AWS::EC2::EIP", "192.0.2.1|eipalloc-1", {"PublicIp": "192.0.2.1", "Domain": "vpc", "Tags": TAG}
    )
    report = scan(tmp_path, {"infra/main.tf": MAIN_TF}, [*roles, address])
    assert report["findings"] == []
    unknown = [one for one in report["unverifiable"] if one["reason"].startswith("its id is not known")]
    assert sorted(one["type"] for one in unknown) == ["AWS::EC2::EIP", "AWS::IAM::Role"]
