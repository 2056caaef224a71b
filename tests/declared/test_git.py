"""Git: working trees, and repositories fetched over HTTP from a real server."""

from __future__ import annotations

import fcntl
import http.server
from pathlib import Path

import pytest

from drift.config.entry import DeclaredEntry
from drift.declared import git, locate
from drift.errors import DriftError
from tests.conftest import Repository, serving


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")


def test_a_working_tree_knows_its_commit(repository: Repository) -> None:
    commit = repository.commit({"a/x.yaml": "1", "b.yaml": "1"})
    found = git.working_tree(repository.path / "a" / "x.yaml")
    assert (found.commit, found.dirty, found.ref, found.root) == (commit, False, "main", repository.path)
    assert found.committed_at is not None


def test_only_a_change_of_the_path_itself_is_dirty(repository: Repository) -> None:
    repository.commit({"a/x.yaml": "1", "b.yaml": "1"})
    (repository.path / "b.yaml").write_text("2")
    assert not git.working_tree(repository.path / "a").dirty
    (repository.path / "a" / "new.yaml").write_text("1")
    assert git.working_tree(repository.path / "a").dirty
    assert not git.working_tree(repository.path / "a" / "x.yaml").dirty


def test_what_is_in_no_repository_has_no_commit(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("1")
    assert git.working_tree(tmp_path / "x.yaml").commit is None


def test_another_repositorys_hook_around_it_does_not_matter(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commit = repository.commit({"x.yaml": "1"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    assert git.working_tree(repository.path).commit == commit


def test_a_remotes_password_is_not_kept(repository: Repository) -> None:
    repository.commit({"x.yaml": "1"})
    repository.git("remote", "add", "origin", "https://user:hunter22@example.com/infra.git")
    assert git.working_tree(repository.path).url == "https://example.com/infra.git"


def test_a_branch_a_tag_a_commit_and_the_head(repository: Repository, git_server: str) -> None:
    first = repository.commit({"x.yaml": "1"})
    repository.git("tag", "-a", "v1", "-m", "v1")
    second = repository.commit({"x.yaml": "2"})
    repository.git("branch", "release", first)
    url = f"{git_server}/infra/.git"
    for ref, commit, text in (
        (None, second, "2"),
        ("main", second, "2"),
        ("release", first, "1"),
        ("v1", first, "1"),
        (first, first, "1"),
    ):
        found = git.fetch(url, ref)
        assert (found.commit, (found.root / "x.yaml").read_text()) == (commit, text), ref
        assert found.committed_at is not None


def test_it_is_shallow_cached_by_commit_and_follows_its_branch(
    repository: Repository, git_server: str, tmp_path: Path
) -> None:
    for number in range(5):
        repository.commit({"x.yaml": str(number)})
    url = f"{git_server}/infra/.git"
    one = git.fetch(url, "main")
    bare = Repository(next((tmp_path / "cache" / "drift" / "git").glob("*/repository")))
    assert bare.git("rev-list", "--count", str(one.commit)) == "1"
    mark = one.root / "mark"
    mark.write_text("kept")
    assert git.fetch(url, "main").root == one.root
    assert mark.exists()
    newer = repository.commit({"x.yaml": "new"})
    two = git.fetch(url, "main")
    assert (two.commit, (two.root / "x.yaml").read_text()) == (newer, "new")
    assert not list(one.root.parent.glob("*.part"))


@pytest.mark.parametrize("ref", ["no-such-branch", "abc1234", "0" * 40])
def test_a_wrong_ref_is_one_line(repository: Repository, git_server: str, ref: str) -> None:
    repository.commit({"x.yaml": "1"})
    with pytest.raises(DriftError) as error:
        git.fetch(f"{git_server}/infra/.git", ref)
    said = str(error.value)
    assert f"there is no ref {ref!r}; correct `ref`" in said
    assert "\n" not in said


def test_a_connection_that_breaks_is_tried_again(
    repository: Repository, git_server: str, tmp_path: Path
) -> None:
    commit = repository.commit({"x.yaml": "1"})
    asked: list[str] = []

    class Gateway(http.server.BaseHTTPRequestHandler):
        """Ends the first connection without an answer, is overloaded on the second, then leads to the
        server."""

        def do_GET(self) -> None:  # noqa: N802
            asked.append(self.path)
            if len(asked) == 2:
                self.send_error(503)
            elif len(asked) > 2:
                self.send_response(307)
                self.send_header("Location", git_server + self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Gateway) as url:
        assert git.fetch(f"{url}/infra/.git", "main", tmp_path / "cache").commit == commit
    assert len(asked) == 3


def test_a_server_that_never_answers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "ATTEMPTS", 2)

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            pass

    with serving(Silent) as url, pytest.raises(DriftError, match="Empty reply from server") as error:
        git.fetch(f"{url}/infra/.git", "main")
    assert "\n" not in str(error.value)


def test_a_copy_that_another_run_holds_is_not_waited_for_without_end(
    repository: Repository, git_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"x.yaml": "a: 1\n"})
    url = f"{git_server}/infra/.git"
    git.fetch(url, "main", tmp_path)
    (home,) = (tmp_path / "git").iterdir()
    with (home / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        monkeypatch.setattr(git.git_run, "FETCH_SECONDS", 0.2)
        with pytest.raises(DriftError, match="another run has held this copy") as error:
            git.fetch(url, "main", tmp_path)
    assert "XDG_CACHE_HOME" in str(error.value)


def test_a_wrong_url_is_one_line_without_password(git_server: str) -> None:
    url = git_server.replace("://", "://user:hunter22@") + "/nothing"
    with pytest.raises(DriftError) as error:
        git.fetch(url, "main")
    said = str(error.value)
    assert "hunter22" not in said
    assert "\n" not in said
    assert said.startswith(git_server)


@pytest.mark.parametrize(("url", "ref"), [("--upload-pack=touch /tmp/x", None), ("https://x", "--all")])
def test_nothing_is_taken_for_an_option(url: str, ref: str | None) -> None:
    with pytest.raises(DriftError, match="may begin with a dash"):
        git.fetch(url, ref)


def test_a_path_that_leads_out_of_the_repository(
    repository: Repository, git_server: str, tmp_path: Path
) -> None:
    (repository.path / "link").symlink_to("/etc")
    repository.commit({"x.yaml": "1"})
    url = f"{git_server}/infra/.git"
    for path in ("../../..", "/etc", "link/passwd"):
        with pytest.raises(DriftError, match="leads out of the repository"):
            locate(DeclaredEntry(git=url, path=path), tmp_path, {}, {})
    with pytest.raises(DriftError, match="there is no y.yaml at the fetched commit"):
        locate(DeclaredEntry(git=url, path="y.yaml"), tmp_path, {}, {})
    found = locate(DeclaredEntry(git=url, path="x.yaml", scope="s"), tmp_path, {}, {})
    assert (found.display, found.option("scope"), found.url) == ("x.yaml", "s", url)


def test_a_repository_named_by_a_path_is_relative_to_the_configuration(
    repository: Repository, tmp_path: Path
) -> None:
    commit = repository.commit({"x.yaml": "1"})
    found = locate(DeclaredEntry(git="repos/infra", path="x.yaml"), tmp_path, {}, {})
    assert found.commit == commit


def test_a_location_names_the_branch_that_was_read(repository: Repository) -> None:
    repository.commit({"queues.yaml": "Resources: {}\n"})
    found = locate(DeclaredEntry(path="queues.yaml"), repository.path, {}, {})
    assert found.ref == "main"
