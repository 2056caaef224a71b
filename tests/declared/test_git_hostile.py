"""Hostile repositories: each would leave a mark if anything that it holds were run, and none does."""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drift import listing, processes
from drift.config.entry import DeclaredEntry
from drift.declared import git, git_address, git_run, irregular, locate
from drift.errors import DeclaredError, DriftError
from tests.conftest import Repository, git_handler, serving
from tests.test_cronjob import environment, the

TEXT = "a: 1\n"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.fixture
def command(tmp_path: Path, mark: Path) -> str:
    """A program that leaves a mark, and passes on what it is given."""
    program = tmp_path / "evil.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {mark}\ncat\n')
    program.chmod(0o755)
    return str(program)


# Working trees

#: What a repository's configuration can name to be run, by the setting.
SETTINGS = (
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.sshCommand",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.evil.textconv",
    "diff.evil.command",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "filter.lfs.clean",
    "filter.lfs.process",
    "merge.evil.driver",
    "gpg.program",
    "pager.log",
    "pager.status",
    "remote.origin.uploadpack",
    "remote.origin.vcs",
    "sequence.editor",
    "uploadpack.packObjectsHook",
)


def _arm(repository: Repository, command: str) -> None:
    """Everything at once, in the file of configuration and in the hooks."""
    for setting in SETTINGS:
        repository.git("config", setting, command)
    for alias in ("log", "status", "ls-tree", "rev-parse", "update-index", "config", "fetch"):
        repository.git("config", f"alias.{alias}", f"!{command}")
    for switch in ("filter.evil.required", "filter.lfs.required", "log.showSignature", "core.preloadIndex"):
        repository.git("config", switch, "true")
    repository.git("config", "status.submoduleSummary", "true")
    repository.git("config", "url.ext::evil.insteadOf", "https://")
    folder = repository.path / ".git"
    (folder if folder.is_dir() else repository.path).joinpath("hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"):
        shutil.copy(command, (folder if folder.is_dir() else repository.path) / "hooks" / hook)
    folder = repository.path / "hooks-elsewhere"
    folder.mkdir(exist_ok=True)
    shutil.copy(command, folder / "post-index-change")


_MOMENTS = itertools.count(1)


def _touch(repository: Repository, name: str = "x.yaml") -> None:
    """The file is as it was, but git has to look into it to see that.

    Each call gives it another time: git compares times by the second, so a file touched twice in one second
    with the same time would count as looked into.
    """
    path = repository.path / name
    path.write_text(path.read_text())
    moment = next(_MOMENTS)
    os.utime(path, (moment, moment))


def test_a_repositorys_own_configuration_runs_nothing(
    repository: Repository, command: str, mark: Path
) -> None:
    commit = repository.commit(
        {"x.yaml": TEXT, ".gitattributes": "* filter=evil diff=evil merge=evil\n*.yaml filter=lfs\n"}
    )
    repository.git("remote", "add", "origin", "https://example.com/infra.git")
    _arm(repository, command)
    _touch(repository)
    found = git.working_tree(repository.path / "x.yaml")
    assert (found.commit, found.dirty, found.ref) == (commit, False, "main")
    assert found.url == "https://example.com/infra.git"
    (repository.path / "x.yaml").write_text("a: 2\n")
    assert git.working_tree(repository.path / "x.yaml").dirty
    assert not mark.exists()


def test_the_corpus_would_leave_a_mark(repository: Repository, command: str, mark: Path) -> None:
    """What these tests rest on: plain git, in the same repository, runs what it names."""
    repository.commit({"x.yaml": TEXT, ".gitattributes": "* filter=evil\n"})
    for setting in ("core.fsmonitor", "filter.evil.clean"):
        mark.unlink(missing_ok=True)
        repository.git("config", setting, command)
        _touch(repository)
        repository.git("status", "--porcelain")
        assert mark.exists(), setting
        repository.git("config", "--unset", setting)


