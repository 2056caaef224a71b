"""What one forge alone does: Apps, plans, organisations' labels, versions, teams, processes."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from drift.forge import ForgeError, Login, Repository
from tests.forges.stands import Patient, Stand, draft, push

FORM = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def of(kind: str) -> Any:
    """Only this forge's turn."""
    return pytest.mark.parametrize("_stand", [kind], indirect=True)


# GitHub


@of("github")
def test_an_app_logs_in_for_one_repository_and_an_hour(
    forge: Stand, key: rsa.RSAPrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, server = forge.repository(), forge.server
    server.app_id, server.app_key = "Iv23li", key.public_key()
    pem = key.private_bytes(*FORM).decode()
    hosted = forge.connect(repo, token=None, app_id="Iv23li", private_key=pem)
    login = hosted.login()
    assert login is not None
    assert login.password.startswith("ghs_")
    push(tmp_path, repo, login, "drift/a", "x = 1\n")
    hosted.open(draft())
    issued = [call for call in server.calls if call.path.endswith("/access_tokens")]
    assert [call.body for call in issued] == [{"repositories": [repo.path.partition("/")[2]]}]
    assert all(call.authorization.startswith("Bearer ") for call in server.calls)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3400)  # it would end while it is used
    assert hosted.login() != login
    with_file = tmp_path / "app.pem"
    with_file.write_text(pem)
    said = {"app_id": "Iv23li", "private_key_file": str(with_file), "installation_id": 71}
    assert forge.connect(repo, token=None, **said).pull_requests("drift/a")


@of("github")
def test_an_app_that_does_not_get_in_says_why(forge: Stand, key: rsa.RSAPrivateKey) -> None:
    repo, server = forge.repository(), forge.server
    server.app_id, server.app_key = "Iv23li", key.public_key()
    pem = key.private_bytes(*FORM).decode()
    with pytest.raises(ForgeError, match="`app_id` and `private_key` belong together") as error:
        forge.connect(repo, token=None, app_id="other", private_key=pem).login()
    with pytest.raises(ForgeError, match="the App is not installed"):
        forge.connect(repo, token=None, app_id="Iv23li", private_key=pem, installation_id=5).login()
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for wrong in ("no key", other.decode()):
        with pytest.raises(ForgeError, match="no RSA private key") as error:
            forge.connect(repo, token=None, app_id="Iv23li", private_key=wrong)
        assert wrong not in str(error.value)


