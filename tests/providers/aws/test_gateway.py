"""What a gateway before AWS answers is tried again, and told as what it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from providers.aws import loopback
from providers.aws.failures import CALL_ERRORS, explain
from providers.aws.session import Clients
from providers.aws.settings import Settings
from tests import hostile

CALLS = {
    "sqs": "list_queues",
    "sns": "list_topics",
    "ec2": "describe_vpcs",
    "s3": "list_buckets",
    "lambda": "list_functions",
}


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        ("429 Too Many Requests", b"slow down", "throttled"),
        ("429 Too Many Requests", b"", "throttled"),
        ("503 Service Unavailable", b"upstream connect error", "failed"),
        ("502 Bad Gateway", b"<html><body>Bad Gateway</body></html>", "failed"),
    ],
)
def test_a_gateways_answer_is_tried_again(
    service: str, status: str, body: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in loopback.environment("").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)

    def answer(there: hostile.Service, _: bytes) -> Iterator[bytes]:
        yield hostile.whole(body, status=status)

    with hostile.serving(answer) as there:
        client = Clients(Settings(endpoint=there.url, max_attempts=2)).client(None, service, "eu-west-1")
        with pytest.raises(CALL_ERRORS) as raised:
            getattr(client, CALLS[service])()
        assert len(there.requests) == 2
    error = explain(raised.value, service)
    assert error.status == told and f"HTTP {status[:3]}" in error.message


def test_a_page_for_browsers_is_not_repeated() -> None:
    page = "<!doctype html>\n<html lang=en>\n<title>500</title>\n<p>The proxy of Acme can't reach it."
    error = ClientError({"Error": {"Code": "500", "Message": page}}, "ListQueues")
    assert (
        explain(error, "sqs:ListQueues").message == "sqs:ListQueues: 500: a page of HTML, no answer of AWS's"
    )
    unread = ResponseParserError(f"Unable to parse response, invalid XML received:\n{page.encode()!r}")
    told = explain(unread, "iam:ListUsers").message
    assert told == "iam:ListUsers: the answer could not be parsed: a page of HTML, no answer of AWS's"