@pytest.mark.parametrize("setting", [*SETTINGS, "include.path", "core.hooksPath", "core.worktree"])
def test_each_setting_alone(repository: Repository, command: str, mark: Path, setting: str) -> None:
    commit = repository.commit({"x.yaml": TEXT, ".gitattributes": "* filter=evil diff=evil\n"})
    included = mark.with_name("included")
    included.write_text(f'[core]\n\tfsmonitor = {command}\n[remote "origin"]\n\turl = https://included\n')
    value = {"include.path": str(included), "core.hooksPath": str(mark.parent)}.get(setting, command)
    repository.git("config", setting, value)
    _touch(repository)
    found = git.working_tree(repository.path / "x.yaml")
    assert (found.commit, found.dirty, found.url) == (commit, False, None)
    assert found.root == repository.path
    assert not mark.exists()


@pytest.mark.parametrize("outer", [True, False])
def test_a_bare_repository_beside_a_template(
    repository: Repository, tmp_path: Path, command: str, mark: Path, outer: bool
) -> None:
    place = repository.path if outer else tmp_path / "plain"
    folder = place / "stacks"
    folder.mkdir(parents=True)
    Repository(folder).git("init", "-q", "--bare", ".")
    bare = Repository(folder)
    for setting, value in (("core.fsmonitor", command), ("core.bare", "false"), ("core.worktree", ".")):
        bare.git("--git-dir=.", "config", setting, value)
    (folder / "queues.yaml").write_text(TEXT)
    (folder / "refs" / "heads" / "keep").write_text("")
    commit = repository.commit({"y.yaml": TEXT}) if outer else None
    found = locate(DeclaredEntry(path="stacks/queues.yaml"), place, {}, {})
    assert found.commit == commit
    assert not mark.exists()


def test_a_git_file_or_common_directory_that_points_elsewhere(
    repository: Repository, tmp_path: Path, command: str, mark: Path
) -> None:
    repository.commit({"x.yaml": TEXT})
    _arm(repository, command)
    for name, text in (("file", f"gitdir: {repository.path / '.git'}\n"), ("nothing", "gitdir: /nowhere\n")):
        tree = tmp_path / name
        tree.mkdir()
        (tree / "y.yaml").write_text(TEXT)
        (tree / ".git").write_text(text)
        assert locate(DeclaredEntry(path=f"{name}/y.yaml"), tmp_path, {}, {}).commit is None
    tree = tmp_path / "common"
    (tree / ".git").mkdir(parents=True)
    (tree / "y.yaml").write_text(TEXT)
    (tree / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tree / ".git" / "commondir").write_text(f"{repository.path / '.git'}\n")
    assert locate(DeclaredEntry(path="common/y.yaml"), tmp_path, {}, {}).commit is None
    assert not mark.exists()


def test_linked_working_trees_and_submodules_are_read_as_what_they_are(
    repository: Repository, tmp_path: Path, command: str, mark: Path
) -> None:
    commit = repository.commit({"x.yaml": TEXT})
    repository.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    host = Repository(tmp_path / "host")
    host.path.mkdir()
    host.git("init", "-q", "-b", "main")
    host.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository.path), "sub")
    outer = host.commit({"y.yaml": TEXT})
    _arm(repository, command)
    Repository(host.path / "sub").git("config", "core.fsmonitor", command)
    host.git("config", "-f", ".gitmodules", "submodule.sub.update", f"!{command}")
    host.git("config", "submodule.sub.update", f"!{command}")
    linked = git.working_tree(tmp_path / "linked" / "x.yaml")
    assert (linked.commit, linked.ref, linked.dirty) == (commit, "side", False)
    inner = git.working_tree(host.path / "sub" / "x.yaml")
    assert (inner.commit, inner.dirty, inner.root) == (commit, False, host.path / "sub")
    assert git.working_tree(host.path / "y.yaml").commit == outer
    host.git("checkout", "-q", ".gitmodules")
    assert not git.working_tree(host.path).dirty
    (host.path / "sub" / "x.yaml").write_text("a: 2\n")
    assert git.working_tree(host.path).dirty
    assert not mark.exists()


