"""A text that is changed piece by piece and still knows which bytes of the original each change replaces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drift.editor import Replacement


@dataclass(frozen=True, slots=True)
class _Piece:
    """``text`` of our own, or, where that is None, characters ``start`` up to ``end`` of the original."""

    start: int = 0
    end: int = 0
    text: str | None = None

    @property
    def size(self) -> int:
        return self.end - self.start if self.text is None else len(self.text)


class Pieces:
    """A text and what was changed of it.

    >>> pieces = Pieces("a: 1\\n")
    >>> pieces.splice(3, 4, "2")
    >>> pieces.text, pieces.replacements(Path("x"))[0].content
    ('a: 2\\n', b'2')
    """

    def __init__(self, original: str) -> None:
        self.original = self.text = original
        self._pieces = [_Piece(0, len(original))]

    def splice(self, start: int, end: int, new: str) -> None:
        """Puts ``new`` in place of the characters ``start`` up to ``end`` of the text as it is now."""
        before, rest = _cut(self._pieces, start)
        _, after = _cut(rest, end - start)
        self._pieces = [*before, *([_Piece(text=new)] if new else []), *after]
        self.text = self.text[:start] + new + self.text[end:]

    def replacements(self, file: Path) -> tuple[Replacement, ...]:
        """The changes, in bytes of the original as UTF-8."""
        found, at, new = [], 0, ""
        for piece in (*self._pieces, _Piece(len(self.original), len(self.original))):
            if piece.text is not None:
                new += piece.text
                continue
            if new or piece.start != at:
                found.append((at, piece.start, new))
            at, new = piece.end, ""
        sizes = _Bytes(self.original)
        return tuple(
            Replacement(file, sizes.at(one), sizes.at(end), text.encode()) for one, end, text in found
        )


class _Bytes:
    """Counts bytes up to places that are asked for in order."""

    def __init__(self, text: str) -> None:
        self.text, self.place, self.bytes = text, 0, 0

    def at(self, place: int) -> int:
        self.bytes += len(self.text[self.place : place].encode())
        self.place = place
        return self.bytes


def _cut(pieces: list[_Piece], at: int) -> tuple[list[_Piece], list[_Piece]]:
    """What stands before a place, and from it on."""
    for number, piece in enumerate(pieces):
        if at < piece.size:
            if not at:
                return pieces[:number], pieces[number:]
            one, other = _halves(piece, at)
            return [*pieces[:number], one], [other, *pieces[number + 1 :]]
        at -= piece.size
    return pieces, []


def _halves(piece: _Piece, at: int) -> tuple[_Piece, _Piece]:
    if piece.text is None:
        return _Piece(piece.start, piece.start + at), _Piece(piece.start + at, piece.end)
    return _Piece(text=piece.text[:at]), _Piece(text=piece.text[at:])
