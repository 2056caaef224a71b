"""`drift init`: a first drift.yaml that parses, declares what a folder holds, reads where somebody is logged
in, copies no secret, and says what was not understood."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from typer.testing import CliRunner

from drift.cli import init
from drift.cli.app import application
from drift.config.model import load
from drift.deadline import Deadline
from drift.errors import ConfigError, DriftError
from drift.scan import Run
from drift.starting import look, text

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, namespace: web}\n"
SECRETS = ("s3cret-token-of-a-cluster", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY")
TEMPLATE = "AWSTemplateFormatVersion: 2010-09-09\nResources: {Q: {Type: 'AWS::SQS::Queue'}}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody is logged in anywhere."""
    found = tmp_path / "home"
    found.mkdir()
    for name in ("KUBECONFIG", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "AZURE_CONFIG_DIR",
        "CLOUDSDK_CONFIG",
        "GOOGLE_CLOUD_PROJECT",
        "CLOUDSDK_ACTIVE_CONFIG_NAME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: found)
    return found


def laid(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def proposed(
    folder: Path, home: Path, environment: dict[str, str] | None = None
) -> tuple[dict[str, Any], str]:
    """The file as YAML, and as a text."""
    said = text(look(folder, environment or {}, home, Deadline(60)))
    return yaml.safe_load(said), said


def paths(said: dict[str, Any]) -> list[str]:
    return [one["path"] for one in said["declared"]]


def test_an_empty_folder_is_a_file_that_parses(tmp_path: Path, home: Path) -> None:
    folder = laid(tmp_path / "empty", {"README.md": "nothing"})
    assert proposed(folder, home)[0] == {"version": 1, "declared": [], "live": {}}
    with pytest.raises(DriftError, match="no such folder"):
        look(tmp_path / "gone", {}, home, Deadline(60))


def test_a_repository_of_many_kinds(tmp_path: Path, home: Path) -> None:
    root = 'module "net" { source = "../modules/net" }\nprovider "google" {}\n'
    backend = 'terraform { backend "s3" { bucket = "b" } }\nresource "aws_sqs_queue" "q" {}\n'
    folder = laid(
        tmp_path / "repository",
        {
            "infra/main.tf": backend,
            "infra/.terraform/modules/x/main.tf": 'provider "x" {}',
            "shop/main.tf": root,
            "modules/net/main.tf": 'resource "google_compute_network" "n" {}\n',
            "modules/lone/main.tf": 'variable "x" {}\n',
            "stacks/queues.yaml": TEMPLATE,
            "several/one.yaml": TEMPLATE,
            "several/two.yaml": TEMPLATE,
            "plain/a/one.yaml": MAP,
            "plain/b/two.yaml": MAP,
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": MAP,
            "prod/kustomization.yaml": "resources: [../base]\n",
            "part/kustomization.yaml": "kind: Component\npatches: []\n",
            "charts/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
            "charts/shop/templates/a.yaml": MAP,
            "charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n",
            "app/cdk.json": "{}",
            "program/Pulumi.yaml": "name: x\nruntime: nodejs\n",
            "compose.yaml": "services: {}\n",
            "package.json": "{}",
            "deploy.sh": "apiVersion: v1\nkind: ConfigMap\n",
            "node_modules/x/main.tf": 'provider "aws" {}',
        },
    )
    said, text_ = proposed(folder, home)
    assert paths(said) == ["charts/shop", "infra", "plain", "prod", "several", "shop", "stacks"]
    assert list(said["live"]) == ["aws", "gcp", "kubernetes"]
    assert said["live"]["aws"] == {"regions": "all"}
    for doubted in ("modules/lone", "part", "charts/common"):
        assert f"#   - path: {doubted}" in text_
    assert text_.count("# stack:") == 1 and text_.count("# region:") == 2
    assert "modules/net" not in text_ and "deploy.sh" not in text_
    before, after = text_.split("# Not understood, and left out:")
    assert "compose.yaml" in after and "package.json" not in text_
    assert "cdk synth" in before and "pulumi stack export" in before


def test_flux_is_one_entry_a_cluster(tmp_path: Path, home: Path) -> None:
    sync = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n"
        "metadata: {name: flux-system, namespace: flux-system}\nspec: {url: 'https://github.com/acme/fleet'}\n"
    )
    applied = (
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        "metadata: {name: flux-system, namespace: flux-system}\n"
        "spec: {path: ./clusters/CLUSTER, prune: true, "
        "interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}\n"
    )
    files = {
        f"clusters/{one}/flux-system/gotk-sync.yaml": sync + applied.replace("CLUSTER", one)
        for one in ("prod", "test")
    }
    said, _ = proposed(laid(tmp_path / "fleet", {**files, "apps/a.yaml": MAP}), home)
    assert said["declared"] == [
        {"path": "clusters/prod", "scope": "prod"},
        {"path": "clusters/test", "scope": "test"},
    ]


def test_logins_are_named_and_nothing_of_them_is_copied(tmp_path: Path, home: Path) -> None:
    token, key, secret = SECRETS
    kubeconfig = {
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"user": "u"}}, {"name": "test", "context": {}}],
        "users": [{"name": "u", "user": {"token": token}}],
    }
    login = {"id": "1111", "name": "shop", "isDefault": True, "user": {"name": token}}
    laid(
        home,
        {
            ".kube/config": yaml.safe_dump(kubeconfig),
            ".aws/config": "[default]\nregion = eu-west-1\n"
            f"[profile audit]\naws_secret_access_key = {secret}\n",
            ".aws/credentials": f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n",
            ".azure/azureProfile.json": "\ufeff" + orjson.dumps({"subscriptions": [login]}).decode(),
            ".config/gcloud/active_config": "work\n",
            ".config/gcloud/configurations/config_work": f"[core]\nproject = acme-shop\naccount = {token}\n",
        },
    )
    folder = laid(tmp_path / "repository", {"a/one.yaml": MAP, "stacks/queues.yaml": TEMPLATE})
    said, text_ = proposed(folder, home)
    assert said["live"] == {"aws": {"regions": ["eu-west-1"]}, "kubernetes": {"contexts": ["prod"]}}
    assert "# azure: {subscriptions: ['1111']}" in text_ and "# gcp: {projects: [acme-shop]}" in text_
    assert "prod, test" in text_ and "audit, default" in text_
    assert not any(one in text_ for one in SECRETS)


