"""What forges refuse, and what goes wrong on the way: told in one line with what is missing, tried again
where that is right, done once, and never with a token in what is said."""

from __future__ import annotations

import base64
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from drift import plugins
from drift.deadline import Deadline
from drift.forge import ForgeError, Hosted, PullRequest, Repository
from drift.loopback import Answer, Request, Server, json
from forges.loopback import FORGES
from forges.loopback.server import TOKEN
from tests.forges.stands import LABELLED, Patient, Stand, draft

WRONG = "wrong-forge-token-9876543210"
SECRETS = [
    said
    for token in (TOKEN, WRONG)
    for said in (
        token,
        base64.b64encode(f":{token}".encode()).decode(),
        base64.b64encode(token.encode()).decode(),
    )
]


@pytest.fixture(autouse=True)
def _nothing_leaks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that any library logs holds a token."""
    caplog.set_level(logging.DEBUG)
    yield
    assert not [secret for secret in SECRETS if secret in caplog.text]


def refused(do: Callable[[], object]) -> ForgeError:
    """The error of a call: one line without a token, in what it wraps neither."""
    with pytest.raises(ForgeError) as said:
        do()
    seen: BaseException | None = said.value
    while seen is not None:
        told = f"{seen} {seen!r} {getattr(seen, '__dict__', {})}"
        assert not [secret for secret in SECRETS if secret in told]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    assert "\n" not in str(said.value)
    return said.value


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server, and what it is asked."""
    asked: list[str] = []

    def answer(request: object) -> Answer:
        asked.append(str(request))
        return Answer(200, b"[]", {"Content-Type": "application/json"})

    server = Server(answer)
    try:
        yield server.url, asked
    finally:
        server.close()


def writes(hosted: Hosted) -> list[Callable[[], object]]:
    """All that changes something, of a pull request that is open."""
    (pull,) = hosted.pull_requests("drift/a")
    return [
        lambda: hosted.open(draft()),
        lambda: hosted.update(pull, draft(title="Other")),
        lambda: hosted.comment(pull, "x"),
        lambda: hosted.close(pull, "x"),
    ]


def reads(hosted: Hosted) -> list[Callable[[], Sequence[object]]]:
    return [lambda: hosted.pull_requests("drift/a"), lambda: hosted.open_pull_requests("drift/")]


def test_a_token_that_is_not_valid(forge: Stand) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo, token=WRONG)
    for do in [*reads(hosted), lambda: hosted.open(draft())]:
        error = refused(do)
        assert "the token is not valid" in str(error)
        assert not error.temporary
    assert len(forge.server.calls) == 3


def test_a_token_that_may_not_write(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    hosted.open(draft())
    forge.server.faults.denied = True
    for do in writes(hosted):
        error = refused(do)
        assert error.status == 403
        assert "the token needs" in str(error) or "token needs" in str(error)


def test_a_repository_that_the_token_may_not_see(forge: Stand) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo)
    forge.server.faults.blind = True
    for do in [*reads(hosted), lambda: hosted.open(draft())]:
        error = refused(do)
        assert error.status == 404
        assert "the token may not see it" in str(error)


