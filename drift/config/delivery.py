"""Who is told of a run, when and by which channel: `mail` and `notify` of drift.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr

from drift.settings import Section, Url

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
_LIST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_WAY = re.compile(r"(?:mailto:[^\s<>,]+@[^\s<>,]+|https://[^\s<>,]+)")

#: Of whom `mail.to` names addresses for everything.
ALL = "all"


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("is no mail address; write it as drift@acme.io, without a name")
    return text


def _list(text: str) -> str:
    if not _LIST.fullmatch(text):
        raise ValueError("is no list's id; write a name with dots, as drift.acme.io")
    return text


def _way(text: str) -> str:
    if not _WAY.fullmatch(text):
        raise ValueError("is neither a mailto: nor an https:// address")
    return text


Address = Annotated[str, AfterValidator(_address)]
When = Literal["new", "drift", "always", "weekly"]


class Mail(Section):
    """Mail about runs: sent by `drift scan --mail` and `drift mail`."""

    sender: Address = Field(description="The address that mails come from.")
    to: list[Address] | dict[str, Address | list[Address]] = Field(
        description="Who gets the whole report; or, by owner (globs over CODEOWNERS' teams and other "
        "owners), who gets what is theirs, with `all` for those who get all of it.",
    )
    when: When = Field(
        "new",
        description="`new`: something is new, came back or changed again; `drift`: anything has drifted; "
        "`always`; `weekly`: once a week. A run that failed, was not whole or lost its history always mails, "
        "and a week without a mail ends with one.",
    )
    report_url: Url | None = Field(
        None,
        description="Where the report is found, {run} for the run's id. Default: under `output.url`.",
    )
    list_id: Annotated[str, AfterValidator(_list)] | None = Field(
        None, description="For the header List-Id, which mail programs sort by, as drift.acme.io."
    )
    unsubscribe: list[Annotated[str, AfterValidator(_way)]] = Field(
        default_factory=list, description="For the header List-Unsubscribe: mailto: and https:// addresses."
    )
    via: dict[str, Any] = Field(
        min_length=1,
        max_length=1,
        description="The channel, with its settings: {smtp: {host: mail.acme.io}}.",
    )

    def groups(self) -> dict[str, list[str]]:
        """Each owner, or ``all``, with the addresses."""
        to = self.to if isinstance(self.to, dict) else {ALL: self.to}
        return {name: [one] if isinstance(one, str) else list(one) for name, one in to.items()}


class Notify(Section):
    """A note about runs, to a chat or to a machine: sent by `drift scan --notify`."""

    when: Literal["new", "drift", "always"] = Field(
        "new", description="As of `mail`; a run that failed or was not whole is always told."
    )
    via: dict[str, Any] = Field(
        min_length=1, max_length=1, description="The channel, with its settings: {webhook: {url: …}}."
    )


def secret(said: SecretStr | None) -> str | None:
    """A secret of the configuration, where it is needed."""
    return None if said is None else said.get_secret_value()
