"""Of a type of which only existence is read: what names tell is said where it is live as it is declared."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drift.declared.terraform.depth import depths
from drift.facts import ONLY_THERE
from providers.aws import AwsProvider, by_name
from providers.aws.facts import catalogue
from providers.aws.terraform import AwsTerraform
from tests.declared.terraform.test_intent import record
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import instance, managed, state

CLUSTER = {
    "id": "carts",
    "name": "carts",
    "acl_name": "open-access",
    "description": "d",
    "node_type": "db.t4g.small",
    "port": "6379",
}
STATE = state(managed("aws_memorydb_cluster", "a", instance(CLUSTER)))


def reason(folder: Path, live: dict[str, Any]) -> str:
    files = {"infra/terraform.tfstate": json.dumps(STATE)}
    report = scan(folder, files, [record("AWS::MemoryDB::Cluster", "carts", live)])
    assert report["findings"] == []
    (one,) = report["unverifiable"]
    assert one["path"] == ""
    return str(one["reason"])


@pytest.mark.parametrize(
    ("live", "said"),
    [
        ({}, "; not verified: ACLName, Description, NodeType, Port"),
        (
            {"Port": 6379, "NodeType": "db.t4g.small"},
            ", and that its NodeType, Port are as declared; not verified: ",
        ),
        ({"Port": 6380}, "; not verified: ACLName, Description, NodeType, Port"),
    ],
)
def test_what_is_live_as_declared_is_said_and_the_rest_is_not_verified(
    tmp_path: Path, live: dict[str, Any], said: str
) -> None:
    assert reason(tmp_path, live).startswith(f"{ONLY_THERE}{said}")


def test_a_listing_says_plain_values_in_either_spelling_and_no_secrets() -> None:
    entry = catalogue().entries["AWS::MemoryDB::Cluster"]
    told = {name: read({"nodeType": "1", "Description": {"a": 1}}) for name, read in entry.readers.items()}
    assert told["NodeType"] == "1" and told["Description"] is None
    assert not by_name.listed(["UserData", "MasterUserPassword"])


def test_the_depth_of_such_types_is_told() -> None:
    (kind,) = depths(STATE, [AwsProvider()])
    assert (kind.depth, kind.becomes) == ("name", ("AWS::MemoryDB::Cluster",))


def test_names_lead_where_the_maps_say() -> None:
    """Of more than 1,200 properties of types with a map, in both halves of the types, that an argument has
    the name of: all but tags, of which Terraform has those of its provider in another argument, and which are
    no guess."""
    both: Counter[str] = Counter()
    elsewhere = set()
    for terraform, said in catalogue().terraform.items():
        half = "A" if hashlib.sha256(terraform.encode()).digest()[0] % 2 == 0 else "B"
        schema = AwsTerraform().attributes(terraform) or {}
        known = {
            by_name._letters(name): name
            for name, one in schema.items()
            if "." not in name and one.mode != "computed"
        }
        whole = [one for one in said if one.type is not None and not one.attach]
        for entry in (one for one in whole if not catalogue().entries[str(one.type)].existence):
            for name, text in entry.properties.items():
                argument = known.get(by_name._letters(name))
                if argument is None or "/" in name or by_name._LEFT.search(name):
                    continue
                both[half] += 1
                if not re.search(rf"\b{argument}\b", text):
                    elsewhere.add(name)
    assert elsewhere == {"Tags", "TagSpecifications"}
    assert both["A"] > 700 and both["B"] > 500
