"""Sends what a run has to say, and what earlier runs could not: tried again, then kept for the next run. It
never ends a run, nor changes its exit code; what went wrong is said."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from drift import __version__, plugins
from drift.channel import ChannelError, InDoubt, Message
from drift.config.delivery import ALL
from drift.config.model import Config
from drift.deadline import Deadline, Passed
from drift.deliver import announced, when
from drift.deliver import mail as mails
from drift.deliver import note as notes
from drift.deliver.outbox import Kept, Outbox
from drift.deliver.share import owned
from drift.errors import DriftError
from drift.moment import rfc3339
from drift.report.fresh import fresh
from drift.retries import retry_context
from drift.secret import SecretError

#: The folder beside the folders of runs.
OUTBOX = "outbox"
#: How often one message is tried at once, and how long all tries together wait.
TRIES, WAITS_SECONDS = 3, 20.0

_MAIL = "mail"
#: Refused is nobody, and whether anybody got it is not known.
_NOBODY_KNOWS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that is to be sent: ``key`` is what is remembered of it, ``why`` why it is not ``kept``."""

    slot: str
    message: Message
    key: str = ""
    kept: Kept | None = None
    why: str = ""
    #: What it is, or would be, kept as.
    file: str = ""


@dataclass
class Post:
    """``base`` is the folder of the folders of runs. ``mail`` and ``notify`` say which of what the
    configuration has are wanted. ``tell`` is told what was sent and what was not."""

    config: Config
    base: Path
    mail: bool = False
    notify: bool = False
    tell: Callable[[str], None] = lambda _: None
    clock: Deadline = field(default_factory=Deadline)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.base / OUTBOX)
        self._page: Path | None = None
        self._ready: list[_Ready] = []
        self._said: dict[str, Any] = {}
        #: What was sent and taken away, by what it was kept as.
        self._gone: set[str] = set()
        #: Whether all that was prepared will be told, whatever becomes of this run; else the next one has to.
        self.sure = True

    @property
    def wanted(self) -> bool:
        """Whether anything is to be sent at all."""
        return self.mail or self.notify

    def settings(self) -> list[BaseModel]:
        """Of the channels that are asked for."""
        asked = {_MAIL: self.mail}
        return [one for slot, (_, one) in self.config.channels.items() if asked.get(slot, self.notify)]

    def run(self, report: Mapping[str, Any], page: Path | None = None) -> None:
        """Sends what earlier runs could not, then what is to be said of this one; ``page`` is its HTML report
        where that is written."""
        self.prepare(report, page)
        self.deliver()

    def prepare(self, report: Mapping[str, Any], page: Path | None = None) -> None:
        """Keeps what is to be said of this run, so that it is told whatever becomes of the run: by
        :meth:`deliver`, else by a later one. For before anything remembers that it was told."""
        self._page = page
        if not self.wanted:
            return
        with self._never_ending():
            with contextlib.suppress(DriftError):  # which is said of what could not be kept
                self.outbox.open()
            with self.outbox.alone():
                self._prepare(report)

    def _prepare(self, report: Mapping[str, Any]) -> None:
        state = self.outbox.state()
        environment = str(report["run"]["environment"])
        history = report["run"].get("history") or {}
        remarks = when.not_whole(report, _text(state, f"{environment}/database"))
        if history.get("database"):
            self._said[f"{environment}/database"] = history["database"]
        for slot, group, part in self._parts(report):
            key = f"{environment}/{slot}/{group}"
            asked = self.config.mail if slot == _MAIL else self.config.notify[int(slot[7:])]
            assert asked is not None
            mine = remarks if group == ALL else ()
            known = announced.counting(state, key, self.now(), self.outbox.waiting())
            known = announced.still(known, part)
            when_told = (state.get(key), *(one["at"] for one in known))
            last = max(filter(None, map(_moment, when_told)), default=None)
            chosen = when.decide(part, asked.when, last, self.now(), mine, announced.marks(known))
            wanted = self._carries(slot) == "metrics" or (
                chosen.send and not (chosen.weekly and slot != _MAIL)
            )
            if wanted:
                message = self._message(slot, group, part, chosen)
                file = self.outbox.name(slot, message)
                self._announce(key, announced.adding(known, part, self.now(), file))
                self._ready.append(self._kept(slot, message, key, file))
                continue
            if known != state.get(announced.place(key), []):
                self._announce(key, known)
            if asked.when == "new" and any(map(fresh, part["findings"])):
                self.tell("not sent again: what is new in this run was told by another one")

    def _announce(self, key: str, said: Sequence[Mapping[str, Any]]) -> None:
        """Writes down what is told to somebody as new. Where that can't be, another run may tell it, too."""
        with contextlib.suppress(DriftError):
            self.outbox.told({announced.place(key): said})

    def deliver(self) -> None:
        """Sends what earlier runs could not, then what was prepared."""
        if not self.wanted:
            return
        with self._never_ending():
            self.flush()
            ready, self._ready = self._ready, []
            said, self._said = self._said, {}
            on_its_way = [one for one in ready if self._send(one)]
            said |= {one.key: rfc3339(self.now()) for one in on_its_way}
            self.sure = all(one in on_its_way or not one.why for one in ready)
            with self.outbox.alone():
                self._remember(said | announced.sent(self.outbox.state(), self._gone))

    def failed(self, error: str) -> None:
        """Tells that a run ended without a report."""
        if not self.wanted:
            return
        run = {
            "environment": self.config.environment,
            "started_at": rfc3339(self.now()),
            "version": __version__,
        }
        with self._never_ending():
            if self.mail and self.config.mail is not None:
                groups = self.config.mail.groups()
                to = groups.get(ALL) or list(dict.fromkeys(one for ones in groups.values() for one in ones))
                self._send(self._kept(_MAIL, mails.of_failure(error, self.config.mail, to, self.now(), run)))
            for number in range(len(self.config.notify) if self.notify else 0):
                slot = f"notify.{number}"
                if self._carries(slot) == "note":
                    self._send(self._kept(slot, notes.of_failure(error, slot, run)))

    def again(self, report: Mapping[str, Any], to: tuple[str, ...]) -> list[str]:
        """Sends the mail of an earlier run, to those who are named, else to those of the configuration. Gives
        who it was sent to. Raises ChannelError."""
        asked = self.config.mail
        assert asked is not None
        sent: list[str] = []
        parts = [(ALL, list(to), report)] if to else list(self._groups(report))
        for group, addresses, part in parts:
            message = mails.of_report(part, asked, group, addresses, self.now(), again=True)
            refused = self._tried(_MAIL, message)
            for who, why in refused.items():
                self.tell(f"not mailed: {who}: {why}")
            sent += [one for one in addresses if one not in refused]
        return sent

    def flush(self) -> None:
        """Sends what waits in the outbox, each message once."""
        for kept in self.outbox.taken():
            if kept.slot not in self.config.channels:
                self.outbox.back(kept, kept.message)
                self.tell(f"still not sent: {kept.message.subject!r}: drift.yaml has no {kept.slot} any more")
                continue
            try:
                refused = self._tried(kept.slot, kept.message)
            except (ChannelError, Passed) as error:
                self.outbox.back(kept, kept.message)
                self.tell(f"still not sent: {kept.message.subject!r}: {error}")
                continue
            if refused:
                self.outbox.back(kept, replace(kept.message, recipients=tuple(refused)))
                self.tell(f"still not sent: {kept.message.subject!r}: {_refusals(refused)}")
            else:
                self._gone.add(self.outbox.named(kept))
                self.outbox.done(kept)
                if refused is not _NOBODY_KNOWS:
                    self.tell(f"sent what waited: {kept.message.subject!r}")

    def _parts(self, report: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(place of the channel, whose, what of the report is theirs) of all who may be told."""
        if self.mail and self.config.mail is not None:
            for group, _, part in self._groups(report):
                yield _MAIL, group, part
        if self.notify:
            for number in range(len(self.config.notify)):
                yield f"notify.{number}", ALL, report

    def _groups(self, report: Mapping[str, Any]) -> Iterator[tuple[str, list[str], Mapping[str, Any]]]:
        assert self.config.mail is not None
        for group, addresses in self.config.mail.groups().items():
            yield group, addresses, report if group == ALL else owned(report, group)

    def _message(self, slot: str, group: str, part: Mapping[str, Any], chosen: when.Decision) -> Message:
        if slot != _MAIL:
            if self._carries(slot) == "metrics":
                return notes.of_metrics(part, slot)
            return notes.of_report(part, slot, chosen.remarks)
        assert self.config.mail is not None
        to = self.config.mail.groups()[group]
        return mails.of_report(
            part,
            self.config.mail,
            group,
            to,
            self.now(),
            remarks=chosen.remarks,
            weekly=chosen.weekly,
            page=self._written() if group == ALL else None,
        )

    def _written(self) -> bytes | None:
        """The HTML report as it was written; None where it was not."""
        try:
            return None if self._page is None else self._page.read_bytes()
        except OSError:
            return None

    def _kept(self, slot: str, message: Message, key: str = "", file: str = "") -> _Ready:
        """A message that is kept, if it can be."""
        if self._carries(slot) == "metrics":  # of which only the newest are wanted
            return _Ready(slot, message, key)
        file = file or self.outbox.name(slot, message)
        try:
            return _Ready(slot, message, key, self.outbox.keep(slot, message, file), file=file)
        except DriftError as error:
            self.sure = False
            return _Ready(slot, message, key, why=str(error), file=file)

    def _send(self, one: _Ready) -> bool:
        """Sends one message, or has it wait. Whether it is on its way, now or later."""
        message = one.message
        try:
            refused = self._tried(one.slot, message)
        except (ChannelError, Passed) as error:
            why, left = str(error), message
        else:
            if not refused:
                self._gone.add(one.file)
                if one.kept is not None:
                    self.outbox.done(one.kept)
                if refused is not _NOBODY_KNOWS:
                    to = _many(message.recipients) or self.config.channels[one.slot][0]
                    self.tell(f"sent: {message.subject!r} to {to}")
                return True
            why, left = _refusals(refused), replace(message, recipients=tuple(refused))
        if self._carries(one.slot) == "metrics":
            self.tell(f"not sent: {message.subject}: {why}")
            return False
        unkept = one.why
        if one.kept is not None:
            try:
                self.outbox.back(one.kept, left)
            except DriftError as error:
                unkept = str(error)
        if unkept:
            self.tell(f"not sent: {message.subject!r}: {why}; and not kept: {unkept}")
            return False
        self.tell(f"not sent: {message.subject!r}: {why}; it waits in {self.outbox.folder} for the next run")
        return True

    def _tried(self, slot: str, message: Message) -> Mapping[str, str]:
        """Sends, a few times where it may help; gives who was refused. Of whom nobody knows whether they got
        it, that is said, and they count as sent. Raises ChannelError or Passed."""
        name, settings = self.config.channels[slot]
        channel = plugins.channel(name)

        def temporary(error: Exception) -> bool:
            return isinstance(error, ChannelError) and error.temporary and self.clock.left() > WAITS_SECONDS

        for attempt in retry_context(
            on=temporary, attempts=TRIES, timeout=WAITS_SECONDS, wait_initial=0.5, wait_max=5.0
        ):
            with attempt:
                try:
                    return channel.send(message, settings, self.clock)
                except InDoubt as error:
                    self.tell(f"{message.subject!r}: {error}")
                    return error.left or _NOBODY_KNOWS
                except SecretError as error:
                    raise ChannelError(str(error)) from error
        raise AssertionError("a try either gives or raises")

    def _carries(self, slot: str) -> str:
        return plugins.channel(self.config.channels[slot][0]).carries

    def _remember(self, said: Mapping[str, Any]) -> None:
        try:
            if said:
                self.outbox.told(said)
        except DriftError as error:
            self.tell(f"what was sent could not be remembered: {error}")

    @contextlib.contextmanager
    def _never_ending(self) -> Iterator[None]:
        """Whatever goes wrong within it is said."""
        try:
            yield
        except (DriftError, OSError) as error:
            self.tell(f"not sent: {error}")


def _refusals(refused: Mapping[str, str]) -> str:
    return "; ".join(f"{who}: {why}" for who, why in list(refused.items())[:5])


def _many(recipients: tuple[str, ...]) -> str:
    more = f" and {len(recipients) - 3} more" if len(recipients) > 3 else ""
    return ", ".join(recipients[:3]) + more


def _text(state: Mapping[str, Any], key: str) -> str | None:
    found = state.get(key)
    return found if isinstance(found, str) else None


def _moment(said: object) -> datetime | None:
    try:
        return datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