def test_a_repository_of_sha256_objects(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.git("init", "-q", "-b", "main", "--object-format=sha256")
    commit = repository.commit({"x.yaml": TEXT})
    found = git.working_tree(tmp_path / "x.yaml")
    assert (found.commit, found.dirty) == (commit, False)


def test_what_the_index_says_is_not_believed(repository: Repository) -> None:
    repository.commit({"x.yaml": TEXT, ".gitignore": "*.tfstate\n"})
    repository.git("update-index", "--assume-unchanged", "x.yaml")
    (repository.path / "x.yaml").write_text("a: 2\n")
    assert git.working_tree(repository.path / "x.yaml").dirty
    (repository.path / "terraform.tfstate").write_text("{}")
    assert git.working_tree(repository.path / "terraform.tfstate").dirty


def test_a_partial_clone_fetches_nothing(repository: Repository, command: str, mark: Path) -> None:
    commit = repository.commit({"x.yaml": TEXT})
    repository.git("remote", "add", "origin", f"ext::{command} %S")
    for setting, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", command),
        ("protocol.ext.allow", "always"),
    ):
        repository.git("config", setting, value)
    blob = repository.git("rev-parse", "HEAD:x.yaml")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = git.working_tree(repository.path / "x.yaml")
    assert (found.commit, found.dirty) == (commit, False)
    with pytest.raises(DriftError):
        git.fetch(str(repository.path), "main")
    assert not mark.exists()


def test_objects_of_another_repository_are_read_and_nothing_is_run(
    repository: Repository, tmp_path: Path, command: str, mark: Path
) -> None:
    commit = repository.commit({"x.yaml": TEXT})
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--shared", str(repository.path), str(clone))
    _arm(repository, command)
    assert git.working_tree(clone / "x.yaml").commit == commit
    shutil.rmtree(repository.path)
    assert git.working_tree(clone / "x.yaml").commit is None
    assert not mark.exists()


def test_no_repository_is_damaged_or_written_to(repository: Repository) -> None:
    repository.commit({"x.yaml": TEXT})
    _touch(repository)

    def everything() -> dict[str, tuple[int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.read_bytes())
            for path in repository.path.rglob("*")
            if path.is_file()
        }

    before = everything()
    git.working_tree(repository.path / "x.yaml")
    git.fetch(str(repository.path), "main")
    assert everything() == before


@pytest.mark.parametrize("text", ["", "ref: ../../x\n", "ref: refs/heads/\x1b[31m\n", "\0\xff", "a" * 9000])
def test_a_head_that_is_none(repository: Repository, text: str) -> None:
    repository.commit({"x.yaml": TEXT})
    (repository.path / ".git" / "HEAD").write_text(text)
    assert git.working_tree(repository.path / "x.yaml").commit is None


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(repository: Repository) -> None:
    repository.commit({"x.yaml": TEXT})
    for name in ("HEAD", "config", "packed-refs", "shallow"):
        path = repository.path / ".git" / name
        kept = path.read_bytes() if path.exists() else None
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        found = git.working_tree(repository.path / "x.yaml")
        assert (found.commit is None) is (name == "HEAD"), name
        path.unlink()
        if kept is not None:
            path.write_bytes(kept)


# Fetched repositories


def test_a_local_repository_runs_nothing_when_it_is_fetched(
    repository: Repository, tmp_path: Path, command: str, mark: Path
) -> None:
    commit = repository.commit({"x.yaml": TEXT, ".gitattributes": "* filter=evil diff=evil\n"})
    _arm(repository, command)
    bare = tmp_path / "bare.git"
    shutil.copytree(repository.path / ".git", bare)
    quoted = f"file://{str(repository.path).replace('infra', '%69nfra')}"
    urls = [repository.path, f"file://{repository.path}", quoted, repository.path / ".git", tmp_path / "bare"]
    for url in map(str, urls):
        found = git.fetch(url, "main")
        assert (found.commit, (found.root / "x.yaml").read_text()) == (commit, TEXT)
    assert not mark.exists()


