"""Terraform states of Google resources that another tool's tests recorded: their ids and types as Cloud
Asset's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.dialect import Foreign
from drift.model import Resource
from providers.gcp.terraform import GcpTerraform
from tests import shared

RECORDING = "recordings/terraform-state"
STATES = shared.files(RECORDING, "google_*/**/*.tfstate")

pytestmark = shared.needs(RECORDING)


def _made(path: Path) -> list[tuple[str, dict[str, Any], list[Resource] | None]]:
    dialect = GcpTerraform()
    found = []
    for one in json.loads(path.read_text())["resources"]:
        if one["mode"] != "managed" or not dialect.owns(one["type"]):
            continue
        for instance in one["instances"]:
            said = instance["attributes"]
            scope, region = dialect.place(said)
            assert region is None
            made = dialect.translate(Foreign(one["type"], one["name"], said, scope=scope))
            found.append((one["type"], said, made))
    return found


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.parent.name)
def test_every_recorded_resource_has_its_full_name(path: Path) -> None:
    for type, said, made in _made(path):
        assert made, type
        for one in made:
            assert one.id and one.id.startswith("//") and "None" not in one.id
            if "_iam_" in type:
                assert (
                    one.id
                    == f"//storage.googleapis.com/{said['bucket'][2:]}|{said['role']}|{said['members'][0]}"
                )
            elif one is made[0]:
                assert one.id.endswith(said["id"])
                assert one.scope == said["project"]


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.parent.name)
def test_every_declared_attribute_has_a_place(path: Path) -> None:
    for type, _, made in _made(path):
        for one in made or ():
            unknown = {name: value for name, value in one.attributes.items() if "Unresolved" in repr(value)}
            assert unknown == {}, type
