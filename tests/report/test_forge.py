"""Links to a declared line, in the forms in which people clone from the forges."""

from __future__ import annotations

from typing import Any

import pytest

from drift.report.forge import forge_of, opening_link, web_link

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GITHUB = f"https://github.com/acme/infra/blob/{COMMIT}/prod/main.tf#L12"
GITLAB = f"https://gitlab.com/acme/platform/infra/-/blob/{COMMIT}/prod/main.tf#L12"
BITBUCKET = f"https://bitbucket.org/acme/infra/src/{COMMIT}/prod/main.tf#lines-12"
SERVER = f"https://bitbucket.acme.io/projects/PLAT/repos/infra/browse/prod/main.tf?at={COMMIT}#12"
PERSON = f"https://bitbucket.acme.io/users/ann/repos/infra/browse/prod/main.tf?at={COMMIT}#12"
AZURE = (
    f"https://dev.azure.com/acme/Shop%20Floor/_git/infra?path=/prod/main.tf&version=GC{COMMIT}"
    "&line=12&lineEnd=13&lineStartColumn=1&lineEndColumn=1"
)
GITEA = f"https://codeberg.org/acme/infra/src/commit/{COMMIT}/prod/main.tf#L12"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://github.com/acme/infra.git", GITHUB),
        ("https://github.com/acme/infra/", GITHUB),
        ("https://ann:ghp_secret@github.com/acme/infra.git", GITHUB),
        ("git@github.com:acme/infra.git", GITHUB),
        ("org-1234@github.com:acme/infra.git", GITHUB),
        ("ssh://git@github.com/acme/infra", GITHUB),
        ("ssh://git@ssh.github.com:443/acme/infra.git", GITHUB),
        ("git+ssh://git@github.com/acme/infra.git", GITHUB),
        (
            "https://github.acme.io:8443/acme/infra.git",
            f"https://github.acme.io:8443/acme/infra/blob/{COMMIT}/prod/main.tf#L12",
        ),
        ("https://gitlab.com/acme/platform/infra.git", GITLAB),
        ("git@gitlab.com:acme/platform/infra.git", GITLAB),
        ("ssh://git@altssh.gitlab.com:443/acme/platform/infra.git", GITLAB),
        ("https://oauth2:glpat-1@gitlab.com/acme/platform/infra.git", GITLAB),
        ("https://bitbucket.org/acme/infra.git", BITBUCKET),
        ("git@bitbucket.org:acme/infra.git", BITBUCKET),
        ("https://bitbucket.acme.io/scm/PLAT/infra.git", SERVER),
        ("ssh://git@bitbucket.acme.io:7999/PLAT/infra.git", SERVER),
        ("https://bitbucket.acme.io/scm/~ann/infra.git", PERSON),
        ("https://acme@dev.azure.com/acme/Shop%20Floor/_git/infra", AZURE),
        ("git@ssh.dev.azure.com:v3/acme/Shop%20Floor/infra", AZURE),
        ("https://acme.visualstudio.com/Shop%20Floor/_git/infra", AZURE),
        ("https://acme.visualstudio.com/DefaultCollection/Shop%20Floor/_git/infra", AZURE),
        ("acme@vs-ssh.visualstudio.com:v3/acme/Shop%20Floor/infra", AZURE),
        ("https://codeberg.org/acme/infra.git", GITEA),
        ("git@codeberg.org:acme/infra.git", GITEA),
        (
            "https://git.sr.ht/~ann/infra",
            f"https://git.sr.ht/~ann/infra/tree/{COMMIT}/item/prod/main.tf#L12",
        ),
    ],
)
def test_each_way_to_clone_leads_to_the_forges_page(url: str, link: str) -> None:
    assert web_link(url, COMMIT, "prod/main.tf", 12) == link


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        ("gitlab", f"https://git.acme.io/acme/infra/-/blob/{COMMIT}/main.tf#L1"),
        ("gitea", f"https://git.acme.io/acme/infra/src/commit/{COMMIT}/main.tf#L1"),
        ("github", f"https://git.acme.io/acme/infra/blob/{COMMIT}/main.tf#L1"),
        (None, None),
    ],
)
def test_a_host_that_tells_nothing_is_what_the_configuration_says(kind: Any, link: str | None) -> None:
    forges = {"git.acme.io": kind} if kind else {}
    for url in ("git@git.acme.io:acme/infra.git", "ssh://git@git.acme.io:2222/acme/infra.git"):
        assert web_link(url, COMMIT, "main.tf", 1, forges) == link


