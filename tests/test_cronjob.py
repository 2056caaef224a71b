"""cronjob.yaml holds against the published Kubernetes schemas, grants nothing but reading, and fits
together."""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from drift.config.durations import seconds
from drift.deadline import GRACE_SECONDS
from drift.task import Wanted
from providers.kubernetes.permissions import role, served
from providers.kubernetes.settings import Settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "cronjob.yaml").read_text()
DOCUMENTS: list[dict[str, Any]] = list(yaml.safe_load_all(TEXT))
GUIDE = (ROOT / "docs" / "kubernetes.md").read_text()

KUBERNETES = ("1.27", "1.31", "1.34", "1.37")
"""The oldest version that the guide promises, and some up to the newest whose schemas are published."""

CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding"}

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["kind"])


def the(kind: str) -> dict[str, Any]:
    """The one document of this kind."""
    (document,) = (d for d in DOCUMENTS if d["kind"] == kind)
    return document


def check(document: dict[str, Any], version: str) -> None:
    """Raise ``kubernetes_validate.ValidationError`` for what a strict API server of this version refuses."""
    assert kubernetes_validate.validate(document, version, strict=True) == version


def job() -> dict[str, Any]:
    return the("CronJob")["spec"]["jobTemplate"]["spec"]


def pod() -> dict[str, Any]:
    return job()["template"]["spec"]


def container() -> dict[str, Any]:
    (only,) = pod()["containers"]
    return only


def environment() -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container()["env"]}


# The schemas


@pytest.mark.parametrize("version", KUBERNETES)
@each_document
def test_each_document_is_valid(document: dict[str, Any], version: str) -> None:
    check(document, version)


def _rename(path: str, new: str) -> Callable[[dict[str, Any]], None]:
    """Give the member at ``path`` (dots between keys and indexes) another name."""

    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        here: Any = document
        for key in parents:
            here = here[int(key)] if isinstance(here, list) else here[key]
        here[new] = here.pop(last)

    return change


def _text_for_a_number(document: dict[str, Any]) -> None:
    document["spec"]["jobTemplate"]["spec"]["backoffLimit"] = "0"


POD_PATH = "spec.jobTemplate.spec.template.spec"
MISTAKES = {
    "misspelt at the top": ("CronJob", _rename("spec.timeZone", "timezone")),
    "misspelt in the pod": ("CronJob", _rename(f"{POD_PATH}.serviceAccountName", "serviceAccountname")),
    "misspelt in the container": (
        "CronJob",
        _rename(f"{POD_PATH}.containers.0.securityContext.readOnlyRootFilesystem", "readOnlyRootFileSystem"),
    ),
    "misspelt in a volume": ("CronJob", _rename(f"{POD_PATH}.volumes.3.emptyDir.sizeLimit", "size")),
    "text for a number": ("CronJob", _text_for_a_number),
    "misspelt in a rule": ("ClusterRole", _rename("rules.0.apiGroups", "apiGroup")),
    "misspelt in a policy": ("NetworkPolicy", _rename("spec.policyTypes", "policyType")),
    "misspelt in a claim": ("PersistentVolumeClaim", _rename("spec.accessModes", "accessMode")),
    "roleRef left out": ("ClusterRoleBinding", _rename("roleRef", "role")),
}


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_check_refuses_a_mistake(mistake: str, version: str) -> None:
    kind, change = MISTAKES[mistake]
    document = copy.deepcopy(the(kind))
    change(document)
    with pytest.raises(kubernetes_validate.ValidationError):
        check(document, version)


# Names and references


@each_document
def test_what_is_namespaced_is_in_the_namespace(document: dict[str, Any]) -> None:
    expected = None if document["kind"] in CLUSTER_WIDE else the("Namespace")["metadata"]["name"]
    assert document["metadata"].get("namespace") == expected


@each_document
def test_names_are_names(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", document["metadata"]["name"])


def test_the_namespace_comes_first_so_that_one_apply_is_enough() -> None:
    assert DOCUMENTS[0]["kind"] == "Namespace"


def test_the_namespace_enforces_the_restricted_pod_security_standard() -> None:
    labels = the("Namespace")["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "latest"


def test_the_pod_and_the_binding_name_the_service_account_and_the_role() -> None:
    account = the("ServiceAccount")["metadata"]
    binding = the("ClusterRoleBinding")
    assert pod()["serviceAccountName"] == account["name"]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": account["name"], "namespace": account["namespace"]}
    ]
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": the("ClusterRole")["metadata"]["name"],
    }


