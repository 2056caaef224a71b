"""Terragrunt: what units declare of what they include, are given and depend on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from drift import declared
from drift.config.model import load
from drift.scan import Run
from drift.source import Location
from tests.declared.terraform.test_intent import live_queue, told
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, queue, state
from tests.rules.support import write

ROOT = """
locals {
  region = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals.region
  team   = get_env("TEAM", "shop")
}
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<EOT
provider "aws" {
  region = "${local.region}"
  default_tags { tags = { Team = "${local.team}" } }
}
EOT
}
remote_state {
  backend = "local"
  config  = { path = "${get_parent_terragrunt_dir()}/../states/${path_relative_to_include()}.tfstate" }
}
inputs = { wait = 30, delay = 1 }
"""
MODULE = """
variable "name" {}
variable "delay" { type = number }
variable "wait" { default = 0 }
resource "aws_sqs_queue" "this" {
  name                       = var.name
  delay_seconds              = var.delay
  visibility_timeout_seconds = var.wait
}
output "name" { value = aws_sqs_queue.this.name }
"""
UNIT = """
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
terraform { source = "../../..//modules/queue" }
inputs = {
  name  = "a-${include.root.locals.team}"
  delay = 5
}
"""
OTHER = """
include { path = find_in_parent_folders("root.hcl") }
terraform { source = "${get_repo_root()}/modules/queue" }
dependency "a" {
  config_path  = "../a"
  mock_outputs = { name = "mock" }
}
inputs = { name = "${dependency.a.outputs.name}-b" }
"""
FILES = {
    "live/root.hcl": ROOT,
    "live/eu/region.hcl": 'locals { region = "eu-west-1" }\n',
    "live/eu/a/terragrunt.hcl": UNIT,
    "live/eu/b/terragrunt.hcl": OTHER,
    "modules/queue/main.tf": MODULE,
}
TAGS = {"tags": {}, "tags_all": {"Team": "shop"}}
LIVE_TAGS = [{"Key": "Team", "Value": "shop"}]


def scan(folder: Path, files: dict[str, str], records: list[Any], path: str = "live", **options: Any) -> Any:
    entry = {"path": path, "scope": ACCOUNT, "region": "eu-west-1", **options}
    said = yaml.safe_dump({"version": 1, "declared": [entry]})
    write(folder, {**files, "live.yaml": records, "drift.yaml": said})
    return Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"]).scan().report


def applied(name: str, delay: int, outputs: dict[str, Any] | None = None, **more: Any) -> str:
    own = queue(name, delay_seconds=delay, visibility_timeout_seconds=30, **TAGS, **more)
    content = state(managed("aws_sqs_queue", "this", instance(own)))
    return json.dumps({**content, "outputs": outputs or {}})


def output(name: str, **more: Any) -> dict[str, Any]:
    return {"name": {"value": name, "type": "string", **more}}


STATES = {
    "states/eu/a.tfstate": applied("a-shop", 9, output("a-shop")),
    "states/eu/b.tfstate": applied("a-shop-b", 1),
}


def live(name: str, delay: int) -> dict[str, Any]:
    return live_queue(name, DelaySeconds=delay, VisibilityTimeout=30, Tags=LIVE_TAGS)


def test_units_declare_what_they_are_given(tmp_path: Path) -> None:
    report = scan(tmp_path, {**FILES, **STATES}, [live("a-shop", 9), live("a-shop-b", 1)])
    assert report["problems"] == report["unverifiable"] == []
    assert told(report) == [("changed", None, "/DelaySeconds")]
    (finding,) = report["findings"]
    assert finding["declared_at"]["address"] == "live/eu/a: aws_sqs_queue.this"
    assert finding["declared_at"]["file"] == "modules/queue/main.tf"
    (change,) = finding["changes"]
    assert (change["declared"], change["live"]) == (5, 9)
    assert change["written_at"] == {"file": "live/eu/a/terragrunt.hcl", "line": 9}


def test_one_unit_as_an_entry_reads_what_it_depends_on(tmp_path: Path) -> None:
    report = scan(
        tmp_path, {**FILES, **STATES}, [live("a-shop-b", 4)], "live/eu/b", environment={"TEAM": "shop"}
    )
    assert report["problems"] == report["unverifiable"] == []
    assert [one["resource_id"].rpartition(":")[2] for one in report["findings"]] == ["a-shop-b"]
    assert report["run"]["declared"][0]["source"] == "terragrunt"


def test_mock_outputs_are_never_taken_for_truth(tmp_path: Path) -> None:
    files = {**FILES, "live/eu/a/terragrunt.hcl": 'remote_state {\n  backend = "nothing"\n}\n' + UNIT}
    b = {"states/eu/b.tfstate": STATES["states/eu/b.tfstate"].replace("a-shop-b", "real")}
    module = MODULE.replace("aws_sqs_queue.this.name", "aws_sqs_queue.this.arn")
    report = scan(tmp_path, {**files, **b, "modules/queue/main.tf": module}, [live("real", 1)])
    assert "mock" not in json.dumps(report)
    assert [one["message"].partition(": ")[2][:17] for one in report["problems"]] == ["backend 'nothing'"]
    assert [one for one in report["findings"] if one["resource_id"].endswith("real")] == []


def test_without_a_state_an_output_is_what_the_configuration_says(tmp_path: Path) -> None:
    report = scan(tmp_path, FILES, [live("a-shop", 5), live("a-shop-b", 2)])
    assert [(one["resource_id"].rpartition(":")[2], one["kind"]) for one in report["findings"]] == [
        ("a-shop-b", "changed")
    ]


def test_sensitive_outputs_stay_secret(tmp_path: Path) -> None:
    states = {**STATES, "states/eu/a.tfstate": applied("a-shop", 5, output("hush-hush-hush", sensitive=True))}
    files = {**FILES, "modules/queue/main.tf": MODULE + 'variable "team" { default = "" }\n'}
    report = scan(tmp_path, {**files, **states}, [live("a-shop", 5), live("a-shop-b", 1)])
    assert "hush-hush" not in json.dumps(report)


def test_an_input_that_is_not_known_is_no_default(tmp_path: Path) -> None:
    unit = UNIT.replace("delay = 5", 'delay = 5\n  wait = run_cmd("date")')
    report = scan(
        tmp_path,
        {**FILES, **STATES, "live/eu/a/terragrunt.hcl": unit},
        [live("a-shop", 5), live("a-shop-b", 1)],
    )
    assert told(report) == []
    whole = (
        UNIT.replace("inputs = {", 'inputs = merge(jsondecode(run_cmd("date")), {').rstrip().removesuffix("}")
        + "})\n"
    )
    report = scan(
        tmp_path,
        {**FILES, **STATES, "live/eu/a/terragrunt.hcl": whole},
        [live("a-shop", 9), live("a-shop-b", 1)],
    )
    assert told(report) == [("changed", None, "/DelaySeconds")]


def test_a_module_elsewhere_is_one_row_that_says_what_to_do(tmp_path: Path) -> None:
    far = UNIT.replace("../../..//modules/queue", "git::git@github.com:acme/modules.git//queue?ref=v1")
    files = {**FILES, "live/eu/a/terragrunt.hcl": far, **STATES}
    records = [live("a-shop", 9), live("a-shop-b", 1)]
    report = scan(tmp_path / "far", files, records)
    (problem,) = report["problems"]
    assert "live/eu/a/terragrunt.hcl:6" in problem["message"]
    assert "sources" in problem["message"]
    assert "github.com/acme/modules" in problem["message"]
    files = {"elsewhere/queue/main.tf": MODULE, **files}
    report = scan(tmp_path / "near", files, records, sources={"github.com/acme/modules": "elsewhere"})
    assert report["problems"] == []
    assert told(report) == [("changed", None, "/DelaySeconds")]


def test_a_file_that_does_not_parse_is_told_once_and_the_others_are_read(tmp_path: Path) -> None:
    files = {**FILES, **STATES, "live/eu/c/terragrunt.hcl": "inputs = {\n  a = \n}\n"}
    report = scan(tmp_path, files, [live("a-shop", 9), live("a-shop-b", 1)])
    (problem,) = report["problems"]
    assert problem["message"].startswith("live/eu/c/terragrunt.hcl:2: can't be parsed as HCL")
    assert told(report) == [("changed", None, "/DelaySeconds")]
    files["live/root.hcl"] = "locals {\n"
    report = scan(tmp_path, files, [live("a-shop", 9), live("a-shop-b", 1)])
    assert sum("live/root.hcl" in one["source"] for one in report["problems"]) <= 1
    assert report["run"]["exit_code"] == 3


def test_a_circle_of_files_ends(tmp_path: Path) -> None:
    files = {**FILES, "live/root.hcl": 'include "root" {\n  path = "root.hcl"\n}\n' + ROOT, **STATES}
    files["live/eu/a/terragrunt.hcl"] = UNIT + 'locals { a = read_terragrunt_config("terragrunt.hcl") }\n'
    report = scan(tmp_path, files, [live("a-shop", 9)])
    assert any("files deep" in one["message"] for one in report["problems"])


STACK = """
locals { first = "a-shop" }
unit "a" {
  source = "${get_repo_root()}/catalog/queue"
  path   = "a"
  values = { name = local.first, delay = 5 }
}
stack "more" {
  source = "../catalog/more"
  path   = "more"
  values = { suffix = "-b" }
}
unit "far" {
  source = "git::git@github.com:acme/catalog.git//units/far?ref=v1"
  path   = "far"
}
"""
CATALOG = {
    "catalog/queue/terragrunt.hcl": """
