"""Own pairs of Terraform state and API answer: silent, and one live change is loud at exactly its path."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from drift.dialect import Foreign
from drift.model import Resource
from providers.gcp.terraform import GcpTerraform
from tests.comparing import told
from tests.providers.gcp.test_terraform_recordings import judged
from tests.reading import read_yaml

PAIRS = read_yaml(Path(__file__).parent / "terraform_pairs" / "pairs.yaml")


def _differences(mine: Resource, live: dict[str, Any], unverifiable: list[str]) -> dict[str, Any]:
    verdict = judged(mine, Resource("gcp", mine.scope, mine.type, mine.id, live))
    assert [path for path, _ in verdict.unverifiable] == unverifiable
    return told(verdict)


def _declared(pair: dict[str, Any]) -> Resource:
    made = GcpTerraform().translate(Foreign(pair["terraform"], "a.b", pair["attributes"]))
    assert made is not None
    return made[0]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["terraform"])
def test_pair_is_silent(pair: dict[str, Any]) -> None:
    mine = _declared(pair)
    assert (mine.type, mine.id, mine.scope) == (pair["type"], pair["id"], pair.get("scope", "p"))
    assert _differences(mine, pair["live"], pair.get("unverifiable", [])) == {}


@pytest.mark.parametrize(
    "pair", [one for one in PAIRS if "change" in one], ids=lambda pair: pair["terraform"]
)
def test_change_is_loud_at_its_path(pair: dict[str, Any]) -> None:
    path, value = pair["change"]
    live = copy.deepcopy(pair["live"])
    *parents, last = path.strip("/").split("/")
    node = live
    for name in parents:
        node = node[name]
    node[last] = value
    assert set(_differences(_declared(pair), live, pair.get("unverifiable", []))) == {path}


WHOLE = read_yaml(Path(__file__).parent / "terraform_pairs" / "whole.yaml")


@pytest.mark.parametrize("pair", WHOLE, ids=lambda pair: pair["terraform"])
def test_a_whole_state_is_silent(pair: dict[str, Any]) -> None:
    made = GcpTerraform().translate(Foreign(pair["terraform"], "a.b", pair["attributes"], scope="p"))
    assert made
    live = Resource("gcp", made[0].scope, made[0].type, made[0].id, pair["live"])
    assert told(judged(made[0], live)) == {}


@pytest.mark.parametrize(
    ("terraform", "path", "value"),
    [
        ("google_compute_backend_service", "securityPolicy", "projects/p/global/securityPolicies/s"),
        ("google_compute_backend_service", "compressionMode", "AUTOMATIC"),
        (
            "google_storage_bucket",
            "encryption",
            {"defaultKmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"},
        ),
        ("google_storage_bucket", "website", {"mainPageSuffix": "index.html"}),
        ("google_pubsub_subscription", "filter", "x"),
        ("google_cloud_run_v2_service", "invokerIamDisabled", True),
        ("google_compute_firewall", "sourceServiceAccounts", ["a@b"]),
        (
            "google_artifact_registry_repository",
            "kmsKeyName",
            "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        ),
        ("google_logging_project_sink", "disabled", True),
        ("google_service_account", "disabled", True),
        ("google_cloud_scheduler_job", "state", "PAUSED"),
        ("google_compute_instance_group_manager", "namedPorts", [{"name": "http", "port": 8080}]),
        ("google_kms_crypto_key", "rotationPeriod", "31536000s"),
    ],
)
def test_what_a_state_knows_to_be_unset_is_told_when_it_is_set(terraform: str, path: str, value: Any) -> None:
    pair = next(one for one in WHOLE if one["terraform"] == terraform)
    made = (GcpTerraform().translate(Foreign(terraform, "a.b", pair["attributes"], scope="p")) or [])[0]
    found = told(judged(made, Resource("gcp", "p", made.type, made.id, {**pair["live"], path: value})))
    assert [one.strip("/").partition("/")[0] for one in found] == [path]


def test_grants_are_one_binding_for_each_member_and_condition() -> None:
    said = {
        "project": "p",
        "role": "roles/viewer",
        "members": ["user:a@example.com", "user:b@example.com"],
        "condition": [{"title": "t", "expression": "e", "description": ""}],
    }
    made = GcpTerraform().translate(Foreign("google_project_iam_binding", "a.b", said))
    assert made is not None
    start = "//cloudresourcemanager.googleapis.com/projects/p|roles/viewer|user:"
    assert [one.id for one in made] == [f"{start}{who}@example.com|t:e" for who in "ab"]
    assert made[0].type == "iam.googleapis.com/Binding"
    assert made[0].attributes["condition"] == {"title": "t", "expression": "e"}


def test_what_is_audited_is_one_resource_for_each_service() -> None:
    logs = [
        {"log_type": "DATA_READ", "exempted_members": ["user:a@example.com"]},
        {"log_type": "ADMIN_READ", "exempted_members": []},
    ]
    said = {"project": "p", "service": "storage.googleapis.com", "audit_log_config": logs}
    made = GcpTerraform().translate(Foreign("google_project_iam_audit_config", "a.b", said))
    assert made is not None
    project = "//cloudresourcemanager.googleapis.com/projects/p"
    assert [(one.type, one.id) for one in made] == [
        ("iam.googleapis.com/AuditConfig", f"{project}|storage.googleapis.com")
    ]
    live = [{"logType": "ADMIN_READ"}, {"logType": "DATA_READ", "exemptedMembers": ["user:a@example.com"]}]
    body = {"resource": project, "service": "storage.googleapis.com", "auditLogConfigs": live}
    assert _differences(made[0], body, []) == {}
    assert set(_differences(made[0], {**body, "auditLogConfigs": live[:1]}, [])) == {
        "/auditLogConfigs/DATA_READ"
    }


def test_what_cannot_be_named_is_unsupported_and_secrets_never_pass() -> None:
    dialect = GcpTerraform()
    assert dialect.translate(Foreign("google_unheard_of_thing", "a.b", {"id": "x"})) is None
    assert dialect.translate(Foreign("google_storage_bucket_object", "a.b", {"id": "x"})) == []
    said = {"name": "u", "instance": "i", "project": "p", "password": "hunter2"}
    made = dialect.translate(Foreign("google_sql_user", "a.b", said))
    assert made is not None
    assert "hunter2" not in repr(made)
