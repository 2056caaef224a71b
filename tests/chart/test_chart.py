"""The Helm chart: what it renders holds against the published schemas, is what was reviewed, agrees with
cronjob.yaml, and grants nothing but reading."""

from __future__ import annotations

import copy
import difflib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from drift.config.durations import seconds
from drift.config.model import parse
from tests.chart import render, rules
from tests.chart.crds import SCHEMAS
from tests.chart.render import CHART, VALUES, documents, helm, of_kind, refused
from tests.providers.kubernetes.declared.conftest import helm_folder  # noqa: F401 - a fixture

ROOT = CHART.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding"}
#: The oldest version that the chart takes, and the newest whose schemas are published.
KUBERNETES = ("1.27", "1.37")

each_file = pytest.mark.parametrize("values", VALUES, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def binary(helm_folder: Path) -> Path:  # noqa: F811
    return helm_folder / "helm"


def named(name: str) -> Path:
    return render.HERE / "values" / f"{name}.yaml"


def made(binary: Path, name: str) -> list[dict[str, Any]]:
    return documents(binary, named(name))


def job(one: dict[str, Any]) -> dict[str, Any]:
    return one["spec"]["jobTemplate"]["spec"]


def pod(one: dict[str, Any]) -> dict[str, Any]:
    return job(one)["template"]["spec"]


@each_file
def test_helm_has_nothing_to_say(values: Path, binary: Path) -> None:
    done = helm(binary, "lint", "--strict", CHART, "--values", values)
    assert done.returncode == 0, done.stdout + done.stderr


@each_file
def test_what_is_rendered_is_what_was_reviewed(values: Path, binary: Path) -> None:
    """``python -m tests.chart HELM`` writes it anew."""
    golden = render.HERE / "golden" / values.name
    expected, found = golden.read_text(), render.text(binary, values)
    assert found == expected, "\n".join(difflib.unified_diff(expected.splitlines(), found.splitlines()))


def test_every_file_of_values_was_reviewed() -> None:
    golden = {path.name for path in (render.HERE / "golden").iterdir()}
    assert golden == {path.name for path in VALUES}


@each_file
def test_each_document_is_valid(values: Path, binary: Path) -> None:
    for document in documents(binary, values):
        if document["kind"] in SCHEMAS:
            jsonschema.Draft202012Validator(SCHEMAS[document["kind"]]).validate(document)
        else:
            for version in KUBERNETES if values.stem in ("aws", "default") else KUBERNETES[-1:]:
                assert kubernetes_validate.validate(document, version, strict=True) == version


@each_file
def test_what_is_namespaced_is_in_a_namespace_and_names_are_there_once(values: Path, binary: Path) -> None:
    ones = documents(binary, values)
    for one in ones:
        assert ("namespace" in one["metadata"]) is (one["kind"] not in CLUSTER_WIDE), one["kind"]
    keys = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in ones]
    assert len(keys) == len(set(keys))


@each_file
def test_nothing_but_reading_is_granted(values: Path, binary: Path) -> None:
    for role in of_kind(documents(binary, values), "ClusterRole"):
        for rule in role["rules"]:
            assert set(rule["verbs"]) <= ({"get"} if "nonResourceURLs" in rule else {"list"})


@each_file
def test_each_pod_is_restricted_and_ends_by_itself(values: Path, binary: Path) -> None:
    (expected,) = of_kind(yaml.safe_load_all((ROOT / "cronjob.yaml").read_text()), "CronJob")
    jobs = of_kind(documents(binary, values), "CronJob")
    assert jobs
    for one in jobs:
        (container,) = pod(one)["containers"]
        (same,) = pod(expected)["containers"]
        assert container["securityContext"] == same["securityContext"]
        assert pod(one)["securityContext"] == pod(expected)["securityContext"]
        assert one["spec"]["concurrencyPolicy"] == "Forbid" and job(one)["backoffLimit"] == 0
        args = container["args"]
        assert seconds(args[args.index("--deadline") + 1]) + 600 == job(one)["activeDeadlineSeconds"]
        written = [mount for mount in container["volumeMounts"] if not mount.get("readOnly")]
        assert {mount["mountPath"] for mount in written} == {"/reports", "/cache", "/tmp"}
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            volume["name"] for volume in pod(one)["volumes"]
        }