def test_each_volume_is_mounted_once_and_each_mount_has_its_volume() -> None:
    mounts = container()["volumeMounts"]
    assert sorted(m["name"] for m in mounts) == sorted(v["name"] for v in pod()["volumes"])
    assert len({m["mountPath"] for m in mounts}) == len(mounts)


def test_volumes_name_what_this_file_makes_and_only_the_credentials_are_optional() -> None:
    volumes = {v["name"]: v for v in pod()["volumes"]}
    assert volumes["config"]["configMap"] == {"name": the("ConfigMap")["metadata"]["name"]}
    assert volumes["reports"]["persistentVolumeClaim"] == {
        "claimName": the("PersistentVolumeClaim")["metadata"]["name"]
    }
    assert volumes["git-credentials"]["secret"]["optional"] is True
    assert all(v["emptyDir"]["sizeLimit"] for v in volumes.values() if "emptyDir" in v)


# What it may do


def _rules_without_secrets() -> list[dict[str, Any]]:
    """The rules that the comment in the ClusterRole offers in place of the first one."""
    block = TEXT[TEXT.index("# To leave Secrets out") : TEXT.index("# Which kinds and versions")]
    commented = block[block.index("  # - apiGroups") :]
    return yaml.safe_load(re.sub(r"^  # ?", "", commented, flags=re.MULTILINE))


