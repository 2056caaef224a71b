"""By the command line, as a CronJob would: a scan that opens a pull request, with the link in every report
and in the history, and a next night that finds it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forges.loopback import GitHub, Repo
from forges.loopback.server import TOKEN
from tests.conftest import Drift, Ran, Repository
from tests.remediate.conftest import TEMPLATE, queue
from tests.remediate.harness import snapshot

ORDERS = queue("orders", VisibilityTimeout=30, DelaySeconds=5)
LONGER = queue("mails", VisibilityTimeout=45)
CONFIG = """\
version: 1
environment: prod
declared:
  - {path: queues.yaml, scope: "111122223333", region: eu-west-1}
output: {formats: [html, markdown]}
forges: {127.0.0.1: github}
remediate:
  policy:
    - {action: adopt, type: "AWS::SQS::Queue"}
  forges:
    github: {url: "URL", token: "${FORGE_TOKEN}"}
"""


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with GitHub(tmp_path / "forge") as server:
        yield server


@pytest.fixture
def repo(github: GitHub, tmp_path: Path) -> Repo:
    made = github.repository("acme/infra", {"queues.yaml": TEMPLATE})
    clone = Repository(tmp_path)
    clone.git("init", "-q", "-b", "main")
    clone.git("remote", "add", "origin", made.url)
    (tmp_path / ".gitignore").write_text("*\n!queues.yaml\n!drift.yaml\n")
    clone.commit({"queues.yaml": TEMPLATE, "drift.yaml": CONFIG.replace("URL", github.url)})
    return made


def latest(ran: Ran) -> Path:
    return max((ran.folder.parent / "runs").glob("2*"))


def night(drift: Drift, folder: Path, *arguments: str) -> tuple[Ran, dict[str, Any], Path]:
    live = snapshot(folder / "live.jsonl", [ORDERS, LONGER])
    ran = drift("scan", "--live", live, *arguments, env={"FORGE_TOKEN": TOKEN})
    assert ran.code == 2, ran.stderr
    run = latest(ran)
    return ran, json.loads((run / "report.json").read_text()), run


def test_a_scan_opens_a_pull_request_and_the_next_one_finds_it(
    drift: Drift, github: GitHub, repo: Repo, tmp_path: Path
) -> None:
    ran, report, run = night(drift, tmp_path, "--remediate")
    (pull,) = repo.pulls.values()
    assert repo.show(pull.branch, "queues.yaml") == TEMPLATE[:-3] + "45\n"
    assert repo.show("main", "queues.yaml") == TEMPLATE
    link = f"{github.url}/acme/infra/pull/{pull.number}"
    (finding,) = report["findings"]
    assert finding["links"]["pull_request"] == link
    assert link in (run / "report.md").read_text()
    assert link in (run / "report.html").read_text()
    assert f"pull request opened: {pull.title}" in ran.stderr
    outcome = json.loads((run / "remediation.json").read_text())
    assert outcome["findings"][0]["pull_request"] == link

    # the next night does not remediate, and still knows it
    _, report, _ = night(drift, tmp_path)
    assert report["findings"][0]["links"]["pull_request"] == link
    told = drift("history", "finding", finding["id"], env={"FORGE_TOKEN": TOKEN})
    assert f"adopt pull_request {link}" in " ".join(told.stdout.split())

    said = drift("remediate", "latest", env={"FORGE_TOKEN": TOKEN})
    assert said.code == 0, said.stderr
    assert "pull request unchanged" in said.stdout
    assert len(repo.pulls) == 1
    assert github.violations == []
    everything = "".join(
        file.read_text(errors="replace") for file in (tmp_path / "runs").rglob("*") if file.is_file()
    )
    assert TOKEN not in everything + ran.stdout + ran.stderr + said.stdout + said.stderr


def test_a_forge_that_is_down_changes_nothing_of_the_scan(
    drift: Drift, github: GitHub, repo: Repo, tmp_path: Path
) -> None:
    github.close()
    ran, report, _ = night(drift, tmp_path, "--remediate")
    assert "not remediated: " in ran.stderr
    assert "pull_request" not in report["findings"][0]["links"]


def test_what_is_chosen_must_be_there(drift: Drift, repo: Repo, tmp_path: Path) -> None:
    night(drift, tmp_path)
    said = drift("remediate", "latest", "--adopt", "f-0123456789abcdef", env={"FORGE_TOKEN": TOKEN})
    assert "f-0123456789abcdef: the run" in said.complaint
    both = ["--adopt", "f-0", "--revert", "f-0"]
    assert "f-0: is to be both" in drift("remediate", *both, env={"FORGE_TOKEN": TOKEN}).complaint
    assert repo.pulls == {}


def test_a_run_that_kept_no_live_side_says_what_to_do(drift: Drift, repo: Repo, tmp_path: Path) -> None:
    _, _, run = night(drift, tmp_path)
    (run / "live.jsonl.zst").unlink()
    said = drift("remediate", "latest", env={"FORGE_TOKEN": TOKEN})
    assert "the run kept no live side" in said.complaint
