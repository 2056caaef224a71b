"""A note to Slack, Teams, Telegram and the hundred other places that Apprise knows (extra ``apprise``)."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, Field, SecretStr, model_validator

from drift.channel import Carries, ChannelError, Message
from drift.deadline import Cut, Deadline
from drift.settings import Section

#: How long one place may take.
_SECONDS = 60.0


class Settings(Section):
    """`notify.via.apprise` of drift.yaml."""

    urls: list[SecretStr] = Field(
        min_length=1, description="Apprise's addresses, as ${SLACK_URL}: slack://…, msteams://…, tgram://…"
    )

    @model_validator(mode="after")
    def _there(self) -> Settings:
        if importlib.util.find_spec("apprise") is None:
            raise ValueError("Apprise is not installed: pip install 'driftline[apprise]'")
        return self


class AppriseChannel:
    """Sends a note to each address, one message each, cut to what the place takes."""

    name = "apprise"
    carries: Carries = "note"
    Settings: type[BaseModel] = Settings

    def send(self, message: Message, settings: BaseModel, deadline: Deadline) -> Mapping[str, str]:
        """Send one note; gives the places that did not take it. Places are tried again alone, by the order in
        which they stand."""
        import apprise

        assert isinstance(settings, Settings)
        wanted = message.recipients or tuple(map(str, range(len(settings.urls))))
        refused: dict[str, str] = {}
        for number, secret in enumerate(settings.urls):
            if str(number) not in wanted:
                continue
            place = apprise.Apprise.instantiate(secret.get_secret_value(), suppress_exceptions=True)
            if place is None:
                refused[str(number)] = f"urls.{number}: is no address that Apprise knows"
                continue
            place.overflow_mode = apprise.OverflowMode.TRUNCATE
            heard = _Heard()
            logger = logging.getLogger("apprise")
            logger.addHandler(heard)
            try:
                sent = deadline.ask(partial(_notify, place, message), _SECONDS)
            except Cut as error:
                sent, heard.last = False, error.message
            finally:
                logger.removeHandler(heard)
            if not sent:
                refused[str(number)] = f"urls.{number} ({place.service_name}): {heard.last or 'not taken'}"
        if len(refused) == len(wanted):
            raise ChannelError("; ".join(refused.values()), temporary=True)
        return refused


def _notify(place: Any, message: Message) -> bool:
    """One message of Markdown, turned into what the place speaks."""
    import apprise

    one = apprise.Apprise()
    one.add(place)
    return bool(
        one.notify(title=message.subject, body=message.text, body_format=apprise.NotifyFormat.MARKDOWN)
    )


class _Heard(logging.Handler):
    """The last warning of a sending: Apprise tells in its log alone why something was not taken."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()[:200]