def test_the_role_reads_and_nothing_else() -> None:
    rules = the("ClusterRole")["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} <= {"get", "list"}
    assert {"apiGroups": ["*"], "resources": ["*"], "verbs": ["list"]} in rules


def test_the_role_never_gets_every_resource_since_that_includes_exec() -> None:
    """``get`` on pods/exec and nodes/proxy runs commands:
    https://github.com/kubernetes/kubernetes/issues/78741."""
    for rule in the("ClusterRole")["rules"] + _rules_without_secrets():
        if "get" in rule["verbs"]:
            assert "*" not in rule.get("resources", [])
            assert not any("/" in resource for resource in rule.get("resources", []))


def test_no_other_document_grants_anything() -> None:
    assert not {d["kind"] for d in DOCUMENTS} & {"Role", "RoleBinding"}


def test_the_rules_offered_without_secrets_are_valid_and_leave_secrets_out() -> None:
    rules = _rules_without_secrets()
    assert len(rules) == 2
    for rule in rules:
        assert rule["verbs"] == ["list"]
        assert "*" not in rule["apiGroups"]
        if "" in rule["apiGroups"]:
            assert not {"*", "secrets"} & set(rule["resources"])
    for version in KUBERNETES:
        check({**the("ClusterRole"), "rules": rules}, version)


def test_the_rules_offered_without_secrets_name_all_else_that_kubernetes_serves() -> None:
    offered = {
        (group, plural)
        for rule in _rules_without_secrets()
        for group in rule["apiGroups"]
        for plural in rule["resources"]
    }
    left = {
        (group, plural)
        for group, kinds in served().items()
        for plural in kinds
        if not offered & {(group, plural), (group, "*")}
    }
    assert left == {("", "secrets")}
    assert {("", "componentstatuses"), ("resource.k8s.io", "*")} <= offered
    settings = Settings(exclude_kinds=["Secret"])
    granted, bound = yaml.safe_load_all(role(settings, Wanted(frozenset())).text)
    (core, others, _) = granted["rules"]
    for made, there in ((granted, the("ClusterRole")), (bound, the("ClusterRoleBinding"))):
        assert {**made, "metadata": made["metadata"]["name"], "rules": None} == {
            **there,
            "metadata": there["metadata"]["name"],
            "rules": None,
        }
    assert [core, others] == [
        {**one, "resources": sorted(one["resources"])} for one in _rules_without_secrets()
    ]


def test_nobody_reaches_the_pod() -> None:
    assert the("NetworkPolicy")["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}


def test_the_pod_is_not_root_and_keeps_to_the_default_seccomp_profile() -> None:
    context = pod()["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] == context["runAsGroup"] == context["fsGroup"] > 0
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod().keys()


def test_the_container_can_write_only_to_its_volumes_and_has_no_capability() -> None:
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = {m["mountPath"] for m in container()["volumeMounts"] if not m.get("readOnly")}
    assert writable == {"/reports", "/cache", "/tmp"}


def test_the_container_says_what_it_needs_and_what_it_may_take() -> None:
    for bound in ("requests", "limits"):
        assert container()["resources"][bound].keys() == {"cpu", "memory", "ephemeral-storage"}


# How it runs


def test_runs_never_overlap_never_repeat_and_always_end() -> None:
    spec = the("CronJob")["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["startingDeadlineSeconds"] > 0
    assert spec["successfulJobsHistoryLimit"] > 0
    assert spec["failedJobsHistoryLimit"] > 0
    assert job()["backoffLimit"] == 0
    assert job()["activeDeadlineSeconds"] > 0


def test_the_run_ends_by_itself_before_it_is_ended() -> None:
    said = yaml.safe_load(the("ConfigMap")["data"]["drift.yaml"])
    assert seconds(said["deadline"]) + 60 <= job()["activeDeadlineSeconds"]
    assert pod()["terminationGracePeriodSeconds"] >= GRACE_SECONDS + 5
    assert pod()["restartPolicy"] == "Never"


def test_the_schedule_says_when_and_in_which_time_zone() -> None:
    spec = the("CronJob")["spec"]
    assert len(spec["schedule"].split()) == 5
    assert zoneinfo.ZoneInfo(spec["timeZone"])


def test_it_scans_with_the_mounted_configuration_and_reports_go_to_the_claim() -> None:
    args = container()["args"]
    assert args[0] == "scan"
    assert args[args.index("-c") + 1] == "/etc/drift/drift.yaml"
    assert args[args.index("--format") + 1].split(",") == ["html", "json"]
    assert "--exit-zero" in args
    assert "command" not in container()  # the image's entry point is the command
    mounts = {m["name"]: m["mountPath"] for m in container()["volumeMounts"]}
    assert container()["workingDir"] == mounts["reports"]
    assert mounts["config"] == "/etc/drift"


def test_the_command_line_knows_every_option() -> None:
    pytest.importorskip("drift.cli", reason="the command line is not written yet")
    shown = subprocess.run(
        [sys.executable, "-c", "from drift.cli import main; main()", "scan", "--help"],
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for option in (a for a in container()["args"] if a.startswith("-")):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", shown), option


# The configuration


def _drift_yaml() -> str:
    return the("ConfigMap")["data"]["drift.yaml"]


def _everything_uncommented() -> dict[str, Any]:
    """drift.yaml with each commented example put to use; prose comments stay comments."""
    example = (
        r"^(?P<indent> +)# "
        r"(?P<line>(- git: |  (ref|path|stack|region|scope|namespace): |(azure|gcp|kubernetes): ).*)$"
    )
    return yaml.safe_load(re.sub(example, r"\g<indent>\g<line>", _drift_yaml(), flags=re.MULTILINE))


def test_the_configuration_declares_from_git_and_looks_into_aws() -> None:
    config = yaml.safe_load(_drift_yaml())
    assert config["version"] == 1
    assert config["live"].keys() == {"aws"}
    assert all(source["git"].startswith("https://") for source in config["declared"])


def test_the_commented_examples_are_yaml_and_name_every_provider() -> None:
    config = _everything_uncommented()
    assert config["live"].keys() == {"aws", "azure", "gcp", "kubernetes"}
    assert [source.keys() - {"git", "ref", "path"} for source in config["declared"]] == [
        set(),
        {"stack", "region"},
        set(),
        {"scope", "namespace"},
    ]


def test_the_configuration_loads(tmp_path: Path) -> None:
    config = pytest.importorskip("drift.config.model", reason="the configuration loader is not written yet")
    file = tmp_path / "drift.yaml"
    file.write_text(_drift_yaml())
    assert config.load(file).version == 1


@pytest.mark.parametrize(("host", "served"), [("github.com", True), ("github.com.example", False)])
def test_git_shows_the_token_to_the_named_host_only(tmp_path: Path, host: str, served: bool) -> None:
    answer = _git_credential(tmp_path, host, {"username": "reader", "password": "s3cr%t\n"})
    assert ("username=reader\npassword=s3cr%t\n" in answer.stdout) is served
    assert "s3cr" not in answer.stderr
    assert (answer.returncode == 0) is served


def test_git_asks_nobody_where_there_is_no_secret(tmp_path: Path) -> None:
    answer = _git_credential(tmp_path, "github.com", {})
    assert answer.returncode != 0
    assert "password=" not in answer.stdout


def _git_credential(tmp_path: Path, host: str, secret: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What git, set up as in the pod, would send to ``host``."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    (mount,) = (m["mountPath"] for m in container()["volumeMounts"] if m["name"] == "git-credentials")
    for name, value in secret.items():
        (tmp_path / name).write_text(value)
    assert environment()["GIT_CONFIG_GLOBAL"] == "/etc/drift/gitconfig"
    gitconfig = tmp_path / "gitconfig"
    gitconfig.write_text(the("ConfigMap")["data"]["gitconfig"].replace(mount, str(tmp_path)))
    return subprocess.run(
        ["git", "credential", "fill"],
        input=f"protocol=https\nhost={host}\n\n",
        env={
            **environment(),
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": str(gitconfig),
            "GIT_CONFIG_NOSYSTEM": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


# Identity in the clouds


@pytest.mark.parametrize(
    ("hint", "document"),
    [
        ("eks.amazonaws.com/role-arn", "ServiceAccount"),
        ("EKS Pod Identity", "ServiceAccount"),
        ("azure.workload.identity/client-id", "ServiceAccount"),
        ("iam.gke.io/gcp-service-account", "ServiceAccount"),
        ("azure.workload.identity/use", "CronJob"),
    ],
)
def test_comments_say_where_identity_goes(hint: str, document: str) -> None:
    (part,) = (p for p in TEXT.split("\n---\n") if yaml.safe_load(p) == the(document))
    assert re.search(rf"^ *# .*{re.escape(hint)}", part, flags=re.MULTILINE)


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_identity_hints_are_valid_where_they_stand(version: str) -> None:
    hint = (
        r"^(?P<indent> +)# "
        r"(?P<line>annotations:|  [a-z.]+\.[a-z]+/[a-z-]+: .*|azure\.workload\.identity/use: .*)$"
    )
    documents = list(yaml.safe_load_all(re.sub(hint, r"\g<indent>\g<line>", TEXT, flags=re.MULTILINE)))
    for document in documents:
        check(document, version)
    (account,) = (d for d in documents if d["kind"] == "ServiceAccount")
    (cronjob,) = (d for d in documents if d["kind"] == "CronJob")
    assert account["metadata"]["annotations"].keys() == {
        "eks.amazonaws.com/role-arn",
        "azure.workload.identity/client-id",
        "iam.gke.io/gcp-service-account",
    }
    labels = cronjob["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert labels["azure.workload.identity/use"] == "true"


# The guide


def test_the_image_is_the_projects_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    name, tag = container()["image"].rsplit(":", 1)
    assert tag == version
    assert set(re.findall(rf"{re.escape(name)}:([\w.]+)", GUIDE)) == {version}


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_guides_pod_for_reading_reports_is_valid_and_restricted(version: str) -> None:
    (block,) = (b for b in re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL) if "kind: Pod" in b)
    reader = yaml.safe_load(block)
    check(reader, version)
    spec = reader["spec"]
    assert reader["metadata"]["namespace"] == the("Namespace")["metadata"]["name"]
    assert {**pod()["securityContext"], **spec["securityContext"]} == pod()["securityContext"]
    assert spec["securityContext"].keys() >= {
        "runAsNonRoot",
        "runAsUser",
        "runAsGroup",
        "fsGroup",
        "seccompProfile",
    }
    assert spec["containers"][0]["securityContext"] == container()["securityContext"]
    assert spec["containers"][0]["image"] == container()["image"]
    assert spec["volumes"] == [v for v in pod()["volumes"] if v["name"] == "reports"]
