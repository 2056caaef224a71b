"""`verify`: only a commit that is signed by a key of the entry's own is read, and nothing beside it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from drift.config.entry import DeclaredEntry
from drift.config.model import parse
from drift.deadline import Deadline
from drift.declared import git, load, locate
from drift.declared.blame import Blame, Spot
from drift.errors import ConfigError, DriftError, Unsigned
from drift.scan import Run
from drift.source import Loader, Location, Signers, Source
from providers.kubernetes.engines.source import GitOps
from providers.kubernetes.engines.trees import Trees
from providers.kubernetes.kustomize import Kustomize
from tests.conftest import Repository

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\n"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")


@dataclass(frozen=True)
class Keys:
    """Two pairs of SSH keys, and a file that names the first one as an allowed signer."""

    ours: Path
    theirs: Path
    allowed: Path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "theirs"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True)
    allowed = folder / "allowed_signers"
    allowed.write_text(f"t@example.com {(folder / 'ours.pub').read_text()}")
    return Keys(folder / "ours", folder / "theirs", allowed)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A program that signs with an OpenPGP key as gpg does, and the key's public half."""
    if shutil.which("gpg") is None:
        pytest.skip("gpg is not installed")
    folder = tmp_path_factory.mktemp("gpg")
    home = tempfile.mkdtemp(prefix="g")  # the agent's socket needs a short path
    gpg = ["gpg", "--homedir", home, "--batch"]
    make = [*gpg, "--passphrase", "", "--quick-gen-key", "T <t@example.com>", "ed25519", "sign", "never"]
    try:
        subprocess.run(make, check=True, capture_output=True)
        exported = subprocess.run([*gpg, "--armor", "--export"], check=True, capture_output=True).stdout
        public, program = folder / "team.asc", folder / "sign"
        public.write_bytes(exported)
        program.write_text(f'#!/bin/sh\nexec gpg --homedir {home} "$@"\n')
        program.chmod(0o755)
        yield program, public
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


def sign_with(repository: Repository, key: Path) -> None:
    """The repository's own configuration, which also says that anybody may sign."""
    anybody = repository.path.parent / "anybody"
    anybody.write_text(f"* {key.with_suffix('.pub').read_text()}")
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingkey", str(key)),
        ("commit.gpgsign", "true"),
        ("gpg.ssh.allowedSignersFile", str(anybody)),
    ):
        repository.git("config", name, value)


def entry(**said: Any) -> DeclaredEntry:
    return DeclaredEntry.model_validate(said)


def found(said: DeclaredEntry, base: Path) -> Location:
    return locate(said, base, {}, {})


def test_a_working_tree_is_read_as_its_signed_commit_has_it(repository: Repository, keys: Keys) -> None:
    sign_with(repository, keys.ours)
    commit = repository.commit({"k8s/a.yaml": MANIFEST, ".gitignore": "*.local.yaml\n"})
    (repository.path / "k8s" / "b.local.yaml").write_text(MANIFEST)  # git ignores it, a reader would not
    said = entry(path="k8s", verify={"allowed_signers": str(keys.allowed)})
    told = found(said, repository.path)
    assert (told.commit, told.display, told.clone) == (commit, "k8s", repository.path)
    assert [one.name for one in told.path.iterdir()] == ["a.yaml"]
    repository.git("config", "gpg.ssh.program", "false")
    assert found(said, repository.path) == told


def test_who_touched_a_line_is_told_by_the_whole_history(repository: Repository, keys: Keys) -> None:
    sign_with(repository, keys.ours)
    first = repository.commit({"k8s/a.yaml": MANIFEST})
    repository.commit({"b.yaml": "1"})
    told = found(entry(path="k8s", verify={"allowed_signers": str(keys.allowed)}), repository.path)
    spot = Spot("k8s/a.yaml", 2, told.commit, told.url)
    (touched,) = Blame([told], Deadline()).of([spot]).values()
    assert touched is not None and touched.commit == first


