"""Google's recordings as estates: of an untouched one a state with its configuration beside it says what the
state alone says, and of each resource it tells one change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.model import Resource
from drift.scan import Run
from tests import shared
from tests.providers.gcp import test_terraform_recordings as recordings
from tests.providers.gcp.terraform_reading import PROJECT, blocks, filled

pytestmark = shared.needs(recordings.RECORDING)


def usable(case: str) -> bool:
    """Whether there is something live, and nothing hangs on another provider's resource."""
    text = (recordings.FOLDER / f"{case}.tf").read_text()
    return "random_" not in text and next(recordings.recorded(case), None) is not None


#: A part of them, for the time that they take.
CASES = list(filter(usable, recordings._cases()[::4]))
GOOGLE = 'provider["registry.terraform.io/hashicorp/google"]'
#: Where a resource is, and what nobody can change of it.
IDENTITY = {"name", "zone", "region", "location", "project", "projectId", "parent", "selfLink", "id", "kind"}


def scan(folder: Path, case: str, live: list[Resource]) -> Any:
    text = filled((recordings.FOLDER / f"{case}.tf").read_text())
    resources = [
        {"mode": "managed", "type": type_, "name": address.partition(".")[2], "provider": GOOGLE,
         "instances": [{"schema_version": 0, "attributes": said}]}
        for address, (type_, said) in blocks(text).items()
    ]  # fmt: skip
    state = {"version": 4, "terraform_version": "1.9.0", "lineage": "l", "resources": resources}
    (folder / "infra").mkdir(exist_ok=True)
    (folder / "infra" / "main.tf").write_text(text)
    (folder / "infra" / "terraform.tfstate").write_text(json.dumps(state))
    (folder / "live.jsonl").write_text("".join(json.dumps(one.record()) + "\n" for one in live))
    said = f"version: 1\ndeclared: [{{path: infra/terraform.tfstate, scope: {PROJECT}}}]"
    return Run(parse(said, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"]).scan().report


def changed(report: Any) -> set[str]:
    return {f"{one['type']}{each['path']}" for one in report["findings"] for each in one["changes"]}


@pytest.mark.parametrize("case", CASES)
def test_untouched_says_no_more_than_the_state_alone(tmp_path: Path, case: str) -> None:
    report = scan(tmp_path, case, list(recordings.recorded(case)))
    known = {*recordings.differences(case), *recordings._reasons().get(case, ())}
    new = {path for path in changed(report) if not any(path.startswith(one) for one in known)}
    assert (new, report["problems"]) == (set(), [])


def changes() -> list[Any]:
    """(case, number of the asset, property): one text of each that is live as it is declared."""
    found = []
    for case in CASES:
        live = list(recordings.recorded(case))
        for one in recordings.declared(case)[0]:
            id_ = recordings.provider.canonical_id(one)
            at = next((n for n, two in enumerate(live) if recordings.provider.canonical_id(two) == id_), None)
            names = [] if at is None or one.type == recordings.BINDING else sorted(one.attributes)
            plain = [
                name
                for name in names
                if at is not None
                and name not in IDENTITY
                and isinstance(one.attributes[name], str)
                and one.attributes[name] == live[at].attributes.get(name)
            ]
            if plain:
                found.append(pytest.param(case, at, plain[0], id=f"{case}-{plain[0]}"))
    return found


@pytest.mark.parametrize(("case", "number", "name"), changes() if CASES else [])
def test_one_change_is_told_at_its_place(tmp_path: Path, case: str, number: int, name: str) -> None:
    live = list(recordings.recorded(case))
    one = live[number]
    live[number] = one.but(attributes={**one.attributes, name: "changed-by-hand"})
    assert f"{one.type}/{name}" in changed(scan(tmp_path, case, live))
