"""A scan against ``terraform plan -refresh-only`` of the same estate, with 60 and with 600 resources."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from drift.config import parse
from drift.scan import Run
from providers.aws.loopback import environment, moto
from tests.bench.timing import paired
from tests.providers.aws.terraform import ESTATE, Terraform, find

TYPES = """
resource "aws_cloudwatch_log_group" "g" {
  count             = var.each
  name              = "/bench/${count.index}"
  retention_in_days = 30
}
resource "aws_sns_topic" "t" {
  count = var.each
  name  = "bench-${count.index}"
}
resource "aws_ssm_parameter" "p" {
  count = var.each
  name  = "/bench/${count.index}"
  type  = "String"
  value = "v${count.index}"
}
resource "aws_iam_role" "r" {
  count              = var.each
  name               = "bench-${count.index}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_s3_bucket" "b" {
  count  = var.each
  bucket = "bench-${count.index}"
}
resource "aws_dynamodb_table" "d" {
  count        = var.each
  name         = "bench-${count.index}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
variable "each" {
  type = number
}
"""


def main() -> None:
    terraform = find()
    if isinstance(terraform, str):
        print(f"terraform: not measured: {terraform}")
        return
    measure(terraform, 60, "at most 0.5")
    measure(terraform, 600, "at most 0.125")


def measure(terraform: Terraform, resources: int, goal: str) -> None:
    with moto() as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = environment(url)
        os.environ.update(env)
        (folder / "types.tf").write_text(TYPES)
        (folder / "terraform.tfvars").write_text(f"each = {resources // 6}\n")
        terraform.apply(folder, env, [ESTATE / "main.tf"])

        def ours() -> None:
            text = (
                "version: 1\ndeclared:\n  - path: terraform.tfstate\nlive:\n  aws: {regions: [us-east-1]}\n"
            )
            report = Run(parse(text, "drift.yaml", folder, None, os.environ)).scan().report
            assert report["findings"] == [], report["findings"][:2]

        def theirs() -> None:
            terraform.run(folder, env, "plan", "-refresh-only", "-no-color", "-input=false")

        result = paired(ours, theirs, runs=3)
        print(result.line(f"terraform {resources}", "drift scan", "terraform plan -refresh-only", goal))
