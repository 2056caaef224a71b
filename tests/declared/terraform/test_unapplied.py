"""What Git has changed since the last apply is pending; what a refresh took in is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import load
from drift.scan import Run
from tests.conftest import Repository
from tests.declared.terraform.test_intent import group, live_group, live_queue, live_rule, rule, scan
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, queue, state

VARIABLES = 'variable "delay" { default = %s }\nvariable "open" { default = %s }\n'
MAIN = """
resource "aws_sqs_queue" "a" {
  name          = "a"
  delay_seconds = var.delay
  tags          = { Team = "%s" }%s
}
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
      cidr_blocks = [ingress.value == 3389 ? "0.0.0.0/0" : "10.0.0.0/8"]
    }
  }
}
"""


def files(delay: int, ports: list[int], team: str = "shop", more: str = "") -> dict[str, str]:
    return {
        "variables.tf": VARIABLES % (delay, ports),
        "main.tf": MAIN % (team, f"\n  {more}" if more else ""),
    }


def rules(ports: list[int], form: Any) -> list[Any]:
    return [form(port, "0.0.0.0/0" if port == 3389 else "10.0.0.0/8") for port in ports]


def held(delay: int, ports: list[int], **more: Any) -> tuple[dict[str, Any], list[Any]]:
    """A state, and live sides as it says."""
    tags = more.pop("tags", {"Team": "shop"})
    said = queue("a", delay_seconds=delay, tags=tags, tags_all=tags, **more)
    content = state(
        managed("aws_sqs_queue", "a", instance(said)),
        managed("aws_security_group", "g", instance(group(*rules(ports, rule)))),
    )
    told = {"DelaySeconds": delay, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    if "visibility_timeout_seconds" in more:
        told["VisibilityTimeout"] = more["visibility_timeout_seconds"]
    return content, [live_queue("a", **told), live_group(*rules(ports, live_rule))]


def told(report: Any) -> dict[str, str | None]:
    """Path → status of the finding, and of a change that is noted as one of a refresh that word."""
    return {
        change["path"]: "absorbed" if "absorbed" in change.get("note", "") else one["status"]
        for one in report["findings"]
        for change in one["changes"]
    }


def started(folder: Path) -> Repository:
    repository = Repository(folder)
    repository.git("init", "-q", "-b", "main")
    return repository


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Three commits: a delay and an open port, then neither, then another team."""
    repository = started(tmp_path_factory.mktemp("history"))
    for said in (
        files(60, [22, 3389], more="visibility_timeout_seconds = 99"),
        files(5, [22]),
        files(5, [22], "store"),
    ):
        repository.commit({f"infra/{name}": text for name, text in said.items()})
    return repository


def in_git(history: Repository, content: Any, live: list[Any], **more: str) -> Any:
    return scan(history.path, {**files(5, [22], "store"), **more}, content, live)


def test_what_git_said_before_is_pending(history: Repository) -> None:
    """The delay and the port by the first commit, the team by the second."""
    report = in_git(history, *held(60, [22, 3389], visibility_timeout_seconds=99))
    assert told(report) == {
        "/DelaySeconds": "pending",
        "/SecurityGroupIngress": "pending",
        "/Tags/Team": "pending",
        "/VisibilityTimeout": "pending",
    }
    assert report["run"]["exit_code"] == 0
    assert "not applied yet" in report["findings"][0]["note"]


def test_what_git_never_said_is_drift_though_the_state_has_it(history: Repository) -> None:
    content, live = held(77, [22, 8080], tags={"Team": "store", "By": "hand"})
    report = in_git(history, content, live)
    assert told(report) == dict.fromkeys(("/DelaySeconds", "/SecurityGroupIngress", "/Tags/By"), "absorbed")
    assert report["run"]["exit_code"] == 2