include "root" { path = find_in_parent_folders("root.hcl") }
terraform { source = "./module" }
inputs = { name = values.name, delay = try(values.delay, 2) }
""",
    "catalog/queue/module/main.tf": MODULE,
    "catalog/more/terragrunt.stack.hcl": """
unit "b" {
  source = "${get_repo_root()}/catalog/named"
  path   = "b"
  values = { suffix = values.suffix }
}
""",
    "catalog/named/terragrunt.hcl": """
include "root" { path = find_in_parent_folders("root.hcl") }
terraform { source = "${get_repo_root()}/catalog/queue/module" }
dependency "a" { config_path = "../../../a" }
inputs = { name = "${dependency.a.outputs.name}${values.suffix}" }
""",
    "live/root.hcl": ROOT,
    "live/region.hcl": 'locals { region = "eu-west-1" }\n',
    "live/terragrunt.stack.hcl": STACK,
}


def test_units_of_a_stack_are_read_before_they_are_made(tmp_path: Path) -> None:
    states = {
        "states/.terragrunt-stack/a.tfstate": applied("a-shop", 5, output("a-shop")),
        "states/.terragrunt-stack/more/.terragrunt-stack/b.tfstate": applied("a-shop-b", 1),
    }
    files = {**CATALOG, **states}

    def read(*records: Any, **more: str) -> Any:
        return scan(tmp_path, {**files, **more}, list(records))

    report = read(live("a-shop", 5), live("a-shop-b", 1))
    (problem,) = report["problems"]
    assert problem["message"].startswith("live/terragrunt.stack.hcl:13: unit far: not read: its source")
    assert "acme/catalog" in problem["message"]
    assert told(report) == []
    assert report["summary"]["in_sync"] == 2
    report = read(live("a-shop", 9), live("a-shop-b", 3))
    assert told(report) == [("changed", None, "/DelaySeconds")] * 2
    assert {one["declared_at"]["address"] for one in report["findings"]} == {
        "live/.terragrunt-stack/a: aws_sqs_queue.this",
        "live/.terragrunt-stack/more/.terragrunt-stack/b: aws_sqs_queue.this",
    }
    assert {one["declared_at"]["file"] for one in report["findings"]} == {"catalog/queue/module/main.tf"}
    broken = {
        "live/terragrunt.stack.hcl": STACK.replace("../catalog/more", "..").replace(
            "local.first", "run_cmd()"
        )
    }
    report = read(live("a-shop", 5), live("a-shop-b", 1), **broken)
    assert sorted(one["message"].split(": ")[1] for one in report["problems"]) == ["stack more", "unit far"]
    whole = scan(tmp_path, files, [live("x", 5)], path=".")  # what a stack copies is no unit
    assert not any("catalog/queue: " in str(one["declared_at"]) for one in whole["unverifiable"])
    made = {"live/.terragrunt-stack/a/terragrunt.hcl": UNIT.replace("../../..//", "../../../")}
    report = read(live("a-shop", 5), live("a-shop-b", 1), **made)
    assert told(report) == []


def test_who_reads_what(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "live/eu/a/main.tf": MODULE, "live/x.tfstate": STATES["states/eu/a.tfstate"]})
    for path in ("live", "live/eu/a", "live/eu/a/terragrunt.hcl"):
        found = declared.recognise(Location(tmp_path / path, path))
        assert [one.name for one in found] == ["terragrunt"], path
