"""One story a forge, from findings to pull requests: opened, brought up to date, left to a person, closed
when the drift is gone; by real Git over HTTP, every request checked by the forge's own rules."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import load
from drift.remediate.plan import choices
from drift.remediate.words import mark_of
from drift.remediate.work import Remediation
from drift.report import runs
from drift.scan import Run
from forges.loopback import FORGES, Repo
from tests.conftest import Repository
from tests.forges.stands import LABELLED, Stand, stand
from tests.remediate.conftest import TEMPLATE, queue
from tests.remediate.harness import snapshot

pytestmark = pytest.mark.usefixtures("numbers")
ORDERS = queue("orders", VisibilityTimeout=30, DelaySeconds=5)
MAILS = queue("mails", VisibilityTimeout=30)
OWNERS = "*.yaml @ann\n"


@dataclass
class Place:
    """A clone with drift.yaml of a repository at a loopback forge."""

    forge: Stand
    repo: Repo
    folder: Path
    number: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    environment: str = "prod"

    def remediate(
        self,
        *live: dict[str, Any],
        adopt: bool | str = True,
        revert: str | None = None,
        only: str | None = None,
        dry: bool = False,
    ) -> dict[str, Any]:
        """A run with this live side, and what becomes of its findings: all adopted, those of one name, or by
        policy; or the one of a name reverted."""
        self.number += 1
        said = {
            "version": 1,
            "declared": [{"path": "queues.yaml", "scope": "111122223333", "region": "eu-west-1"}],
            "environment": self.environment,
            "forges": {"127.0.0.1": self.forge.name},
            "remediate": {
                "forges": {self.forge.name: self.forge.server.settings()},
                "people": {"@ann": self.forge.reviewer},
                **self.settings,
            },
        }
        clone = self.folder / "clone"
        (clone / "drift.yaml").write_text(json.dumps(said))
        config = load(clone / "drift.yaml", None, {})
        file = snapshot(self.folder / f"live-{self.number}.jsonl", live)
        result = Run(config, [only] if only else (), live=[file]).scan()
        runs.write(self.folder / f"run-{self.number}", result.report, [], result.evidence)
        found = result.report["findings"]
        chosen = choices(
            [one["id"] for one in found if revert is None and adopt in (True, one["name"])],
            [one["id"] for one in found if revert == one["name"]],
            (),
        )
        work = Remediation(config, result.report, [file], chosen, bool(chosen), dry)
        outcome = work.run()
        assert self.forge.server.violations == []
        return outcome


@pytest.fixture(scope="module", params=sorted(FORGES))
def forge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    made = stand(request.param, tmp_path_factory.mktemp(request.param))
    with made.server:
        yield made


@pytest.fixture
def place(forge: Stand, tmp_path: Path) -> Place:
    repo = forge.repository()
    files = {"queues.yaml": TEMPLATE, "CODEOWNERS": OWNERS}
    repo.commit("main", files, "queues")
    clone = Repository(tmp_path / "clone")
    clone.path.mkdir()
    clone.git("init", "-q", "-b", "main")
    clone.git("remote", "add", "origin", repo.url)
    clone.commit(files)
    return Place(forge, repo, tmp_path)


def states(outcome: dict[str, Any]) -> list[str]:
    return [one["state"] for one in outcome["pull_requests"]]


def test_open_update_someone_commits_close(place: Place) -> None:
    longer = queue("mails", VisibilityTimeout=45)
    opened = place.remediate(ORDERS, longer)
    assert states(opened) == ["opened"]
    (pull,) = place.repo.pulls.values()
    assert (pull.title, pull.state, pull.base) == ("Adopt Queue mails (prod)", "open", "main")
    assert pull.reviewers == [place.forge.reviewer]
    assert (pull.labels == ["drift"]) is (place.forge.name in LABELLED)
    assert "VisibilityTimeout" in pull.body
    assert mark_of(pull.body) is not None
    assert place.repo.show(pull.branch, "queues.yaml") == TEMPLATE[:-3] + "45\n"
    (told,) = opened["findings"]
    assert told["pull_request"].startswith(place.forge.server.url)

    assert states(place.remediate(ORDERS, longer)) == ["unchanged"]
    assert states(place.remediate(ORDERS, queue("mails", VisibilityTimeout=50))) == ["updated"]
    assert len(place.repo.pulls) == 1
    assert place.repo.show(pull.branch, "queues.yaml") == TEMPLATE[:-3] + "50\n"

    # the base moves: the branch follows
    place.repo.commit("main", {"README.md": "Queues\n"})
    assert states(place.remediate(ORDERS, queue("mails", VisibilityTimeout=50))) == ["updated"]
    assert place.repo.show(pull.branch, "README.md") == "Queues\n"

    theirs = place.repo.commit(pull.branch, {"NOTES.md": "mine\n"}, "by hand")
    left = place.remediate(ORDERS, queue("mails", VisibilityTimeout=55))
    assert states(left) == ["left"]
    assert place.repo.head(pull.branch) == theirs
    gone = place.remediate(ORDERS, MAILS, adopt=False)
    assert states(gone) == ["left"]
    assert (pull.state, place.repo.head(pull.branch)) == ("open", theirs)


#: How each forge tells that a pull request is closed is tried with the forges; what follows of it, at two.
TWO = pytest.mark.parametrize("forge", ["github", "bitbucket"], indirect=True)


@TWO
def test_what_is_no_longer_so_is_closed_and_may_come_back(place: Place) -> None:
    longer = queue("mails", VisibilityTimeout=45)
    place.remediate(ORDERS, longer)
    (pull,) = place.repo.pulls.values()
    assert states(place.remediate(ORDERS, MAILS, adopt=False)) == ["closed"]
    assert pull.state == "closed"
    assert place.repo.head(pull.branch) is None
    assert any("no longer different" in one.text for one in pull.comments)
    assert states(place.remediate(ORDERS, longer)) == ["opened"]
    assert [one.state for one in place.repo.pulls.values()] == ["closed", "open"]


@TWO
def test_what_a_person_closed_is_opened_again_only_when_it_is_another_one(place: Place) -> None:
    longer = queue("mails", VisibilityTimeout=45)
    place.remediate(ORDERS, longer)
    (pull,) = place.repo.pulls.values()
    pull.state = "closed"
    again = place.remediate(ORDERS, longer)
    assert states(again) == ["left"]
    assert "closed it without merging" in again["pull_requests"][0]["why"]
    assert len(place.repo.pulls) == 1
    assert states(place.remediate(ORDERS, queue("mails", VisibilityTimeout=50))) == ["opened"]
    assert len(place.repo.pulls) == 2


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_a_run_speaks_only_of_what_it_looked_at(place: Place) -> None:
    place.settings["policy"] = [{"action": "adopt"}]
    both = queue("orders", VisibilityTimeout=30, DelaySeconds=9), queue("mails", VisibilityTimeout=45)
    assert states(place.remediate(*both, adopt=False)) == ["opened"]
    (pull,) = place.repo.pulls.values()
    head = place.repo.head(pull.branch)
    (left,) = place.remediate(*both, adopt=False, only="mails")["pull_requests"]
    assert (left["state"], "did not look at" in left["why"]) == ("left", True)
    # one that is chosen joins what is open
    assert states(place.remediate(*both, adopt="mails")) == ["unchanged"]
    # what is not so in another environment is not over
    place.environment = "dev"
    assert states(place.remediate(ORDERS, MAILS, adopt=False)) == []
    place.environment = "prod"
    assert states(place.remediate(ORDERS, MAILS, adopt=False, only="orders")) == []
    assert (pull.state, place.repo.head(pull.branch)) == ("open", head)
    assert states(place.remediate(ORDERS, MAILS, adopt=False)) == ["closed"]


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_what_a_person_chose_stays_and_is_never_open_twice(place: Place) -> None:
    longer = queue("mails", VisibilityTimeout=45)
    place.remediate(ORDERS, longer)
    assert states(place.remediate(ORDERS, longer, adopt=False)) == ["unchanged"]
    place.settings["group_by"] = "finding"
    assert sorted(states(place.remediate(ORDERS, longer, adopt=False))) == ["closed", "opened"]
    assert [one.state for one in place.repo.pulls.values()] == ["closed", "open"]
    # another value was chosen by nobody
    assert states(place.remediate(ORDERS, queue("mails", VisibilityTimeout=50), adopt=False)) == []


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_what_a_person_reverts_leaves_the_pull_request_and_comes_back_only_by_hand(place: Place) -> None:
    place.settings["policy"] = [{"action": "adopt"}]
    both = queue("orders", VisibilityTimeout=30, DelaySeconds=9), queue("mails", VisibilityTimeout=45)
    place.remediate(*both, adopt=False)
    (pull,) = place.repo.pulls.values()
    done = place.remediate(*both, revert="mails")
    assert (states(done), [one["state"] for one in done["issues"]]) == (["updated"], ["opened"])
    assert place.repo.show(pull.branch, "queues.yaml") == TEMPLATE.replace("Seconds: 5", "Seconds: 9")
    (issue,) = place.repo.issues.values()
    assert issue.title == "Restore Queue mails (prod)"
    # by policy it would be adopted, but a person has chosen
    again = place.remediate(*both, adopt=False)
    assert (states(again), [one["state"] for one in again["issues"]]) == (["unchanged"], ["unchanged"])
    # of the last one nothing is left
    assert states(place.remediate(*both, revert="orders")) == ["closed"]
    assert (pull.state, place.repo.head(pull.branch)) == ("closed", None)
    assert any("chosen something else" in one.text for one in pull.comments)
    # and the other way round
    back = place.remediate(*both, adopt="mails")
    assert (states(back), [one["state"] for one in back["issues"]]) == (["opened"], ["updated"])
    assert mark_of(issue.body)["findings"].keys().isdisjoint(back["pull_requests"][0]["findings"])  # type: ignore[index]


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_the_last_day_of_what_is_accepted_stays(place: Place) -> None:
    place.settings |= {"policy": [{"action": "accept", "reason": "so it is"}], "accept_days": 9}
    longer = queue("mails", VisibilityTimeout=45)
    assert states(place.remediate(ORDERS, longer, adopt=False)) == ["opened"]
    place.settings["accept_days"] = 8  # as a day later
    assert states(place.remediate(ORDERS, longer, adopt=False)) == ["unchanged"]


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_no_more_is_proved_than_may_be_open(place: Place) -> None:
    place.settings |= {"max_open": 1, "group_by": "finding"}
    both = queue("orders", VisibilityTimeout=30, DelaySeconds=9), queue("mails", VisibilityTimeout=45)
    assert sorted(states(place.remediate(*both, dry=True))) == ["waiting", "would open"]
    assert sorted(states(place.remediate(*both))) == ["opened", "waiting"]
    assert sorted(states(place.remediate(*both))) == ["unchanged", "waiting"]


@pytest.mark.parametrize("forge", ["github", "gitlab"], indirect=True)  # 422 and 409 for one that is there
def test_two_at_once_open_one(place: Place) -> None:
    longer = queue("mails", VisibilityTimeout=45)
    found: list[Any] = []

    def go(number: int) -> None:
        own = place.folder / f"machine-{number}"
        shutil.copytree(place.folder / "clone", own / "clone")  # else one reads what the other is writing
        mine = Place(place.forge, place.repo, own, number)
        try:
            found.append(states(mine.remediate(ORDERS, longer)))
        except Exception as error:  # noqa: BLE001 - asserted below
            found.append(error)

    threads = [threading.Thread(target=go, args=(100 * n,)) for n in (1, 2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(place.repo.pulls) == 1, found
    assert len(found) == 2
    for one in found:
        assert one in (["opened"], ["unchanged"], ["updated"]), found


def test_what_opens_is_told_in_an_issue_which_is_closed_when_it_is_restored(place: Place) -> None:
    other = queue("mails", VisibilityTimeout=30, KmsMasterKeyId="alias/x")
    opened = place.remediate(ORDERS, other, adopt=False)
    assert states(opened) == []
    if place.forge.name not in LABELLED:  # it has no issues
        assert [one["status"] for one in opened["findings"]] == ["to revert"]
        return
    (issue,) = place.repo.issues.values()
    assert (issue.title, issue.state) == ("Restore Queue mails (prod)", "open")
    again = place.remediate(ORDERS, other, adopt=False)
    assert [one["state"] for one in again["issues"]] == ["unchanged"]
    done = place.remediate(ORDERS, MAILS, adopt=False)
    assert [one["state"] for one in done["issues"]] == ["closed"]
    assert issue.state == "closed"
