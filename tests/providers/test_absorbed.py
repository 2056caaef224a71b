"""What somebody opened by hand, and a refresh wrote into the state: a state alone must not take it for
declared."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.dialect import Foreign
from drift.model import Resource, Sensitive, Unresolved
from drift.scan import Run
from providers.azure.terraform import AzureTerraform
from providers.gcp.terraform import GcpTerraform
from tests.declared.terraform.test_state import instance, managed, state
from tests.reading import read_yaml

GROUP = "/subscriptions/0a1b2c3d-0000-4000-8000-000000000000/resourceGroups/shop/providers"
SITUATIONS = json.loads(
    json.dumps(read_yaml(Path(__file__).with_name("absorbed.yaml"))).replace('"@/', f'"{GROUP}/')
)
BINDING = "iam.googleapis.com/Binding"
PROJECT = "//cloudresourcemanager.googleapis.com/projects/shop"


def opened(situation: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments after the opening."""
    made: dict[str, Any] = copy.deepcopy(situation["base"])
    *above, last = situation["at"].split(".")
    place: Any = made
    for step in above:
        place = place[int(step)] if isinstance(place, list) else place[step]
    add = situation["add"]
    place[last] = {**place[last], **add} if isinstance(place.get(last), dict) else [*place.get(last, ()), add]
    return made


def plain(value: Any) -> Any:
    """What a cloud answers: no secret that it does not give back."""
    if isinstance(value, Sensitive):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if not isinstance(one, Unresolved)}
    return [plain(one) for one in value] if isinstance(value, list) else value


def live(type: str, attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources as their cloud has them."""
    dialect = AzureTerraform() if type.startswith("azurerm_") else GcpTerraform()
    scope, _ = dialect.place(attributes)
    return [record(one) for one in dialect.translate(Foreign(type, "t.x", attributes, scope)) or ()]


def record(one: Resource) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "scope": one.scope or "shop",
        "type": one.type,
        "id": one.id,
        "name": one.name,
        "attributes": plain(one.attributes),
    }


def scanned(
    folder: Path, type: str, said: Mapping[str, Any], records: list[dict[str, Any]], *beside: dict[str, Any]
) -> dict[str, Any]:
    """What a state of the resource, and of others ``beside`` it, and the live records say of each other."""
    resources = [managed(type, "x", instance(dict(said))), *beside]
    (folder / "terraform.tfstate").write_text(json.dumps(state(*resources)))
    (folder / "live.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    config = parse("version: 1\ndeclared: [{path: terraform.tfstate}]", "drift.yaml", folder, None, {})
    return Run(config, live=[folder / "live.jsonl"]).scan().report


def told(report: Mapping[str, Any]) -> dict[str, str]:
    """Path → severity."""
    return {one["path"]: each["severity"] for each in report["findings"] for one in each["changes"]}


def named(report: Mapping[str, Any]) -> str:
    return " ".join(one["reason"] for one in report["unverifiable"] if "only the state says" in one["reason"])


NAMES = [f"{one['type']}-{one['at']}" for one in SITUATIONS]


@pytest.mark.parametrize("situation", SITUATIONS, ids=NAMES)
def test_what_a_refresh_took_in_is_not_taken_for_declared(tmp_path: Path, situation: dict[str, Any]) -> None:
    """It is told, or named; what nobody touched is silent, and what was done by hand alone is told."""
    kind, base, after, path = situation["type"], situation["base"], opened(situation), situation["path"]
    before, live_after = live(kind, base), live(kind, after)
    report = scanned(tmp_path, kind, after, live_after)
    found = {each: one for each, one in told(report).items() if each.startswith(path)}
    if situation["told"] == "unverifiable":
        assert found == {}
        assert path in named(report)
    else:
        assert set(found.values()) == {situation["told"]}
    assert told(scanned(tmp_path, kind, base, before)) == {}
    by_hand = told(scanned(tmp_path, kind, base, live_after))
    assert [each for each in by_hand if each.startswith(path)]


def grant(role: str, member: str) -> dict[str, Any]:
    body = {"resource": PROJECT, "role": role, "member": member}
    about = {"provider": "gcp", "scope": "shop", "type": BINDING, "name": f"{role} {member}"}
    return {**about, "id": f"{PROJECT}|{role}|{member}", "attributes": body}


@pytest.mark.parametrize("form", ["binding", "policy"])
def test_a_grant_that_a_refresh_took_in_is_told_where_it_rules(tmp_path: Path, form: str) -> None:
    """A binding and a policy hold whatever was granted; of an administrator's and of everybody's a finding,
    of others that it can't be verified."""
    granted = {"roles/owner": ["user:a@example.com"], "roles/viewer": ["user:b@example.com", "allUsers"]}
    report: dict[str, Any] = {"findings": [], "unverifiable": []}
    for role, members in granted.items():
        said: dict[str, Any] = {"id": f"shop/{role}", "project": "shop", "role": role, "members": members}
        if form == "policy":
            policy = {"bindings": [{"role": role, "members": members}]}
            said = {"id": "shop", "project": "shop", "policy_data": json.dumps(policy)}
        records = [grant(role, member) for member in members]
        one = scanned(tmp_path, f"google_project_iam_{form}", said, records)
        report = {key: [*report[key], *one[key]] for key in report}
    assert {one["resource_id"].rpartition("|")[2] for one in report["findings"]} == {
        "user:a@example.com",
        "allUsers",
    }
    assert {one["severity"] for one in report["findings"]} == {"critical"}
    assert "/member" in named(
        {"unverifiable": [x for x in report["unverifiable"] if "b@ex" in x["resource_id"]]}
    )


@pytest.mark.parametrize(
    ("type", "at"),
    [("google_storage_bucket_acl", "acl"), ("google_storage_default_object_acl", "defaultObjectAcl")],
)
def test_a_bucket_that_a_refreshed_acl_opens_is_told(tmp_path: Path, type: str, at: str) -> None:
    bucket = {"id": "b", "name": "b", "project": "shop", "location": "EU", "storage_class": "STANDARD"}
    said = {"id": f"b-{type}", "bucket": "b", "role_entity": ["READER:user-a@example.com", "READER:allUsers"]}
    entries = [{"entity": "user-a@example.com", "role": "READER"}, {"entity": "allUsers", "role": "READER"}]
    (record,) = live("google_storage_bucket", bucket)
    record["attributes"][at] = entries
    whole = managed("google_storage_bucket", "b", instance(bucket))
    report = scanned(tmp_path, type, said, [record], whole)
    assert told(report) == {f"/{at}/allUsers": "critical"}
    record["attributes"][at] = entries[:1]
    said["role_entity"] = said["role_entity"][:1]
    report = scanned(tmp_path, type, said, [record], whole)
    assert (told(report), f"/{at}/user-a@example.com" in named(report)) == ({}, True)


def test_a_grant_of_its_own_is_declared(tmp_path: Path) -> None:
    said = {"id": "shop/roles/owner/user:a", "project": "shop", "role": "roles/owner", "member": "user:a@b.c"}
    report = scanned(tmp_path, "google_project_iam_member", said, [grant("roles/owner", "user:a@b.c")])
    assert (report["findings"], report["unverifiable"]) == ([], [])
