"""A mail server on loopback, with TLS, logins and whatever refusals a test asks for; and its certificates."""

from __future__ import annotations

import asyncio
import base64
import datetime
import email
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD, TOKEN = "drift", "s3cret-passw0rd", "ya29.an-access-token"


@dataclass
class Server:
    """What a test sees of it. ``refused`` maps recipients to the answer that they get, ``answers`` are given
    to the next mails in place of taking them."""

    port: int = 0
    mails: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    #: What it never answers: a recipient, or ``DATA``, of which it has all by then; it calls ``then``,
    #: or hangs up.
    silent: str = ""
    then: Callable[[], None] | None = None

    # What aiosmtpd asks a handler

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:  # noqa: N802
        if to == self.silent:
            await self._nothing(server)
        if to in self.refused:
            return self.refused[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.silent == "DATA":
            self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), EmailMessage()))
            await self._nothing(server)
        if self.answers:
            return self.answers.pop(0)
        message = cast(EmailMessage, email.message_from_bytes(envelope.content, policy=default))
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), message))
        self.encrypted.append(
            session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None
        )
        return "250 taken"

    async def _nothing(self, server: Any) -> None:
        if self.then is None:
            server.transport.abort()
        else:
            self.then()
        await asyncio.Event().wait()

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        self.logins.append("XOAUTH2")
        said = base64.b64decode(args[1]).decode()
        if said == f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01":
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append(mechanism)
        assert isinstance(data, LoginPassword)
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)


class _Controller(Controller):
    """One at a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        socket.create_connection(("127.0.0.1", self.port)).close()


@contextmanager
def serving(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False, login: bool = False
) -> Iterator[Server]:
    """A server for the time of the block."""
    server = Server()
    options: dict[str, Any] = {"ready_timeout": 60, "server_hostname": "127.0.0.1"}
    if login:
        options |= {"auth_required": True, "authenticator": server.authenticate}
    if tls is not None and not implicit:
        options |= {"tls_context": tls, "require_starttls": True}
    if tls is None or implicit:
        options |= {"auth_require_tls": False}
    controller = _Controller(
        server, hostname="127.0.0.1", port=0, ssl_context=tls if implicit else None, **options
    )
    controller.start()
    try:
        server.port = controller.port
        yield server
    finally:
        controller.stop()


@dataclass(frozen=True)
class Certificates:
    """PEM files: an authority, a server's and a client's certificate with its key."""

    authority: Path
    server: Path
    client: Path

    def context(self, *, client: bool = False) -> ssl.SSLContext:
        """What a server speaks TLS with; ``client``: it asks for a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        if client:
            context.load_verify_locations(self.authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def certificates(folder: Path) -> Certificates:
    """Makes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _signed("loopback authority", key, None, None)
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "client.pem")
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    for name, file in (("127.0.0.1", files.server), ("drift", files.client)):
        own = ec.generate_private_key(ec.SECP256R1())
        made = _signed(name, own, key, authority)
        file.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
    return files


def _signed(name: str, key: Any, by: Any, issuer: x509.Certificate | None) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        there = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = made.add_extension(x509.SubjectAlternativeName(there), critical=False)
    return made.sign(by or key, hashes.SHA256())
