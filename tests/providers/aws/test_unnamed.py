"""What can't be named, since the call that names it was refused, is told with the refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift.config.model import parse
from drift.scan import Run
from providers.aws.loopback import environment
from tests.providers.aws.answering import OWN, answering

DRIFT_YAML = 'version: 1\nlive: {aws: {regions: [us-east-1], include: ["AWS::SQS::Queue"]}}\n'


def test_the_ledger_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "sqs.ListQueues": {"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/123456789012/q"]},
        "sqs.GetQueueAttributes": {"error": "AccessDeniedException"},
        "sqs.ListQueueTags": {"Tags": {}},
    }
    with answering({**OWN, **answers}) as url:
        for name, value in environment(url, "us-east-1").items():
            monkeypatch.setenv(name, value)
        report = Run(parse(DRIFT_YAML, "drift.yaml", tmp_path, None, {})).scan().report
    (row,) = [one for one in report["coverage"] if one["type"] == "AWS::SQS::Queue"]
    assert row["status"] != "checked"
    assert "GetQueueAttributes" in row["message"], row["message"]