def test_logins_that_can_not_be_read_are_none(tmp_path: Path, home: Path) -> None:
    broken = {".kube/config": "a: [", ".aws/config": "no section", ".azure/azureProfile.json": "[]"}
    laid(home, {**broken, ".config/gcloud/configurations/config_x": "no section"})
    said, _ = proposed(laid(tmp_path / "repository", {"a/one.yaml": MAP}), home)
    assert said["live"] == {"kubernetes": {}}


def test_what_can_not_be_parsed_is_left_a_comment(tmp_path: Path, home: Path) -> None:
    broken = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n"
    said, text_ = proposed(laid(tmp_path / "repository", {"a/one.yaml": broken, "b/two.yaml": MAP}), home)
    assert paths(said) == ["b"]
    assert "#   - path: a" in text_


def test_nothing_is_written_over_and_a_run_goes(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = laid(tmp_path / "repository", {"a/one.yaml": MAP})
    monkeypatch.chdir(folder)
    ran = CliRunner().invoke(application(), ["init"])
    assert ran.exit_code == 0 and "1 declared" in ran.stdout
    file = folder / "drift.yaml"
    first = file.read_bytes()
    with pytest.raises(ConfigError, match="--force"):
        init.written(folder, None, force=False)
    file.write_text("mine")
    init.written(folder, None, force=True)
    assert file.read_bytes() == first
    header = {"drift_snapshot": 1, "taken_at": "2026-01-01T00:00:00Z", "coverage": [], "context": {}}
    (folder / "live.jsonl").write_bytes(orjson.dumps(header) + b"\n")
    report = Run(load(file), live=[folder / "live.jsonl"]).scan().report
    assert report["problems"] == [] and report["summary"]["declared"] == 1


def test_a_folder_that_is_too_large_is_said(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from drift.starting import looking

    folder = laid(tmp_path / "repository", {f"{number}/a.yaml": MAP for number in range(9)})
    monkeypatch.setattr(looking, "MOST", 5)
    assert "only 5 files and folders were looked at" in proposed(folder, home)[1]
    clock = Deadline(60)
    clock.stop("the test")
    assert "not all of the folder was looked at" in look(folder, {}, home, clock).notes[0]


def test_what_is_no_deployers_is_told_beside_its_repository(tmp_path: Path, home: Path) -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\n"
        "spec: {project: default, source: {repoURL: 'https://github.com/acme/fleet', path: apps}, "
        "destination: {name: in-cluster}}\n"
    )
    files = {
        "argo/web.yaml": application,
        "apps/a.yaml": MAP,
        "overlay/kustomization.yaml": "resources: [a.yaml]\n",
        "overlay/a.yaml": MAP,
        "infra/main.tf": 'terraform { backend "s3" { bucket = "b" } }\nresource "aws_sqs_queue" "q" {}\n',
    }
    said, _ = proposed(laid(tmp_path / "fleet", files), home)
    assert paths(said) == [".", "infra"]
    assert list(said["live"]) == ["aws", "kubernetes"]


def test_a_file_elsewhere_says_paths_from_where_it_is(tmp_path: Path, home: Path) -> None:
    folder = laid(tmp_path / "repository", {"a/one.yaml": MAP})
    elsewhere = tmp_path / "settings" / "drift.yaml"
    elsewhere.parent.mkdir()
    init.written(folder, elsewhere, force=False)
    loaded = load(elsewhere)
    assert [one.path for one in loaded.declared] == ["../repository/a"]


def test_an_entry_is_read_by_what_it_says_and_nothing_twice(tmp_path: Path, home: Path) -> None:
    """Where several languages lie in one folder, each is told by itself, or once for those that one entry
    reads."""
    bucket = "apiVersion: storage.cnrm.cloud.google.com/v1beta1\nkind: StorageBucket\nmetadata: {name: b}\n"
    files = {
        "both/bucket.yaml": bucket,
        "both/map.yaml": MAP,
        "below/map.yaml": MAP,
        "below/gcp/bucket.yaml": bucket,
        "live/root.hcl": "",
        "live/prod/vpc/terragrunt.hcl": 'terraform { source = "../../../modules//vpc" }\n',
        "live/bootstrap/main.tf": 'provider "aws" {}\n',
        "units/a/terragrunt.hcl": "",
        "units/b/terragrunt.hcl": "",
        "modules/vpc/main.tf": 'variable "x" {}\n',
        "root/main.tf": 'terraform { backend "s3" { workspace_key_prefix = "x" } }\nprovider "aws" {}\n',
        "root/manifests/map.yaml": MAP,
        "root/prod.tfvars": "a = 1\n",
        "root/terraform.tfvars": "a = 1\n",
    }
    said, text_ = proposed(laid(tmp_path / "repository", files), home)
    assert said["declared"] == [
        {"path": "below", "source": "manifests"},
        {"path": "below/gcp", "source": "config-connector"},
        {"path": "both"},
        {"path": "live"},
        {"path": "live/bootstrap"},
        {"path": "root", "source": "terraform"},
        {"path": "root/manifests"},
        {"path": "units"},
    ]
    assert "- path: both   # config-connector, manifests" in text_ and "modules/vpc" not in text_
    assert "# workspace:" in text_ and "-var-file says them: prod.tfvars\n" in text_


def test_names_stay_as_they_are_and_what_can_not_be_said_is_a_comment(tmp_path: Path, home: Path) -> None:
    names = ("secret-manager", "~", "a: b #c", "123", "password=hunter2 token: abcdefgh", "q'\"", "emoji😀")
    odd = ("${HOME}", "new\nline", os.fsdecode(b"bad\xff"))
    files = {f"{name}/a.yaml": MAP for name in (*names, *odd)}
    said, text_ = proposed(laid(tmp_path / "repository", files), home)
    assert {Path(one).name for one in paths(said)} == set(names)
    assert text_.count("# manifests") == len(files) and "(secret)" not in text_
    head, tail = text_.split("name that drift.yaml can't say")
    for shown in ("${HOME}", "new\\nline", "bad\\xff"):
        assert shown in tail and shown not in head
    config = tmp_path / "repository" / "drift.yaml"
    config.write_text(text_)
    assert all((config.parent / (one.path or "")).is_dir() for one in load(config).declared)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, home: Path) -> None:
    folder = laid(tmp_path / "repository", {"a/one.yaml": MAP, "b/two.yaml": MAP})
    os.mkfifo(folder / "a" / "fifo.yaml")
    (folder / "b" / "circle.yaml").symlink_to("circle.yaml")
    (folder / "b" / "up").symlink_to("..")
    assert paths(proposed(folder, home)[0]) == ["a", "b"]


