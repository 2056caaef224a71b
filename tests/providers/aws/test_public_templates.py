"""Templates after public patterns, against what AWS documents to answer once they are deployed.

Each ``NAME.template.yaml`` in ``public_templates`` has a ``NAME.live.yaml`` beside it: ``ids`` are what the
stack lists, ``answers`` the documents that the calls of the type facts make by type, ``made`` what a
transform makes besides, and ``changes`` what somebody does to them by hand: a place in the answers, its new
value, and the path that must be told.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.model import Resource
from drift.records import snapshot
from drift.scan import Run
from providers.aws.facts import catalogue
from providers.aws.machine import CellTask
from providers.aws.session import Place
from tests.providers.aws.cloudformation.support import NO_HANDS
from tests.reading import read_yaml

ACCOUNT, REGION = "111111111111", "eu-west-1"
FOLDER = Path(__file__).with_name("public_templates")
NAMES = sorted(path.name.removesuffix(".live.yaml") for path in FOLDER.glob("*.live.yaml"))


@cache
def recorded(name: str) -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(FOLDER / f"{name}.live.yaml")
    return content


CHANGES = [
    pytest.param(name, change, id=f"{name}-{change['told']}-{index}")
    for name in NAMES
    for index, change in enumerate(recorded(name).get("changes", ()))
]


def unshared(value: Any) -> Any:
    """A copy in which nothing that an anchor repeats is one object."""
    if isinstance(value, dict):
        return {key: unshared(member) for key, member in value.items()}
    return [unshared(member) for member in value] if isinstance(value, list) else value


def read(answers: dict[str, list[dict[str, Any]]]) -> list[Resource]:
    """The resources that the answers make, as the machine that reads AWS makes them."""
    resources = []
    for type_, documents in answers.items():
        entry = catalogue().entry(type_)
        assert entry is not None, type_
        task = CellTask(entry, Place(ACCOUNT), REGION, NO_HANDS)
        resources += [task.translate(unshared(document), {}) for document in documents]
    return [one for one in resources if one is not None]


def stack(name: str, *, parent: str | None = None) -> dict[str, Any]:
    """The stack's own record, with the types as the template says them."""
    from providers.aws.cloudformation import template

    live = recorded(name)
    types = {**dict(template.read(FOLDER / f"{name}.template.yaml", name).typed()), **live.get("types", {})}
    made = {key: {"type": type_, "physical_id": id_} for key, (type_, id_) in live.get("made", {}).items()}
    return {
        "scope": ACCOUNT,
        "region": REGION,
        "name": name,
        "id": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/0a1b2c3d",
        "parent": parent,
        "parameters": live.get("parameters", {}),
        "resolved_parameters": live.get("resolved", {}),
        "resources": {
            **{key: {"type": types[key], "physical_id": id_} for key, id_ in live["ids"].items()},
            **made,
        },
    }


def judged(folder: Path, name: str, answers: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The report on a template and a snapshot of the answers."""
    context = {"aws": {"stacks": [stack(name)], **recorded(name).get("context", {})}}
    header = {"drift_snapshot": 1, "drift_version": "0", "context": context, "scopes": {"aws": [ACCOUNT]}}
    snapshot.write(folder / "live.jsonl", read(answers), header)
    place = f"stack: {name}, scope: '{ACCOUNT}', region: {REGION}"
    text = f"version: 1\ndeclared:\n  - {{path: {FOLDER / name}.template.yaml, {place}}}\n"
    return Run(parse(text, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"]).scan().report


def told(report: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """What is reported: (resource, path, or the kind of a finding on the whole of it) → declared and live."""
    found: dict[tuple[str, str], Any] = {}
    for one in report["findings"]:
        where = f"{one['type']} {one['resource_id']}"
        if not one["changes"]:
            found[(where, one["kind"])] = None
        for change in one["changes"]:
            found[(where, change["path"])] = (change.get("declared", "-"), change.get("live", "-"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_untouched_is_silent(tmp_path: Path, name: str) -> None:
    report = judged(tmp_path, name, recorded(name)["answers"])
    assert told(report) == {}
    assert report["problems"] == []
    whole = {one["resource_id"]: one["reason"] for one in report["unverifiable"] if one["path"] == ""}
    assert set(whole) == set(recorded(name).get("unverifiable", ())), whole


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_each_change_is_told(tmp_path: Path, name: str, change: dict[str, Any]) -> None:
    answers = unshared(recorded(name)["answers"])
    *parents, last = change["at"]
    node: Any = answers[change["type"]]
    for part in parents:
        node = node[part]
    if "remove" in change:
        del node[last]
    elif last == "+":
        node.append(change["value"])
    else:
        node[last] = change["value"]
    found = told(judged(tmp_path, name, answers))
    assert {path for _, path in found} == {change["told"], *change.get("also", ())}


def test_a_subscription_that_waits_for_its_confirmation_is_neither_missing_nor_somebody_elses(
    tmp_path: Path,
) -> None:
    answers = unshared(recorded("messaging")["answers"])
    waiting = {"SubscriptionArn": "PendingConfirmation"}
    for one in answers["AWS::SNS::Subscription"]:
        one.update(waiting)
    report = judged(tmp_path, "messaging", answers)
    assert told(report) == {}
    paths = {one["path"] for one in report["unverifiable"] if one["type"] == "AWS::SNS::Subscription"}
    assert paths == {"/RawMessageDelivery", "/FilterPolicy", "/RedrivePolicy"}