def test_what_is_live_as_neither_is_drift(history: Repository) -> None:
    content, _ = held(60, [22, 3389])
    _, live = held(61, [22, 3389, 8080])
    found = told(in_git(history, content, live))
    assert found["/DelaySeconds"] is found["/SecurityGroupIngress"] is None


def test_a_change_that_is_not_committed_is_pending(history: Repository) -> None:
    content, live = held(5, [22], tags={"Team": "store"})
    assert told(scan(history.path, files(6, [22], "store"), content, live)) == {"/DelaySeconds": "pending"}
    policy = 'policy = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "sqs:*" }] })'
    changed = scan(history.path, files(5, [22, 443], "store", policy), content, live)
    assert [(one["kind"], one["status"]) for one in changed["findings"]] == [("changed", "pending")] * 2


def test_a_shallow_clone_can_not_tell_but_hides_nothing_that_opens(
    history: Repository, tmp_path: Path
) -> None:
    history.git("clone", "-q", "--depth", "1", f"file://{history.path}", str(tmp_path / "clone"))
    content, live = held(77, [22, 3389], tags={"Team": "store"})
    report = scan(tmp_path / "clone", files(5, [22], "store"), content, live)
    assert told(report) == {"/DelaySeconds": "pending", "/SecurityGroupIngress": "absorbed"}
    assert [one["severity"] for one in report["findings"] if not one["status"]] == ["critical"]
    note = next(one["note"] for one in report["findings"] if one["status"])
    assert "as far as anybody can tell" in note


@pytest.mark.parametrize("younger", [True, False])
def test_outside_of_git_the_younger_file_tells(tmp_path: Path, younger: bool) -> None:
    content, live = held(77, [22])
    scan(tmp_path, files(5, [22]), content, live)
    os.utime(tmp_path / "infra" / "main.tf", (1, 1))
    os.utime(tmp_path / "infra" / "variables.tf", (3, 3) if younger else (1, 1))
    os.utime(tmp_path / "infra" / "terraform.tfstate", (2, 2))
    report = Run(load(tmp_path / "drift.yaml"), (), [tmp_path / "live.yaml"]).scan().report
    assert told(report) == {"/DelaySeconds": "pending" if younger else "absorbed"}


def test_a_rule_of_its_own_that_git_has_changed_is_pending(tmp_path: Path) -> None:
    """It is a member of the group's list; another one that is gone is drift beside it."""
    own = 'resource "aws_security_group_rule" "%s" {\n  type = "ingress"\n  security_group_id = "sg-1"\n'
    said = '  from_port = %d\n  to_port = %d\n  protocol = "tcp"\n  cidr_blocks = ["10.0.0.0/8"]\n}\n'
    base = 'resource "aws_security_group" "g" {\n  name = "g"\n  description = "d"\n  vpc_id = "vpc-1"\n}\n'

    def hcl(*ports: int) -> dict[str, str]:
        text = (own % name + said % (port, port) for name, port in zip("ab", ports, strict=True))
        return {"main.tf": base + "".join(text)}

    started(tmp_path).commit({f"infra/{name}": text for name, text in hcl(443, 22).items()})
    applied = (
        managed(
            "aws_security_group_rule",
            name,
            instance({"id": f"r-{name}", "type": "ingress", "security_group_id": "sg-1", **rule(port)}),
        )
        for name, port in (("a", 443), ("b", 22))
    )
    content = state(managed("aws_security_group", "g", instance(group())), *applied)
    now = hcl(8443, 22)
    assert told(scan(tmp_path, now, content, [live_group(live_rule(443), live_rule(22))])) == {
        "/SecurityGroupIngress": "pending"
    }
    for ports in ((443,), (443, 22, 3389)):
        report = scan(tmp_path, now, content, [live_group(*map(live_rule, ports))])
        assert "pending" not in told(report).values(), ports


