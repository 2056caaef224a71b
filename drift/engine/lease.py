"""That a run is still under way: its coordinator says so again and again, and what it has left behind goes
once it has said nothing for long.

No clocks of two machines are compared: a member counts the seconds since it saw something new, and of two
files in one place that place's own clock says which is older.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from drift.depot import Depot, DepotError, Gone
from drift.engine.shared import Shelf

#: What says that a run is under way is written so often.
BEAT_SECONDS = 10.0
#: Who has seen nothing new for so long knows that the run is over.
LEASE_SECONDS = 120.0
#: What a run left that has said nothing for so long goes with the next one. Longer, for whoever could not say
#: it for a while, and is under way, loses by it what it can't do without.
LEFT_SECONDS = 900.0
#: What members kept for a later run goes once nobody has written to it for so long, if not earlier.
KEPT_SECONDS = 30 * 24 * 3600.0
#: Its file, in the run's folder.
ALIVE = "alive"
_PREFIX, _KEPT = "drift-", ".kept"
_RUN = re.compile(r"drift-\d{8}T\d{6}Z-[0-9a-f]{6}(\.kept)?")


def folder_of(run: str) -> str:
    """The name of a run's folder."""
    return f"{_PREFIX}{run}"


def kept_of(run: str) -> str:
    """The name of the folder in which a run's members keep what they read."""
    return f"{_PREFIX}{run}{_KEPT}"


class Heart:
    """Says that a run is under way, from now until its :meth:`stop`. Raises DepotError where that can't be
    said at all; later it is tried again."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf, self._beats = shelf, 0
        self._over = threading.Event()
        self._beat()
        threading.Thread(target=self._run, daemon=True, name="heart").start()

    def _run(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            with suppress(DepotError):
                self._beat()

    def _beat(self) -> None:
        self._beats += 1
        self._shelf.put(ALIVE, [self._beats])

    def stop(self) -> None:
        """The run is over; its members see that at their next look."""
        self._over.set()
        with suppress(DepotError):
            self._shelf.place.remove([ALIVE])


class Pulse:
    """Feels, in a member, whether a run is under way; once it is not, ``over`` is called. Raises DepotError
    where it is over already."""

    def __init__(self, shelf: Shelf, over: Callable[[], None]) -> None:
        self._shelf, self._on_over = shelf, over
        self._last: int = next(shelf.get(ALIVE))
        self._seen = time.monotonic()
        self._over = threading.Event()

    def watch(self) -> None:
        """Begins to look."""
        threading.Thread(target=self._run, daemon=True, name="pulse").start()

    def stop(self) -> None:
        """The run is over, as is known otherwise."""
        if not self._over.is_set():
            self._over.set()
            self._on_over()

    @property
    def over(self) -> bool:
        """Whether the run is over."""
        return self._over.is_set()

    def _run(self) -> None:
        while not self._over.wait(self._shelf.place.pause):
            if not self.look():
                self.stop()

    def look(self) -> bool:
        """Whether the run is under way as far as can be seen now."""
        try:
            beat: int = next(self._shelf.get(ALIVE))
        except Gone:
            return False
        except DepotError:  # nobody can tell now, which is not told from a run that says nothing
            beat = self._last
        if beat > self._last:  # an older one was put there again by somebody else
            self._last, self._seen = beat, time.monotonic()
        return time.monotonic() - self._seen < LEASE_SECONDS


def sweep(above: Depot, run: str, tell: Callable[[str], None]) -> None:
    """Takes away what runs have left in a place that ended without taking it away themselves. ``run`` is this
    one, whose heart beats there already."""
    try:
        now = above.below(folder_of(run)).moment(ALIVE)
        for name in above.folders():
            if name != folder_of(run) and _RUN.fullmatch(name):
                left = above.below(name)
                if _over(left, name, now):
                    left.clear()
                    tell(f"took away what an earlier run left: {left.shown}")
    except DepotError as error:
        tell(f"what earlier runs may have left in {above.shown} is not looked for: {error}")


def _over(left: Depot, name: str, now: float) -> bool:
    """Whether the run of a folder is over."""
    longest = KEPT_SECONDS if name.endswith(_KEPT) else LEFT_SECONDS
    try:
        return now - left.moment(ALIVE) > longest
    except Gone:
        last = left.changed()
        return last is not None and now - last > longest
