"""Makes JSON configuration readable as HCL is, without moving anything in it."""

from __future__ import annotations

import re

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_INTERPOLATED = re.compile(rb"(?<!\$)(?:\$\$)*\$\{")
_QUOTE = re.compile(rb'(?<!\\)\\"')


def unescaped(data: bytes) -> bytes:
    """JSON configuration in which the quotes within interpolations (``"${a[\\"b\\"]}"``) stand as HCL has
    them, a blank in place of each backslash outside of the quoted text, so that nothing changes its place."""

    def quotes(found: re.Match[bytes]) -> bytes:
        text = found[0]
        if b'\\"' not in text or _INTERPOLATED.search(text) is None:
            return text
        opens = iter((b' "', b'" ') * (text.count(b'\\"') + 1))
        start = _INTERPOLATED.search(text)
        assert start is not None
        return text[: start.end()] + _QUOTE.sub(lambda _: next(opens), text[start.end() :])

    return _STRING.sub(quotes, data)
