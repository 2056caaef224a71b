"""IAM objects become bindings: one for each resource, role, member and condition."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.errors import DeclaredError
from drift.finding import Unverifiable
from drift.model import Resource
from tests.providers.gcp.config_connector.translating import declared, manifest

PROJECT = (
    "{kind: Project, apiVersion: resourcemanager.cnrm.cloud.google.com/v1beta1, external: projects/shop}"
)


def ids(folder: Path, text: str) -> list[str | None]:
    return [
        one.id
        for one in declared(folder, text)
        if isinstance(one, Resource) and one.type.endswith("/Binding")
    ]


def test_a_policy_member_is_one_binding(tmp_path: Path) -> None:
    spec = f"{{resourceRef: {PROJECT}, role: roles/viewer, member: 'user:a@x.example'}}"
    (found,) = declared(tmp_path, manifest("iam", "IAMPolicyMember", "m", spec))
    assert isinstance(found, Resource)
    project = "//cloudresourcemanager.googleapis.com/projects/shop"
    assert found.id == f"{project}|roles/viewer|user:a@x.example"
    assert (found.type, found.scope) == ("iam.googleapis.com/Binding", "shop")
    assert found.attributes == {"resource": project, "role": "roles/viewer", "member": "user:a@x.example"}


def test_the_condition_is_part_of_the_binding(tmp_path: Path) -> None:
    condition = "{title: soon, expression: 'request.time < x'}"
    spec = f"{{resourceRef: {PROJECT}, role: roles/viewer, member: 'user:a', condition: {condition}}}"
    (found,) = declared(tmp_path, manifest("iam", "IAMPolicyMember", "m", spec))
    assert isinstance(found, Resource)
    assert str(found.id).endswith("|user:a|soon:request.time < x")
    assert found.attributes["condition"] == {"title": "soon", "expression": "request.time < x"}


def test_a_policy_is_all_of_its_members(tmp_path: Path) -> None:
    bucket = "{kind: StorageBucket, apiVersion: storage.cnrm.cloud.google.com/v1beta1, name: b}"
    spec = (
        f"{{resourceRef: {bucket}, bindings: [{{role: r1, members: ['user:a', 'user:b']}}, "
        "{role: r2, members: [{memberFrom: {serviceAccountRef: {name: sa}}}, {member: 'user:c'}]}]}"
    )
    more = manifest("storage", "StorageBucket", "b") + manifest("iam", "IAMServiceAccount", "sa")
    assert ids(tmp_path, manifest("iam", "IAMPartialPolicy", "p", spec) + more) == [
        "//storage.googleapis.com/b|r1|user:a",
        "//storage.googleapis.com/b|r1|user:b",
        "//storage.googleapis.com/b|r2|serviceAccount:sa@shop.iam.gserviceaccount.com",
        "//storage.googleapis.com/b|r2|user:c",
    ]


def test_a_member_that_is_not_declared_is_unverifiable(tmp_path: Path) -> None:
    spec = f"{{resourceRef: {PROJECT}, role: r, memberFrom: {{serviceAccountRef: {{name: gone}}}}}}"
    (found,) = declared(tmp_path, manifest("iam", "IAMPolicyMember", "m", spec))
    assert isinstance(found, Unverifiable) and "gone" in found.reason


def test_an_audit_config_keeps_its_logs(tmp_path: Path) -> None:
    spec = f"{{resourceRef: {PROJECT}, service: allServices, auditLogConfigs: [{{logType: DATA_READ}}]}}"
    (found,) = declared(tmp_path, manifest("iam", "IAMAuditConfig", "m", spec))
    assert isinstance(found, Resource)
    assert found.attributes["auditLogConfigs"] == [{"logType": "DATA_READ"}]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("{bindings: 3}", "objects.yaml:5: IAMPolicy/m: spec.bindings: expected a list"),
        ("{bindings: [r]}", "spec.bindings.0: expected a mapping"),
        ("{bindings: [{role: r, members: x}]}", "spec.bindings.0.members: expected a list"),
        ("{auditConfigs: [1]}", "spec.auditConfigs.0: expected a mapping"),
    ],
)
def test_a_policy_of_another_form_is_one_clear_error(tmp_path: Path, spec: str, message: str) -> None:
    with pytest.raises(DeclaredError, match=message):
        declared(tmp_path, manifest("iam", "IAMPolicy", "m", spec))
