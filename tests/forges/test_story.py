"""One story a forge, over real Git and HTTP: a pull request is opened, updated, committed to by somebody
else, and closed; the next is merged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forges.stands import LABELLED, MACHINE, Stand, draft, push


def test_open_update_someone_commits_close(forge: Stand, tmp_path: Path) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo)
    login = hosted.login()
    assert login is not None
    commit = push(tmp_path, repo, login, "drift/logs", "bucket = 1\n")
    assert hosted.pull_requests("drift/logs") == []

    said = draft("drift/logs", labels=("drift",), reviewers=(forge.reviewer,), draft=True)
    opened, notes = hosted.open(said)
    assert (opened.branch, opened.base, opened.state, opened.draft) == ("drift/logs", "main", "open", True)
    assert (opened.title, opened.body) == (said.title, said.body)
    assert opened.head in (commit, None)
    assert opened.url.startswith(f"{forge.server.url}/")
    assert [note for note in notes if "label" not in note] == []
    pull = repo.pulls[int(opened.id)]
    assert pull.reviewers == [forge.reviewer]
    assert (pull.labels == ["drift"]) is (forge.name in LABELLED)

    # what people add stays, whom they take away is not asked again
    pull.label("keep")
    pull.reviewers.clear()
    more = draft("drift/logs", title="Bring two back", body=f"More.\n\n{MACHINE}", labels=("drift", "two"))
    updated, _ = hosted.update(opened, more)
    assert (updated.id, updated.title, updated.body) == (opened.id, more.title, more.body)
    assert updated.draft
    assert pull.reviewers == []
    if forge.name in LABELLED:
        assert set(pull.labels) == {"drift", "keep", "two"}
    again, _ = hosted.update(
        updated, draft("drift/logs", title=more.title, body=more.body, reviewers=said.reviewers)
    )
    assert again == updated
    assert pull.reviewers == []

    theirs = repo.commit("drift/logs", {"main.tf": "bucket = 2\n"}, "by hand")
    (seen,) = hosted.pull_requests("drift/logs")
    assert seen.head in (theirs, None)
    hosted.comment(seen, "Others have committed here.")
    hosted.comment(seen, "Others have committed here.")
    hosted.close(seen, "The drift is gone.")
    hosted.close(seen, "The drift is gone.")
    assert [one.text for one in pull.comments if not one.system] == [
        "Others have committed here.",
        "The drift is gone.",
    ]
    assert [one.state for one in hosted.pull_requests("drift/logs")] == ["closed"]
    assert hosted.open_pull_requests("drift/") == []

    second, _ = hosted.open(draft("drift/logs"))
    assert second.id != opened.id
    assert [one.id for one in hosted.open_pull_requests("drift/")] == [second.id]
    assert [one.id for one in hosted.pull_requests("drift/logs")] == [second.id, opened.id]
    repo.merge(int(second.id))
    assert [one.state for one in hosted.pull_requests("drift/logs")] == ["merged", "closed"]
    assert repo.show("main", "main.tf") == "bucket = 2\n"


def test_one_that_is_open_is_given_back(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    first, _ = forge.connect(repo).open(draft())
    second, _ = forge.connect(repo).open(draft())
    assert first.id == second.id
    assert len(repo.pulls) == 1


def test_every_page_is_read_and_forks_are_not(forge: Stand) -> None:
    repo, server = forge.repository(), forge.server
    hosted = forge.connect(repo)
    server.page = 2
    for number in range(5):
        repo.commit(f"drift/{number}", {"a": str(number)})
        hosted.open(draft(f"drift/{number}"))
    repo.commit("other", {"a": "x"})
    hosted.open(draft("other"))
    repo.pulls[max(repo.pulls)].branch = "drift/0"
    repo.pulls[max(repo.pulls)].fork = True
    assert [one.branch for one in hosted.open_pull_requests("drift/")] == [
        f"drift/{n}" for n in (4, 3, 2, 1, 0)
    ]
    (found,) = hosted.pull_requests("drift/0")
    for number in range(5):
        repo.pulls[int(found.id)].say(f"note {number}", by="ann")
    hosted.comment(found, "note 4")
    hosted.comment(found, "note 0")
    assert len(repo.pulls[int(found.id)].comments) == 5


def test_a_base_branch_may_have_a_slash(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("release/1.x", {"b": "1"})
    repo.commit("drift/a", {"a": "1"})
    pull, _ = forge.connect(repo).open(draft(base="release/1.x"))
    assert pull.base == "release/1.x"


def test_a_branch_is_not_one_that_begins_like_it(forge: Stand) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo)
    for branch in ("drift/a", "drift/a-b", 'drift/q"x'):
        repo.commit(branch, {"a": branch})
        hosted.open(draft(branch))
    for branch in ("drift/a", 'drift/q"x'):
        assert [one.branch for one in hosted.pull_requests(branch)] == [branch]


@pytest.mark.parametrize("_stand", LABELLED, indirect=True)
def test_an_issue_is_opened_once_updated_and_closed(forge: Stand) -> None:
    repo, server = forge.repository(), forge.server
    server.page = 1
    hosted = forge.connect(repo)
    assert hosted.issues("drift") == []
    ann = forge.reviewer
    issue, notes = hosted.open_issue("Run this", "`terraform apply`", ["drift"], [ann, "zed"])
    assert len(notes) == 1
    assert "zed" in notes[0] or "has one" in notes[0]
    kept = repo.issues[int(issue.id)]
    # a work item of Azure Boards is its project's, so that a tag says of which repository it is
    labels = ["drift", *([f"repository {repo.path.split('/')[-1]}"] if forge.name == "azure-devops" else [])]
    assert (kept.assignees, kept.labels, kept.body) == ([ann], labels, "`terraform apply`")
    other, _ = hosted.open_issue("Run that", "x", ["drift"], [])
    assert [one.id for one in hosted.issues("drift")] == [other.id, issue.id]
    assert hosted.issues("dri") == []
    changed = hosted.update_issue(issue, "Run this now", "`terraform apply -target=a`")
    assert (changed.id, changed.title, changed.state) == (issue.id, "Run this now", "open")
    hosted.close_issue(changed, "Gone: a & b <c>\nnow.")
    hosted.close_issue(changed, "Gone: a & b <c>\nnow.")
    assert len([one for one in kept.comments if not one.system]) == 1
    assert [one.state for one in hosted.issues("drift")] == ["open", "closed"]
    assert kept.labels == labels
