"""The contract of a channel: what a plugin implements to have runs told where people, or machines, look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from drift.deadline import Deadline
from drift.errors import DriftError

if TYPE_CHECKING:
    from pydantic import BaseModel

#: ``mail``: a whole mail for its recipients; ``note``: a few lines for a chat, and the same as data;
#: ``metrics``: numbers, of which only the newest are wanted.
Carries = Literal["mail", "note", "metrics"]


class ChannelError(DriftError):
    """Something could not be sent. It is tried again at once where that is ``temporary``; never with a secret
    in its message."""

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


class InDoubt(ChannelError):
    """Whether some recipients got it is not known, so they are not sent it again. ``left`` are the others
    that did not get it, each with why."""

    def __init__(self, message: str, left: Mapping[str, str]) -> None:
        super().__init__(message)
        self.left = dict(left)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. ``id`` is the same for each try. ``subject`` and ``text`` (Markdown) are for people,
    ``document`` is the same as data, ``content`` a whole mail (RFC 5322) or metrics as text. ``sender`` and
    ``recipients`` are addresses without names."""

    id: str
    subject: str = ""
    text: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    content: bytes = b""
    document: Mapping[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    """One way to tell people, found through the entry point group ``drift.channels`` under its ``name``.

    It is told to send once the report is written, and never decides what is sent, to whom, or when.
    """

    name: str
    carries: Carries
    #: The channel's section of ``via:`` in drift.yaml.
    Settings: type[BaseModel]

    def send(self, message: Message, settings: BaseModel, deadline: Deadline) -> Mapping[str, str]:
        """Sends one message, within the time that ``deadline`` leaves. Gives the recipients that were refused
        while others were not, each with why. Raises ChannelError where nobody got it, InDoubt where some may
        have."""
        ...
