"""What a state tells before the live side is read is what it tells later, of the types that are asked for."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from drift import plugins
from drift.declared.terraform.configuration.intent import Intent
from drift.declared.terraform.state import TerraformState
from drift.live.estate import Estate
from drift.model import Resource
from drift.source import Declaration, Loader, Location
from providers.aws.terraform import AwsTerraform

PLACE = "us-east-1:123456789012"
TOPIC, QUEUE = f"arn:aws:sns:{PLACE}:orders", f"arn:aws:sqs:{PLACE}:orders"
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"
STATED = {
    "aws_sns_topic": {"arn": TOPIC, "id": TOPIC, "name": "orders", "tags": {"Owner": "shop"}},
    "aws_sns_topic_policy": {"arn": TOPIC, "id": TOPIC, "policy": "{}"},
    "aws_sns_topic_archive_policy": {"topic_arn": TOPIC, "id": TOPIC},  # of a type that no map knows
    "aws_sqs_queue": {"arn": QUEUE, "id": QUEUE_URL, "url": QUEUE_URL, "name": "orders"},
    "other_thing": {"id": "x"},
}
TOPICS = frozenset({("aws", "AWS::SNS::Topic")})


def state(folder: Path) -> Declaration:
    resources = [
        {"mode": "managed", "type": type_, "name": "a", "instances": [{"attributes": attributes}]}
        for type_, attributes in STATED.items()
    ]
    document = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources}
    file = folder / "terraform.tfstate"
    file.write_text(json.dumps(document), encoding="utf-8")
    return TerraformState().load(Location(file, file.name), Loader(plugins.providers()))


def told(found: Any) -> list[Any]:
    """The topics among what is told."""
    return [
        (one.id, one.name, one.partial, one.attributes, one.origin)
        for one in found
        if isinstance(one, Resource) and (one.provider, one.type) in TOPICS
    ]


def test_it_is_what_is_told_later_and_nothing_else_is_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, translated = Estate(plugins.providers()), list[str]()
    later = told(state(tmp_path).resources(view))
    original = AwsTerraform.translate

    def translate(self: AwsTerraform, foreign: Any) -> Any:
        translated.append(foreign.type)
        return original(self, foreign)

    monkeypatch.setattr(AwsTerraform, "translate", translate)
    declared = state(tmp_path)
    translated.clear()
    assert told(declared.beforehand(view, TOPICS)) == later
    assert len(later) > 1, "else there is nothing to prove"
    assert [type_ for type_ in translated if "topic" not in type_] == []
    assert "aws_sns_topic" in translated


@pytest.mark.parametrize("stated", ["old", ""])
@pytest.mark.parametrize("said", ["new", None])
def test_what_is_told_beforehand_holds_the_record_as_it_was_last_seen(
    tmp_path: Path, stated: str, said: str | None
) -> None:
    """Also of what the configuration says otherwise, or the state alone does not say."""
    arn = "arn:aws:iam::123456789012:policy/p"
    grant = '{"Version":"2012-10-17","Statement":[]}'
    attributes = {
        "arn": arn, "id": arn, "name": "p", "policy_id": "ANPA1", "description": stated, "policy": grant
    }  # fmt: skip
    instance = {
        "mode": "managed",
        "type": "aws_iam_policy",
        "name": "p",
        "instances": [{"attributes": attributes}],
    }
    document = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": [instance]}
    file = tmp_path / "terraform.tfstate"
    file.write_text(json.dumps(document), encoding="utf-8")
    if said is not None:
        lines = ['name = "p"', f'description = "{said}"', f"policy = jsonencode({grant})"]
        text = "\n".join(['resource "aws_iam_policy" "p" {', *lines, "}", ""])
        (tmp_path / "main.tf").write_text(text)
    source = TerraformState().load(Location(file, file.name), Loader(plugins.providers()))
    kind = frozenset({("aws", "AWS::IAM::ManagedPolicy")})
    (one,) = source.beforehand(Estate(plugins.providers()), kind)
    assert isinstance(one, Resource)
    assert one.attributes.get("Description") == (said or stated or None)
    assert (one.remembered["PolicyId"], one.remembered.get("Description")) == ("ANPA1", stated or None)


def test_what_only_the_configuration_declares_is_worked_out_where_it_is_asked_for_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(tmp_path)
    blocks = [
        ("aws_sns_topic", "a"),
        ("aws_sns_topic", "new"),
        ("aws_sqs_queue", "a"),
        ("aws_sqs_queue", "new"),
    ]
    blocks.append(("aws_kms_key", "new"))
    lines = [f'resource "{type_}" "{name}" {{\n}}\n' for type_, name in blocks]
    (tmp_path / "main.tf").write_text("".join(lines))
    fresh: list[str] = []
    original = Intent.fresh

    def counted(self: Intent, declared: Any, *said: Any) -> Any:
        fresh.append(declared.address)
        return original(self, declared, *said)

    monkeypatch.setattr(Intent, "fresh", counted)
    declared = state(tmp_path)
    assert {("aws", "AWS::SNS::Topic"), ("aws", "AWS::KMS::Key")} <= set(declared.types())
    assert fresh == ["aws_kms_key.new"], "what the state's own types tell is told already"
    fresh.clear()
    view = Estate(plugins.providers())
    told = [one for one in declared.beforehand(view, TOPICS) if isinstance(one, Resource)]
    assert fresh == ["aws_sns_topic.new"]
    assert any(one.origin and one.origin.address == "aws_sns_topic.new" for one in told)


def test_what_was_translated_beforehand_is_told_again_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_sns_topic" "a" {\n  name = "orders"\n}\n')
    view, translated = Estate(plugins.providers()), list[str]()
    whole = told(state(tmp_path).resources(view))
    original = Intent.intended

    def intended(self: Intent, declared: Any, dialect: Any, foreign: Any, stated: Any) -> Any:
        translated.append(foreign.type)
        return original(self, declared, dialect, foreign, stated)

    monkeypatch.setattr(Intent, "intended", intended)
    declared = state(tmp_path)
    for _ in range(2):  # of several who ask
        before = told(declared.beforehand(view, TOPICS))
        assert [one[:4] for one in before] == [one[:4] for one in whole]
    assert translated == ["aws_sns_topic"]
    assert told(declared.resources(view)) == whole
    assert translated == ["aws_sns_topic"]
    assert told(declared.resources(view)) == whole  # of which nothing is kept any longer
    assert translated == ["aws_sns_topic"] * 2


def test_what_was_made_ready_is_not_translated_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_sns_topic" "a" {\n  name = "orders"\n}\n')
    view, translated = Estate(plugins.providers()), list[str]()
    whole = list(state(tmp_path).resources(view))
    original = Intent.intended

    def intended(self: Intent, declared: Any, dialect: Any, foreign: Any, stated: Any) -> Any:
        translated.append(foreign.type)
        return original(self, declared, dialect, foreign, stated)

    monkeypatch.setattr(Intent, "intended", intended)
    declared = state(tmp_path)
    declared.ready()
    assert translated == ["aws_sns_topic"]
    assert list(declared.resources(view)) == whole
    assert translated == ["aws_sns_topic"]
    declared.ready()  # too late: nobody asks any longer
    assert translated == ["aws_sns_topic"]


def test_what_a_configuration_says_is_worked_out_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at once would each find a value that the other is about to make, and take it for one that needs
    itself."""
    (tmp_path / "main.tf").write_text('resource "aws_sns_topic" "a" {\n  name = "orders"\n}\n')
    view, declared = Estate(plugins.providers()), state(tmp_path)
    both, original = threading.Barrier(2), Intent.intended
    together: list[bool] = []

    def intended(self: Intent, *said: Any) -> Any:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)
            together.append(True)
        return original(self, *said)

    monkeypatch.setattr(Intent, "intended", intended)
    ready = threading.Thread(target=declared.ready)
    ready.start()
    assert told(declared.beforehand(view, TOPICS))
    ready.join(60)
    assert not together
