"""What could not be sent, kept in a folder until a later run sends it, once; what was last sent to whom."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from drift.channel import Message
from drift.errors import DriftError
from drift.files import alone, replacing

#: What is kept at most: so many messages, of so many bytes together, for so long.
MOST, MOST_BYTES, MOST_SECONDS = 100, 500_000_000, 14 * 86_400
#: A message that a run took to send is another one's again after so long: that run was killed.
_TAKEN_SECONDS = 3_600
_STATE = "sent.json"
#: Who holds it alone takes messages and changes what is known; how long one waits for that (seconds).
_LOCK, _LOCK_SECONDS = "sent.json.lock", 30.0
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that waits. ``slot`` is the place of its channel in drift.yaml, as ``mail``."""

    slot: str
    message: Message
    file: Path


class Outbox:
    """A folder of messages, a file each. Several runs may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._holding = False

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While no other run takes messages or changes what is known. Where that can't be had (a file system
        without locks, a run that holds on), all is done without: a message may come twice then, and none is
        lost."""
        if self._holding or not self.folder.is_dir():
            yield
            return
        handle = -1
        try:
            with contextlib.suppress(OSError):
                handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                alone(handle, _LOCK_SECONDS)
            self._holding = True
            yield
        finally:
            self._holding = False
            if handle >= 0:
                os.close(handle)

    def open(self) -> None:
        """Makes the folder. Raises DriftError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DriftError(f"{self.folder}: can't be made: {error.strerror}") from error

    def name(self, slot: str, message: Message) -> str:
        """What a message is kept as from now on."""
        return _name(time.time(), slot, message)

    def named(self, kept: Kept) -> str:
        """What a message is kept as."""
        return _untaken(kept.file).name

    def waiting(self) -> frozenset[str]:
        """The names of all messages that wait, taken by a run or not."""
        return frozenset(_untaken(file).name for file, _, _ in self._files())

    def keep(self, slot: str, message: Message, name: str | None = None) -> Kept:
        """Keeps a message before it is sent, taken so that no other run sends it too: whenever this run is
        killed, a later one sends it. Raises DriftError where there is no room, or it can't be written."""
        there = list(self._files())
        if len(there) >= MOST or sum(size for _, size, _ in there) + len(message.content) > MOST_BYTES:
            raise DriftError(f"{self.folder}: the outbox is full: {len(there)} messages wait")
        return Kept(slot, message, self._write(slot, message, name or self.name(slot, message), taken=True))

    def taken(self) -> Iterator[Kept]:
        """Each message that waits, the oldest first, taken so that no other run sends it too. One that is not
        put back (:meth:`back`) or done with (:meth:`done`) is another run's in an hour."""
        self._sweep()
        for file, _, written in sorted(self._files(), key=lambda one: one[2]):
            with self.alone():
                kept = self._take(file, written)
            if kept is not None:
                yield kept

    def _take(self, file: Path, written: float) -> Kept | None:
        """One message, if it is nobody's; one that waited for too long is given up."""
        if time.time() - written > MOST_SECONDS:
            with contextlib.suppress(OSError):
                file.unlink()
            return None
        mine = _untaken(file).with_name(f"{_untaken(file).name}{_mine()}")
        try:
            age = time.time() - file.stat().st_mtime
            if ".taken" in file.name and age < _TAKEN_SECONDS:
                return None
            file.rename(mine)
            os.utime(mine)
            return _read(mine)
        except OSError:
            return None  # another run was quicker
        except (ValueError, KeyError, TypeError):
            with contextlib.suppress(OSError):
                mine.rename(mine.with_name(f"{file.name.split('.message')[0]}.unreadable"))
            return None

    def back(self, kept: Kept, message: Message) -> None:
        """Puts a message back, or what of it is yet to be sent. Raises DriftError where that can't be
        written; then the whole of it is another run's in an hour."""
        if message is kept.message:  # which needs no room
            try:
                kept.file.rename(_untaken(kept.file))
            except OSError as error:
                raise DriftError(f"{kept.file}: can't be put back: {error.strerror}") from error
            return
        self._write(kept.slot, message, _untaken(kept.file).name)
        self.done(kept)

    def done(self, kept: Kept) -> None:
        """Takes a message away."""
        with contextlib.suppress(OSError):
            kept.file.unlink()

    def _write(self, slot: str, message: Message, name: str, *, taken: bool = False) -> Path:
        file = self.folder / f"{name}{_mine() if taken else ''}"
        with replacing(file) as out:
            out.write(orjson.dumps({"slot": slot, **_told(message)}))
        return file

    def _sweep(self) -> None:
        """Takes away what runs that were killed while they wrote have left."""
        for left in self.folder.glob(".*"):
            with contextlib.suppress(OSError):
                if time.time() - left.lstat().st_mtime > _TAKEN_SECONDS:
                    left.unlink()

    def _files(self) -> Iterator[tuple[Path, int, float]]:
        for file in self.folder.glob("*.message*"):
            with contextlib.suppress(OSError, ValueError):
                yield file, file.stat().st_size, _written(file)

    # What was last sent

    def state(self) -> dict[str, Any]:
        """What is known of earlier sendings; nothing where it can't be read."""
        try:
            found = orjson.loads((self.folder / _STATE).read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return found if isinstance(found, dict) else {}

    def told(self, changes: Mapping[str, Any]) -> None:
        """Adds to what is known, whatever other runs add meanwhile. Raises DriftError."""
        self.open()
        with self.alone(), replacing(self.folder / _STATE) as out:
            out.write(orjson.dumps({**self.state(), **changes}, option=orjson.OPT_INDENT_2))


def _name(moment: float, slot: str, message: Message) -> str:
    return f"{moment:.3f}-{_UNSAFE.sub('-', message.id)[:120]}-{_UNSAFE.sub('-', slot)[:20]}.message"


def _mine() -> str:
    """How the name of a file ends that this run has taken."""
    return f".taken-{os.getpid()}"


def _untaken(file: Path) -> Path:
    """The same file while no run has taken it."""
    return file.with_name(file.name.split(".taken")[0])


def _written(file: Path) -> float:
    """When a message was first kept."""
    return float("".join(file.name.partition("-")[:1]))


def _told(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "subject": message.subject,
        "text": message.text,
        "sender": message.sender,
        "recipients": list(message.recipients),
        "content": base64.b64encode(message.content).decode(),
        "document": dict(message.document),
    }


def _read(file: Path) -> Kept:
    told = orjson.loads(file.read_bytes())
    message = Message(
        str(told["id"]),
        str(told["subject"]),
        str(told["text"]),
        str(told["sender"]),
        tuple(map(str, told["recipients"])),
        base64.b64decode(told["content"]),
        dict(told["document"]),
    )
    return Kept(str(told["slot"]), message, file)