@each_file
def test_helm_test_looks_at_what_each_cronjob_needs(values: Path, binary: Path) -> None:
    """By ``drift preflight``, in the same pod."""
    ones = documents(binary, values)
    looked = {one["metadata"]["name"]: one for one in of_kind(ones, "Pod")}
    jobs = of_kind(ones, "CronJob")
    assert list(looked) == [f"{one['metadata']['name']}-preflight" for one in jobs]
    for one in jobs:
        found, expected = looked[f"{one['metadata']['name']}-preflight"], copy.deepcopy(pod(one))
        assert found["metadata"]["annotations"]["helm.sh/hook"] == "test"
        args, asked = (each["containers"][0].pop("args") for each in (found["spec"], expected))
        assert found["spec"].pop("activeDeadlineSeconds") > 120
        assert found["spec"] == expected
        assert args[:3] == ["preflight", *asked[1:3]]
        assert args[3:] == (asked[3:5] if "--env" in asked else [])


def unlabelled(value: Any) -> Any:
    """A document without labels, and what the two say in different ways on purpose."""
    if isinstance(value, dict):
        kept = {key: unlabelled(one) for key, one in value.items() if key != "labels"}
        return {key: one for key, one in kept.items() if key != "metadata" or one}
    return [unlabelled(one) for one in value] if isinstance(value, list) else value


