"""Reads files that people name, whole and within a size: what is no regular file is never opened to the end,
and what can't be read is one line that says what it is and what to do."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from drift.errors import ConfigError, DeclaredError, DriftError

MB = 1024 * 1024
#: Of what people write (templates, manifests, values, rules): more than any forge or cloud takes.
WRITTEN = 32 * MB
#: Of what programs write as one document (a state, a report).
MADE = 512 * MB
#: How much of a file's beginning is looked at before the rest is read, and how much at a time.
_MARK, _PIECE = 64, MB
_HOLE = "holds zero bytes: it was not written to the end, or is damaged; restore it"
#: Texts whose halves of characters all stand for bytes (PEP 383).
_ESCAPED = re.compile("[^\ud800-\udc7f\udd00-\udfff]*")
#: A byte that is no UTF-8, as people see it.
_SHOWN = re.compile(r"\\x([89a-f][0-9a-f])")
_UTF16 = "is UTF-16 text (as PowerShell's `>` writes it); save it as UTF-8"
#: How what is no text begins, and what it is.
_BEGINNINGS = (
    (b"\xff\xfe", _UTF16),
    (b"\xfe\xff", _UTF16),
    (b"{\0", _UTF16),
    (b"\0{", _UTF16),
    (b"\0GITCRYPT", "is encrypted by git-crypt; check it out with `git-crypt unlock` and declare its path"),
    (b"$ANSIBLE_VAULT;", "is encrypted by Ansible Vault; decrypt it first"),
    (b"age-encryption.org/", "is encrypted by age; decrypt it first"),
    (b"-----BEGIN PGP MESSAGE", "is encrypted by PGP; decrypt it first"),
    (b"\x1f\x8b", "is compressed by gzip; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd; decompress it first"),
    (b"PK\x03\x04", "is packed (zip); unpack it first"),
    (b"\0\0\0\0", _HOLE),
)


@contextmanager
def opened(file: Path, display: str, error: type[DriftError] = DeclaredError) -> Iterator[BinaryIO]:
    """A regular file, open to be read. Raises ``error`` where it is none or can't be read, also while it is
    read."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as refused:
        raise error(f"{display}: {_refusal(file, refused)}") from refused
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise error(f"{display}: is {kind(mode)}; give a file")
    with open(handle, "rb") as stream:  # noqa: PTH123 - of a descriptor
        try:
            yield stream
        except OSError as broken:
            if broken.errno is None:  # what a reader of an archive says of its content
                raise
            raise error(f"{display}: can't be read: {broken.strerror}") from broken


def content(
    file: Path, display: str, *, most: int = WRITTEN, error: type[DriftError] = DeclaredError
) -> bytes:
    """The bytes of a regular file of at most ``most``, without a mark of their order (BOM).

    Raises ``error``: where it can't be read, is no regular file, is larger or changes meanwhile, or begins as
    what is no text.
    """
    with opened(file, display, error) as stream:
        before = os.fstat(stream.fileno())
        size = before.st_size
        what = no_text(stream.read(_MARK)) or _too_large(size, most)
        if what is None and size > _PIECE and _holed(stream):
            what = _HOLE
        if what is not None:
            raise error(f"{display}: {what}")
        stream.seek(0)
        body = stream.read(size + 1)
        after = os.fstat(stream.fileno())
        if (size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise error(f"{display}: changed while it was read; run again once it is written")
        what = _too_large(len(body), most) or (_HOLE if b"\0" in body else None)
        if what is not None:
            raise error(f"{display}: {what}")
    return body.removeprefix(b"\xef\xbb\xbf")


def text(file: Path, display: str, *, most: int = WRITTEN, error: type[DriftError] = DeclaredError) -> str:
    """The text of a file, as :func:`content` reads it. Raises ``error``."""
    body = content(file, display, most=most, error=error)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as broken:
        line = body.count(b"\n", 0, broken.start) + 1
        raise error(f"{display}:{line}: is not UTF-8 text; save it as UTF-8") from broken


def holds(file: Path, wanted: re.Pattern[bytes]) -> bool:
    """Whether a text holds what a pattern finds (at most 256 bytes), looked for piece by piece; False where
    it can't be read."""
    try:
        with opened(file, str(file)) as stream:
            before = b""
            while (piece := stream.read(_PIECE)) and b"\0" not in piece:
                if wanted.search(before + piece):
                    return True
                before = piece[-256:]
    except DriftError:
        pass
    return False


def place(said: str | Path, base: Path, *, error: type[DriftError] = ConfigError) -> Path:
    """Where a path that people say leads, from ``base`` on; nothing need be there. Raises ``error`` for one
    that leads nowhere: a link in circles, a name that is too long, the home of nobody."""
    try:
        found = (base / at_home(said)).resolve()
        found.exists()
    except (OSError, RuntimeError, ValueError) as refused:
        why = refused.strerror if isinstance(refused, OSError) else str(refused).partition(" from ")[0]
        raise error(f"{shown(str(said))[:200]}: leads nowhere: {why}; correct the path") from refused
    return found


def at_home(said: str | Path) -> Path:
    """A path in which ``~`` at the beginning is a home; ``./~`` is a folder of that name."""
    return Path(said).expanduser() if str(said).startswith("~") else Path(said)


def shown(name: str) -> str:
    """A path for people and for reports: bytes that are no UTF-8 as ``\\xff``."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape" if _ESCAPED.fullmatch(name) else "replace").decode(
            "utf-8", "backslashreplace"
        )
    return name


def meant(name: str) -> str:
    """The path that :func:`shown` shows so."""
    return _SHOWN.sub(lambda found: os.fsdecode(bytes([int(found[1], 16)])), name)


def no_text(head: bytes) -> str | None:
    """What a file is that begins so, and what to do, where it is surely no text that a reader takes."""
    return next((what for begin, what in _BEGINNINGS if head.startswith(begin)), None)


def kind(mode: int) -> str:
    """What a place with this mode is, in words, where it is no file."""
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe, which can be read only once"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _too_large(size: int, most: int) -> str | None:
    if size <= most:
        return None
    return (
        f"is {size / MB:,.0f} MB, and no more than {most // MB:,} MB are read; split it, or correct the path"
    )


def _holed(stream: BinaryIO) -> bool:
    """Whether what is left of a file has zero bytes in it, found before all of it is in memory."""
    return any(b"\0" in piece for piece in iter(lambda: stream.read(_PIECE), b""))


def _refusal(file: Path, refused: OSError | ValueError) -> str:
    """Why a place can't be opened. A socket says only that there is no such device."""
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError):
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode):
        return f"is {kind(mode)}; give a file"
    why = refused.strerror if isinstance(refused, OSError) else str(refused)
    return f"can't be read: {why}"
