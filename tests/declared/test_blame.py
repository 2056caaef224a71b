"""Who last touched the lines of a finding: working trees, fetched repositories, hostile ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from drift.config.model import load
from drift.deadline import Deadline
from drift.declared import blame
from drift.declared.blame import Blame, Spot, Touched
from drift.report import document, explain, last_changes, runs
from drift.scan import Run
from drift.source import Location
from tests.conftest import Repository
from tests.declared.terraform.test_state import instance, managed, state

ACCOUNT = "111111111111"
QUEUES = """Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      DelaySeconds: 5
      VisibilityTimeout: 30
"""
TERRAFORM = """variable "d" {
  default = 5
}
resource "aws_sqs_queue" "a" {
  name = "orders"
  delay_seconds = var.d
}
"""


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")


def commit(repository: Repository, name: str, subject: str, files: dict[str, str]) -> str:
    repository.git("config", "user.name", name)
    for path, text in files.items():
        (repository.path / path).parent.mkdir(parents=True, exist_ok=True)
        (repository.path / path).write_text(text)
    repository.git("add", "-A")
    repository.git(
        "-c", f"user.name={name}", "-c", "user.email=a@acme.example", "commit", "-q", "-m", subject
    )
    return repository.git("rev-parse", "HEAD")


def run(folder: Path, entry: dict[str, Any], live: dict[str, Any], **more: Any) -> Run:
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
    record = {
        "provider": "aws",
        "scope": ACCOUNT,
        "region": "eu-west-1",
        "type": "AWS::SQS::Queue",
        "id": arn,
        "name": "orders",
    }
    record["attributes"] = {"QueueName": "orders", "Arn": arn, **live}
    (folder / "live.yaml").write_text(yaml.safe_dump(record))
    said = {"version": 1, "declared": [{"scope": ACCOUNT, "region": "eu-west-1", **entry}], **more}
    (folder / "drift.yaml").write_text(yaml.safe_dump(said))
    return Run(load(folder / "drift.yaml"), (), [folder / "live.yaml"])


def report(*given: Any, **more: Any) -> dict[str, Any]:
    said = run(*given, **more).scan().report
    jsonschema.validate(said, document.json_schema())
    return said


def changed(said: dict[str, Any]) -> dict[str, Any]:
    return {
        one["path"]: one["written_at"].get("last_change", "not asked")
        for one in said["findings"][0]["changes"]
    }


def test_each_line_has_its_own_author(repository: Repository, tmp_path: Path) -> None:
    first = commit(repository, "Ann Lee", "Queues", {"queues.yaml": QUEUES})
    second = commit(
        repository, "Bob", "Slower", {"queues.yaml": QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 6")}
    )
    live = {"DelaySeconds": 1, "VisibilityTimeout": 10}
    ran = run(tmp_path, {"path": str(repository.path / "queues.yaml")}, live).scan()
    said = ran.report
    told = changed(said)
    assert told["/VisibilityTimeout"]["commit"] == first
    assert told["/DelaySeconds"] | {"date": None} == {
        "commit": second, "author": "Bob", "email": "a@acme.example", "date": None, "subject": "Slower",
    }  # fmt: skip
    assert said["findings"][0]["declared_at"]["last_change"]["commit"] == second
    folder = tmp_path / "out"
    runs.write(folder, said, ["html"], ran.evidence)
    line = f"last changed by Bob, {told['/DelaySeconds']['date'][:10]}, {second[:10]}: Slower"
    assert last_changes.said(said["findings"][0]) == line
    assert line in explain.explain(said["findings"][0]["id"], str(folder))
    assert "Slower" in (folder / "report.html").read_text()


def test_what_is_not_committed_is_nobodys_yet(repository: Repository, tmp_path: Path) -> None:
    commit(repository, "Ann", "Queues", {"queues.yaml": QUEUES})
    (repository.path / "queues.yaml").write_text(QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 7"))
    said = report(
        tmp_path, {"path": str(repository.path / "queues.yaml")}, {"DelaySeconds": 1, "VisibilityTimeout": 10}
    )
    assert changed(said)["/DelaySeconds"]["commit"] is None
    assert changed(said)["/VisibilityTimeout"]["author"] == "Ann"
    assert last_changes.said(said["findings"][0]) == "changed, and not committed yet"


def test_a_new_file_is_not_committed(repository: Repository, tmp_path: Path) -> None:
    commit(repository, "Ann", "Readme", {"README": "x"})
    (repository.path / "queues.yaml").write_text(QUEUES)
    said = report(
        tmp_path, {"path": str(repository.path / "queues.yaml")}, {"DelaySeconds": 1, "VisibilityTimeout": 30}
    )
    assert changed(said)["/DelaySeconds"] == dict.fromkeys(("commit", "author", "email", "date", "subject"))


def test_terraform_is_followed_to_the_line_that_says_it(repository: Repository, tmp_path: Path) -> None:
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
    held = instance({"arn": arn, "name": "orders", "policy": "", "delay_seconds": 6})
    applied = json.dumps(state(managed("aws_sqs_queue", "a", held)))
    commit(repository, "Ann", "Queue", {"infra/main.tf": TERRAFORM, "infra/terraform.tfstate": applied})
    commit(repository, "Bob", "Wait", {"infra/main.tf": TERRAFORM.replace("= 5", "= 6")})
    said = report(tmp_path, {"path": str(repository.path / "infra")}, {"DelaySeconds": 1})
    assert said["findings"][0]["declared_at"]["last_change"]["author"] == "Ann"
    assert changed(said)["/DelaySeconds"]["author"] == "Bob"


def test_it_can_be_switched_off(repository: Repository, tmp_path: Path) -> None:
    commit(repository, "Ann", "Queues", {"queues.yaml": QUEUES})
    said = report(
        tmp_path,
        {"path": str(repository.path / "queues.yaml")},
        {"DelaySeconds": 1},
        blame={"enabled": False},
    )
    assert "last_change" not in said["findings"][0]["declared_at"]
    assert set(changed(said).values()) == {"not asked"}


def test_a_shallow_clones_only_commit_is_not_the_author(
    repository: Repository, git_server: str, tmp_path: Path
) -> None:
    first = commit(repository, "Ann", "Queues", {"queues.yaml": QUEUES})
    commit(repository, "Bob", "Other", {"other": "1"})
    commit(repository, "Cy", "Slower", {"queues.yaml": QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 6")})
    entry = {"git": f"{git_server}/infra/.git", "path": "queues.yaml"}
    live = {"DelaySeconds": 1, "VisibilityTimeout": 10}
    assert set(changed(report(tmp_path, entry, live)).values()) == {None}
    two = changed(report(tmp_path, entry, live, blame={"history": 2}))
    assert (two["/DelaySeconds"]["author"], two["/VisibilityTimeout"]) == ("Cy", None)
    whole = changed(report(tmp_path, entry, live, blame={"history": 50}))
    assert whole["/VisibilityTimeout"]["commit"] == first
    assert set(changed(report(tmp_path, entry, live)).values()) == {None}


def test_nothing_that_the_repository_names_is_run(repository: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\necho ran >> {mark}\ncat\n")
    program.chmod(0o755)
    commit(
        repository, "Ann\x1b[31m", "Queues\u202e of \x07bells",
        {"queues.yaml": QUEUES, ".gitattributes": "* filter=evil diff=evil\n"},
    )  # fmt: skip
    for setting in ("filter.evil.clean", "diff.evil.textconv", "core.fsmonitor", "core.pager", "pager.blame"):
        repository.git("config", setting, str(program))
    repository.git("config", "blame.ignoreRevsFile", "nowhere")
    mark.unlink(missing_ok=True)
    (repository.path / "queues.yaml").write_text(QUEUES.replace("DelaySeconds: 5", "DelaySeconds: 7"))
    said = report(
        tmp_path, {"path": str(repository.path / "queues.yaml")}, {"DelaySeconds": 1, "VisibilityTimeout": 10}
    )
    told = changed(said)["/VisibilityTimeout"]
    assert (told["author"], told["subject"]) == ("Ann\\u001b[31m", "Queues\\u202e of \\u0007bells")
    assert not mark.exists()


def test_what_is_known_as_a_secret_is_hidden_in_a_subject(repository: Repository, tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    commit(repository, "Ann", f"Use token={token} for now", {"queues.yaml": QUEUES})
    said = report(tmp_path, {"path": str(repository.path / "queues.yaml")}, {"DelaySeconds": 1})
    assert token not in str(said)
    assert changed(said)["/DelaySeconds"]["author"] == "Ann"


def test_time_and_number_are_bounded(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"f{number}": "1\n2\n" for number in range(4)}
    commit(repository, "Ann", "Files", files)
    location = Location(repository.path, "r", root=repository.path)
    spots = [Spot(f"r/{name}", 2, None, None) for name in files] + [Spot("r/f0", 99, None, None)]
    told: list[str] = []
    monkeypatch.setattr(blame, "MOST_FILES", 2)
    found = Blame([location], Deadline(), told.append).of(spots)
    assert [isinstance(found[spot], Touched) for spot in spots] == [True, True, False, False, False]
    assert told == ["git blame: 2 of 4 files were not asked: too many or too large"]
    monkeypatch.setattr(blame, "ALL_SECONDS", 0.0)
    assert set(Blame([location], Deadline()).of(spots).values()) == {None}