@of("github")
def test_a_plan_without_drafts_and_a_repository_without_issues(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    repo.drafts_on = repo.issues_on = False
    hosted = forge.connect(repo)
    pull, notes = hosted.open(draft(draft=True))
    assert not pull.draft
    assert len(notes) == 1
    assert "ready for review" in notes[0]
    assert list(hosted.issues("drift")) == []
    with pytest.raises(ForgeError, match="has no issues") as error:
        hosted.open_issue("x", "x", ["drift"], [])
    assert error.value.status == 410


@of("github")
def test_a_label_is_asked_for_by_name_alone_and_pull_requests_are_no_issues(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    hosted.open(draft(labels=("drift",)))
    assert list(hosted.issues("drift")) == []


@pytest.mark.parametrize("_stand", ["gitea", "github"], indirect=True)
def test_who_was_never_asked_is_asked_later(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    pull, _ = hosted.open(draft(reviewers=("ann",), assignees=("ann",)))
    kept = repo.pulls[int(pull.id)]
    kept.reviewers, kept.assignees = [], []
    more = draft(reviewers=("ann", "ben", "acme/platform"), assignees=("ann", "ben"))
    _, notes = hosted.update(pull, more)
    assert notes == []
    assert (kept.reviewers, kept.teams, kept.assignees) == (["ben"], ["platform"], ["ben"])


# GitLab


@of("gitlab")
def test_a_plan_with_one_reviewer_says_who_is_left_out(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    forge.server.several = False
    try:
        pull, notes = forge.connect(repo).open(draft(reviewers=("ann", "ben"), labels=("a,b",)))
    finally:
        forge.server.several = True
    assert repo.pulls[int(pull.id)].reviewers == ["ann"]
    assert repo.pulls[int(pull.id)].labels == ["a b"]
    assert len(notes) == 1
    assert "'ben'" in notes[0]


@of("gitlab")
def test_a_gitlab_below_a_path_is_found(forge: Stand) -> None:
    from drift import plugins

    found = plugins.forge("gitlab")
    said = found.Settings.model_validate({"url": "https://acme.example/gitlab/", "token": "t"})
    there = Repository("https://acme.example/gitlab/a/b/c", "https://acme.example", "gitlab/a/b/c")
    hosted: Any = found.connect(there, said, Patient())
    assert (hosted._api.root, hosted._at) == ("https://acme.example/gitlab/api/v4", "projects/a%2Fb%2Fc")


# Gitea


@of("gitea")
def test_an_issue_that_could_not_be_found_again_is_not_opened(
    forge: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = forge.repository()
    hosted: Any = forge.connect(repo)
    send = hosted._api.send

    def refusing(method: str, at: str, *more: Any) -> Any:
        if at.endswith("/labels"):
            raise ForgeError("no label can be made", status=403)
        return send(method, at, *more)

    monkeypatch.setattr(hosted._api, "send", refusing)
    with pytest.raises(ForgeError, match="no label can be made"):
        hosted.open_issue("Run this", "x", ["drift"], [])
    assert repo.issues == {}


@of("gitea")
def test_labels_of_the_organisation_are_used_and_others_made(forge: Stand) -> None:
    repo, server = forge.repository(), forge.server
    repo.commit("drift/a", {"a": "1"})
    server.organisations["acme"] = {"drift": 7}
    try:
        pull, notes = forge.connect(repo).open(draft(labels=("drift", "new")))
    finally:
        server.organisations = {}
    assert notes == []
    assert repo.pulls[int(pull.id)].labels == ["drift", "new"]
    assert list(repo.labels) == ["new"]


# Bitbucket


@pytest.mark.parametrize("_stand", ["bitbucket", "bitbucket-server"], indirect=True)
def test_an_update_takes_no_reviewer_away(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    pull, _ = hosted.open(draft(reviewers=("ann",)))
    hosted.update(pull, draft(title="Other", body="Other"))
    kept = repo.pulls[int(pull.id)]
    assert (kept.title, kept.body, kept.reviewers) == ("Other", "Other", ["ann"])
    assert list(hosted.issues("drift")) == []
    with pytest.raises(ForgeError) as error:
        hosted.open_issue("x", "x", [], [])
    assert error.value.status == 410


@of("bitbucket-server")
def test_a_change_in_between_is_not_undone(forge: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    pull, _ = hosted.open(draft())
    kept, times = repo.pulls[int(pull.id)], [0]
    current = forge.server._current

    def once(pull_: Any, version: int) -> None:
        times[0] += 1
        if times[0] == 1:
            kept.ask("ben")
            kept.version += 1
        current(pull_, version)

    monkeypatch.setattr(forge.server, "_current", once)
    hosted.update(pull, draft(title="Other"))
    assert (kept.title, kept.reviewers) == ("Other", ["ben"])
    times[0] = 0
    hosted.close(pull, "It is over.")
    assert (kept.state, times) == ("closed", [2])


@of("bitbucket")
def test_an_api_token_of_a_person(forge: Stand, tmp_path: Path) -> None:
    repo = forge.repository()
    forge.server.user = "ann@acme.example"
    try:
        hosted = forge.connect(repo, user="ann@acme.example")
        login = hosted.login()
        assert login is not None
        assert login.username == "x-bitbucket-api-token-auth"
        push(tmp_path, repo, login, "drift/a", "x = 1\n")
        hosted.open(draft())
        with pytest.raises(ForgeError, match="needs `user`"):
            forge.connect(repo).pull_requests("drift/a")
    finally:
        forge.server.user = None


# Azure DevOps


@of("azure-devops")
def test_a_team_reviews_and_a_process_says_what_is_closed(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo, work_item_type="Bug")
    project = repo.path.split("/")[1]
    pull, notes = hosted.open(draft(reviewers=(f"{project}/platform", "Ann")))
    assert notes == []
    assert repo.pulls[int(pull.id)].teams == ["platform"]
    assert repo.pulls[int(pull.id)].reviewers == ["ann@acme.example"]
    issue, notes = hosted.open_issue("It's", "# Head", ["o'drift"], ["zed"])
    assert len(notes) == 1
    assert "unknown identity" in notes[0]
    kept = repo.issues[int(issue.id)]
    assert (kept.custom["type"], kept.custom["markdown"]) == ("Bug", True)
    assert [one.id for one in hosted.issues("o'drift")] == [issue.id]
    hosted.close_issue(issue, "gone")
    assert kept.custom["state"] == "Closed"
    with pytest.raises(ForgeError, match="Work item type Epic does not exist"):
        forge.connect(repo, work_item_type="Epic").open_issue("x", "x", ["drift"], [])


@of("azure-devops")
@pytest.mark.parametrize(
    ("url", "path", "root"),
    [
        ("https://dev.azure.com/acme/Shop%20Floor/_git/infra", "acme/Shop Floor/_git/infra", "acme"),
        ("https://dev.azure.com/acme/_git/infra", "acme/_git/infra", "acme"),
        ("ssh://git@ssh.dev.azure.com/v3/acme/Shop/infra", "v3/acme/Shop/infra", "acme"),
        (
            "https://acme.visualstudio.com/DefaultCollection/Shop/_git/infra",
            "DefaultCollection/Shop/_git/infra",
            "acme",
        ),
    ],
)
def test_the_ways_to_write_a_repository(forge: Stand, url: str, path: str, root: str) -> None:
    from drift import plugins

    found = plugins.forge(forge.name)
    said = found.Settings.model_validate({"token": "t"})
    hosted: Any = found.connect(Repository(url, "https://dev.azure.com", path), said, Patient())
    assert hosted._api.root == f"https://dev.azure.com/{root}"
    assert hosted._at.endswith("_apis/git/repositories/infra")


@of("azure-devops")
def test_work_items_of_another_repository_of_the_project_are_not_ours(forge: Stand) -> None:
    repos = [forge.server.repository(f"acme/Both/{name}") for name in ("one", "two")]
    for repo in repos:
        forge.connect(repo).open_issue("Run this", "x", ["drift"], [])
    forge.server.faults.broken = 1
    assert [len(forge.connect(repo).issues("drift")) for repo in repos] == [1, 1]


# Git


def test_git_is_let_in_by_the_token_alone(forge: Stand, tmp_path: Path) -> None:
    repo = forge.repository()
    login = forge.connect(repo).login()
    assert login is not None
    with pytest.raises(subprocess.CalledProcessError) as error:
        push(tmp_path, repo, Login(login.username, "wrong"), "drift/a", "x")
    assert "Authentication failed" in error.value.stderr
    forge.server.faults.denied = True
    (tmp_path / "two").mkdir()
    with pytest.raises(subprocess.CalledProcessError) as error:
        push(tmp_path / "two", repo, login, "drift/a", "x")
    assert "403" in error.value.stderr
    assert login.password not in error.value.stderr
    assert repo.head("drift/a") is None
    forge.server.faults.denied = False
    (tmp_path / "three").mkdir()
    large = "x" * 2_000_000  # git sends it in chunks
    commit = push(tmp_path / "three", repo, login, "drift/a", large)
    assert repo.head("drift/a") == commit
