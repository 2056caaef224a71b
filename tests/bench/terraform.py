"""A scan against ``terraform plan -refresh-only`` of the same estate, with 60 and with 600 resources; also
where each answer takes longer, as it does from afar."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import DELAY, environment, moto
from tests.bench.collect import record
from tests.bench.timing import paired
from tests.providers.aws.terraform import ESTATE, Terraform, find

#: One unit of what estates are mostly made of: network, identities, logs, a few buckets and tables.
UNIT = 12
RUNS = 3
#: Seconds that each answer takes longer, as from a region near by and from one far away.
DELAYS = (0.02, 0.1)
CONFIG = "version: 1\ndeclared:\n  - path: terraform.tfstate\nlive:\n  aws: {regions: [us-east-1]}\n"
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
    for delay in DELAYS:
        measure(terraform, 600, "at most 0.125", delay=delay)
    measure(terraform, 600, "at most 0.125", whole=True)


def measure(
    terraform: Terraform, resources: int, goal: str, delay: float = 0.0, *, whole: bool = False
) -> None:
    """``delay`` is how many seconds each answer takes longer; ``whole`` measures the command, which loads its
    modules and writes its reports, too."""
    title = f"terraform {resources}" + (f", {delay * 1000:.0f} ms a request" if delay else "")
    title += ", the whole command" if whole else ""
    with moto(extra={DELAY: str(delay)}) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = environment(url)
        os.environ.update(env)
        (folder / "types.tf").write_text(TYPES)
        (folder / "terraform.tfvars").write_text(f"units = {resources // UNIT}\n")
        terraform.apply(folder, env, [ESTATE / "main.tf"])

        def ours() -> None:
            report = Run(parse(CONFIG, "drift.yaml", folder, None, os.environ)).scan().report
            assert report["findings"] == [], report["findings"][:2]

        def command() -> None:
            (folder / "drift.yaml").write_text(CONFIG)
            asked = [sys.executable, "-m", "drift", "scan", "-c", str(folder / "drift.yaml")]
            done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, done.stderr

        def theirs() -> None:
            terraform.run(folder, env, "plan", "-refresh-only", "-no-color", "-input=false")

        if not whole:
            calls, _ = record(ours)
            print(f"{title}: {len(calls)} calls, {len(calls) / resources:.2f} a resource (goal 0.6)")
        spent = {"ours": [0.0, 0.0], "theirs": [0.0, 0.0]}
        result = paired(
            counted(command if whole else ours, spent["ours"]), counted(theirs, spent["theirs"]), runs=RUNS
        )
        print(result.line(title, "drift scan", "terraform plan -refresh-only", goal))
        for name, (own, served) in spent.items():
            print(f"{title}: processor time of {name}: {own / RUNS:.2f} s, of the AWS {served / RUNS:.2f} s")


def counted(work: Callable[[], None], spent: list[float]) -> Callable[[], None]:
    """``work`` that adds to ``spent`` the processor time that it took itself, its children included, and that
    the server took for it; not of the first time, which warms up."""
    times = 0

    def run() -> None:
        nonlocal times
        before = _processor()
        work()
        own, served = (now - then for now, then in zip(_processor(), before, strict=True))
        if times:
            spent[0] += own
            spent[1] += served
        times += 1

    return run


def _processor() -> tuple[float, float]:
    """Seconds of this process and of its children that have ended, and of those that run: of the server."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    running = 0.0
    for file in Path("/proc/self/task").glob("*/children"):
        for child in file.read_text().split():
            user, system = (Path("/proc") / child / "stat").read_text().rpartition(")")[2].split()[11:13]
            running += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return sum(one.ru_utime + one.ru_stime for one in (own, ended)), running
