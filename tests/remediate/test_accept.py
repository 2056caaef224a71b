"""A finding is accepted by the narrowest rule beside its declaration, which hides it and no other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import load
from drift.editor import NotEdited
from drift.finding import Change, Finding
from drift.model import Resource
from drift.remediate.accept import Terms, literal, proposals
from drift.remediate.adopt import Adopted, Adopting
from drift.remediate.policy import Chosen
from drift.remediate.proof import Proof
from drift.remediate.verdict import Verdict
from drift.rules.where import fits
from drift.source import Location
from tests.remediate.harness import repository, snapshot
from tests.remediate.test_adopt import CONFIG, TEMPLATE, queue

UNTIL = date(2099, 6, 30)


def accepted(folder: Path, live: Path, *names: str) -> tuple[Adopted, Verdict, dict[str, str]]:
    """What becomes of the findings of these names, what is left after, and the files that changed."""
    proof = Proof(load(folder / "drift.yaml", None, {}), [live])
    before = proof.judged(lambda _: True)
    ids = frozenset(one.id for one in before.findings.values() if one.resource.name in names)
    chosen = {id_: Chosen("accept", "chosen", "It is meant so.", UNTIL) for id_ in ids}
    done = Adopting(proof, ids, before, chosen).run()
    (space,) = proof.workspaces.values()
    files = {space.inside(file): (content or b"").decode() for file, content in space.changed.items()}
    return done, proof.judged(lambda _: True), files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return repository(tmp_path / "infra", {"queues.yaml": TEMPLATE, "drift.yaml": CONFIG})


def live(tmp_path: Path, *queues: Mapping[str, Any]) -> Path:
    return snapshot(tmp_path / "live.jsonl", queues)


def test_a_rule_names_the_resource_the_path_and_the_live_value(folder: Path, tmp_path: Path) -> None:
    orders = queue("orders", VisibilityTimeout=60, DelaySeconds=5)
    mails = queue("mails", VisibilityTimeout=60)
    done, after, files = accepted(folder, live(tmp_path, orders, mails), "orders")
    assert [one.resource.name for one in after.findings.values()] == ["mails"]
    assert done.described == {}
    (name,) = files
    assert name == ".driftignore.yaml"
    (rule,) = yaml.safe_load(files[name])["ignore"]
    assert rule == {
        "type": "AWS::SQS::Queue",
        "id": orders["id"],
        "scope": "111122223333",
        "path": "/VisibilityTimeout",
        "live": 60,
        "reason": "It is meant so.",
        "until": "2099-06-30",
    }


def test_rules_are_added_at_the_end_of_the_file_that_is_there(tmp_path: Path) -> None:
    there = "# ours\nignore:\n  - {reason: Old., type: 'AWS::S3::*'}   # kept\n"
    folder = repository(
        tmp_path / "infra",
        {
            ".driftignore.yaml": there,
            "a/queues.yaml": TEMPLATE,
            "drift.yaml": CONFIG.replace("path: ", "path: a/"),
        },
    )
    done, after, files = accepted(
        folder,
        live(
            tmp_path,
            queue("orders", VisibilityTimeout=60, DelaySeconds=7),
            queue("mails", VisibilityTimeout=30),
        ),
        "orders",
    )
    assert after.findings == {} and done.described == {}
    assert list(files) == [".driftignore.yaml"]
    assert files[".driftignore.yaml"].startswith(there)
    assert [one.get("path") for one in yaml.safe_load(files[".driftignore.yaml"])["ignore"]] == [
        None,
        "/DelaySeconds",
        "/VisibilityTimeout",
    ]


def test_what_is_missing_and_what_nobody_declares_are_accepted_whole(folder: Path, tmp_path: Path) -> None:
    there = live(
        tmp_path,
        queue("orders", VisibilityTimeout=30, DelaySeconds=5),
        queue("jobs"),
        queue("other"),
    )
    done, after, files = accepted(folder, there, "mails", "jobs")
    assert done.described == {}
    assert [one.resource.name for one in after.findings.values()] == ["other"]
    rules = yaml.safe_load(files[".driftignore.yaml"])["ignore"]
    assert sorted(rule["kind"] for rule in rules) == ["missing", "unmanaged"]


def test_a_value_that_is_live_later_is_told_again(folder: Path, tmp_path: Path) -> None:
    mails = queue("mails", VisibilityTimeout=30)
    orders = queue("orders", VisibilityTimeout=60, DelaySeconds=5)
    _, _, files = accepted(folder, live(tmp_path, orders, mails), "orders")
    again = repository(tmp_path / "again", {"queues.yaml": TEMPLATE, "drift.yaml": CONFIG, **files})
    later = queue("orders", VisibilityTimeout=90, DelaySeconds=5)
    proof = Proof(load(again / "drift.yaml", None, {}), [snapshot(tmp_path / "later.jsonl", [later, mails])])
    (finding,) = proof.judged(lambda _: True).findings.values()
    assert finding.changes[0].live == 90


@pytest.mark.parametrize("text", ["plain", "a[0]", "s3:*", "what?", "[ab]", 'a["*"]', 'module.x.y["k"]'])
def test_a_literal_fits_its_text_and_no_other(text: str) -> None:
    glob = literal(text)
    assert fits(text, glob)
    assert not any(
        fits(other, glob)
        for other in (text.replace("*", "x"), text.replace("?", "x"), "a", "a0")
        if other != text
    )


def test_a_secret_is_accepted_by_its_path_alone(tmp_path: Path) -> None:
    live_ = Resource("aws", "1", "T", "arn:x", {})
    finding = Finding("changed", None, live_, (Change("/Password", "a", "b", sensitive=True),))
    location = Location(tmp_path / "t.yaml", "t.yaml")
    (edit,) = proposals(finding, Terms("Why.", "ops", UNTIL), [location])
    text = edit.replacements[0].content.decode()
    assert "live" not in yaml.safe_load(text)["ignore"][0]
    assert yaml.safe_load(text)["ignore"][0]["owner"] == "ops"


def test_without_a_repository_there_is_no_place_for_a_rule() -> None:
    finding = Finding("unmanaged", None, Resource("aws", "1", "T", "arn:x", {}))
    with pytest.raises(NotEdited, match="no repository"):
        list(proposals(finding, Terms("Why.", None, None), []))
