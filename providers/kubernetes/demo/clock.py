"""When the demo happens: the estate some weeks ago, the night before the last morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MORNING = 6


class Night:
    """The last night that is over at ``now``: its evening belongs to the day before."""

    def __init__(self, now: datetime | None = None) -> None:
        now = (now or datetime.now(UTC)).astimezone(UTC)
        morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
        self.morning = morning if morning <= now else morning - timedelta(days=1)

    def at(self, clock: str) -> str:
        """``HH:MM`` of this night, in RFC 3339."""
        hour, minute = (int(part) for part in clock.split(":"))
        moment = self.morning.replace(hour=hour, minute=minute)
        return _text(moment if moment <= self.morning else moment - timedelta(days=1))

    def before(self, days: int) -> str:
        """So many days before its morning, in RFC 3339."""
        return _text(self.morning - timedelta(days=days))


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