def test_what_options_name_is_of_the_signed_commit_too(repository: Repository, keys: Keys) -> None:
    sign_with(repository, keys.ours)
    repository.commit({"k8s/a.yaml": MANIFEST, "drift.yaml": "", "deep/values.yaml": "a: 1\n"})
    (repository.path / "deep" / "values.yaml").write_text("a: 2\n")
    verify = {"allowed_signers": str(keys.allowed)}
    told = found(entry(path="../k8s", verify=verify), repository.path / "deep")
    assert told.base is not None and (told.base / "values.yaml").read_text() == "a: 1\n"


@pytest.mark.parametrize("source", [Kustomize(), GitOps()], ids=["kustomize", "gitops"])
def test_remote_bases_are_not_fetched_unseen(tmp_path: Path, source: Source) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: []\n")
    location = Location(tmp_path, "k8s", options={"remote": True})
    with pytest.raises(DriftError, match="take out `remote`, or `verify`"):
        source.load(location, Loader({}, signers=Signers(tmp_path / "allowed")))


def test_what_is_not_committed_is_refused(repository: Repository, keys: Keys, tmp_path: Path) -> None:
    sign_with(repository, keys.ours)
    repository.commit({"k8s/a.yaml": MANIFEST, "b.yaml": "1"})
    said = entry(path="k8s", verify={"allowed_signers": str(keys.allowed)})
    (repository.path / "b.yaml").write_text("2")  # beside the entry
    assert found(said, repository.path).commit is not None
    (repository.path / "k8s" / "new.yaml").write_text(MANIFEST)
    with pytest.raises(Unsigned, match="k8s: has changes that are not committed, and so not signed"):
        found(said, repository.path)
    (tmp_path / "plain").mkdir()
    with pytest.raises(Unsigned, match="plain: is in no Git repository"):
        found(said.model_copy(update={"path": "plain"}), tmp_path)


@pytest.mark.parametrize("where", ["fetched", "here"])
def test_no_signature_and_anybodys_are_refused(repository: Repository, keys: Keys, where: str) -> None:
    verify = {"allowed_signers": str(keys.allowed)}
    place = {"git": f"file://{repository.path}"} if where == "fetched" else {"path": "k8s"}
    said = entry(**{"path": "k8s", **place}, verify=verify)
    commit = repository.commit({"k8s/a.yaml": MANIFEST})
    with pytest.raises(Unsigned, match=f"the commit {commit[:12]} is not signed") as told:
        found(said, repository.path)
    assert where == "fetched" or str(told.value).startswith("k8s: ")
    sign_with(repository, keys.theirs)
    repository.commit({"k8s/a.yaml": MANIFEST + "data: {}\n"})
    with pytest.raises(Unsigned, match="is signed by nobody whose key is given"):
        found(said, repository.path)
    sign_with(repository, keys.ours)
    repository.commit({"k8s/a.yaml": MANIFEST + "data: {a: b}\n"})
    assert found(said, repository.path).path.joinpath("a.yaml").read_text().endswith("data: {a: b}\n")


def test_a_signature_of_another_commit_does_not_count(repository: Repository, keys: Keys) -> None:
    sign_with(repository, keys.ours)
    repository.commit({"k8s/a.yaml": MANIFEST})
    signed = subprocess.run(
        ["git", "cat-file", "commit", "HEAD"], cwd=repository.path, capture_output=True, check=True
    ).stdout
    forged = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository.path,
        input=signed.replace(b"change", b"forged"),
        capture_output=True,
        check=True,
    ).stdout.decode()
    repository.git("reset", "-q", "--hard", forged.strip())
    with pytest.raises(Unsigned, match="has no good signature: .*ncorrect signature"):
        found(entry(path="k8s", verify={"allowed_signers": str(keys.allowed)}), repository.path)


