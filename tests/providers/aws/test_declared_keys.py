"""What is read by the keys that Git declares: only these are asked for, one that is refused leaves the
others, and what nobody asked for is never missing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from drift.config.model import parse
from drift.live.write_snapshot import write
from drift.scan import Run
from providers.aws.loopback import ACCOUNT, environment
from tests.providers.aws.answering import Answers, answering

OBJECT, STREAM = "AWS::S3::Object", "AWS::Logs::LogStream"
ANSWERS: Answers = {
    "s3.HeadObject": [
        {"when": {"Bucket": "shop", "Key": "a.txt"}, "answer": {"ETag": '"1"'}},
        {"when": {"Bucket": "shop", "Key": "secret.txt"}, "answer": {"error": "AccessDenied"}},
    ],
    "s3.GetObjectTagging": {"TagSet": []},
    "logs.DescribeLogStreams": {"logStreams": [{"logStreamName": "audit-2"}]},
}


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with answering(ANSWERS) as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        yield url


def run(
    folder: Path,
    *objects: str,
    streams: tuple[str, ...] = (),
    live: tuple[Path, ...] = (),
    scope: str | None = ACCOUNT,
) -> Run:
    said: list[tuple[str, dict[str, Any]]] = [
        *(("aws_s3_object", {"bucket": "shop", "key": key, "etag": "1"}) for key in objects),
        *(("aws_cloudwatch_log_stream", {"log_group_name": "/shop", "name": name}) for name in streams),
    ]
    resources = [
        {
            "mode": "managed",
            "type": type_,
            "name": f"x{number}",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": attributes}],
        }
        for number, (type_, attributes) in enumerate(said)
    ]
    state = {"version": 4, "terraform_version": "1.9.0", "lineage": "x", "resources": resources}
    (folder / "a.tfstate").write_text(json.dumps(state), encoding="utf-8")
    declared = [{"path": "a.tfstate", "region": "us-east-1", **({"scope": scope} if scope else {})}]
    document: dict[str, Any] = {"version": 1, "redaction": {"key": "a key"}, "declared": declared}
    document["live"] = {} if live else {"aws": {"regions": ["us-east-1"], "include": [OBJECT, STREAM]}}
    return Run(parse(yaml.safe_dump(document), "drift.yaml", folder, None, {}), live=live)


def told(report: dict[str, Any]) -> tuple[set[tuple[str, str]], set[str]]:
    """(kind, id) of each finding, and the ids of what can't be verified as a whole."""
    found = {(one["kind"], one["resource_id"]) for one in report["findings"]}
    return found, {one["resource_id"] for one in report["unverifiable"] if one["path"] == ""}


@pytest.mark.usefixtures("url")
def test_one_that_is_refused_leaves_the_others(tmp_path: Path) -> None:
    report = run(tmp_path, "a.txt", "gone.txt", "secret.txt").scan().report
    assert told(report) == ({("missing", "shop/gone.txt")}, {"shop/secret.txt"})
    (row,) = [row for row in report["coverage"] if row["type"] == OBJECT]
    assert row["status"] == "denied"


@pytest.mark.usefixtures("url")
def test_what_does_not_say_its_account_is_of_the_only_one_that_is_read(tmp_path: Path) -> None:
    report = run(tmp_path, "a.txt", "gone.txt", scope=None).scan().report
    assert told(report) == ({("missing", "shop/gone.txt")}, set())


@pytest.mark.usefixtures("url")
def test_a_stream_whose_name_only_begins_so_is_another_one(tmp_path: Path) -> None:
    assert told(run(tmp_path, streams=("audit", "audit-2")).scan().report)[0] == {("missing", "/shop|audit")}


@pytest.mark.usefixtures("url")
def test_what_a_snapshot_was_not_asked_for_is_not_missing_from_it(tmp_path: Path) -> None:
    before = run(tmp_path, "a.txt")
    estate, _ = before.snapshot()
    write(tmp_path / "live.jsonl", estate, before.redactor)
    os.environ.pop("AWS_ENDPOINT_URL")
    result = run(tmp_path, "a.txt", "b.txt", live=(tmp_path / "live.jsonl",)).scan()
    assert told(result.report) == (set(), {"shop/b.txt"})
    assert result.exit_code == 3
