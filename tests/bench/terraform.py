"""A scan against ``terraform plan -refresh-only`` of the same estate, with 60 and with 600 resources."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import environment, moto
from tests.bench.collect import record
from tests.bench.timing import paired
from tests.providers.aws.terraform import ESTATE, Terraform, find

#: One unit of what estates are mostly made of: network, identities, logs, a few buckets and tables.
UNIT = 12
TYPES = """
variable "units" {
  type = number
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_route_table" "r" {
  vpc_id = aws_vpc.v.id
}
resource "aws_subnet" "s" {
  count      = var.units
  vpc_id     = aws_vpc.v.id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
}
resource "aws_route_table_association" "a" {
  count          = var.units
  subnet_id      = aws_subnet.s[count.index].id
  route_table_id = aws_route_table.r.id
}
resource "aws_security_group" "g" {
  count  = var.units
  name   = "bench-${count.index}"
  vpc_id = aws_vpc.v.id
}
resource "aws_security_group_rule" "r" {
  count             = var.units * 3
  security_group_id = aws_security_group.g[floor(count.index / 3)].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 8000 + count.index
  to_port           = 8000 + count.index
  cidr_blocks       = ["10.0.0.0/8"]
}
resource "aws_iam_role" "r" {
  count              = var.units
  name               = "bench-${count.index}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }
    ]
  })
}
resource "aws_iam_policy" "p" {
  count  = var.units
  name   = "bench-${count.index}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}
resource "aws_iam_role_policy_attachment" "a" {
  count      = var.units
  role       = aws_iam_role.r[count.index].name
  policy_arn = aws_iam_policy.p[count.index].arn
}
resource "aws_cloudwatch_log_group" "g" {
  count             = var.units
  name              = "/bench/${count.index}"
  retention_in_days = 30
}
resource "aws_ssm_parameter" "p" {
  count = var.units
  name  = "/bench/${count.index}"
  type  = "String"
  value = "v${count.index}"
}
resource "aws_sns_topic" "t" {
  count = var.units
  name  = "bench-${count.index}"
}
resource "aws_s3_bucket" "b" {
  count  = floor(var.units / 5)
  bucket = "bench-${count.index}"
}
resource "aws_dynamodb_table" "d" {
  count        = floor(var.units / 5)
  name         = "bench-${count.index}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
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
        (folder / "terraform.tfvars").write_text(f"units = {resources // UNIT}\n")
        terraform.apply(folder, env, [ESTATE / "main.tf"])

        def ours() -> None:
            text = (
                "version: 1\ndeclared:\n  - path: terraform.tfstate\nlive:\n  aws: {regions: [us-east-1]}\n"
            )
            report = Run(parse(text, "drift.yaml", folder, None, os.environ)).scan().report
            assert report["findings"] == [], report["findings"][:2]

        def theirs() -> None:
            terraform.run(folder, env, "plan", "-refresh-only", "-no-color", "-input=false")

        calls, _ = record(ours)
        print(
            f"terraform {resources}: {len(calls)} calls, {len(calls) / resources:.2f} a resource (goal 0.6)"
        )
        result = paired(ours, theirs, runs=3)
        print(result.line(f"terraform {resources}", "drift scan", "terraform plan -refresh-only", goal))
