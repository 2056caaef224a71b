"""Tells two versions of a file apart as the fewest bytes that are replaced."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

from drift.editor import Replacement


def replacements(file: Path, before: bytes, after: bytes) -> tuple[Replacement, ...]:
    """What makes ``after`` of ``before``: of each run of lines that differ the bytes that do."""
    if before == after:
        return ()
    one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = _alike(one, other)
    tail = _alike(one[head:][::-1], other[head:][::-1])
    old, new = one[head : len(one) - tail], other[head : len(other) - tail]
    at = sum(map(len, one[:head]))
    starts = [at]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            found.append(_trimmed(file, starts[i1], b"".join(old[i1:i2]), b"".join(new[j1:j2])))
    return tuple(found)


def _alike(one: list[bytes], other: list[bytes]) -> int:
    """How many lines are the same from the beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _trimmed(file: Path, at: int, old: bytes, new: bytes) -> Replacement:
    """The replacement without what both have at either end."""
    head, most = 0, min(len(old), len(new))
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return Replacement(file, at + head, at + len(old) - tail, new[head : len(new) - tail])