def test_by_default_it_is_cronjob_yaml(binary: Path) -> None:
    """The same, but for: the deadline, which the chart gives on the command line, so that it can't pass the
    Job's; the cluster, which it reads only where drift.yaml says so; the claim, which stays."""
    ours = {one["kind"]: unlabelled(one) for one in made(binary, "default")}
    simple = {one["kind"]: unlabelled(one) for one in yaml.safe_load_all((ROOT / "cronjob.yaml").read_text())}
    assert simple.keys() - ours.keys() == {"Namespace", *CLUSTER_WIDE}
    said, same = pod(ours["CronJob"]), pod(simple["CronJob"])
    assert said.pop("automountServiceAccountToken") is False
    assert same.pop("automountServiceAccountToken") is True
    container, expected = said["containers"][0], same["containers"][0]
    assert container.pop("imagePullPolicy") == "IfNotPresent"
    at = container["args"].index("--deadline")
    assert [container["args"].pop(at), container["args"].pop(at)] == ["--deadline", "50m"]
    assert container["args"] == expected["args"]
    assert ours["CronJob"] == simple["CronJob"]
    assert ours["ServiceAccount"] == simple["ServiceAccount"]
    assert ours["PersistentVolumeClaim"]["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
    assert ours["PersistentVolumeClaim"] == simple["PersistentVolumeClaim"]
    assert ours["NetworkPolicy"]["spec"]["policyTypes"] == simple["NetworkPolicy"]["spec"]["policyTypes"]
    one, other = (yaml.safe_load(each["ConfigMap"]["data"]["drift.yaml"]) for each in (ours, simple))
    assert seconds(other.pop("deadline")) == seconds("50m")
    assert one == other
    assert ours["ConfigMap"]["data"]["gitconfig"] == simple["ConfigMap"]["data"]["gitconfig"]


@each_file
def test_the_configuration_loads(values: Path, binary: Path) -> None:
    env = {"DB_PASSWORD": "x"}
    for one in of_kind(documents(binary, values), "ConfigMap"):
        assert parse(one["data"]["drift.yaml"], "drift.yaml", Path(), None, env).version == 1


# What the values do


def test_roles_are_what_drift_permissions_prints() -> None:
    assert rules.FILE.read_text() == rules.text(), "run `python -m tests.chart HELM`"


def test_alerts_are_those_of_the_guide() -> None:
    guide = ROOT / "docs" / "monitoring" / "alerts.yaml"
    assert (CHART / "files" / "alerts.yaml").read_text() == guide.read_text()


def test_the_chart_is_of_the_projects_version() -> None:
    said = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert said["version"] == said["appVersion"] == PROJECT["version"]


def test_each_environment_has_a_cronjob(binary: Path) -> None:
    jobs = {one["metadata"]["name"]: one for one in of_kind(made(binary, "azure"), "CronJob")}
    assert list(jobs) == ["acme-drift-production", "acme-drift-sandbox", "acme-drift-staging"]
    asked = {name: pod(one)["containers"][0]["args"] for name, one in jobs.items()}
    assert all(args[args.index("--env") + 1] == name.rpartition("-")[2] for name, args in asked.items())
    assert ["--mail" in args for args in asked.values()] == [True, False, False]
    assert [one["spec"].get("suspend", False) for one in jobs.values()] == [False, False, True]
    zones = [one["spec"]["timeZone"] for one in jobs.values()]
    assert zones == ["Europe/Berlin", "Europe/Berlin", "Etc/UTC"]


def test_identities_stand_where_each_cloud_looks(binary: Path) -> None:
    annotations = {
        name: of_kind(made(binary, name), "ServiceAccount")[0]["metadata"]["annotations"]
        for name in ("aws", "azure", "gcp")
    }
    assert "eks.amazonaws.com/role-arn" in annotations["aws"]
    assert annotations["azure"]["azure.workload.identity/client-id"].endswith("1")
    assert annotations["gcp"]["iam.gke.io/gcp-service-account"].startswith("drift@")
    for name, expected in (("azure", "true"), ("aws", None)):
        for one in of_kind(made(binary, name), "CronJob"):
            labels = job(one)["template"]["metadata"]["labels"]
            assert labels.get("azure.workload.identity/use") == expected


def test_namespaces_are_bound_one_by_one(binary: Path) -> None:
    ones = made(binary, "aws")
    bound = [one["metadata"]["namespace"] for one in of_kind(ones, "RoleBinding")]
    assert bound == ["shop", "web"]
    for role in of_kind(ones, "ClusterRole"):
        for rule in role["rules"]:
            assert not {"*", "secrets"} & set(rule.get("resources", ())) or rule["apiGroups"] != [""]
            assert "*" not in rule.get("apiGroups", ())


def test_there_are_no_roles_where_the_cluster_is_not_read(binary: Path) -> None:
    for name in ("default", "azure"):
        assert not of_kind(made(binary, name), "ClusterRole")


def test_the_account_that_is_there_is_bound(binary: Path) -> None:
    ones = made(binary, "identities")
    assert not of_kind(ones, "ServiceAccount") and not of_kind(ones, "PersistentVolumeClaim")
    (binding,) = of_kind(ones, "ClusterRoleBinding")
    assert (
        binding["subjects"][0]["name"] == pod(of_kind(ones, "CronJob")[0])["serviceAccountName"] == "scanner"
    )


def test_the_guides_values_are_rendered(binary: Path, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text()
    (block,) = re.findall(r"```yaml\n(# values\.yaml\n.*?)```", guide, flags=re.DOTALL)
    (tmp_path / "values.yaml").write_text(block)
    kinds = {one["kind"] for one in documents(binary, tmp_path / "values.yaml")}
    assert {"CronJob", "ServiceAccount", "PrometheusRule"} <= kinds
    for name in re.findall(
        r"`((?:[a-z][a-zA-Z]+\.)+[a-zA-Z]+)`", guide.split("## The Helm chart")[1].split("\n## ")[0]
    ):
        value = yaml.safe_load((CHART / "values.yaml").read_text())
        for part in name.split("."):
            if part == "drift":
                break
            value = value[part]


# What is refused


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("config.drift.live={}", "config.drift.live is empty"),
        ("persistence.enabled=false", "each run would forget the one before"),
        ('deadline="an hour"', "deadline"),
        ('concurrencyPolicy="Allow"', "concurrencyPolicy"),
        ("environmets={}", "environmets"),
        ('environments={"no way": {}}', "no way"),
        ('environments={"staging": {}}', "config.drift.environments has no staging"),
        ('environments.prod={"shedule": "0 1 * * *"}', "environments"),
        ('schedule="daily"', "schedule"),
        ("defaultEnvironment=false", "nothing would run"),
        ("secret.external.enabled=true", "name the SecretStore"),
        ('secret={"existing": "a", "values": {"A": "b"}}', "say one of existing, external and values"),
        ('rbac.rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]}]', "verbs"),
        ('serviceAccount.aws.roleArn="drift"', "roleArn"),
        ('image.digest="latest"', "digest"),
        ('config.drift="a: ["', "is no YAML"),
        ('config.drift.deadline="${LONG:-50m}"', "set `deadline` beside it"),
        ('resources.limits.cpu=["2"]', "/resources/limits/cpu"),
        ('podLabels={"app.kubernetes.io/name": "mine"}', "app.kubernetes.io/name"),
        ("image.repository=null", "missing property 'repository'"),
    ],
)
def test_what_is_wrong_is_said(said: str, why: str, binary: Path) -> None:
    assert why in refused(binary, said)


