"""Answers in the shape of the API's model where the loopback AWS can't give them: what a state says is in
sync, a change of the answers is told at its path."""

from __future__ import annotations

import copy
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from drift.model import Coverage, Resource
from providers.aws.facts import catalogue
from providers.aws.loopback import ACCOUNT
from providers.aws.machine import CellTask, Hands
from providers.aws.session import Place
from providers.aws.shared import Shared
from tests.conftest import Drift
from tests.reading import read_yaml

REGION = "us-east-1"
CASES = read_yaml(Path(__file__).with_name("service_answers.yaml"))


def read(type_: str, answers: list[Any]) -> list[Resource]:
    """What the machine makes of answers, given in their order."""
    clients: dict[str, Any] = {}
    stubs: dict[str, Stubber] = {}
    for service, call, answer in answers:
        if service not in clients:
            keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
            clients[service] = boto3.client(service, region_name=REGION, **keys)
            stubs[service] = Stubber(clients[service])
        stubs[service].add_response(call, answer)
    for stub in stubs.values():
        stub.activate()
    with ThreadPoolExecutor(1) as pool:
        limit = threading.Semaphore(4)
        hands = Hands(lambda service, _: clients[service], pool, lambda *_: limit, Shared())
        place = Place(ACCOUNT)
        told = list(CellTask(catalogue().entries[type_], place, REGION, hands).read())
    assert [one for one in told if isinstance(one, Coverage)] == []
    for stub in stubs.values():
        stub.assert_no_pending_responses()
    return [one for one in told if isinstance(one, Resource)]


def state(declared: dict[str, Any]) -> str:
    resources = [
        {
            "mode": "managed",
            "type": type_,
            "name": "x",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": attributes}],
        }
        for type_, attributes in declared.items()
    ]
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources})


def changed(answers: list[Any], path: str, value: Any) -> list[Any]:
    """The answers with another value at a path (``0.2.items.0.name``)."""
    other = copy.deepcopy(answers)
    node: Any = other
    *above, last = (int(one) if one.isdigit() else one for one in path.split("."))
    for one in above:
        node = node[one]
    node[last] = value
    return other


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_declared_and_live_agree_and_a_change_is_told(
    case: dict[str, Any], tmp_path: Path, drift: Drift
) -> None:
    (tmp_path / "terraform.tfstate").write_text(state(case["declared"]), encoding="utf-8")
    for number, answers in enumerate((case["answers"], changed(case["answers"], *case["change"]))):
        records = [json.dumps(one.record(), default=str) for one in read(case["type"], answers)]
        (tmp_path / "live.jsonl").write_text("\n".join(records) + "\n", encoding="utf-8")
        place = f"terraform.tfstate,scope={ACCOUNT},region={REGION}"
        ran = drift("diff", "--live", "live.jsonl", "--declared", place, "-o", f"out{number}")
        paths = [change["path"] for one in ran.report["findings"] for change in one["changes"]]
        assert paths == ([case["path"]] if number else []), ran.report["findings"]
        assert ran.report["summary"]["in_sync"] == (0 if number else 1), ran.report["unverifiable"]
