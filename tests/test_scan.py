"""A whole run over files: read what is declared and what is live, match, judge, report."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.config.model import load
from drift.errors import ConfigError
from drift.only import Only
from drift.redaction import KEY_VARIABLE
from drift.scan import Run
from tests.rules.support import queue, scan, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One queue in sync, one changed, one missing, one that nobody declares."""
    declared = [queue("same", DelaySeconds=1), queue("other", DelaySeconds=1), queue("gone")]
    lives = [queue("same", DelaySeconds=1), queue("other", DelaySeconds=2), queue("rogue")]
    write(tmp_path, {"base/q.yaml": declared, "live.yaml": lives})
    return tmp_path


def kinds(folder: Path, only: str | None = None, rules: str = "") -> dict[str, str]:
    """Name → kind of each finding."""
    report = scan(folder, rules, only=only).report
    return {one["name"]: one["kind"] for one in report["findings"]}


def test_every_resource_ends_somewhere(folder: Path) -> None:
    result = scan(folder)
    assert kinds(folder) == {"other": "changed", "gone": "missing", "rogue": "unmanaged"}
    summary = result.report["summary"]
    assert (summary["declared"], summary["live"], summary["in_sync"]) == (3, 3, 1)
    assert result.exit_code == result.report["run"]["exit_code"] == 2


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ("AWS::SQS::*", {"other": "changed", "gone": "missing", "rogue": "unmanaged"}),
        ("AWS::S3::*", {}),
        ("gone", {"gone": "missing"}),
        ("arn:aws:sqs:*:rogue", {"rogue": "unmanaged"}),
        ("o*", {"other": "changed"}),
    ],
)
def test_only_lets_through_types_names_and_ids(folder: Path, only: str, expected: dict[str, str]) -> None:
    assert kinds(folder, only) == expected


def test_only_asks_for_types_where_it_names_some() -> None:
    assert Only(("AWS::SQS::*",)).type("AWS::SQS::Queue")
    assert not Only(("AWS::SQS::*",)).type("AWS::S3::Bucket")
    for names in ((), ("jobs",), ("arn:aws:sqs:*",), ("jobs", "AWS::SQS::*")):
        assert Only(names).type("AWS::S3::Bucket"), "a name may be of any type"
    both = Only(("AWS::SQS::*", "AWS::SNS::*"))
    assert (both.type("AWS::SQS::Queue"), both.type("AWS::SNS::Topic"), both.type("AWS::S3::Bucket")) == (
        True,
        True,
        False,
    )


def test_several_globs_let_through_what_one_of_them_does(folder: Path) -> None:
    live = [folder / "live.yaml"]
    (folder / "drift.yaml").write_text("version: 1\ndeclared: [{path: base}]")
    report = Run(load(folder / "drift.yaml"), ["*:rogue", "o*"], live).scan().report
    assert sorted(one["name"] for one in report["findings"]) == ["other", "rogue"]


def test_with_only_no_rule_is_called_unused(folder: Path) -> None:
    rules = "ignore: [{reason: ours, name: nobody}]"
    assert [one["status"] for one in scan(folder, rules).report["rules"]] == ["unused"]
    assert [one["status"] for one in scan(folder, rules, only="gone").report["rules"]] == ["active"]


def test_what_is_declared_and_can_not_be_read_ends_the_run_before_anything_else(folder: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere: there is no such file or folder"):
        scan(folder, declared="nowhere", live="no-such-snapshot.jsonl")


def test_a_bad_file_of_rules_ends_the_run(folder: Path) -> None:
    write(folder, {"base/.driftignore.yaml": "ignore: [{resaon: x}]"})
    with pytest.raises(ConfigError, match=r"base/.driftignore.yaml:1: ignore.0.reason: is missing"):
        scan(folder)


def test_a_record_that_can_not_be_read_is_a_problem_and_the_rest_is_judged(folder: Path) -> None:
    write(folder, {"base/broken.yaml": [{**queue("x"), "attributes": 1}]})
    report = scan(folder).report
    assert ["'attributes' is missing or no object" in one["message"] for one in report["problems"]] == [True]
    assert report["summary"]["missing"] == 1


def test_the_key_of_hashes_is_the_configurations_else_the_environments(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(rules: str) -> str:
        write(folder, {"drift.yaml": f"version: 1\ndeclared: [{{path: base}}]\n{rules}"})
        return Run(load(folder / "drift.yaml")).redactor.key_id

    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert key("") != key(""), "a random one"
    monkeypatch.setenv(KEY_VARIABLE, "shared")
    assert key("") == key("") != key("redaction: {key: own}")


def test_a_snapshot_needs_nothing_declared(folder: Path) -> None:
    write(folder, {"drift.yaml": "version: 1\ndeclared: [{path: nowhere}]"})
    estate = Run(load(folder / "drift.yaml"), live=[folder / "live.yaml"]).snapshot()[0]
    assert [one.name for one in estate] == ["other", "rogue", "same"]
