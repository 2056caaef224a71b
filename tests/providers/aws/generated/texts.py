"""Texts that a regular expression matches, short ones, the same for the same seed."""

from __future__ import annotations

import re
import string
import warnings
from functools import lru_cache
from random import Random
from typing import Any

#: Classes of Unicode, which Python's expressions do not know, as letters that are in them.
_CLASSES = {
    "L": "a-zA-Z",
    "N": "0-9",
    "Z": " ",
    "S": "+",
    "P": "_",
    "Lu": "A-Z",
    "Nd": "0-9",
    "M": "",
    "C": "",
}
_PLAIN = string.ascii_letters + string.digits
_ALL = _PLAIN + "-_. :/@+=,"
_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_NOT_DIGIT": string.ascii_letters,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": _PLAIN,
    "CATEGORY_WORD": _PLAIN + "_",
    "CATEGORY_NOT_WORD": "-.",
}
#: How often something is repeated at most, beyond the least that the expression asks for.
_MORE = 6


def matching(pattern: str, random: Random, least: int = 0, most: int = 256) -> str | None:
    """A text that the expression matches, of the given length; None where none is found."""
    parsed = _parsed(pattern)
    if parsed is None:
        return None
    for more in (_MORE, least, least, max(least, 2), 1):
        text = "".join(_letters(parsed, random, {}, more))
        if least <= len(text) <= most:
            return text
    return None


@lru_cache(maxsize=4096)
def _parsed(pattern: str) -> Any:
    from re import _parser  # type: ignore[attr-defined]

    python = re.sub(r"\\p\{(\w+)\}", lambda found: _CLASSES.get(found[1], "a-z"), pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return _parser.parse(python)
    except (re.error, OverflowError):
        return None


def _letters(parsed: Any, random: Random, groups: dict[int, str], more: int) -> list[str]:
    return [_one(str(code), said, random, groups, more) for code, said in parsed]


def _one(code: str, said: Any, random: Random, groups: dict[int, str], more: int) -> str:
    match code:
        case "LITERAL":
            return chr(said)
        case "NOT_LITERAL":
            return random.choice(_ALL.replace(chr(said), ""))
        case "ANY":
            return random.choice(_PLAIN)
        case "IN":
            return random.choice(_members(said))
        case "BRANCH":
            return "".join(_letters(random.choice(said[1]), random, groups, more))
        case "SUBPATTERN":
            groups[said[0]] = "".join(_letters(said[3], random, groups, more))
            return groups[said[0]]
        case "GROUPREF":
            return groups.get(said, "")
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            times = random.randint(said[0], max(said[0], min(said[1], said[0] + more)))
            return "".join("".join(_letters(said[2], random, groups, more)) for _ in range(times))
    return ""  # what is only looked at: AT, ASSERT, ASSERT_NOT


def _members(said: Any) -> str:
    """The letters of a class; of those outside of ASCII none where there are others."""
    found, negated = "", False
    for code, one in said:
        match str(code):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found += chr(one)
            case "RANGE":
                found += "".join(map(chr, range(one[0], min(one[1], one[0] + 128) + 1)))
            case "CATEGORY":
                found += _CATEGORIES[str(one)]
    if negated:
        return "".join(one for one in _ALL if one not in found) or "a"
    plain = "".join(one for one in found if one in _ALL)
    return "".join(one for one in plain if one in _PLAIN) or plain or found