def test_openpgp(repository: Repository, keyring: tuple[Path, Path], keys: Keys) -> None:
    program, public = keyring
    for name, value in (("gpg.program", str(program)), ("commit.gpgsign", "true")):
        repository.git("config", name, value)
    repository.git("config", "user.signingkey", "t@example.com")
    commit = repository.commit({"k8s/a.yaml": MANIFEST})
    git_entry = {"git": f"file://{repository.path}", "path": "k8s"}
    assert found(entry(**git_entry, verify={"keyring": str(public)}), repository.path).commit == commit
    both = {"keyring": str(public), "allowed_signers": str(keys.allowed)}
    assert found(entry(**git_entry, verify=both), repository.path).commit == commit
    with pytest.raises(Unsigned, match=r"signed by nobody whose key is given \(EDDSA key [0-9A-F]+\)"):
        found(entry(**git_entry, verify={"allowed_signers": str(keys.allowed)}), repository.path)
    with pytest.raises(Unsigned, match="gpg can't read it as a keyring"):
        found(entry(**git_entry, verify={"keyring": str(keys.allowed)}), repository.path)


def test_the_run_ends_though_another_entry_could_be_read(repository: Repository, keys: Keys) -> None:
    repository.commit({"k8s/a.yaml": MANIFEST, "b/b.yaml": MANIFEST})
    verify = {"allowed_signers": str(keys.allowed)}
    entries = [entry(path="b"), entry(path="k8s", verify=verify)]
    with pytest.raises(Unsigned, match="k8s|is not signed"):
        load(entries, repository.path, {}, {})
    text = f"""\
version: 1
declared: [{{path: k8s, verify: {{allowed_signers: {keys.allowed}}}}}]
live: {{}}
"""
    with pytest.raises(DriftError, match="is not signed"):
        Run(parse(text, "drift.yaml", repository.path, None, {})).scan()


def test_other_commits_that_an_engine_asks_for_are_verified_too(repository: Repository, keys: Keys) -> None:
    unsigned = repository.commit({"k8s/a.yaml": MANIFEST})
    sign_with(repository, keys.ours)
    signed = repository.commit({"k8s/a.yaml": MANIFEST + "data: {}\n"})
    repository.commit({"k8s/a.yaml": MANIFEST + "data: {a: b}\n"})
    told = found(entry(path="k8s", verify={"allowed_signers": str(keys.allowed)}), repository.path)
    loader = Loader({}, signers=Signers(keys.allowed))
    trees = Trees(told, [f"file://{repository.path}"], loader.deadline, loader.signers)
    assert trees.at(signed).commit == signed
    with pytest.raises(Unsigned, match="is not signed"):
        trees.at(unsigned)
    with pytest.raises(Unsigned, match="is not signed"):
        Trees(replace(told, root=None), ["*"], loader.deadline, loader.signers).of(
            f"file://{repository.path}", unsigned
        )
    assert git.at(repository.path, unsigned, repository.path.parent / "tree").commit == unsigned


@pytest.mark.parametrize(
    ("verify", "why"),
    [
        ("{}", "name a file by `allowed_signers` or `keyring`"),
        ("signed", "name a file by `allowed_signers` or `keyring`"),
        ("{allowed_signer: x}", "allowed_signer"),
        ("{allowed_signers: nowhere}", "nowhere: there is no such file .* correct `verify`"),
    ],
)
def test_keys_are_needed_and_have_to_be_there(repository: Repository, verify: str, why: str) -> None:
    repository.commit({"k8s/a.yaml": MANIFEST})
    text = f"version: 1\ndeclared: [{{path: k8s, verify: {verify}}}]\n"
    with pytest.raises(ConfigError, match=why):
        Run(parse(text, "drift.yaml", repository.path, None, {})).scan()


def test_a_url_has_no_commit() -> None:
    with pytest.raises(ValueError, match="what lies at this URL is in none"):
        entry(path="s3://bucket/a.tfstate", verify={"keyring": "k"})
