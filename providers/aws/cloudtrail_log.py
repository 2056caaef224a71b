"""CloudTrail's LookupEvents in one account and region: by resource, or all of some hours, newest first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from drift.moment import rfc3339
from drift.witness import Budget
from providers.aws import cloudtrail_events as events
from providers.aws.cloudtrail_events import Event

#: LookupEvents takes two calls a second of an account and region, gives 50 events a page, and takes one
#: attribute. Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.
SECONDS_BETWEEN = 0.5
PAGE = 50
#: So many pages are read of one name: a role that is assumed all day has thousands.
MOST_PAGES = 20


class Spent(Exception):
    """No call is left."""


@dataclass
class _Stream:
    """The events of one lookup as far as they are read, the newest first."""

    asked: dict[str, Any]
    found: list[Event] = field(default_factory=list)
    pages: int = 0
    done: bool = False
    cut: bool = False
    #: The time of the oldest event that was read, of whatever kind.
    oldest: str = "~"

    @property
    def horizon(self) -> str:
        """All events that are newer are read."""
        return "" if self.done and not self.cut else self.oldest


class Log:
    """The log of one account and region. ``paced``: it takes two calls a second."""

    def __init__(self, client: Any, budget: Budget, *, paced: bool) -> None:
        self._client, self._budget, self._paced = client, budget, paced
        self._streams: dict[str, _Stream] = {}
        self._hours: dict[str, list[Event]] | None = None
        self._asked_at = 0.0

    def sweep(self, since: str, most: int) -> None:
        """Reads all that was changed since the hour of a moment: one call for many resources. It ends where
        the events so far say that ``most`` pages will not hold them. Raises Spent, and what the call does."""
        now = datetime.now(UTC)
        hour = datetime.fromisoformat(since).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        stream = _Stream({**_by("ReadOnly", "false"), "StartTime": hour})
        while not stream.done and stream.pages < most:
            self._read(stream)
            read = now - datetime.fromisoformat(stream.oldest) if stream.found else now - hour
            if stream.pages * (now - hour) > most * read:
                break
        self._hours = {}
        for one in stream.found:
            if stream.done or one.time > stream.oldest:
                for name in one.resources:
                    self._hours.setdefault(name, []).append(one)

    def of(self, names: Sequence[str], settled: Callable[[list[Event]], bool]) -> list[Event]:
        """The changing events that name a resource by one of its names, the newest; no older ones than settle
        who did it. Raises Spent, and what the call does."""
        if self._hours:
            swept = _once(self._hours.get(name, ()) for name in names)
            if swept and settled(swept):
                return swept
        streams = [self._streams.setdefault(name, _Stream(_by("ResourceName", name))) for name in names]
        for stream in streams:
            if not stream.pages:
                self._read(stream)
        while True:
            horizon = max((one.horizon for one in streams), default="")
            found = _once([each for each in one.found if each.time > horizon] for one in streams)
            open_ = [one for one in streams if not one.done]
            if not open_ or settled(found):
                return found if open_ else _once(one.found for one in streams)
            self._read(max(open_, key=lambda one: one.oldest))

    def cut(self, names: Iterable[str]) -> bool:
        """Whether there are more events of a resource than are read."""
        return any(self._streams[name].cut for name in names if name in self._streams)

    def _read(self, stream: _Stream) -> None:
        """One more page."""
        if not self._budget.take():
            raise Spent
        self._pace()
        page = self._client.lookup_events(**stream.asked)
        stream.pages += 1
        told = page.get("Events") or ()
        stream.found += [one for one in map(events.event, told) if one is not None]
        times = [text for one in told if (text := _time(one))]
        stream.oldest = min([stream.oldest, *times])
        token = page.get("NextToken")
        if not token or token == stream.asked.get("NextToken"):
            stream.done = True
        elif stream.pages >= MOST_PAGES and "StartTime" not in stream.asked:
            stream.done = stream.cut = True
        stream.asked["NextToken"] = token

    def _pace(self) -> None:
        """Waits until the next call may be made."""
        wait = self._asked_at + SECONDS_BETWEEN - time.monotonic()
        if self._paced and wait > 0:
            self._budget.clock.sleep(wait)
        self._asked_at = time.monotonic()


def _by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}], "MaxResults": PAGE}


def _time(told: Mapping[str, Any]) -> str:
    """When an event was, as its record says it."""
    moment = told.get("EventTime")
    return rfc3339(moment) if isinstance(moment, datetime) else ""


def _once(several: Iterable[Iterable[Event]]) -> list[Event]:
    return list({one.id: one for some in several for one in some}.values())
