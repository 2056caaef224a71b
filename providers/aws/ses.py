"""Mail through Amazon SES: the one call of this provider that changes anything, and it is made only where
`mail.via.ses` asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from drift.channel import Carries, ChannelError, Message
from drift.deadline import Cut, Deadline
from drift.errors import CredentialsError
from drift.settings import Hidden, Seconds, Section, Url

#: How long one mail may take, with the SDK's own tries.
_MAIL_SECONDS = 180.0
#: So many recipients one call may name, of 50 with the header To; Source: Amazon SES Developer Guide,
#: "Service quotas".
_AT_ONCE = 49


class SesSettings(Section):
    """`mail.via.ses` of drift.yaml. Credentials come from the SDK's own chain; the role needs
    ``ses:SendEmail`` and nothing else."""

    region: str | None = Field(None, description="Where SES is asked. Default: the SDK's region.")
    role: str | None = Field(None, description="ARN of a role to assume for it.")
    external_id: Hidden | None = None
    profile: str | None = Field(None, description="Profile of the shared AWS configuration.")
    configuration_set: str | None = Field(None, description="SES' configuration set.")
    endpoint: Url | None = Field(None, description="Another address (a loopback server).")
    read_timeout: Seconds = Field(30, description="Seconds.")


class SesChannel:
    """Hands a mail to SES."""

    name = "ses"
    carries: Carries = "mail"
    Settings: type[BaseModel] = SesSettings

    def send(self, message: Message, settings: BaseModel, deadline: Deadline) -> Mapping[str, str]:
        """Send a mail, in parts where it has more recipients than a call may name; give those whose part was
        refused after others had got it."""
        from providers.aws.failures import CALL_ERRORS, explain

        assert isinstance(settings, SesSettings)
        try:
            return deadline.ask(lambda: _send(message, settings, deadline), _MAIL_SECONDS)
        except CredentialsError as error:
            raise ChannelError(str(error)) from error
        except Cut as error:
            raise ChannelError(f"ses:SendEmail: {error.message}", temporary=True) from error
        except CALL_ERRORS as error:
            told = explain(error, "ses:SendEmail")
            raise ChannelError(told.message, temporary=told.status == "throttled") from error


def _send(message: Message, settings: SesSettings, deadline: Deadline) -> Mapping[str, str]:
    from providers.aws.failures import CALL_ERRORS, explain
    from providers.aws.session import Clients, Place
    from providers.aws.settings import Settings

    own = {"profile": settings.profile, "endpoint": settings.endpoint, "read_timeout": settings.read_timeout}
    clients = Clients(Settings.model_validate({**own, "max_attempts": 3}), deadline)
    place = None
    if settings.role:
        account = settings.role.split(":")[4] if settings.role.count(":") >= 5 else ""
        place = Place(account, settings.role, settings.external_id)
    more: dict[str, Any] = {}
    if settings.configuration_set:
        more["ConfigurationSetName"] = settings.configuration_set
    client = clients.client(place, "sesv2", settings.region or clients.home)
    to = message.recipients
    refused: dict[str, str] = {}
    for start in range(0, len(to), _AT_ONCE):
        part = to[start : start + _AT_ONCE]
        try:
            client.send_email(
                FromEmailAddress=message.sender,
                Destination={"ToAddresses": list(part)},
                Content={"Raw": {"Data": message.content}},
                **more,
            )
        except CALL_ERRORS as error:
            if start == len(refused):  # nobody has it yet
                raise
            refused |= dict.fromkeys(part, explain(error, "ses:SendEmail").message)
    return refused
