"""The loopback forges refuse what the forges' own descriptions do not have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import urllib3

import forges.loopback
from forges.loopback import FORGES
from forges.loopback.rules import Rules, errors
from forges.loopback.server import TOKEN
from tests.forges.stands import Stand

FILES = sorted(Path(forges.loopback.__file__).parent.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_description_names_its_source(file: Path) -> None:
    document = json.loads(file.read_text())
    assert len(document["source"]) > 20
    assert document["operations"]


def test_each_forge_answers_all_that_is_described() -> None:
    assert {one.described for one in FORGES.values()} == {file.stem for file in FILES}
    for one in FORGES.values():
        known = set(json.loads((FILES[0].parent / f"{one.described}.json").read_text())["operations"])
        handlers = {
            method._operation
            for cls in one.__mro__
            for method in vars(cls).values()
            if hasattr(method, "_operation")
        }
        assert handlers == known


#: Forge → a call without a body's member, with one too many, with a wrong type; of pull requests.
WRONG: dict[str, list[Any]] = {
    "github": [
        {"title": "x", "base": "main"},
        {"head": "a", "base": "main", "labels": []},
        {"head": 1, "base": "b"},
    ],
    "gitlab": [
        {"title": "x"},
        {"source_branch": "a", "target_branch": "b", "title": "x", "draft": True},
        {"source_branch": "a", "target_branch": "b", "title": "x", "reviewer_ids": ["ann"]},
    ],
    "gitea": [{"title": 1}, {"title": "x", "draft": True}, {"labels": ["drift"]}],
    "bitbucket": [{"title": 1}, {"titel": "x"}, {"title": "x", "reviewers": "ann"}],
    "bitbucket-server": [
        {"title": "x"},
        {"title": "x", "fromRef": {"id": "a"}, "toRef": {"id": "refs/heads/b"}},
        {"title": "x", "labels": []},
    ],
    "azure-devops": [{"title": 1}, {"titel": "x"}, {"isDraft": "yes"}],
}
AT = {
    "github": "repos/{}/pulls",
    "gitlab": "projects/{}/merge_requests",
    "gitea": "repos/{}/pulls",
    "bitbucket": "repositories/{}/pullrequests",
    "bitbucket-server": "projects/{}/pull-requests",
    "azure-devops": "{}/pullrequests",
}


@pytest.mark.parametrize("_stand", sorted(FORGES), indirect=True)
def test_a_request_that_is_not_described_is_refused(_stand: Stand) -> None:
    server, repo = _stand.server, _stand.repository()
    paths = {
        "gitlab": repo.path.replace("/", "%2F"),
        "bitbucket-server": repo.path.replace("/", "/repos/"),
        "azure-devops": "/_apis/git/repositories/".join(repo.path.replace(" ", "%20").rsplit("/", 1)),
    }
    where = AT[_stand.name].format(paths.get(_stand.name, repo.path))
    http = urllib3.PoolManager()
    login = {
        "gitea": f"token {TOKEN}",
        "azure-devops": urllib3.make_headers(basic_auth=f":{TOKEN}")["authorization"],
    }
    headers = {
        "Authorization": login.get(_stand.name, f"Bearer {TOKEN}"),
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "Content-Type": "application/json",
        "User-Agent": "test",
    }
    version = "?api-version=7.1" if _stand.name == "azure-devops" else ""

    def ask(method: str, at: str, body: Any = None, **more: str) -> int:
        said = json.dumps(body).encode() if body is not None else None
        answer = http.request(
            method, f"{server.api}/{at}", body=said, headers={**headers, **more}, retries=False
        )
        return int(answer.status)

    assert ask("GET", where + version) == 200
    assert server.violations == []
    for body in WRONG[_stand.name]:
        assert ask("POST", where + version, body) in (400, 422), body
    assert ask("GET", f"{where}{version or '?'}&sourcebranch=a") in (400, 422)
    assert ask("GET", where + version, **{"User-Agent": ""}) in (400, 422)
    assert ask("GET", f"{where}/1/nothing{version}") == 404
    assert ask("GET", where + version, Authorization="Bearer no") in (401, 203, 302)
    assert repo.pulls == {}
    assert len(server.violations) >= 6
    server.violations.clear()


def test_a_version_that_is_none_is_refused() -> None:
    rules = Rules("azure_devops")
    found = rules.find("GET", "/acme/Shop/_apis/git/repositories/infra/PullRequests")
    assert found is not None
    assert list(errors(found, {}, None)) == ["the parameter 'api-version' is missing"]
    assert rules.find("GET", "/acme/Shop/_apis/git/repositories/infra/pullrequests/1/x") is None
    long = Rules("github").find("GET", "/repos/acme/infra/branches/drift/a%2Fb")
    assert long is not None
    assert long.parameters["branch"] == "drift/a/b"
