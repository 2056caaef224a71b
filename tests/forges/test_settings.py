"""Settings of forges: what is refused, and where tokens come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from drift import plugins
from drift.forge import ForgeError, Repository
from drift.model import Forge
from forges import github
from forges.answers import origin, reason
from forges.loopback import FORGES
from tests.forges.stands import Patient


@pytest.mark.parametrize("name", sorted(FORGES))
@pytest.mark.parametrize(
    "given",
    [
        {"url": "http://git.acme.example", "token": "t"},
        {"url": "https://ann:pw@git.acme.example", "token": "t"},
        {"url": "ftp://git.acme.example"},
        {"token": "t", "token_file": "/t"},
        {"tokn": "t"},
    ],
)
def test_settings_that_are_refused(name: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plugins.forge(name).Settings.model_validate(given)


@pytest.mark.parametrize(
    "given",
    [
        {"app_id": "1"},
        {"private_key": "x"},
        {"installation_id": 3},
        {"app_id": "1", "private_key": "x", "private_key_file": "/x"},
        {"app_id": "1", "private_key": "x", "token": "t"},
    ],
)
def test_an_app_needs_its_id_and_one_key_alone(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        github.Settings.model_validate(given)


@pytest.mark.parametrize("name", sorted(FORGES))
def test_a_token_comes_from_a_file(name: str, tmp_path: Path) -> None:
    forge, file = plugins.forge(name), tmp_path / "token"
    path = "acme/Shop/_git/infra" if name == "azure-devops" else "acme/infra"
    there = Repository(f"https://git.acme.example/{path}", "https://git.acme.example", path)
    said = forge.Settings.model_validate({"url": "https://git.acme.example", "token_file": str(file)})
    with pytest.raises(ForgeError, match=r"token: the secret can't be read: No such file"):
        forge.connect(there, said, Patient())
    file.write_text("s3cret\n")
    login = forge.connect(there, said, Patient()).login()
    assert login is not None
    assert login.password == "s3cret"  # noqa: S105
    assert login.username
    assert "s3cret" not in repr(login)
    file.write_text("s3cret\r\nX-Other: 1\n")
    with pytest.raises(ForgeError, match="one line of plain text") as error:
        forge.connect(there, said, Patient())
    assert "s3cret" not in str(error.value)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ForgeError, match="it is no text"):
        forge.connect(there, said, Patient())


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("github.com", "github"),
        ("github.acme.io", "github"),
        ("gitlab.com", "gitlab"),
        ("codeberg.org", "gitea"),
        ("bitbucket.org", "bitbucket"),
        ("bitbucket.acme.io", "bitbucket-server"),
        ("dev.azure.com", "azure-devops"),
        ("acme.visualstudio.com", "azure-devops"),
        ("git.acme.io", None),
        ("notgithub.com", None),
    ],
)
def test_hosts_are_known_as_for_links(host: str, name: Forge | None) -> None:
    assert [one for one, forge in plugins.forges().items() if forge.hosts(host)] == ([name] if name else [])


@pytest.mark.parametrize(
    ("site", "root"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://api.github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.acme.io", "https://github.acme.io/api/v3"),
        ("https://github.acme.io/api/v3", "https://github.acme.io/api/v3"),
        ("https://acme.io:8443", "https://acme.io:8443/api/v3"),
    ],
)
def test_where_the_api_of_a_github_is(site: str, root: str) -> None:
    assert github.root(site) == root


def test_origins_and_reasons() -> None:
    assert origin("https://A.example:443/x") == origin("https://a.example") == "https://a.example"
    assert origin("http://a.example") != origin("https://a.example")
    assert origin("https://a.example:8443") != origin("https://a.example")
    assert origin("https://a.example@evil.example/") == "https://evil.example"
    assert origin("https://a.example:no/") == ""
    assert reason({"message": {"title": ["is too long"]}}) == "title: is too long"
    assert (
        reason({"message": "Validation Failed", "errors": [{"message": "A pull"}]})
        == "Validation Failed A pull"
    )
    assert reason(["x"] * 100) == "x x x x x"
