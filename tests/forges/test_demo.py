"""The demo's forge: a repository on disk lives there, and its pull requests are shown with their diffs."""

from __future__ import annotations

from pathlib import Path

from drift import plugins
from drift.forge import Repository as There
from tests.conftest import Repository
from tests.forges.stands import Patient, draft, push


def test_a_repository_on_disk_gets_a_pull_request(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"main.tf": "bucket = 0\n"})
    (name,) = plugins.names("demo_forges")
    with plugins.demo_forge(name).start() as local:
        url = local.adopt("acme/estate", repository.path)
        site = url.removesuffix("/acme/estate.git")
        forge = plugins.forge(name)
        said = forge.Settings.model_validate(local.settings)
        hosted = forge.connect(There(url, site, "acme/estate"), said, Patient())
        login = hosted.login()
        assert login is not None
        (tmp_path / "work").mkdir()
        push(tmp_path / "work", _Cloned(url), login, "drift/a", "bucket = 1\n")
        hosted.open(draft())
        (opened,) = local.opened()
        assert local.host in url
        assert opened.title == draft().title
        assert "-bucket = 0\n+bucket = 1\n" in opened.diff
        assert opened.url.startswith(site)


class _Cloned:
    def __init__(self, url: str) -> None:
        self.url = url
