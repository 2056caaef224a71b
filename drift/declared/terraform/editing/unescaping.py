"""Makes JSON configuration readable as HCL is, without moving anything in it."""

from __future__ import annotations

import re

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
#: What tells texts from expressions: escapes, the signs before a brace, and braces.
_MARK = re.compile(rb"\\.|\$+\{|%+\{|[{}]", re.S)


def unescaped(data: bytes) -> bytes:
    """JSON configuration in which the quotes within interpolations (``"${a[\\"b\\"]}"``) stand as HCL has
    them, with a blank in place of each backslash outside of the quoted text, so that nothing changes its
    place. A string with other escapes within an interpolation stays as it is.

    >>> print(unescaped(rb'"a \\"b\\" ${c[\\"d\\"]} \\"e\\""').decode())
    "a \\"b\\" ${c[ "d" ]} \\"e\\""
    """
    return _STRING.sub(lambda found: _quotes(found[0]), data)


def _quotes(text: bytes) -> bytes:
    made, at = bytearray(text), 1
    #: What encloses a place: texts (``T``), interpolations (``E``) and braces in these (``B``).
    within = "T"
    while (found := _MARK.search(text, at, len(text) - 1)) is not None:
        at, mark = found.end(), found[0]
        if mark == b'\\"' and within != "T":
            opens = within[-1] != "T"
            made[found.start() : at] = b' "' if opens else b'" '
            within = within + "T" if opens else within[:-1]
        elif mark[:1] == b"\\":
            if within != "T":
                return text
        elif len(mark) > 1:  # an even number of signs says one that is none
            begins = within[-1] != "T" or len(mark) % 2 == 0
            within += "E" if begins else ""
        elif within[-1] != "T":
            within = within + "B" if mark == b"{" else within[:-1]
    return bytes(made) if within == "T" else text
