"""Mail over SMTP against a real server: each way to encrypt and to log in, and each way to fail."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from channels import smtp
from channels.smtp import Settings, SmtpChannel
from drift.channel import ChannelError, InDoubt, Message
from drift.deadline import Deadline
from tests import ports
from tests.mail_server import PASSWORD, TOKEN, USER, Certificates, Server, certificates, serving

MESSAGE = Message(
    "id-1",
    sender="drift@acme.example",
    recipients=("ann@acme.example", "bob@acme.example"),
    content=b"From: drift@acme.example\r\nSubject: hello\r\n\r\n.one dot\r\nend\r\n",
)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def secure(papers: Certificates) -> Iterator[Server]:
    with serving(papers.context(), login=True) as server:
        yield server


@pytest.fixture(scope="module")
def plain() -> Iterator[Server]:
    with serving() as server:
        yield server


def send(server: Server, clock: Deadline | None = None, **settings: Any) -> dict[str, str]:
    given = {"host": "127.0.0.1", "port": server.port, "timeout": 5, **settings}
    return dict(SmtpChannel().send(MESSAGE, Settings.model_validate(given), clock or Deadline()))


def test_starttls_and_a_login(secure: Server, papers: Certificates) -> None:
    assert send(secure, ca=papers.authority, user=USER, password=PASSWORD) == {}
    sender, recipients, message = secure.mails[-1]
    assert (sender, recipients) == ("drift@acme.example", ["ann@acme.example", "bob@acme.example"])
    assert message["Subject"] == "hello"
    assert message.get_payload() == ".one dot\r\nend\r\n"
    assert secure.encrypted[-1]


def test_a_secret_may_lie_in_a_file(secure: Server, papers: Certificates, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    assert send(secure, ca=papers.authority, user=USER, password_file=file) == {}
    file.unlink()
    with pytest.raises(ChannelError, match="password: the secret can't be read: No such file"):
        send(secure, ca=papers.authority, user=USER, password_file=file)


def test_an_access_token(secure: Server, papers: Certificates) -> None:
    assert send(secure, ca=papers.authority, user=USER, token=TOKEN) == {}
    assert secure.logins[-1] == "XOAUTH2"
    with pytest.raises(ChannelError, match="535"):
        send(secure, ca=papers.authority, user=USER, token="wrong-token")


def test_tls_from_the_first_byte_and_a_client_certificate(papers: Certificates) -> None:
    with serving(papers.context(client=True), implicit=True) as server:
        given = {"security": "tls", "ca": papers.authority}
        assert send(server, **given, certificate=papers.client) == {}
        assert server.encrypted == [True]
        with pytest.raises(ChannelError, match="127.0.0.1"):
            send(server, **given)


def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(secure: Server) -> None:
    before = len(secure.mails)
    with pytest.raises(ChannelError, match="TLS: CERTIFICATE_VERIFY_FAILED; see `security` and `ca`") as said:
        send(secure, user=USER, password=PASSWORD)
    assert not said.value.temporary
    assert len(secure.mails) == before


def test_nothing_is_sent_in_clear_where_tls_is_asked_for(plain: Server) -> None:
    with pytest.raises(ChannelError, match="STARTTLS"):
        send(plain)
    assert plain.mails == []


def test_a_wrong_password_is_told_without_it(secure: Server, papers: Certificates) -> None:
    with pytest.raises(ChannelError) as said:
        send(secure, ca=papers.authority, user=USER, password="hunter2-hunter2")
    assert "535" in str(said.value)
    assert not said.value.temporary
    assert "hunter2" not in str(said.value)


def test_who_is_refused_is_told_and_the_others_get_it(plain: Server) -> None:
    plain.refused = {"bob@acme.example": "550 no such user"}
    assert send(plain, security="none") == {"bob@acme.example": "550 no such user"}
    assert plain.mails[-1][1] == ["ann@acme.example"]
    plain.refused = dict.fromkeys(MESSAGE.recipients, "450 busy")
    with pytest.raises(ChannelError, match="refused ann@acme.example: 450 busy") as said:
        send(plain, security="none")
    assert said.value.temporary
    plain.refused = {}


def test_more_recipients_than_a_server_takes_at_once_get_it_in_parts_and_nobody_twice(plain: Server) -> None:
    to = tuple(f"p{number}@acme.example" for number in range(250))
    message = dataclasses.replace(MESSAGE, recipients=to)
    settings = Settings(host="127.0.0.1", port=plain.port, security="none", timeout=60)
    before = len(plain.mails)
    assert SmtpChannel().send(message, settings, Deadline()) == {}
    assert [len(one[1]) for one in plain.mails[before:]] == [100, 100, 50]
    plain.refused = dict.fromkeys(to[:100], "550 no such user") | {to[249]: "450 busy"}
    plain.answers = []
    assert set(SmtpChannel().send(message, settings, Deadline())) == {*to[:100], to[249]}
    plain.refused = dict.fromkeys(to[:100], "550 no such user")
    plain.answers = ["451 later"]
    with pytest.raises(ChannelError, match="451 later"):  # nobody has it yet
        SmtpChannel().send(message, settings, Deadline())
    plain.refused, plain.answers = {}, []


@pytest.mark.parametrize("stops", [True, False])
def test_of_a_mail_in_parts_only_those_are_left_who_do_not_have_it(plain: Server, stops: bool) -> None:
    clock = Deadline()
    plain.then = (lambda: clock.stop("SIGTERM")) if stops else None
    to = tuple(f"p{number}@acme.example" for number in range(130))
    plain.silent = to[110]
    settings = Settings(host="127.0.0.1", port=plain.port, security="none", timeout=5)
    refused = SmtpChannel().send(dataclasses.replace(MESSAGE, recipients=to), settings, clock)
    plain.silent, plain.then = "", None
    assert tuple(refused) == to[100:]
    assert ("SIGTERM" if stops else "closed") in refused[to[100]]


@pytest.mark.parametrize("stops", [True, False])
def test_what_a_server_has_whole_and_never_answers_is_not_sent_again(plain: Server, stops: bool) -> None:
    clock = Deadline()
    plain.then = (lambda: clock.stop("SIGTERM")) if stops else None
    plain.silent, plain.refused = "DATA", {"bob@acme.example": "450 busy"}
    with pytest.raises(InDoubt, match="ann@acme.example: whether the mail arrived is not known") as said:
        send(plain, clock, security="none")
    plain.silent, plain.then, plain.refused = "", None, {}
    assert said.value.left == {"bob@acme.example": "450 busy"}
    assert not said.value.temporary


@pytest.mark.parametrize(("answer", "temporary"), [("451 later", True), ("554 spam", False)])
def test_what_may_help_to_be_tried_again(plain: Server, answer: str, temporary: bool) -> None:
    plain.answers = [answer]
    with pytest.raises(ChannelError, match=answer) as said:
        send(plain, security="none")
    assert said.value.temporary is temporary


def test_a_server_that_is_not_there() -> None:
    port = ports.free()
    with pytest.raises(ChannelError, match=f"127.0.0.1:{port}: .*refused") as said:
        send(Server(port), security="none")
    assert said.value.temporary


def test_a_server_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_MAIL_SECONDS", 0.3)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                while not over.wait(0.05):
                    connection.sendall(b"2")

        threading.Thread(target=drip, daemon=True).start()
        with pytest.raises(ChannelError, match="did not end within 0.3 seconds"):
            send(Server(listening.getsockname()[1]), security="none")
        over.set()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"user": "a"}, "needs a password"),
        ({"password": "a"}, "needs `user`"),
        ({"user": "a", "password": "b", "token": "c"}, "give one of"),
        ({"user": "a", "password": "b", "security": "none"}, "only over TLS"),
    ],
)
def test_settings_that_contradict_themselves(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings.model_validate({"host": "mail.acme.example", **given})


def test_a_secret_is_not_shown_with_its_settings() -> None:
    assert "hunter2" not in repr(Settings(host="x", user="a", password="hunter2"))  # type: ignore[arg-type]
