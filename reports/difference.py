"""Where two texts differ, by word and by line, what is alike side by side, long equal stretches left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_TOKENS = 800
_MOST_LINES = 3_000
_MOST_PAIRED = 40
_CONTEXT = 3
_FOLD_CHARACTERS = 160
_KEEP_CHARACTERS = 48
_ALIKE = 0.35

Operation = tuple[str, int, int, int, int]


class Piece(NamedTuple):
    """A stretch of text: ``same`` on both sides, ``other`` where they differ, ``elided`` for equal text left
    out."""

    kind: Literal["same", "other", "elided"]
    text: str


class Row(NamedTuple):
    """One line of a comparison: what is declared beside what is live, with their numbers from 1.

    ``same``: equal, given once, as declared; ``changed``: alike, with what differs marked; ``declared`` and
    ``live``: there on one side only; ``elided``: equal lines left out, ``declared`` says how many.
    """

    kind: Literal["same", "changed", "declared", "live", "elided"]
    declared: Sequence[Piece] | None
    live: Sequence[Piece] | None
    declared_line: int = 0
    live_line: int = 0


def mark_words(declared: str | None, live: str | None) -> tuple[list[Piece] | None, list[Piece] | None]:
    """Both texts in pieces, with the words that differ marked; unmarked where nearly all of it differs."""
    if declared is None or live is None:
        return (
            None if declared is None else [Piece("same", declared)],
            None if live is None else [Piece("same", live)],
        )
    left, right = _words(declared, live)
    return list(_shortened(left)), list(_shortened(right))


def line_difference(declared: str | None, live: str | None, *, max_lines: int = 300) -> tuple[list[Row], int]:
    """The lines of both texts side by side, and how many rows were cut off at the end."""
    before = [] if declared is None else declared.split("\n")
    after = [] if live is None else live.split("\n")
    # Matching is quadratic at worst: beyond this the lines are shown one side after the other.
    if len(before) > _MOST_LINES or len(after) > _MOST_LINES:
        rows = [*_removed(before, 0), *_added(after, 0)]
    else:
        rows = list(_side_by_side(before, after))
    return rows[:max_lines], max(0, len(rows) - max_lines)


def pairs_alike(removed: Sequence[str], added: Sequence[str]) -> list[tuple[int, int]]:
    """Which members of two sets are most alike, by their places, the likest first; of long ones none."""
    if len(removed) > _MOST_PAIRED or len(added) > _MOST_PAIRED:
        return []
    tokens = [[Counter(_TOKEN.findall(text)) for text in side] for side in (removed, added)]
    likeness = sorted(
        (-alike, i, j)
        for i, one in enumerate(tokens[0])
        for j, other in enumerate(tokens[1])
        if (alike := _likeness(one, other)) > 0.5
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in likeness:
        if all(i != left and j != right for left, right in pairs):
            pairs.append((i, j))
    return pairs


def _side_by_side(before: list[str], after: list[str]) -> Iterator[Row]:
    operations = _operations(before, after)
    for position, (operation, i1, i2, j1, j2) in enumerate(operations):
        if operation != "equal":
            yield from _paired(before[i1:i2], after[j1:j2], i1, j1)
            continue
        last = position == len(operations) - 1
        head, tail = 0 if position == 0 else _CONTEXT, 0 if last else _CONTEXT
        hidden = i2 - i1 - head - tail
        for i in range(i1, i2):
            if hidden >= 3 and i1 + head <= i < i2 - tail:
                if i == i1 + head:
                    yield Row("elided", [Piece("elided", f"{hidden:,} equal lines")], None)
                continue
            yield Row("same", [Piece("same", before[i])], None, i + 1, j1 + i - i1 + 1)


def _paired(removed: list[str], added: list[str], i1: int, j1: int) -> Iterator[Row]:
    """Lines that took the place of others: each beside the one that it is likest to, in order."""
    i, j = 0, 0
    for left, right in _pairs(removed, added):
        yield from _removed(removed[i:left], i1 + i)
        yield from _added(added[j:right], j1 + j)
        old, new = _words(removed[left], added[right])
        yield Row("changed", old, new, i1 + left + 1, j1 + right + 1)
        i, j = left + 1, right + 1
    yield from _removed(removed[i:], i1 + i)
    yield from _added(added[j:], j1 + j)


def _pairs(removed: list[str], added: list[str]) -> list[tuple[int, int]]:
    """Which of two runs of lines belong together: the pairing in order that is most alike in sum."""
    if not removed or not added or max(len(removed), len(added)) > _MOST_PAIRED:
        return []
    if len(removed) == len(added) == 1:
        return [(0, 0)]
    left, right = ([Counter(_TOKEN.findall(text)) for text in side] for side in (removed, added))
    best: list[list[float]] = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    alike = [[_likeness(one, other) for other in right] for one in left]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] > _ALIKE else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if alike[i][j] > _ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """How much two texts have in common, from 0 to 1, by the length of the words in both."""
    common = sum(len(word) * min(number, other[word]) for word, number in one.items() if word in other)
    whole = sum(len(word) * number for side in (one, other) for word, number in side.items())
    return 2 * common / whole if whole else 1.0


def _removed(lines: Sequence[str], start: int) -> Iterator[Row]:
    for number, text in enumerate(lines, start + 1):
        yield Row("declared", [Piece("same", text)], None, number)


def _added(lines: Sequence[str], start: int) -> Iterator[Row]:
    for number, text in enumerate(lines, start + 1):
        yield Row("live", None, [Piece("same", text)], 0, number)


def _operations(before: Sequence[str], after: Sequence[str]) -> list[Operation]:
    """How one sequence becomes the other. Equal ends are taken off first: most differences are small."""
    limit = min(len(before), len(after))
    head = next((i for i in range(limit) if before[i] != after[i]), limit)
    tail = next((i for i in range(limit - head) if before[-1 - i] != after[-1 - i]), limit - head)
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    found: list[Operation] = [("equal", 0, head, 0, head)] if head else []
    if min(map(len, middle)) == 1 and not set(middle[0]) & set(middle[1]):
        found.append(("replace", head, len(before) - tail, head, len(after) - tail))
    elif middle[0] and middle[1]:
        matcher = SequenceMatcher(None, *middle, autojunk=False)
        found += [
            (name, i1 + head, i2 + head, j1 + head, j2 + head)
            for name, i1, i2, j1, j2 in matcher.get_opcodes()
        ]
    elif middle[0] or middle[1]:
        found.append(("replace", head, len(before) - tail, head, len(after) - tail))
    if tail:
        found.append(("equal", len(before) - tail, len(before), len(after) - tail, len(after)))
    return found


def _words(declared: str, live: str) -> tuple[list[Piece], list[Piece]]:
    before, after = _TOKEN.findall(declared), _TOKEN.findall(live)
    if max(len(before), len(after)) > _MOST_TOKENS:
        return _by_ends(declared, live)
    if _apart(before, after) or _likeness(Counter(before), Counter(after)) < _ALIKE:
        return [Piece("same", declared)], [Piece("same", live)]
    operations = _operations(before, after)
    same = sum(len("".join(before[i1:i2])) for name, i1, i2, _, _ in operations if name == "equal")
    if same < _ALIKE * max(len(declared), len(live)):
        return [Piece("same", declared)], [Piece("same", live)]
    left, right = [], []
    for name, i1, i2, j1, j2 in operations:
        kind: Literal["same", "other"] = "same" if name == "equal" else "other"
        if i2 > i1:
            left.append(Piece(kind, "".join(before[i1:i2])))
        if j2 > j1:
            right.append(Piece(kind, "".join(after[j1:j2])))
    return left, right


def _apart(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether two texts have so little in common that nobody needs to count it."""
    common = set(before).intersection(after)
    most = min(sum(len(word) for word in side if word in common) for side in (before, after))
    return 2 * most < _ALIKE * (sum(map(len, before)) + sum(map(len, after)))


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
