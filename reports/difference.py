"""Where two texts differ, by word and by line, with long equal stretches left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_TOKENS = 800
_CONTEXT = 3
_FOLD_CHARACTERS = 160
_KEEP_CHARACTERS = 48
_ALIKE = 0.35


@dataclass(frozen=True)
class Piece:
    """A stretch of text: ``same`` on both sides, ``other`` where they differ, ``elided`` for equal text left
    out."""

    kind: Literal["same", "other", "elided"]
    text: str


@dataclass(frozen=True)
class Line:
    """One line: ``declared`` only, ``live`` only, ``same`` on both, ``elided`` for equal lines left out."""

    kind: Literal["declared", "live", "same", "elided"]
    pieces: Sequence[Piece]


def mark_words(declared: str | None, live: str | None) -> tuple[list[Piece] | None, list[Piece] | None]:
    """Both texts in pieces, with the words that differ marked; unmarked where nearly all of it differs."""
    if declared is None or live is None:
        return (
            None if declared is None else [Piece("same", declared)],
            None if live is None else [Piece("same", live)],
        )
    left, right = _words(declared, live)
    return list(_shortened(left)), list(_shortened(right))


def line_difference(
    declared: str | None, live: str | None, *, max_lines: int = 300
) -> tuple[list[Line], int]:
    """The lines of both texts as one unified difference, and how many lines were cut off at the end."""
    before = [] if declared is None else declared.split("\n")
    after = [] if live is None else live.split("\n")
    # Matching is quadratic at worst: beyond this the lines are shown one side after the other.
    if len(before) > 3_000 or len(after) > 3_000:
        lines = [_line("declared", text) for text in before] + [_line("live", text) for text in after]
    else:
        lines = list(_unified(before, after))
    return lines[:max_lines], max(0, len(lines) - max_lines)


def _unified(before: list[str], after: list[str]) -> Iterator[Line]:
    operations = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for position, (operation, i1, i2, j1, j2) in enumerate(operations):
        if operation == "equal":
            last = position == len(operations) - 1
            yield from _context(
                before[i1:i2], head=0 if position == 0 else _CONTEXT, tail=0 if last else _CONTEXT
            )
            continue
        removed, added = before[i1:i2], after[j1:j2]
        if len(removed) == len(added):
            pairs = [_words(old, new) for old, new in zip(removed, added, strict=True)]
            yield from (Line("declared", old) for old, _ in pairs)
            yield from (Line("live", new) for _, new in pairs)
        else:
            yield from (_line("declared", text) for text in removed)
            yield from (_line("live", text) for text in added)


def _context(lines: list[str], *, head: int, tail: int) -> Iterator[Line]:
    hidden = len(lines) - head - tail
    if hidden < 3:
        yield from (_line("same", text) for text in lines)
        return
    yield from (_line("same", text) for text in lines[:head])
    yield Line("elided", [Piece("elided", f"{hidden:,} equal lines")])
    yield from (_line("same", text) for text in lines[len(lines) - tail :])


def _line(kind: Literal["declared", "live", "same"], text: str) -> Line:
    return Line(kind, [Piece("same", text)])


def _words(declared: str, live: str) -> tuple[list[Piece], list[Piece]]:
    before, after = _TOKEN.findall(declared), _TOKEN.findall(live)
    plain = [Piece("same", declared)], [Piece("same", live)]
    if max(len(before), len(after)) > _MOST_TOKENS:
        return _by_ends(declared, live)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    operations = matcher.get_opcodes()
    same = sum(len("".join(before[i1:i2])) for name, i1, i2, _, _ in operations if name == "equal")
    if same < _ALIKE * max(len(declared), len(live)):
        return plain
    left, right = [], []
    for name, i1, i2, j1, j2 in operations:
        kind: Literal["same", "other"] = "same" if name == "equal" else "other"
        if i2 > i1:
            left.append(Piece(kind, "".join(before[i1:i2])))
        if j2 > j1:
            right.append(Piece(kind, "".join(after[j1:j2])))
    return left, right


def _by_ends(declared: str, live: str) -> tuple[list[Piece], list[Piece]]:
    """Long texts: what lies between the equal beginning and the equal end is what differs."""
    limit = min(len(declared), len(live))
    head = next((i for i in range(limit) if declared[i] != live[i]), limit)
    tail = next((i for i in range(limit - head) if declared[-1 - i] != live[-1 - i]), limit - head)
    sides = []
    for text in (declared, live):
        pieces = [
            Piece("same", text[:head]),
            Piece("other", text[head : len(text) - tail]),
            Piece("same", text[len(text) - tail :]),
        ]
        sides.append([piece for piece in pieces if piece.text])
    return sides[0], sides[1]


def _shortened(pieces: list[Piece]) -> Iterator[Piece]:
    """``pieces`` with the middle of long equal stretches left out, and said so."""
    if len(pieces) == 1:
        yield from pieces
        return
    for piece in pieces:
        if piece.kind == "other" or len(piece.text) <= _FOLD_CHARACTERS:
            yield piece
            continue
        hidden = len(piece.text) - 2 * _KEEP_CHARACTERS
        yield Piece("same", piece.text[:_KEEP_CHARACTERS])
        yield Piece("elided", f"{hidden:,} equal characters")
        yield Piece("same", piece.text[-_KEEP_CHARACTERS:])
