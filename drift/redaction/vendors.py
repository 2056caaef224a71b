"""What vendors' tokens look like, by gitleaks' rules (``vendors.json``); a rule is compiled when a
text first holds one of its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import orjson
from ahocorasick_rs import AhoCorasick


@cache
def _rules() -> list[tuple[list[str], str]]:
    told = orjson.loads(Path(__file__).with_name("vendors.json").read_bytes())
    return [(words, pattern) for words, pattern in told["rules"]]


@cache
def keywords() -> tuple[str, ...]:
    """The words of all rules, in lower case: where none of them is, no rule fits."""
    return tuple(dict.fromkeys(word for words, _ in _rules() for word in words))


@cache
def _finder() -> tuple[AhoCorasick, list[list[int]]]:
    """Finds words; and for each of them the numbers of the rules that it is of."""
    of = {
        word: [number for number, (words, _) in enumerate(_rules()) if word in words] for word in keywords()
    }
    return AhoCorasick(list(of)), list(of.values())


@cache
def _pattern(number: int) -> re.Pattern[str]:
    return re.compile(_rules()[number][1])


@lru_cache(maxsize=32768)
def named(name: str) -> bool:
    """Whether a name holds a word of a rule."""
    return bool(_finder()[0].find_matches_as_indexes(name.lower()))


def found(text: str) -> Iterator[str]:
    """Each token in a text that a vendor's rule tells."""
    finder, of = _finder()
    words = {word for word, _, _ in finder.find_matches_as_indexes(text.lower(), overlapping=True)}
    for number in sorted({number for word in words for number in of[word]}):
        for match in _pattern(number).finditer(text):
            groups = [group for group in match.groups() if group]
            yield max(groups, key=len) if groups else match[0]
