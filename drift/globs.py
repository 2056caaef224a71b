"""Many globs of :mod:`fnmatch` asked as one question, letter case included: most are a word, or say how one
begins or ends, and need no regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate


class Globs:
    """Whether one of some globs matches a whole text.

    >>> Globs(["LOG_*LEVEL", "*_PORT", "TZ"]).match("HTTP_PORT")
    True
    """

    __slots__ = ("_between", "_ends", "_rest", "_starts", "_words")

    def __init__(self, globs: Iterable[str]) -> None:
        words, starts, ends, rest = set[str](), list[str](), list[str](), list[str]()
        between: list[tuple[str, str]] = []
        for glob in globs:
            start, *others = glob.split("*")
            if "?" in glob or "[" in glob or len(others) > 1:
                rest.append(glob)
            elif not others:
                words.add(glob)
            elif start and others[0]:
                between.append((start, others[0]))
            else:
                (ends if others[0] else starts).append(start or others[0])
        self._words, self._starts, self._ends = frozenset(words), tuple(starts), tuple(ends)
        self._between = between
        self._rest = re.compile("|".join(map(translate, rest))) if rest else None

    def match(self, text: str) -> bool:
        """Whether one of them matches."""
        return (
            text in self._words
            or text.startswith(self._starts)
            or text.endswith(self._ends)
            or any(
                len(text) >= len(start) + len(end) and text.startswith(start) and text.endswith(end)
                for start, end in self._between
            )
            or (self._rest is not None and self._rest.match(text) is not None)
        )