def test_filters_of_the_users_configuration_are_not_run_on_what_is_fetched(
    repository: Repository, git_server: str, tmp_path: Path, command: str, mark: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A repository chooses by its attributes which of them runs, and on what."""
    repository.commit(
        {
            "x.yaml": "a: 1\r\n$Id$\n",
            ".gitattributes": "* filter=lfs text eol=lf ident\n*.z working-tree-encoding=UTF-16\n",
        }
    )
    configuration = tmp_path / "gitconfig"
    names = "".join(f"\t{kind} = {command}\n" for kind in ("clean", "smudge", "process"))
    configuration.write_text(
        f'[filter "lfs"]\n{names}\trequired = true\n[core]\n\tfsmonitor = {command}\n\tautocrlf = true\n'
        f"\thooksPath = {tmp_path}\n[init]\n\ttemplateDir = {tmp_path / 'template'}\n"
    )
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        shutil.copy(command, hooks / name)
        shutil.copy(command, tmp_path / name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    found = git.fetch(f"{git_server}/infra/.git", "main")
    held = repository.git("cat-file", "blob", "HEAD:x.yaml")
    assert (found.root / "x.yaml").read_bytes().decode().strip() == held
    git.working_tree(repository.path / "x.yaml")
    assert not mark.exists()


def test_what_a_filter_would_have_fetched_is_told(
    repository: Repository, git_server: str, tmp_path: Path
) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    repository.commit({"code/x.yaml": TEXT, "code/big.tfstate": pointer})
    entry = DeclaredEntry(git=f"{git_server}/infra/.git", path="code")
    (problem,) = irregular.found(locate(entry, tmp_path, {}, {}))
    assert problem.message.startswith("code/big.tfstate: is a pointer of Git LFS")
    with pytest.raises(DriftError, match=r"code/big.tfstate: is a pointer of Git LFS.*git lfs pull"):
        locate(entry.model_copy(update={"path": "code/big.tfstate"}), tmp_path, {}, {})


def test_submodules_are_not_fetched(
    repository: Repository, git_server: str, tmp_path: Path, command: str, mark: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    configuration = tmp_path / "gitconfig"
    configuration.write_text("[submodule]\n\trecurse = true\n[fetch]\n\trecurseSubmodules = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    commit = repository.commit({"x.yaml": TEXT})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    (repository.path / ".gitmodules").write_text(
        f'[submodule "sub"]\n\tpath = sub\n\turl = ext::{command}\n\tupdate = !{command}\n'
        f'[submodule "../../x"]\n\tpath = sub2\n\turl = --upload-pack={command}\n'
    )
    repository.git("add", ".gitmodules")
    repository.git("commit", "-q", "-m", "sub")
    found = git.fetch(f"{git_server}/infra/.git", "main")
    assert (found.root / "x.yaml").read_text() == TEXT
    assert not mark.exists()


def test_links_out_of_a_fetched_tree_lead_nowhere_and_are_told(
    repository: Repository, git_server: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.yaml").write_text("secret: 1\n")
    repository.commit({"code/x.yaml": TEXT})
    code = repository.path / "code"
    links = {
        "absolute.yaml": str(tmp_path / "secret.yaml"),
        "relative.yaml": "../" * 20 + str(tmp_path / "secret.yaml")[1:],
        "up": "../../../..",
        "through.yaml": "up/lock",
        "circle.yaml": "circle.yaml",
        "good.yaml": "x.yaml",
    }
    for name, target in links.items():
        (code / name).symlink_to(target)
    repository.commit({"y.yaml": TEXT})
    found = locate(DeclaredEntry(git=f"{git_server}/infra/.git", path="code"), tmp_path, {}, {})
    assert [path.name for path in listing.files_below(found.path, (".yaml",))] == ["good.yaml", "x.yaml"]
    told = " ".join(problem.message for problem in irregular.found(found))
    for name in ("absolute", "relative", "through", "circle"):
        assert f"{name}.yaml" in told
    with pytest.raises(DriftError, match="leads out of the repository"):
        locate(DeclaredEntry(git=f"{git_server}/infra/.git", path="code/absolute.yaml"), tmp_path, {}, {})


def test_a_tree_with_a_git_folder_in_it_is_one_line(repository: Repository, git_server: str) -> None:
    commit = repository.commit({"x.yaml": TEXT})
    blob = repository.git("rev-parse", "HEAD:x.yaml")

    def made(entries: str) -> str:
        return subprocess.run(
            ["git", "mktree"], input=entries, cwd=repository.path, capture_output=True, text=True, check=True
        ).stdout.strip()

    inner = made(f"100644 blob {blob}\tconfig\n")
    outer = made(f"040000 tree {inner}\t.git\n")
    evil = repository.git("commit-tree", "-m", "evil", "-p", commit, outer)
    repository.git("branch", "evil", evil)
    with pytest.raises(DriftError, match="invalid path") as error:
        git.fetch(f"{git_server}/infra/.git", "evil")
    assert "\n" not in str(error.value)


# Addresses and refs


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% mark",
        "EXT::sh",
        "fd::17",
        "foo::bar",
        "foo://bar",
        "ext://x",
        "https://x\0y",
        "https://x\ny",
        "https://x/\x1b[31m",
        "https://x/\u202e",
        "",
        "-ux",
    ],
)
def test_what_is_no_address_is_refused_in_one_line(url: str, tmp_path: Path) -> None:
    with pytest.raises(DeclaredError) as error:
        git.fetch(url, "main", tmp_path)
    assert str(error.value).isprintable()
    assert not list(tmp_path.glob("git/*"))


@pytest.mark.parametrize(
    "ref",
    ["+refs/*:refs/*", "+main", "a:b", ":", "-x", "a\0b", "a\nb", "a b", "a..b", "^main", "main~1", "main^{}"]
    + ["a*", "a?", "a[", "a\\b", "/a", "a/", "a//b", "a.lock", ".a", "a/.b", "a@{1}", "", "\x7f", "\x1b[31m"],
)
def test_what_is_no_ref_is_refused_in_one_line(ref: str, tmp_path: Path) -> None:
    with pytest.raises(DeclaredError, match=r"correct `ref`|may begin with a dash") as error:
        git.fetch("https://example.com/x.git", ref, tmp_path)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "ref", ["main", "v1.2.3", "feature/a-b_c", "refs/tags/v1", "HEAD", "0" * 40, "ä", "a@b"]
)
def test_what_is_a_ref_is_let_through(ref: str) -> None:
    git_address.check("https://example.com/x.git", ref)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://user:T0ken/x@example.com/a.git", "https://example.com/a.git"),
        ("https://user:T0k@en@example.com/a.git", "https://example.com/a.git"),
        ("https://T0ken@example.com:8443/a.git", "https://example.com:8443/a.git"),
        ("https://example.com/a.git?private_token=T0ken", "https://example.com/a.git"),
        ("https://example.com/a.git#T0ken", "https://example.com/a.git"),
        ("https://u:T0ken@example.com/a?access_token=T0ken", "https://example.com/a"),
        ("oauth2:T0ken@example.com:a/b.git", "example.com:a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("https://example.com:8443/a@v1.git", "https://example.com:8443/a@v1.git"),
        ("https://example.com/a@v1.git", "https://example.com/a@v1.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_what_logs_in_is_not_told(url: str, told: str) -> None:
    assert git.without_password(url) == told
    for secret in ("T0ken/x", "T0k@en", "T0ken"):
        if secret in url:
            said = git_address.hidden(f"unable to access '{url}/': refused {secret}", url)
            assert "T0k" not in said
            break


def test_what_runs_git_itself_reads_no_other_repository_of_this_machine() -> None:
    """Submodules of a remote base of kustomize."""
    assert "file" in git_run.environment()["GIT_ALLOW_PROTOCOL"].split(":")
    assert "file" not in git_run.environment(local=False)["GIT_ALLOW_PROTOCOL"].split(":")


def test_the_users_choice_of_transports_holds_but_for_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https:ext:sso")
    assert git_run.environment()["GIT_ALLOW_PROTOCOL"] == "https:sso"
    git_address.check("sso://x/y", None)
    with pytest.raises(DeclaredError, match="'http' is not allowed; use one of https, sso"):
        git_address.check("http://x/y", None)


def test_an_address_that_the_users_configuration_turns_into_a_command(
    tmp_path: Path, command: str, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "gitconfig"
    configuration.write_text(f'[url "ext::{command} "]\n\tinsteadOf = https://example.com/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    with pytest.raises(DriftError, match="transport 'ext' not allowed"):
        git.fetch("https://example.com/x.git", "main")
    assert not mark.exists()


def test_a_path_with_a_control_character(repository: Repository, git_server: str, tmp_path: Path) -> None:
    repository.commit({"x.yaml": TEXT})
    for entry in (
        DeclaredEntry(git=f"{git_server}/infra/.git", path="a\0b"),
        DeclaredEntry(path="a\0b"),
    ):
        with pytest.raises(DriftError) as error:
            locate(entry, tmp_path, {}, {})
        assert str(error.value).isprintable()


# Programs that do not end

ZEROS = "head -c {} /dev/zero > {}"


def test_a_program_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 600 & echo $! > {pids}; sleep 600"
    with pytest.raises(processes.Overdue):
        processes.run(["sh", "-c", script], environment=os.environ, seconds=1)
    assert _gone(int(pids.read_text()))


def test_a_program_that_prints_without_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(processes.Endless):
        processes.run(["yes"], environment=os.environ, seconds=60, max_bytes=1_000_000)


@pytest.mark.parametrize(
    "script", ["head -c 3000000 /dev/zero > a", "for i in 1 2 3; do head -c 999999 /dev/zero > $i; done"]
)
def test_a_program_that_fills_the_disk_is_ended(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_WRITTEN", 1_000_000)
    with pytest.raises(processes.Endless, match="wrote more than"):
        processes.run(
            ["sh", "-c", f"sleep 0.1; {script}; sleep 1"],
            environment=os.environ,
            seconds=60,
            folder=tmp_path,
            writes=[tmp_path],
        )
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only there another program's memory can be limited")
def test_a_program_that_takes_memory_without_end_is_not_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = resource.prlimit

    def late(*said: Any) -> Any:
        time.sleep(0.5)  # as on a machine that does other things
        return limit(*said)

    monkeypatch.setattr(resource, "prlimit", late)
    command = [sys.executable, "-S", "-c", "bytearray(2**29)"]
    limited = processes.run(command, environment=os.environ, seconds=60, memory=2**28)
    assert limited.returncode != 0
    assert b"MemoryError" in limited.stderr
    assert processes.run(command, environment=os.environ, seconds=60, memory=2**32).returncode == 0
    echoed = processes.run(["cat"], environment=os.environ, seconds=60, memory=2**28, given=b"a\nb")
    assert echoed.stdout == b"a\nb"
    with pytest.raises(FileNotFoundError):
        processes.run(["no-such-program"], environment=os.environ, seconds=60, memory=2**28)


@pytest.mark.parametrize("large", ["pack", "tree"])
def test_a_repository_that_fills_the_disk_is_one_error(
    large: str, repository: Repository, git_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = random.Random(1).randbytes(2_000_000) if large == "pack" else bytes(2_000_000)
    (repository.path / "noise.bin").write_bytes(noise)
    repository.commit({"x.yaml": TEXT})
    monkeypatch.setattr(processes, "MOST_WRITTEN", 1_000_000)
    with pytest.raises(DriftError, match="infra") as error:
        locate(DeclaredEntry(git=f"{git_server}/infra/.git", path="x.yaml"), tmp_path, {}, {})
    assert "wrote more than" in str(error.value) and "\n" not in str(error.value)
    left = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in left) < 500_000


def test_all_that_a_program_said_is_taken_however_late_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(descriptor: int, size: int) -> bytes:
        time.sleep(0.2)  # as on a machine that does other things
        return os.read(descriptor, size)

    monkeypatch.setattr(processes, "os", SimpleNamespace(**{**vars(os), "read": late}))
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.05)
    done = processes.run(["printf", "all of it"], environment=os.environ, seconds=60)
    assert (done.returncode, done.stdout) == (0, b"all of it")


def test_what_a_program_says_is_decoded_whatever_it_is(tmp_path: Path) -> None:
    done = processes.run(["printf", r"\377\303"], environment=os.environ, seconds=60)
    assert git_run.text(done.stdout) == "\ufffd\ufffd"


def _gone(pid: int) -> bool:
    """Whether a process ends; the system may take a moment to clear it away."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        status = Path(f"/proc/{pid}/stat")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if status.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.05)
                continue
        return True
    return False


# Logging in as the user's configuration says

LOGIN = "reader:s3cr%t-token"


@pytest.fixture
def locked(repository: Repository) -> Iterator[str]:
    """The address of a repository that only ``LOGIN`` opens."""
    with serving(git_handler(repository.path.parent, LOGIN)) as url:
        yield f"{url}/infra/.git"


def test_it_logs_in_as_the_cronjob_does(
    repository: Repository, locked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gitconfig of cronjob.yaml as it is, but for the host and the place of the Secret."""
    commit = repository.commit({"x.yaml": TEXT})
    host = locked.removesuffix("/infra/.git")
    text = the("ConfigMap")["data"]["gitconfig"]
    configuration = tmp_path / "gitconfig"
    configuration.write_text(
        text.replace("https://github.com", host).replace("/etc/drift-git", str(tmp_path))
    )
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    with pytest.raises(DriftError, match="terminal prompts disabled|could not read Username"):
        git.fetch(locked, "main")
    for name, value in zip(("username", "password"), LOGIN.split(":"), strict=True):
        (tmp_path / name).write_text(value)
    found = git.fetch(locked, "main")
    assert (found.commit, found.url, (found.root / "x.yaml").read_text()) == (commit, locked, TEXT)


@pytest.mark.parametrize("way", ["netrc", "environment", "insteadOf", "address", "askpass", "include"])
def test_the_users_other_ways_to_log_in_hold(
    repository: Repository, locked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    commit = repository.commit({"x.yaml": TEXT})
    user, password = LOGIN.split(":")
    quoted = password.replace("%", "%25")
    configuration = tmp_path / "gitconfig"
    url = locked
    if way == "netrc":
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login {user} password {password}\n")
    elif way == "environment":
        header = base64.b64encode(LOGIN.encode()).decode()
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.extraHeader")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"Authorization: Basic {header}")
    elif way == "insteadOf":
        reached = locked.replace("://", f"://{user}:{quoted}@")
        configuration.write_text(f'[url "{reached}"]\n\tinsteadOf = https://git.example/infra.git\n')
        url = "https://git.example/infra.git"
    elif way == "address":
        url = locked.replace("://", f"://{user}:{quoted}@")
    elif way == "askpass":
        program = tmp_path / "askpass"
        program.write_text(f"#!/bin/sh\ncase $1 in User*) echo {user};; *) echo '{password}';; esac\n")
        program.chmod(0o755)
        monkeypatch.setenv("GIT_ASKPASS", str(program))
    else:
        (tmp_path / "more").write_text(
            f"[credential]\n\thelper = \"!f() {{ echo username={user}; echo 'password={password}'; }}; f\"\n"
        )
        configuration.write_text("[include]\n\tpath = more\n")
    if configuration.exists():
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    found = git.fetch(url, "main")
    assert found.commit == commit
    assert password not in str(found)
    assert quoted not in str(found)


def test_a_refused_login_is_one_line_without_it(locked: str) -> None:
    url = locked.replace("://", "://reader:wr0ng-token@") + "?private_token=t0ken-t0ken"
    with pytest.raises(DriftError) as error:
        git.fetch(url, "main")
    said = str(error.value)
    assert said.isprintable()
    assert "t0ken" not in said
    assert "wr0ng" not in said
    assert said.startswith(locked)