TERRAGRUNT = {
    "live/root.hcl": 'inputs = yamldecode(file("${get_terragrunt_dir()}/../team.yaml"))\n',
    "live/team.yaml": "team: %s\n",
    "live/a/terragrunt.hcl": 'include { path = find_in_parent_folders("root.hcl") }\n'
    'terraform { source = "../..//modules/queue" }\n'
    'locals { common = read_terragrunt_config("../common.hcl").locals }\n'
    "inputs = { delay = local.common.delay, wait = %d }\n"
    'remote_state {\n  backend = "local"\n  config = { path = "${get_terragrunt_dir()}/state.tfstate" }\n}\n',
    "live/common.hcl": "locals { delay = %d }\n",
    "modules/queue/main.tf": 'variable "delay" {}\nvariable "wait" {}\nvariable "team" {}\n'
    'resource "aws_sqs_queue" "a" {\n  name = "a"\n  delay_seconds = var.delay\n'
    "  visibility_timeout_seconds = var.wait\n  tags = { Team = var.team }\n}\n",
}


def units(team: str, delay: int, wait: int) -> dict[str, str]:
    said = {"live/team.yaml": team, "live/common.hcl": delay, "live/a/terragrunt.hcl": wait}
    return {name: text % said[name] if name in said else text for name, text in TERRAGRUNT.items()}


def unit_scan(folder: Path, delay: int, wait: int, team: str) -> dict[str, str | None]:
    """Told of a state, and a live side, that say this of the unit's queue."""
    said = queue(
        "a",
        delay_seconds=delay,
        visibility_timeout_seconds=wait,
        tags={"Team": team},
        tags_all={"Team": team},
    )
    (folder / "live/a/state.tfstate").write_text(
        json.dumps(state(managed("aws_sqs_queue", "a", instance(said)))), encoding="utf-8"
    )
    live = live_queue("a", DelaySeconds=delay, VisibilityTimeout=wait, Tags=[{"Key": "Team", "Value": team}])
    (folder / "live.yaml").write_text(yaml.safe_dump_all([live]), encoding="utf-8")
    (folder / "drift.yaml").write_text(f"version: 1\ndeclared: [{{path: live, scope: '{ACCOUNT}'}}]\n")
    return told(Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"]).scan().report)


def test_what_a_unit_of_terragrunts_was_given_before_is_pending(tmp_path: Path) -> None:
    """By its own file, by one that it reads, and by one that what it includes decodes."""
    repository = started(tmp_path)
    for said in (units("shop", 60, 30), units("shop", 5, 31), units("store", 5, 31)):
        repository.commit(said)
    applied = dict.fromkeys(("/DelaySeconds", "/VisibilityTimeout", "/Tags/Team"), "pending")
    assert unit_scan(tmp_path, 60, 30, "shop") == applied
    never = unit_scan(tmp_path, 77, 31, "store")
    assert never == {"/DelaySeconds": "absorbed"}


def test_an_installed_module_is_in_no_commit(tmp_path: Path) -> None:
    """What its call said before counts."""
    made = (
        'variable "delay" {}\nresource "aws_sqs_queue" "a" {\n  name = "a"\n  delay_seconds = var.delay\n}\n'
    )
    manifest = {"Modules": [{"Key": "q", "Source": "acme/queue/aws", "Dir": ".terraform/modules/q"}]}
    installed = {
        ".terraform/modules/modules.json": json.dumps(manifest),
        ".terraform/modules/q/main.tf": made,
    }
    call = 'module "q" {\n  source = "acme/queue/aws"\n  version = "1.2.0"\n  delay = %d\n}\n'
    repository = started(tmp_path)
    for delay in (60, 5):
        repository.commit({"infra/main.tf": call % delay})
    for delay, status in ((60, "pending"), (77, "absorbed")):
        said = managed("aws_sqs_queue", "a", instance(queue("a", delay_seconds=delay)), module="module.q")
        report = scan(
            tmp_path, {"main.tf": call % 5, **installed}, state(said), [live_queue("a", DelaySeconds=delay)]
        )
        assert told(report) == {"/DelaySeconds": status}
