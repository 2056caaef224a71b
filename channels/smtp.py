"""Mail over SMTP: STARTTLS, TLS from the first byte, or neither; login, OAuth 2, client certificate."""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, model_validator

from channels.handover import Handover, Stopped
from drift.channel import Carries, ChannelError, InDoubt, Message
from drift.deadline import Cut, Deadline
from drift.settings import Seconds, Section

#: How long one mail may take, whatever the server does; a large one over a slow line is through by then.
_MAIL_SECONDS = 180.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_MOST_SECRET = 64_000


class Settings(Section):
    """`mail.via.smtp` of drift.yaml. Secrets come from the environment (`${NAME}`) or from files."""

    host: str = Field(min_length=1, description="The mail server.")
    port: int | None = Field(None, ge=1, le=65535, description="Default: 587, 465 or 25, by `security`.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`tls`: from the first byte on. `none`: in clear; no login but on loopback."
    )
    user: str | None = Field(None, description="Who logs in.")
    password: SecretStr | None = Field(None, description="As ${SMTP_PASSWORD}, not in clear.")
    password_file: Path | None = Field(None, description="A file that holds the password.")
    token: SecretStr | None = Field(None, description="An access token: the login is XOAUTH2.")
    token_file: Path | None = Field(None, description="A file that holds the access token.")
    certificate: Path | None = Field(None, description="A client certificate (PEM), with its chain.")
    key: Path | None = Field(None, description="Its private key (PEM), where that is another file.")
    ca: Path | None = Field(None, description="Whom to trust (PEM) besides those that the system does.")
    name: str | None = Field(None, description="How this machine calls itself (EHLO).")
    timeout: Seconds = Field(30, description="For how long the server may be silent.")

    @model_validator(mode="after")
    def _one_login(self) -> Settings:
        ways = [self.password, self.password_file, self.token, self.token_file]
        given = sum(one is not None for one in ways)
        if given > 1:
            raise ValueError("give one of password, password_file, token and token_file")
        if given and not self.user:
            raise ValueError("needs `user` where there is a password or token")
        if self.user and not given:
            raise ValueError("needs a password, password_file, token or token_file where there is a `user`")
        if self.security == "none" and (given or self.certificate) and not _loopback(self.host):
            raise ValueError("logs in only over TLS: set `security: starttls` or `tls`")
        return self


class SmtpChannel:
    """Hands a mail to a mail server."""

    name = "smtp"
    carries: Carries = "mail"
    Settings: type[BaseModel] = Settings

    def send(self, message: Message, settings: BaseModel, deadline: Deadline) -> Mapping[str, str]:
        """Send a mail; give the recipients that were refused. Raises InDoubt where the server got all of it
        for some and never said what it did with it: they are not sent it again."""
        assert isinstance(settings, Settings)
        hidden, handover = _Hidden(), Handover()
        error = _failure(message, settings, hidden, handover, deadline)
        refused = {who: hidden.cover(_said(*why)) for who, why in handover.refused.items()}
        left = dict.fromkeys(handover.left(message.recipients), str(error))
        if handover.doubtful:
            who = _listed(sorted(handover.doubtful))
            said = f"{who}: whether the mail arrived is not known, it is not sent again: {error}"
            raise InDoubt(said, {**refused, **left})
        if handover.taken:
            return {**refused, **left}
        if error is not None:
            raise error
        temporary = all(code < 500 for code, _ in handover.refused.values())
        where, some = _where(settings), "; ".join(f"{who}: {why}" for who, why in [*refused.items()][:5])
        raise ChannelError(f"{where}: refused {some}", temporary=temporary)


def _failure(
    message: Message, settings: Settings, hidden: _Hidden, handover: Handover, deadline: Deadline
) -> ChannelError | None:
    """Hands the mail over as far as that goes; what ended it before its end."""
    where = _where(settings)
    try:
        deadline.ask(lambda: _send(message, settings, hidden, handover), _MAIL_SECONDS)
    except Cut as error:
        handover.stop()
        return ChannelError(f"{where}: {error.message}", temporary=True)
    except ChannelError as error:
        return error
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error)
        return ChannelError(hidden.cover(f"{where}: {said}"), temporary=error.smtp_code < 500)
    except ssl.SSLError as error:
        return ChannelError(f"{where}: TLS: {error.reason or error}; see `security` and `ca`")
    except (OSError, smtplib.SMTPException) as error:
        temporary = not isinstance(error, smtplib.SMTPNotSupportedError)
        return ChannelError(hidden.cover(f"{where}: {error}"), temporary=temporary)
    return None


def _where(settings: Settings) -> str:
    return f"{settings.host}:{settings.port or _PORTS[settings.security]}"


class _Hidden:
    """The secrets of one sending, which no message repeats."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def of(self, given: SecretStr | None, file: Path | None) -> str | None:
        found = given.get_secret_value() if given is not None else None
        if file is not None:
            try:
                with file.expanduser().open(encoding="utf-8") as opened:
                    found = opened.read(_MOST_SECRET).strip()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or error
                raise ChannelError(f"{file}: the secret can't be read: {why}") from None
        if found:
            self._known.append(found)
        return found

    def cover(self, text: str) -> str:
        for one in self._known:
            text = text.replace(one, "***")
        return text


def _send(message: Message, settings: Settings, hidden: _Hidden, handover: Handover) -> None:
    password = hidden.of(settings.password, settings.password_file)
    token = hidden.of(settings.token, settings.token_file)
    with _ending(_connected(settings)) as server:
        if token is not None:
            said = f"user={settings.user}\x01auth=Bearer {token}\x01\x01"
            server.ehlo_or_helo_if_needed()
            # Asked again, the server tells why it refuses; an empty answer lets it end.
            server.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")
        elif password is not None and settings.user is not None:
            server.login(settings.user, password)
        with contextlib.suppress(Stopped):
            handover.send(server, message.sender, message.recipients, message.content)


@contextlib.contextmanager
def _ending(server: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    """Says goodbye, which may fail: what was sent is sent."""
    try:
        yield server
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _connected(settings: Settings) -> smtplib.SMTP:
    """A connection that is as secure as it is to be, or none."""
    port = settings.port or _PORTS[settings.security]
    name = settings.name or socket.gethostname()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host, port, name, timeout=settings.timeout, context=_context(settings)
        )
    server = smtplib.SMTP(settings.host, port, name, timeout=settings.timeout)
    if settings.security == "starttls":
        try:
            server.starttls(context=_context(settings))
        except BaseException:
            server.close()
            raise
    return server


def _context(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for what, file in (("ca", settings.ca), ("certificate", settings.certificate)):
        if file is None:
            continue
        try:
            if what == "ca":
                context.load_verify_locations(file.expanduser())
            else:
                context.load_cert_chain(file.expanduser(), settings.key and settings.key.expanduser())
        except OSError as error:
            raise ChannelError(f"{file}: can't be used as `{what}`: {error.strerror or error}") from None
    return context


def _said(code: int, text: bytes | str) -> str:
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(told.split())[:300]}"


def _listed(addresses: Sequence[str]) -> str:
    """A few of them, and how many more."""
    more = f" and {len(addresses) - 3} more" if len(addresses) > 3 else ""
    return ", ".join(addresses[:3]) + more


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
