"""Texts as they may be shown: what steers a terminal, turns the reading direction or can't be seen is written
out."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


def visible(text: object) -> str:
    """``text`` with control, bidirectional and invisible characters written out, so that no name can hide or
    act; line breaks and tabs stay.

    >>> visible("a\\x1b[31mb")
    'a\\\\u001b[31mb'
    """
    said = text if isinstance(text, str) else str(text)
    # What Python calls printable holds none of them, and nearly every text is.
    return said if said.isprintable() else _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", said)
