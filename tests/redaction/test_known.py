"""What is known to be secret somewhere in a run is nowhere in what leaves the run."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from drift.redaction.known import Known
from drift.redaction.messages import told
from drift.redaction.redact import Redactor
from tests.declared.terraform.test_intent import record
from tests.declared.terraform.test_root import scan
from tests.declared.terraform.test_state import ACCOUNT, instance, managed, state


def known(*texts: str) -> Known:
    found = Known(lambda text: f"<{len(text)}>")
    found.update(texts)
    return found


SECRET = "hunter2/hunter+2"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_in_every_encoding_and_place(form: str) -> None:
    text = f"postgres://app:{form}@db"
    assert known(SECRET).covered(text) == "postgres://app:<16>@db"
    document = {"a": [{"b": text}], f"key {form}": 1}
    assert known(SECRET).document(document) == {"a": [{"b": "postgres://app:<16>@db"}], "key <16>": 1}


def test_what_a_secret_was_changed_to_is_one() -> None:
    found = known(SECRET)
    found.excuse(["excused-word"])
    found.update(["excused-word"])
    for one, other in ((SECRET, "hunter3/hunter"), ("dog4/dog4/dog", SECRET), (SECRET, 5), (None, SECRET)):
        found.beside(one, other)
    found.beside("plain text here", "other text here")
    found.beside("excused-word", "next to a word")
    hidden = ("hunter3/hunter", "dog4/dog4/dog")
    assert [found.covered(text) for text in hidden] == ["<14>", "<13>"]
    shown = ("plain text here", "other text here", "next to a word")
    assert [found.covered(text) for text in shown] == [*shown]


def test_a_changed_secret_that_only_another_place_calls_one_shows_neither_value(tmp_path: Path) -> None:
    arn = f"arn:aws:sns:eu-west-1:{ACCOUNT}:news"
    topic = managed("aws_sns_topic", "a", instance({"arn": arn, "name": "news", "display_name": SECRET}))
    outputs = {"key": {"value": SECRET, "type": "string", "sensitive": True}}
    live = record("AWS::SNS::Topic", arn, {"TopicName": "news", "DisplayName": "hunter3/hunter+3"})
    report = scan(tmp_path, {"infra/terraform.tfstate": json.dumps(state(topic, outputs=outputs))}, [live])
    assert [change["path"] for one in report["findings"] for change in one["changes"]] == ["/DisplayName"]
    assert "hunter" not in json.dumps(report)


def test_a_document_without_one_is_the_same_object() -> None:
    document: dict[str, Any] = {"a": ["hunter3"], "b": 1}
    assert known(SECRET).document(document) is document
    assert known().document(document) is document


def test_the_longest_of_those_that_begin_alike() -> None:
    assert (
        known("abcdefgh1234", "abcdefgh1234567").covered("x abcdefgh1234567 abcdefgh12345") == "x <15> <12>5"
    )


@pytest.mark.parametrize(
    "text",
    [
        "short12",
        "production",
        "eu-west-1",
        "111111111111",
        "AWS::SQS::Queue",
        "arn:aws:sqs:eu-west-1:1:q",
        "password",
        "admin_password",
        "8f14e45f-ceea-467a-9a36-dedd4bea2543",
        "apps/v1/Deployment",
        "Microsoft.Web/sites/config",
        "/var/run/secrets",
        "--------",
    ],
)
def test_what_anybody_may_say_stays(text: str) -> None:
    assert known(text).covered(f"a {text} b") == f"a {text} b"


def test_a_word_is_no_part_of_a_longer_one() -> None:
    assert known("correcthorse").covered("correcthorses correcthorse") == "correcthorses <12>"


def test_what_is_public_in_a_run() -> None:
    found = known("staging-account")
    found.excuse({"staging-account"})
    assert found.covered("staging-account") == "staging-account"


def test_it_goes_to_other_processes_and_back() -> None:
    redactor = Redactor("k")
    redactor.hide("x", ["correct horse 1"])
    other = pickle.loads(pickle.dumps(redactor))
    assert "correct horse 1" not in other.known.covered("a correct horse 1")
    assert other.known.taken() == {"correct horse 1"}
    assert other.known.covered("a correct horse 1") == "a correct horse 1"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("GET https://me:hunter2hunter2@git.corp/x failed", "GET https://git.corp/x failed"),
        (
            "https://x.corp/a?api-version=1&access_token=abc123def is 403",
            "https://x.corp/a?api-version=1&access_token=(secret) is 403",
        ),
        ("abfss://logs@acme.dfs.x/f: no such", "abfss://logs@acme.dfs.x/f: no such"),
        ("abfss://me:hunter2hunter2@acme.dfs.x/f", "abfss://acme.dfs.x/f"),
        ('request was {"password": "correcthorse"}', 'request was {"password": "(secret)"}'),
        ("Authorization: Bearer abcdefghijklmnop was refused", "Authorization: (secret) was refused"),
        ("no access to arn:aws:iam::1:role/drift-read", "no access to arn:aws:iam::1:role/drift-read"),
        (
            "AccessDenied: User is not authorized to perform: sqs:ListQueues",
            "AccessDenied: User is not authorized to perform: sqs:ListQueues",
        ),
        (
            "ExpiredToken: The security token included in the request is expired",
            "ExpiredToken: The security token included in the request is expired",
        ),
    ],
)
def test_messages(message: str, said: str) -> None:
    assert told(message) == said
