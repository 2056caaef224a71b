"""A note as JSON over HTTP, signed so that whoever gets it knows who sent it and when."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from pathlib import Path

import orjson
from pydantic import BaseModel, Field, SecretStr, field_validator

from channels import http
from drift.channel import Carries, ChannelError, Message
from drift.deadline import Deadline
from drift.secret import Held
from drift.settings import Section


class Settings(Section):
    """`notify.via.webhook` of drift.yaml."""

    url: SecretStr = Field(description="Where it is sent to; https://, or http:// in a network of your own.")
    secret: SecretStr | None = Field(None, description="The key of the signature, as ${WEBHOOK_SECRET}.")
    secret_file: Path | None = Field(None, description="A file that holds it.")
    headers: dict[str, SecretStr] = Field(default_factory=dict, description="Further headers.")
    ca: Path | None = Field(None, description="Whom to trust (PEM) instead of those that the system does.")

    @field_validator("url")
    @classmethod
    def _http(cls, url: SecretStr) -> SecretStr:
        if not isinstance(url, Held) and not url.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("an address begins with http:// or https://")
        return url

    @field_validator("headers")
    @classmethod
    def _one_line(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        plain = (one for one in headers.values() if not isinstance(one, Held))
        said = [*headers, *(one.get_secret_value() for one in plain)]
        if any(not text.isprintable() or not text.isascii() for text in said):
            raise ValueError("a header is one line of plain text")
        return headers


class WebhookChannel:
    """Sends the note's document."""

    name = "webhook"
    carries: Carries = "note"
    Settings: type[BaseModel] = Settings

    def send(self, message: Message, settings: BaseModel, deadline: Deadline) -> Mapping[str, str]:
        """Send one note. ``X-Drift-Signature`` is ``v1=`` and the HMAC-SHA256, in hexadecimal, of
        ``X-Drift-Timestamp``, a dot and the body; ``X-Drift-Id`` is the same for each try."""
        assert isinstance(settings, Settings)
        body = orjson.dumps({"id": message.id, "subject": message.subject, **message.document}, default=str)
        moment = str(int(time.time()))
        headers = {
            **{name: one.get_secret_value() for name, one in settings.headers.items()},
            "Content-Type": "application/json",
            "User-Agent": "drift",
            "X-Drift-Id": message.id,
            "X-Drift-Timestamp": moment,
        }
        secret = _secret(settings)
        if secret is not None:
            headers["X-Drift-Signature"] = "v1=" + signature(secret, moment, body)
        ca = None if settings.ca is None else str(settings.ca.expanduser())
        url = settings.url.get_secret_value()
        http.post(
            url, body, headers, deadline, ca=ca, shown=f"the webhook at {url.split('/')[2].split('@')[-1]}"
        )
        return {}


def signature(secret: str, moment: str, body: bytes) -> str:
    """What a receiver computes, too, and compares in constant time."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _secret(settings: Settings) -> str | None:
    if settings.secret_file is not None:
        try:
            return settings.secret_file.expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise ChannelError(f"{settings.secret_file}: the secret can't be read: {why}") from None
    return None if settings.secret is None else settings.secret.get_secret_value()
