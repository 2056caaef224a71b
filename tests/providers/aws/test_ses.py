"""Mail through SES, against a loopback that holds senders to what is verified."""

from __future__ import annotations

import urllib.request

import orjson
import pytest

from drift.channel import ChannelError, Message
from drift.deadline import Deadline
from providers.aws.ses import SesChannel, SesSettings
from tests.conftest import client

CONTENT = b"From: drift@acme.example\r\nTo: ann@acme.example\r\nSubject: hello\r\n\r\nbody\r\n"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIALOOPBACKLOOPBACK")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "loopback")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def message(sender: str, *to: str) -> Message:
    return Message("id", sender=sender, recipients=to or ("ann@acme.example",), content=CONTENT)


def test_a_mail_is_handed_over_as_it_is(aws: str) -> None:
    client(aws, "sesv2").create_email_identity(EmailIdentity="drift@acme.example")
    settings = SesSettings(region="us-east-1", endpoint=aws)
    assert SesChannel().send(message("drift@acme.example"), settings, Deadline()) == {}
    with urllib.request.urlopen(f"{aws}/moto-api/data.json") as answer:  # noqa: S310 - loopback
        (sent,) = orjson.loads(answer.read())["ses"]["RawMessage"]
    assert "ann@acme.example" in str(sent)
    many = message("drift@acme.example", *(f"p{n}@acme.example" for n in range(51)))
    assert SesChannel().send(many, settings, Deadline()) == {}
    with urllib.request.urlopen(f"{aws}/moto-api/data.json") as answer:  # noqa: S310 - loopback
        assert len(orjson.loads(answer.read())["ses"]["RawMessage"]) == 3


def test_a_sender_that_is_not_verified_is_told(aws: str) -> None:
    settings = SesSettings(region="us-east-1", endpoint=aws)
    with pytest.raises(ChannelError, match="ses:SendEmail: MessageRejected: .*nobody@else.example") as said:
        SesChannel().send(message("nobody@else.example"), settings, Deadline())
    assert not said.value.temporary


def test_a_profile_that_is_not_there_is_told(aws: str) -> None:
    with pytest.raises(ChannelError, match="nobody"):
        SesChannel().send(message("a@b.example"), SesSettings(profile="nobody", endpoint=aws), Deadline())