@pytest.mark.parametrize(
    ("file", "line", "end"),
    [
        ("a folder/b#1?.tf", 3, "a%20folder/b%231%3F.tf#L3"),
        ("ünïcode.yaml", None, "%C3%BCn%C3%AFcode.yaml"),
        ('x"><script>.tf', None, "x%22%3E%3Cscript%3E.tf"),
    ],
)
def test_a_files_name_is_encoded(file: str, line: int | None, end: str) -> None:
    link = web_link("https://github.com/acme/infra", COMMIT, file, line)
    assert link == f"https://github.com/acme/infra/blob/{COMMIT}/{end}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/infra.git",
        "file:///srv/git/infra.git",
        "C:\\git\\infra",
        "../infra",
        "javascript:alert(1)//github.com/a/b",
        "https://github.com",
        "https://github.com/acme",
        "https://github.com:port/acme/infra",
        "https://notgithub.example/acme/infra",
        "https://dev.azure.com/acme/infra",
    ],
)
def test_no_link_is_made_where_the_forge_is_not_known(url: str) -> None:
    assert web_link(url, COMMIT, "main.tf", 1) is None


def test_no_link_without_a_commit_or_a_file() -> None:
    assert web_link("https://github.com/a/b", None, "main.tf") is None
    assert web_link("https://github.com/a/b", COMMIT, None) is None


BRANCH = "drift/a&b#c"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        (
            "git@github.com:acme/infra.git",
            "https://github.com/acme/infra/compare/main...drift/a%26b%23c?expand=1",
        ),
        (
            "https://ann:secret@gitlab.com/acme/platform/infra.git",
            "https://gitlab.com/acme/platform/infra/-/merge_requests/new?merge_request%5Bsource_branch%5D="
            "drift%2Fa%26b%23c&merge_request%5Btarget_branch%5D=main",
        ),
        ("https://codeberg.org/acme/infra", "https://codeberg.org/acme/infra/compare/main...drift/a%26b%23c"),
        (
            "https://bitbucket.org/acme/infra.git",
            "https://bitbucket.org/acme/infra/pull-requests/new?source=drift%2Fa%26b%23c&dest=main",
        ),
        (
            "https://bitbucket.acme.io/scm/PLAT/infra.git",
            "https://bitbucket.acme.io/projects/PLAT/repos/infra/pull-requests?create&sourceBranch="
            "refs%2Fheads%2Fdrift%2Fa%26b%23c&targetBranch=refs%2Fheads%2Fmain",
        ),
        (
            "git@ssh.dev.azure.com:v3/acme/Shop Floor/infra".replace(" ", "%20"),
            "https://dev.azure.com/acme/Shop%20Floor/_git/infra/pullrequestcreate?sourceRef="
            "drift%2Fa%26b%23c&targetRef=main",
        ),
        ("https://git.sr.ht/~ann/infra", None),
        ("https://git.acme.io/acme/infra.git", None),
        ("/srv/infra.git", None),
        (None, None),
    ],
)
def test_the_page_on_which_a_person_opens_a_pull_request(url: str | None, page: str | None) -> None:
    assert opening_link(url, BRANCH, "main") == page


def test_the_page_of_a_host_that_the_configuration_names() -> None:
    url = "ssh://git@git.acme.io:7999/acme/infra.git"
    assert opening_link(url, "drift/a", "main", {"git.acme.io": "gitea"}) == (
        "https://git.acme.io/acme/infra/compare/main...drift/a"
    )
    assert forge_of("GitHub.Acme.IO") == "github"
    assert forge_of("git.acme.io") is None