def test_a_helmfile_is_told_what_to_declare(tmp_path: Path, home: Path) -> None:
    files = {
        "helmfile.yaml": "repositories: []\nreleases:\n  - name: web\n    chart: stable/web\n",
        "helmfile.d/00.yaml": "helmfiles:\n- path: a.yaml\n",
        "notes.yaml": "releases: 3\n",
    }
    said, text_ = proposed(laid(tmp_path / "repository", files), home)
    assert said["declared"] == [] and said["live"] == {}
    before, after = text_.split("# Not understood, and left out:")
    assert "helmfile template" in before and "helmfile.d/00.yaml" in before and "notes.yaml" in after


def test_what_there_was_no_time_to_parse_is_no_doubt(tmp_path: Path, home: Path) -> None:
    from drift.starting import looking

    clock = Deadline(60)
    entry = looking.Entry("a", ("manifests",))
    clock.stop("the test")
    assert looking._tried(entry, laid(tmp_path, {"a/x.yaml": "a: ["}), clock, distant=False) == entry


def test_tests_examples_and_copies_are_no_estates(tmp_path: Path, home: Path) -> None:
    """They stand as comments with the reason, join no estate and ask for no cloud; an environment may
    be called `test`."""
    root = 'provider "aws" {}\n'
    aside = (
        "examples/complete",
        "src/test/resources",
        "modules/x/test-fixtures",
        "third_party/x",
        "docs/old",
    )
    files = {
        f"{each}/main.tf": root for each in (*aside, "live/test", "live/prod", "envs/e2e", "test-cluster")
    }
    files |= {"plain/tests/a.yaml": MAP, "examples/odd.yaml": "x: 1\n", "src/main/main.tf": "variable x {}\n"}
    said, text_ = proposed(laid(tmp_path / "examples", files), home)
    assert paths(said) == ["envs/e2e", "live/prod", "live/test", "test-cluster"]
    assert list(said["live"]) == ["aws"]
    for each in (*aside, "plain/tests"):
        assert f"#   - path: {each}" in text_
    assert "as what tests use" in text_ and "as examples do" in text_ and "odd.yaml" not in text_
    mixed = laid(tmp_path / "mixed", {f"apps/{each}/a.yaml": MAP for each in ("one", "two", "testdata")})
    assert paths(proposed(mixed, home)[0]) == ["apps/one", "apps/two"]
