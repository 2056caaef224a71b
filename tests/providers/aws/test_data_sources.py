"""Data sources that need no AWS give what Terraform's provider gives: ``data_sources.json`` holds what its
version 5.100 made of ``data_sources.tf``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drift.declared.terraform.configuration.values import settled
from drift.model import Unresolved
from tests.declared.terraform.data_sources import root

HERE = Path(__file__).parent
PROVIDERS = """
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { A = "b", N = null }
  }
}
provider "aws" {
  alias  = "china"
  region = "cn-north-1"
}
"""


def test_each_answers_as_the_provider_does(tmp_path: Path) -> None:
    told = settled(root(tmp_path, PROVIDERS + (HERE / "data_sources.tf").read_text()).output("told"))
    assert told == json.loads((HERE / "data_sources.json").read_text())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('statement {\n actions = ["a"]\n resources = [aws_vpc.v.arn]\n }', "known once it is applied"),
        ("dynamic statement {\n for_each = var.none\n content {}\n }", "var"),
        ('source_json = "{}"', "source_json"),
        ('source_policy_documents = ["{"]', "no policy document"),
        ("source_policy_documents = [jsonencode({ Statement = {} })]", "Statement is no list"),
        ('statement {\n sid = "a"\n }\n statement {\n sid = "a"\n }', "the same Sid"),
        ('version = "2008-10-17"\n statement {\n resources = ["&{a}"]\n }', "has no variables"),
    ],
)
def test_a_document_that_is_not_known_is_not_made_up(tmp_path: Path, body: str, reason: str) -> None:
    body = body.replace("dynamic statement", 'dynamic "statement"')
    text = 'variable "none" {}\nresource "aws_vpc" "v" {}\n'
    text += f'data "aws_iam_policy_document" "d" {{\n{body}\n}}\n'
    text += 'output "o" {\n  value = data.aws_iam_policy_document.d.json\n}\n'
    made = root(tmp_path, text).output("o")
    assert isinstance(made, Unresolved)
    assert reason in made.reason
