"""From a run to a branch: what is chosen is edited, proved, and pushed by real Git over HTTP, once."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from drift.errors import DriftError
from drift.remediate.outcome import Outcome
from drift.remediate.publish import Published
from tests.conftest import git_handler, serving
from tests.remediate.conftest import CONFIG, TEMPLATE, Story, queue

pytestmark = pytest.mark.usefixtures("numbers")
LONGER = queue("mails", VisibilityTimeout=45)
ORDERS = queue("orders", VisibilityTimeout=30, DelaySeconds=5)
ADOPTED = TEMPLATE[:-3] + "45\n"


def finding(report: Path) -> str:
    (one,) = json.loads(report.read_text())["findings"]
    return str(one["id"])


def test_what_is_chosen_is_pushed_to_a_branch_of_its_own(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    done = story.remediate(report, finding(report))
    ((branch, commit),) = story.branches().items()
    assert branch.startswith("drift/default/no-owner-")
    assert story.bare.git("show", f"{commit}:queues.yaml") == ADOPTED.strip()
    assert story.bare.git("diff", "--numstat", f"main..{commit}") == "1\t1\tqueues.yaml"
    assert story.bare.git("rev-parse", f"{commit}^") == story.bare.git("rev-parse", "main")
    assert story.bare.git("log", "-1", "--format=%an <%ae>%n%s", commit).splitlines() == [
        "drift <drift@localhost>",
        "Adopt Queue mails",
    ]
    (request,) = done["pull_requests"]
    assert (request["state"], request["branch"]) == ("pushed", branch)
    assert "-      VisibilityTimeout: 30\n+      VisibilityTimeout: 45\n" in request["diff"]
    (told,) = done["findings"]
    assert told["edits"] == ["sets VisibilityTimeout to 45"]


def test_a_second_run_finds_its_own_branch_and_pushes_nothing(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    story.remediate(report, finding(report))
    before = story.branches()
    again = story.run(ORDERS, LONGER)
    (request,) = story.remediate(again, finding(again))["pull_requests"]
    assert request["state"] == "unchanged"
    assert story.branches() == before


def test_a_branch_follows_a_base_that_moved(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    story.remediate(report, finding(report))
    (branch,) = story.branches()
    again = story.run(ORDERS, LONGER, declared={"README.md": "Queues.\n"})
    story.remediate(again, finding(again))
    assert list(story.branches()) == [branch]
    assert story.bare.git("rev-parse", f"{branch}^") == story.bare.git("rev-parse", "main")


def test_a_branch_with_somebody_elses_commits_is_left_alone(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    story.remediate(report, finding(report))
    (branch,) = story.branches()
    story.clone.git("fetch", "-q", "origin", branch)
    story.clone.git("checkout", "-q", "FETCH_HEAD")
    theirs = story.clone.commit({"NOTES.md": "mine\n"})
    story.clone.git("push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    story.clone.git("checkout", "-q", "main")
    longer = queue("mails", VisibilityTimeout=50)
    again = story.run(ORDERS, longer)
    (request,) = story.remediate(again, finding(again))["pull_requests"]
    assert request["state"] == "left"
    assert "somebody else" in request["why"]
    assert story.branches() == {branch: theirs}


def test_a_dry_run_shows_the_patch_and_pushes_nothing(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    (request,) = story.remediate(report, finding(report), dry=True)["pull_requests"]
    assert request["state"] == "would open"
    assert "+      VisibilityTimeout: 45\n" in request["diff"]
    assert story.branches() == {}


def test_by_policy_nothing_is_adopted_that_no_rule_calls_harmless(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    done = story.remediate(report)
    (told,) = done["findings"]
    assert (told["action"], told["status"]) == ("describe", "described")
    assert told["look_at"] == ["queues.yaml:12"]
    assert story.branches() == {}


def test_only_repositories_that_are_allowed_are_pushed_to(story: Story) -> None:
    config = story.clone.path / "drift.yaml"
    config.write_text(config.read_text() + "remediate: {repositories: [github.com/acme/*]}\n")
    report = story.run(ORDERS, LONGER)
    (request,) = story.remediate(report, finding(report))["pull_requests"]
    assert request["state"] == "refused"
    assert "remediate.repositories" in request["why"]
    assert story.branches() == {}


def test_what_is_protected_is_never_edited(story: Story) -> None:
    config = story.clone.path / "drift.yaml"
    config.write_text(config.read_text() + "remediate: {protected: ['*.yaml']}\n")
    report = story.run(ORDERS, LONGER)
    done = story.remediate(report, finding(report))
    (told,) = done["findings"]
    assert told["status"] == "described"
    assert "queues.yaml is protected" in told["why"]
    assert done["pull_requests"] == []


def test_what_is_accepted_is_hidden_by_a_rule_beside_its_declaration_and_nothing_else(story: Story) -> None:
    other = queue("orders", VisibilityTimeout=60, DelaySeconds=5)
    report = story.run(other, LONGER)
    mails = next(one["id"] for one in json.loads(report.read_text())["findings"] if one["name"] == "mails")
    done = story.remediate(report, accept=[mails])
    ((branch, commit),) = story.branches().items()
    rules = yaml.safe_load(story.bare.git("show", f"{commit}:.driftignore.yaml"))
    (rule,) = rules["ignore"]
    assert (rule["path"], rule["live"], rule["reason"]) == ("/VisibilityTimeout", 45, "The mailer is slow.")
    assert rule["until"] > date.today().isoformat()
    (request,) = done["pull_requests"]
    assert (request["title"], request["findings"]) == ("Accept Queue mails", [mails])
    story.clone.git("pull", "-q", "origin", branch)
    left = json.loads(story.run(other, LONGER).read_text())
    assert [one["name"] for one in left["findings"]] == ["orders"]


def test_one_branch_is_made_of_a_repository_by_whatever_names_it_is_declared(story: Story) -> None:
    orders, mails = TEMPLATE.split("  Mails:\n")
    files = {"queues.yaml": orders, "mails.yaml": f"Resources:\n  Mails:\n{mails}"}
    where = 'scope: "111122223333", region: eu-west-1'
    entries = f"  - {{path: queues.yaml, {where}}}\n  - {{git: URL, ref: main, path: mails.yaml, {where}}}\n"
    owners = 'owners: [{name: "*", owner: "web\\nDrift-Remediation: x"}]\n'
    config = f"version: 1\ndeclared:\n{entries}{owners}".replace("URL", story.url)
    report = story.run(
        queue("orders", VisibilityTimeout=30, DelaySeconds=9),
        LONGER,
        declared={**files, "drift.yaml": config},
    )
    ids = [one["id"] for one in json.loads(report.read_text())["findings"]]
    (request,) = story.remediate(report, *ids)["pull_requests"]
    ((branch, commit),) = story.branches().items()
    assert (request["state"], sorted(request["findings"])) == ("pushed", sorted(ids))
    assert story.bare.git("diff", "--numstat", f"main..{commit}") == "1\t1\tmails.yaml\n1\t1\tqueues.yaml"
    # an owner of two lines is known again
    (again,) = story.remediate(report, *ids)["pull_requests"]
    assert (again["state"], story.branches()) == ("unchanged", {branch: commit})


def test_into_what_is_no_branch_nothing_is_merged(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    story.clone.git("tag", "v1")
    story.clone.git("push", "-q", "origin", "v1")
    config = CONFIG.replace("{path", f"{{git: {story.url}, ref: v1, path")
    (story.clone.path / "drift.yaml").write_text(config)
    with pytest.raises(DriftError, match="'v1', which is no branch; name one in remediate.base"):
        story.remediate(report, finding(report))


def test_a_branch_in_the_way_is_told(story: Story) -> None:
    story.clone.git("push", "-q", "origin", "main:refs/heads/drift/default")
    report = story.run(ORDERS, LONGER)
    (request,) = story.remediate(report, finding(report))["pull_requests"]
    assert request["state"] == "refused"
    assert "delete it, or set remediate.branch" in request["why"]


def test_commits_are_signed_with_a_key_beside_the_configuration(story: Story) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "signing"]
    subprocess.run(command, cwd=story.clone.path, check=True)
    config = f"{CONFIG}remediate: {{commit: {{sign: ssh, key: KEY}}}}\n"
    (story.clone.path / "drift.yaml").write_text(config.replace("KEY", "nowhere"))
    report = story.run(ORDERS, LONGER)
    with pytest.raises(DriftError, match=r"remediate\.commit\.key: nowhere: there is no such file"):
        story.remediate(report, finding(report))
    assert story.branches() == {}
    (story.clone.path / "drift.yaml").write_text(config.replace("KEY", "signing"))
    story.remediate(report, finding(report))
    (branch,) = story.branches()
    allowed = story.folder / "allowed"
    allowed.write_text(f"drift@localhost {(story.clone.path / 'signing.pub').read_text()}")
    story.bare.git("-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", branch)


def test_what_is_too_much_for_one_is_told(story: Story) -> None:
    config = story.clone.path / "drift.yaml"
    config.write_text(config.read_text() + "remediate: {max_changes: 1, policy: [{action: adopt}]}\n")
    report = story.run(queue("orders", VisibilityTimeout=30, DelaySeconds=9), LONGER)
    done = story.remediate(report)
    assert sorted(one["status"] for one in done["findings"]) == ["pushed", "waiting"]


def test_the_only_remote_is_pushed_to_whatever_it_is_called(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    story.clone.git("remote", "set-url", "origin", "../repos/infra.git")
    story.clone.git("remote", "rename", "origin", "acme")
    (request,) = story.remediate(report, finding(report))["pull_requests"]
    assert request["state"] == "pushed"
    assert len(story.branches()) == 1
    story.clone.git("remote", "add", "other", story.url)
    with pytest.raises(DriftError, match="the remotes acme, other, and none is `origin`"):
        story.remediate(report, finding(report))


def test_a_title_calls_nobody_and_closes_nothing(story: Story) -> None:
    said = story.clone.path / "queues.yaml"
    report = story.run(
        ORDERS,
        queue("@acme#1", VisibilityTimeout=45),
        declared={"queues.yaml": said.read_text().replace("mails", "'@acme#1'")},
    )
    (request,) = story.remediate(report, finding(report))["pull_requests"]
    assert request["title"] == "Adopt Queue (at)acmeno. 1"
    (commit,) = story.branches().values()
    assert story.bare.git("log", "-1", "--format=%s", commit) == request["title"]


def test_a_connection_that_breaks_is_tried_again_and_nothing_is_doubled(story: Story) -> None:
    class Flaky(git_handler(story.bare.path.parent)):  # type: ignore[misc]
        """Drops each first connection of a kind of request without an answer."""

        met: ClassVar[set[str]] = set()

        def _answer(self, body: bytes) -> None:
            kind = f"{self.command} {self.path}"
            if self.command == "GET" and kind not in self.met:
                self.met.add(kind)
                self.close_connection = True
                return
            super()._answer(body)

    with serving(Flaky) as server:
        story.clone.git("remote", "set-url", "origin", f"{server}/infra.git")
        report = story.run(ORDERS, LONGER)
        (request,) = story.remediate(report, finding(report))["pull_requests"]
        assert request["state"] == "pushed"
    assert len(Flaky.met) == 2  # to fetch and to push
    ((_, commit),) = story.branches().items()
    assert story.bare.git("show", f"{commit}:queues.yaml") == ADOPTED.strip()


def test_a_file_whose_name_is_no_utf8_is_edited_and_shown_as_it_is_told(story: Story) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "e"}, "data": {"a": "b"}}
    name = os.fsdecode(b"caf\xe9.json")
    (story.clone.path / "objects").mkdir()
    (story.clone.path / "objects" / name).write_text(json.dumps(body))
    story.clone.commit({"drift.yaml": "version: 1\ndeclared: [{path: objects, scope: c}]\n"})
    story.clone.git("push", "-q", "origin", "main")
    live = {**body, "metadata": {"name": "e", "namespace": "default"}, "data": {"a": "c"}}
    told = {"provider": "kubernetes", "scope": "c", "type": "v1/ConfigMap", "id": "default/e", "name": "e"}
    report = story.run({**told, "attributes": live})
    (request,) = story.remediate(report, finding(report))["pull_requests"]
    assert request["state"] == "pushed"
    assert request["diff"].startswith("--- a/objects/caf\\xe9.json\n+++ b/objects/caf\\xe9.json\n")
    ((_, commit),) = story.branches().items()
    assert story.bare.git("show", "--format=", "--name-only", commit) == '"objects/caf\\351.json"'


BOTH = queue("orders", VisibilityTimeout=30, DelaySeconds=9), LONGER


def ids(report: Path) -> dict[str, str]:
    return {one["name"]: one["id"] for one in json.loads(report.read_text())["findings"]}


def test_without_a_forge_what_is_chosen_joins_what_is_on_the_branch(story: Story) -> None:
    story.remediate(report := story.run(*BOTH), ids(report)["mails"])
    before = story.branches()
    (request,) = story.remediate(report := story.run(*BOTH), ids(report)["orders"])["pull_requests"]
    assert (request["state"], sorted(request["findings"])) == ("pushed", sorted(ids(report).values()))
    ((branch, commit),) = story.branches().items()
    assert list(before) == [branch]
    assert story.bare.git("diff", "--numstat", f"main..{commit}") == "2\t2\tqueues.yaml"
    # by policy nothing more is adopted, and what was stays
    (again,) = story.remediate(story.run(*BOTH))["pull_requests"]
    assert (again["state"], story.branches()) == ("unchanged", {branch: commit})
    # what is over goes
    (over,) = story.remediate(story.run(ORDERS, queue("mails", VisibilityTimeout=30)))["pull_requests"]
    assert (over["state"], story.branches()) == ("closed", {})


def test_without_a_forge_what_is_reverted_leaves_the_branch(story: Story) -> None:
    story.remediate(report := story.run(*BOTH), *ids(report).values())
    (rest,) = story.remediate(report, revert=[ids(report)["mails"]])["pull_requests"]
    assert (rest["state"], rest["findings"]) == ("pushed", [ids(report)["orders"]])
    (commit,) = story.branches().values()
    assert story.bare.git("diff", "--numstat", f"main..{commit}") == "1\t1\tqueues.yaml"
    (gone,) = story.remediate(report, revert=[ids(report)["orders"]])["pull_requests"]
    assert (gone["state"], story.branches()) == ("closed", {})


def test_the_last_day_of_what_is_accepted_is_that_of_the_run(story: Story) -> None:
    report = story.run(ORDERS, LONGER)
    story.remediate(report, accept=[finding(report)])
    ((branch, commit),) = story.branches().items()
    (rule,) = yaml.safe_load(story.bare.git("show", f"{commit}:.driftignore.yaml"))["ignore"]
    began = date.fromisoformat(json.loads(report.read_text())["run"]["started_at"][:10])
    assert rule["until"] == (began + timedelta(days=30)).isoformat()
    config = story.clone.path / "drift.yaml"
    config.write_text(config.read_text() + "remediate: {accept_days: 20}\n")  # as ten days later
    again = story.run(ORDERS, LONGER)
    story.remediate(again, accept=[finding(again)])
    assert story.branches() == {branch: commit}


def test_what_a_forge_says_is_told_without_its_secrets() -> None:
    said = "no: password=hunter2hunter2Zx9"
    one = Published("drift/a", "refused", said, notes=[said]).record()
    outcome = Outcome(pull_requests=[one], problems=[said])
    outcome.say("f-1", "refused", said)
    document = outcome.document({"id": "r-1"}, ["f-1"], dry=False)
    hidden = "no: password=(secret)"
    assert document["problems"] == [hidden] == document["pull_requests"][0]["notes"]
    assert document["pull_requests"][0]["why"] == hidden == document["findings"][0]["why"]
