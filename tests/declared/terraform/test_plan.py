"""A plan in JSON is read as what was applied, with the configuration's word on what is set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drift.config.model import parse
from drift.finding import Unverifiable
from drift.model import Sensitive
from drift.scan import Run
from tests.declared.terraform.test_remembered import ACCOUNT, REGION, Told
from tests.declared.terraform.test_state import read

PROVIDER = "registry.terraform.io/hashicorp/aws"


def queue(**more: Any) -> dict[str, Any]:
    name = more.get("name", "jobs")
    return {
        "arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}", "name": name, "delay_seconds": 5, "policy": "",
        "id": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}", **more,
    }  # fmt: skip


def resource(name: str, **more: Any) -> dict[str, Any]:
    return {
        "address": f"aws_sqs_queue.{name}", "mode": "managed", "type": "aws_sqs_queue", "name": name,
        "provider_name": PROVIDER, **more,
    }  # fmt: skip


def change(name: str, actions: list[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    return resource(name, change={"actions": actions, "before": before, "after": after, **more})


def plan(
    prior: Mapping[str, Any],
    changes: list[dict[str, Any]],
    expressions: Mapping[str, Any],
    drift: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """``prior`` are values by name, ``expressions`` what the configuration sets of each name."""
    said = [resource(name, expressions=one) for name, one in expressions.items()]
    held = [resource(name, values=one, **more) for name, one in prior.items()]
    return {
        "format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {}},
        "resource_changes": changes, "resource_drift": drift or [], "relevant_attributes": [],
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": held}}},
        "configuration": {"root_module": {"resources": said}},
    }  # fmt: skip


def live(**more: Any) -> dict[str, Any]:
    name = more.pop("QueueName", "jobs")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    attributes = {"Arn": arn, "QueueName": name, "QueueUrl": url, "DelaySeconds": 5, **more}
    return {"provider": "aws", "scope": ACCOUNT, "region": REGION, "type": "AWS::SQS::Queue", "id": arn,
            "name": name, "attributes": attributes}  # fmt: skip


class Compared(Told):
    def __init__(self, report: Mapping[str, Any]) -> None:
        super().__init__(report)
        self.kinds = {one["name"]: one["kind"] for one in report["findings"]}
        self.paths = {one["name"]: [each["path"] for each in one["changes"]] for one in report["findings"]}
        self.unverifiable = {one["path"]: one["reason"] for one in report["unverifiable"]}
        self.pending = {one["name"]: one["note"] for one in report["findings"] if one["status"] == "pending"}


def compared(folder: Path, said: Mapping[str, Any], *resources: Mapping[str, Any]) -> Compared:
    (folder / "plan.json").write_text(json.dumps(said))
    (folder / "live.jsonl").write_text("".join(json.dumps(one) + "\n" for one in resources))
    text = f"version: 1\ndeclared: [{{path: plan.json, scope: '{ACCOUNT}', region: {REGION}}}]"
    run = Run(parse(text, "drift.yaml", folder, None, {}), live=[folder / "live.jsonl"])
    return Compared(run.scan().report)


SET = {"name": {"constant_value": "jobs"}, "delay_seconds": {"constant_value": 5}}


def test_what_is_planned_as_it_is_and_live_as_planned_is_in_sync(tmp_path: Path) -> None:
    same = change("q", ["no-op"], queue(), queue())
    told = compared(tmp_path, plan({"q": queue()}, [same], {"q": SET}), live())
    assert (told.kinds, told.pending, told.only_state) == ({}, {}, {})


def test_what_the_refresh_of_the_plan_has_absorbed_is_told(tmp_path: Path) -> None:
    drifted = change("q", ["update"], queue(), queue(delay_seconds=90))
    back = change("q", ["update"], queue(delay_seconds=90), queue())
    said = plan({"q": queue(delay_seconds=90)}, [back], {"q": SET}, [drifted])
    told = compared(tmp_path, said, live(DelaySeconds=90))
    assert told.paths == {"jobs": ["/DelaySeconds"]}
    assert told.pending == {}


def test_what_the_configuration_sets_is_certain_and_what_it_leaves_is_not(tmp_path: Path) -> None:
    open_to_all = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}
    held = queue(policy=json.dumps(open_to_all))
    same = change("q", ["no-op"], held, held)
    there = live(PolicyDocument=open_to_all)
    told = compared(tmp_path, plan({"q": held}, [same], {"q": SET}), there)
    assert told.kinds == {"jobs": "changed"}
    assert set(told.severities.values()) == {"critical"}
    expressions = {"q": {**SET, "policy": {"references": ["var.policy"]}}}
    told = compared(tmp_path, plan({"q": held}, [same], expressions), there)
    assert (told.kinds, told.only_state) == ({}, {})


def test_what_is_planned_and_not_applied_is_pending(tmp_path: Path) -> None:
    later = change("q", ["update"], queue(), queue(delay_seconds=7))
    new = change("n", ["create"], None, {"name": "new"}, after_unknown={"arn": True, "id": True})
    old = change("o", ["delete"], queue(name="old"), None)
    prior = {"q": queue(), "o": queue(name="old")}
    said = plan(prior, [later, new, old], {"q": SET, "n": {"name": {"constant_value": "new"}}})
    told = compared(tmp_path, said, live(), live(QueueName="old"))
    assert told.kinds == {"jobs": "changed", "new": "missing", "old": "unmanaged"}
    assert told.paths["jobs"] == ["/DelaySeconds"]
    assert {name: note.partition(":")[0] for name, note in told.pending.items()} == {
        "jobs": "not applied yet",
        "new": "never applied",
        "old": "pending removal",
    }


def test_what_was_applied_since_the_plan_was_made_is_in_sync(tmp_path: Path) -> None:
    later = change("q", ["update"], queue(), queue(delay_seconds=7))
    new = change("n", ["create"], None, {"name": "new"}, after_unknown={"arn": True, "id": True})
    said = plan({"q": queue()}, [later, new], {"q": SET, "n": {"name": {"constant_value": "new"}}})
    told = compared(tmp_path, said, live(DelaySeconds=7), live(QueueName="new", DelaySeconds=0))
    assert (told.kinds, told.pending) == ({}, {})


def test_what_is_planned_beside_drift_is_told_as_that(tmp_path: Path) -> None:
    """One change is the plan's, the other one somebody's: the finding counts."""
    later = change("q", ["update"], queue(), queue(delay_seconds=7))
    set_ = {**SET, "visibility_timeout_seconds": {"constant_value": 60}}
    held = queue(visibility_timeout_seconds=60)
    later = change("q", ["update"], held, {**held, "delay_seconds": 7})
    told = compared(tmp_path, plan({"q": held}, [later], {"q": set_}), live(VisibilityTimeout=30))
    assert told.paths == {"jobs": ["/DelaySeconds", "/VisibilityTimeout"]}
    assert told.pending == {}


def test_what_is_known_once_a_plan_is_applied_is_unverifiable(tmp_path: Path) -> None:
    later = change("q", ["update"], queue(), queue(policy=None), after_unknown={"policy": True})
    said = plan({"q": queue()}, [later], {"q": {**SET, "policy": {"references": ["data.x.y"]}}})
    told = compared(tmp_path, said, live(PolicyDocument={"Statement": []}))
    assert told.kinds == {}
    assert told.unverifiable["/PolicyDocument"] == "it is known once the plan is applied"


@pytest.mark.parametrize(("relevant", "expected"), [(True, True), (False, False)])
def test_what_the_refresh_found_of_an_argument_that_is_not_compared_is_said(
    tmp_path: Path, relevant: bool, expected: bool
) -> None:
    key = {"address": "aws_subnet.s", "mode": "managed", "type": "aws_subnet",
           "name": "s", "provider_name": PROVIDER}  # fmt: skip
    held = {"arn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1", "id": "subnet-1"}
    held["customer_owned_ipv4_pool"] = "pool-2"
    before = {**held, "customer_owned_ipv4_pool": "pool-1"}
    drifted = {"actions": ["update"], "before": before, "after": held}
    said = plan({}, [], {}, [{**key, "change": drifted}])
    said["prior_state"]["values"]["root_module"]["resources"] = [{**key, "values": held}]
    if relevant:
        said["relevant_attributes"] = [
            {"resource": key["address"], "attribute": ["customer_owned_ipv4_pool"]}
        ]
    told = [one for one in read(tmp_path / "plan.json", said) if isinstance(one, Unverifiable)]
    assert [one.path for one in told] == ["/customer_owned_ipv4_pool"]
    assert ("the plan's refresh found it changed" in told[0].reason) is expected


def test_what_differs_beside_a_planned_change_is_told(tmp_path: Path) -> None:
    later = change("q", ["update"], queue(), queue(delay_seconds=7))
    told = compared(tmp_path, plan({"q": queue()}, [later], {"q": SET}), live(DelaySeconds=90))
    assert told.paths == {"jobs": ["/DelaySeconds"]}


def test_what_somebody_deleted_is_missing(tmp_path: Path) -> None:
    gone = change("q", ["delete"], queue(), None)
    again = change("q", ["create"], None, queue())
    told = compared(tmp_path, plan({}, [again], {"q": SET}, [gone]), live(QueueName="other"))
    assert told.kinds["jobs"] == "missing"


def test_modules_keys_and_what_is_sensitive(tmp_path: Path) -> None:
    held = resource(
        "q", index="a", values=queue(policy='{"Id": "hush-hush"}'), sensitive_values={"policy": True}
    )
    said = plan({}, [], {})
    module = {"address": 'module.m["x"]', "resources": [held]}
    said["prior_state"]["values"] = {"root_module": {"child_modules": [module]}}
    inner = {"resources": [resource("q", expressions={"policy": {"references": ["var.p"]}})]}
    said["configuration"]["root_module"] = {"module_calls": {"m": {"module": inner}}}
    (found, *_) = read(tmp_path / "plan.json", said)
    assert found.origin.address == 'module.m["x"].aws_sqs_queue.q["a"]'
    assert isinstance(found.attributes["PolicyDocument"]["Id"], Sensitive)
    assert found.certain is None