def test_the_schema_knows_every_value() -> None:
    """So that no key of values.yaml is refused, and none of the schema is without a default."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    jsonschema.Draft7Validator(schema).validate(values)
    assert schema["properties"].keys() == {*values, "global"}
    for name, said in schema["properties"].items():
        if said.get("additionalProperties") is False and name != "resources":
            assert said["properties"].keys() == values[name].keys(), name


def test_environments_have_any_names_and_are_read_as_their_own(binary: Path, tmp_path: Path) -> None:
    """Roles and a token are there where an environment alone reads the cluster; names that would become one
    are refused."""
    live = {"kubernetes": {"contexts": ["x"]}}
    drift = {"version": 1, "environments": {"Prod_EU": {"live": live}, "prod.eu": {"live": {"aws": {}}}}}
    values = {"config": {"drift": drift}, "defaultEnvironment": False, "environments": {"Prod_EU": None}}
    file = tmp_path / "values.yaml"
    file.write_text(json.dumps(values))
    ones = documents(binary, file)
    (one,) = of_kind(ones, "CronJob")
    args = pod(one)["containers"][0]["args"]
    assert one["metadata"]["name"] == "drift-prod-eu" and args[args.index("--env") + 1] == "Prod_EU"
    assert of_kind(ones, "ClusterRole") and pod(one)["automountServiceAccountToken"] is True
    file.write_text(json.dumps({**values, "environments": {"Prod_EU": {}, "prod.eu": {}}}))
    done = helm(binary, "template", "drift", CHART, "--values", file)
    assert done.returncode != 0 and "its CronJob would be called drift-prod-eu" in done.stderr


def test_names_of_digits_are_texts_and_what_is_left_empty_is_nothing(binary: Path, tmp_path: Path) -> None:
    """`123` and `true` are names in Kubernetes; `environments:` with nothing but comments below is no map."""
    drift = {"version": 1, "live": {"kubernetes": {}}, "history": "vault://secret/drift#history"}
    file = tmp_path / "values.yaml"
    said = {
        "config": {"drift": drift},
        "serviceAccount": {"name": "true"},
        "git": {"existingSecret": "123"},
        "priorityClassName": "1e3",
        "persistence": {"enabled": False},
        "rbac": {"namespaces": ["123"], "rules": None},
        "secret": {"values": {"NO": "1"}},
        **dict.fromkeys(("environments", "extraEnv", "extraVolumes", "labels", "podLabels", "tolerations")),
    }
    file.write_text(json.dumps(said))
    done = helm(binary, "template", "123", CHART, "--namespace", "007", "--values", file)
    assert done.returncode == 0, done.stderr
    ones = [one for one in yaml.safe_load_all(done.stdout) if one is not None]
    for one in ones:
        assert kubernetes_validate.validate(one, KUBERNETES[-1], strict=True) == KUBERNETES[-1]
    (secret,) = of_kind(ones, "Secret")
    assert secret["stringData"] == {"NO": "1"} and secret["metadata"]["namespace"] == "007"
