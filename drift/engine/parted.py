"""A file of pieces that is written here and there at once: here as one, in an object store part by part, as
objects can't grow."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from drift import temporary
from drift.depot import Depot, DepotError
from drift.live.pieces import Pieces, Seal

#: A part is sent when so many bytes wait, or the last one was so many seconds ago.
PART_BYTES, PART_SECONDS = 8 * 1024 * 1024, 10.0
_PART = re.compile(r"\.part(\d{6})$")
_CHUNK = 1024 * 1024


class Parted(Pieces):
    """The file ``name`` of a place. What :meth:`sync` has been told is there within :data:`PART_SECONDS`, the
    rest once it is closed; ``tell`` is told where that fails."""

    def __init__(self, place: Depot, name: str, seal: Seal | None, tell: Callable[[str], None]) -> None:
        self._place, self._name, self._tell = place, name, tell
        self._sending = threading.Lock()
        self._sent, self._parts, self._last = 0, 0, time.monotonic()
        super().__init__(temporary.folder() / name, new=True, seal=seal)

    def sync(self) -> None:
        if self.size - self._sent >= PART_BYTES or time.monotonic() - self._last >= PART_SECONDS:
            self.send()

    def send(self) -> None:
        """Sends what is not there yet. Raises OSError."""
        with self._sending:
            end = self.size
            if end == self._sent:
                return
            try:
                with (
                    self._place.put(f"{self._name}.part{self._parts + 1:06}") as out,
                    self.path.open("rb") as file,
                ):
                    file.seek(self._sent)
                    left = end - self._sent
                    while left and (chunk := file.read(min(left, _CHUNK))):
                        out.write(chunk)
                        left -= len(chunk)
            except DepotError as error:
                raise OSError(str(error)) from error
            self._sent, self._parts, self._last = end, self._parts + 1, time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.send()
        except OSError as failed:
            self._tell(f"not all that was read is kept for `--resume`: {failed}")
        super().__exit__(kind, error, trace)
        self.path.unlink(missing_ok=True)


def stem(name: str) -> str:
    """The file that a part is of, or that is not in parts."""
    return _PART.sub("", name)


def joined(place: Depot, parts: Sequence[str], path: Path) -> None:
    """Writes a file of its parts, as far as none is missing. Raises DepotError, OSError."""
    with path.open("wb") as out:
        for number, name in enumerate(sorted(parts), 1):
            found = _PART.search(name)
            if found is None or int(found[1]) != number:
                return
            with place.get(name) as file:
                while chunk := file.read(_CHUNK):
                    out.write(chunk)