# Bitbucket Cloud archives nothing.
@pytest.mark.parametrize("_stand", sorted({*FORGES} - {"bitbucket"}), indirect=True)
def test_an_archived_repository_is_not_written_to(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    forge.connect(repo).open(draft())
    repo.archived = True
    hosted = forge.connect(repo)
    for do in writes(hosted):
        assert "is archived" in str(refused(do))
    if forge.name in LABELLED and forge.name != "azure-devops":
        assert "is archived" in str(refused(lambda: hosted.open_issue("x", "x", [], [])))


def test_a_base_branch_that_is_not_there(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    error = refused(lambda: forge.connect(repo).open(draft(base="trunk")))
    assert "has no branch 'trunk'" in str(error)
    assert repo.pulls == {}


def test_a_branch_that_is_not_pushed(forge: Stand) -> None:
    repo = forge.repository()
    refused(lambda: forge.connect(repo).open(draft("drift/none")))
    assert repo.pulls == {}


def test_a_redirect_to_another_host_is_not_followed(forge: Stand) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo)
    with elsewhere() as (url, asked):
        forge.server.faults.redirect = url.replace("127.0.0.1", "localhost")
        for do in [*reads(hosted), lambda: hosted.open(draft())]:
            assert "redirects to http://localhost:" in str(refused(do))
        assert asked == []


@pytest.mark.parametrize("_stand", ["github"], indirect=True)
def test_a_repository_that_was_renamed_is_followed(forge: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, server = forge.repository(), forge.server
    repo.commit("drift/a", {"a": "1"})
    answer = server._http.answer

    def moved(request: Request) -> Answer:
        if "/acme/old" not in request.path:
            return answer(request)
        path = request.path.replace("/acme/old", f"/{repo.path}") + (request.query and f"?{request.query}")
        return Answer(307 if request.method == "POST" else 301, b"", {"Location": path})

    monkeypatch.setattr(server._http, "answer", moved)
    site = Repository(f"{server.url}/acme/old.git", server.url, "acme/old")
    plugin = plugins.forge(forge.name)
    hosted = plugin.connect(site, plugin.Settings.model_validate(server.settings()), Patient())
    pull, _ = hosted.open(draft())
    assert [one.id for one in hosted.pull_requests("drift/a")] == [pull.id]
    monkeypatch.setattr(server._http, "answer", lambda request: Answer(301, b"", {"Location": request.path}))
    assert "redirects without end" in str(refused(lambda: hosted.pull_requests("drift/a")))


def test_a_forge_that_repeats_the_token_is_not_repeated(
    forge: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, server = forge.repository(), forge.server

    def echo(request: Request) -> Answer:
        said = request.headers["Authorization"]
        decoded = [base64.b64decode(said[6:]).decode()] if said.startswith("Basic ") else []
        return json(400, {"message": [said, *decoded]})

    monkeypatch.setattr(server._http, "answer", echo)
    assert "***" in str(refused(lambda: forge.connect(repo).pull_requests("drift/a")))


@pytest.mark.parametrize(
    ("status", "name"), [(403, "X-RateLimit-Reset"), (429, "X-RateLimit-Reset"), (429, "RateLimit-Reset")]
)
def test_a_limit_that_says_when_it_ends_is_waited_for(
    forge: Stand, monkeypatch: pytest.MonkeyPatch, status: int, name: str
) -> None:
    repo, server, clock = forge.repository(), forge.server, Patient()
    answer, refusals = server._http.answer, [2]

    def limited(request: Request) -> Answer:
        refusals[0] -= 1
        if refusals[0] < 0:
            return answer(request)
        return json(status, {}, {"X-RateLimit-Remaining": "0", name: str(int(time.time()) + 1800)})

    monkeypatch.setattr(server._http, "answer", limited)
    assert list(forge.connect(repo, clock).pull_requests("drift/a")) == []
    assert [1700 < one < 1900 for one in clock.waited] == [True, True]


@pytest.mark.parametrize("_stand", ["bitbucket", "gitea", "github"], indirect=True)
def test_a_next_page_at_another_host_is_not_asked_for(forge: Stand) -> None:
    repo, server = forge.repository(), forge.server
    hosted = forge.connect(repo)
    for number in range(2):
        repo.commit(f"drift/{number}", {"a": str(number)})
        hosted.open(draft(f"drift/{number}"))
    server.page, own = 1, server.url
    with elsewhere() as (url, asked):
        server.url = url
        try:
            assert "another host" in str(refused(lambda: hosted.open_pull_requests("drift/")))
        finally:
            server.url = own
        assert asked == []


def test_who_is_asked_too_often_waits_as_the_forge_says(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    clock = Patient()
    hosted = forge.connect(repo, clock)
    faults = forge.server.faults
    faults.throttled, faults.retry_after = 3, "7"
    pull, _ = hosted.open(draft())
    faults.throttled = 1
    hosted.comment(pull, "once")
    assert clock.waited == [7, 7, 7, 7]
    assert len(repo.pulls) == 1
    assert [one.text for one in repo.pulls[int(pull.id)].comments] == ["once"]
    faults.throttled, faults.retry_after, clock.waited = 2, None, []
    hosted.pull_requests("drift/a")
    assert clock.waited == [60, 120]
    faults.throttled, faults.retry_after = 9, "0"
    error = refused(lambda: hosted.pull_requests("drift/a"))
    assert error.temporary
    assert "asked too often" in str(error)
    faults.throttled, faults.retry_after = 1, "86400"
    assert "asks to wait 1440 minutes" in str(refused(lambda: hosted.pull_requests("drift/a")))


def test_the_runs_time_ends_a_wait(forge: Stand) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo, Deadline(50))
    forge.server.faults.throttled, forge.server.faults.retry_after = 1, "900"
    assert "deadline" in str(refused(lambda: hosted.pull_requests("drift/a")))
    over = Deadline(50)
    over.stop("SIGTERM")
    forge.server.faults.throttled = 0
    before = len(forge.server.calls)
    assert "SIGTERM" in str(refused(lambda: forge.connect(repo, over).pull_requests("drift/a")))
    assert len(forge.server.calls) == before


def test_a_server_error_is_tried_again_and_nothing_is_done_twice(forge: Stand) -> None:
    repo, faults = forge.repository(), forge.server.faults
    repo.commit("drift/a", {"a": "1"})
    hosted = forge.connect(repo)
    assert hosted.pull_requests("drift/a") == []
    faults.broken = 2
    pull, _ = hosted.open(draft())
    kept = repo.pulls[int(pull.id)]
    faults.lost = 1
    hosted.comment(pull, "said once")
    faults.lost = 1
    hosted.update(pull, draft(title="Another"))
    faults.lost = 1
    hosted.close(pull, "gone")
    assert (kept.title, kept.state) == ("Another", "closed")
    assert [one.text for one in kept.comments if not one.system] == ["said once", "gone"]
    faults.lost = 1
    second, _ = hosted.open(draft())
    assert len(repo.pulls) == 2
    assert second.id != pull.id
    faults.broken = 99
    error = refused(lambda: hosted.pull_requests("drift/a"))
    assert (error.status, error.temporary) == (502, True)


@pytest.mark.parametrize("_stand", LABELLED, indirect=True)
def test_an_issue_whose_answer_is_lost_is_opened_once(forge: Stand) -> None:
    repo = forge.repository()
    hosted = forge.connect(repo)
    if forge.name == "gitea":
        repo.labels["drift"] = 1000
    forge.server.faults.lost = 1
    issue, _ = hosted.open_issue("Run this", "x", ["drift"], [])
    forge.server.faults.lost = 1
    hosted.close_issue(issue, "gone")
    assert [one.state for one in repo.issues.values()] == ["closed"]
    assert [one.text for one in repo.issues[int(issue.id)].comments if not one.system] == ["gone"]


def test_two_runs_at_once_open_one(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    opened: list[str] = []

    def run() -> None:
        opened.append(forge.connect(repo).open(draft())[0].id)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(opened) == 4
    assert len(set(opened)) == len(repo.pulls) == 1


def test_who_is_not_known_is_left_out_and_told(forge: Stand) -> None:
    repo = forge.repository()
    repo.commit("drift/a", {"a": "1"})
    said = draft(reviewers=("zed", forge.reviewer, "acme/nobody"), assignees=("yan",))
    pull, notes = forge.connect(repo).open(said)
    assert repo.pulls[int(pull.id)].reviewers == [forge.reviewer]
    assert repo.pulls[int(pull.id)].assignees == []
    told = " ".join(notes)
    assert "zed" in told
    assert "nobody" in told
    assert "yan" in told
    assert len(notes) == 3


def test_a_repository_elsewhere_gets_no_token(forge: Stand) -> None:
    plugin = plugins.forge(forge.name)
    there = Repository("https://evil.example/acme/infra", "https://evil.example", "acme/Shop/_git/infra")

    def connecting(where: Repository, **settings: str) -> ForgeError:
        said = plugin.Settings.model_validate(settings)
        return refused(lambda: plugin.connect(where, said, Patient()))

    assert "evil.example" in str(connecting(there, url=forge.server.url, token=TOKEN))
    assert "url: https://evil.example" in str(connecting(there, token=TOKEN))
    here = forge.at(forge.repository())
    assert "no token" in str(connecting(here, url=forge.server.url, token=""))
    assert "no token" in str(connecting(here, url=forge.server.url))


@pytest.mark.parametrize("path", ["../../admin", "acme/..", "acme/.", "..", "", "acme/Shop/_git/.."])
def test_a_path_that_leads_elsewhere_is_refused(forge: Stand, path: str) -> None:
    found = plugins.forge(forge.name)
    said = found.Settings.model_validate(forge.server.settings())
    there = Repository(f"{forge.server.url}/{path}", forge.server.url, path)
    refused(lambda: found.connect(there, said, Patient()).pull_requests("drift/a"))
    assert forge.server.calls == []


def test_an_answer_that_is_no_json_or_too_large_is_told(
    forge: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, server = forge.repository(), forge.server
    answer = server._http.answer
    monkeypatch.setattr(
        server._http, "answer", lambda request: Answer(200, b"<html>", {"Content-Type": "text/html"})
    )
    assert "instead of JSON" in str(refused(lambda: forge.connect(repo).pull_requests("x")))
    monkeypatch.setattr("forges.rest._ANSWER_BYTES", 1000)
    monkeypatch.setattr(server._http, "answer", lambda request: Answer(200, b"[" + b" " * 2000 + b"]"))
    assert "more than 1,000 bytes" in str(refused(lambda: forge.connect(repo).pull_requests("x")))
    monkeypatch.setattr(server._http, "answer", answer)


FORMS = (b"5", b"null", b"[1]", b'{"x": 1}', b'[{"number": "x"}]', b'{"value": 3, "values": 3}')


def test_an_answer_of_another_form_is_told(forge: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, server = forge.repository(), forge.server
    for said in FORMS:
        monkeypatch.setattr(server._http, "answer", lambda request, said=said: Answer(200, said))
        hosted = forge.connect(repo)
        assert forge.name.partition("-")[0] in str(refused(lambda: hosted.open(draft()))).lower()  # noqa: B023
        for do in (*reads(hosted), lambda: hosted.issues("drift")):  # noqa: B023
            with contextlib.suppress(ForgeError):
                assert list(do()) == []


def test_an_empty_object_is_no_repository(forge: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = forge.repository()
    hosted: Any = forge.connect(repo)
    monkeypatch.setattr(hosted._api, "get", lambda *_: {})
    with pytest.raises(ForgeError, match="is no repository"):
        hosted.comment(PullRequest("1", "", "drift/a", "main", "t", "b", "open"), "x")
