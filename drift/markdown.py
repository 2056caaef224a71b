"""Text within Markdown, whatever is in it: no name makes markup or a link, or calls somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TICKS = re.compile(r"`+")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@!&])")
#: What forges make a link of without any markup, and what they take for a command at a line's beginning.
_CALLS = re.compile(r"(\\#)(?=\d)|\b(www)(?=\.)|^(/)(?=\w)", re.IGNORECASE)


def plain(text: object) -> str:
    """Text that is none of Markdown's: no name makes markup, a link, or calls somebody."""
    said = _MARKUP.sub(r"\\\1", " ".join(str(text).split()))
    said = said.replace("\\@", "@\u200b").replace("://", ":\u200b//")
    return _CALLS.sub("\\g<0>\u200b", said)


def code(text: object) -> str:
    """Text as code in one line, whatever is in it."""
    said = " ".join(str(text).split()) or " "
    fence = "`" * (max((len(run) for run in _TICKS.findall(said)), default=0) + 1)
    edge = " " if said.startswith("`") or said.endswith("`") else ""
    return f"{fence}{edge}{said}{edge}{fence}"


def block(lines: Iterable[str], language: str = "") -> str:
    """Lines as a block of code."""
    body = "\n".join(lines)
    fence = "`" * max(3, *(len(run) + 1 for run in _TICKS.findall(body) or [""]))
    return f"\n{fence}{language}\n{body}\n{fence}\n"
