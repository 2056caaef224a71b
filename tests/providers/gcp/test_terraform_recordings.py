"""The same resource as Terraform and as Cloud Asset, recorded by Google's converter, must compare silent."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drift.compare.verdict import Verdict, compare
from drift.dialect import Foreign
from drift.facts import TypeFacts
from drift.kinds.base import Context
from drift.model import Resource
from providers.gcp.provider import provider
from providers.gcp.terraform import GcpTerraform
from tests import shared
from tests.comparing import REDACTOR
from tests.providers.gcp.terraform_reading import PROJECT, blocks, filled
from tests.reading import read_yaml

RECORDING = "recordings/gcp-terraform"
FOLDER = shared.path(RECORDING)
REASONS = Path(__file__).with_name("terraform_recordings_reasons.yaml")
BINDING = "iam.googleapis.com/Binding"
DIALECT = GcpTerraform()

pytestmark = shared.needs(RECORDING)


def _facts(type: str) -> TypeFacts:
    found = provider.facts(type)
    assert found is not None
    return found


def _cases() -> list[str]:
    return [path.stem for path in shared.files(RECORDING, "*.tf")]


def declared(case: str) -> tuple[list[Resource], list[str]]:
    """What the file declares, and its types that are not translated."""
    found: list[Resource] = []
    unknown: list[str] = []
    for address, (type, said) in blocks(filled((FOLDER / f"{case}.tf").read_text())).items():
        if not DIALECT.owns(type):
            continue
        made = DIALECT.translate(Foreign(type, address, said, scope=PROJECT))
        if made is None:
            unknown.append(address)
        found.extend(made or [])
    return found, unknown


def recorded(case: str) -> Iterator[Resource]:
    """The assets, and their policies' members one by one."""
    for asset in json.loads(filled((FOLDER / f"{case}.json").read_text())):
        name, body = asset["name"], asset.get("resource", {}).get("data")
        if isinstance(body, dict):
            yield Resource("gcp", PROJECT, asset["asset_type"], name, body)
        for one in (asset.get("iam_policy") or {}).get("bindings") or ():
            for member in one["members"]:
                said = {"resource": name, "role": one["role"], "member": member}
                yield Resource("gcp", PROJECT, BINDING, f"{name}|{one['role']}|{member}", said)


def differences(case: str) -> dict[str, Any]:
    """Key → what is not silent."""
    wanted, unknown = declared(case)
    found: dict[str, Any] = dict.fromkeys(unknown, "untranslated")
    known = {(one.type, provider.canonical_id(one)): one for one in wanted}
    for live in recorded(case):
        name = provider.canonical_id(live)
        mine = known.get((live.type, name))
        if mine is None:
            found[f"{live.type} {live.id}"] = "not declared"
            continue
        for one in judged(mine, live).changes:
            found[f"{live.type}{one.path}"] = (one.declared, one.live)
    return found


def judged(mine: Resource, live: Resource) -> Verdict:
    """The verdict of a run on a pair."""
    facts = _facts(live.type)
    context = Context("gcp", mine.scope, None, live.type, {"projects": {}, "accounts": {}})
    want, have = REDACTOR.resource(mine, facts.root), REDACTOR.resource(live, facts.root)
    accept = provider.hooks.undeclared(want, have, facts, context)
    return compare(want, have, facts, context, REDACTOR, accept=accept)


def _reasons() -> dict[str, dict[str, str]]:
    return read_yaml(REASONS) or {}


def unexplained(case: str) -> dict[str, Any]:
    """What is not silent and has no reason."""
    said = _reasons().get(case, {})
    return {
        key: what
        for key, what in differences(case).items()
        if not any(key.startswith(start) for start in said)
    }


@pytest.mark.parametrize("case", _cases())
def test_recording_is_silent(case: str) -> None:
    assert unexplained(case) == {}


def test_reasons_are_of_recordings_that_exist() -> None:
    assert set(_reasons()) <= set(_cases())


def test_no_reason_is_left_over() -> None:
    left = [
        (case, start)
        for case, said in _reasons().items()
        for start in said
        if not any(key.startswith(start) for key in differences(case))
    ]
    assert left == []


def test_many_recordings_need_no_reason() -> None:
    cases = _cases()
    silent = [case for case in cases if not differences(case)]
    explained = [case for case in cases if not unexplained(case)]
    print(f"{len(silent)} of {len(cases)} silent, {len(explained)} with their reasons")
    if os.environ.get("DRIFT_SHOW"):
        for case in cases:
            print(case, json.dumps(unexplained(case), indent=1, default=str))
    assert len(silent) * 3 >= len(cases)
