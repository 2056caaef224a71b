"""Whether a text was drawn by chance, and what is written in one in base64 or hexadecimal."""

from __future__ import annotations

import base64
import binascii
import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterator

_WORDLIKE = re.compile(r"[a-z]{3,}|[A-Z]{6,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DRAWN = re.compile(r"[a-z0-9]{20,}|[A-Z0-9]{20,}=*|[0-9a-fA-F]{20,}")
_DRAWN_LONG = re.compile(
    r"(?:[A-Za-z]{2,8}[-_]){0,2}(?P<body>[0-9a-f]{64,}|[0-9A-F]{64,}|[a-z0-9]{30,}|[A-Z0-9]{27,})=*"
)
#: Bits per character from which a text of letters in both cases and digits counts as random.
ENTROPY_BITS = 3.9
RANDOM_LENGTH = 20
HEX = frozenset("0123456789abcdefABCDEF")


def seedlike(value: str) -> bool:
    """Whether a text is what is made of random bits: hexadecimal, in base32, or letters and digits."""
    return bool(_DRAWN.fullmatch(value)) and _mixed(value) and not _UUID.fullmatch(value)


def _mixed(text: str) -> bool:
    """Whether digits and letters are mixed as chance mixes them."""
    digits = sum(char.isdigit() for char in text)
    return digits >= len(text) / 10 and len(text) - digits >= len(text) / 10 and entropy(text) >= 2.8


def looks_random(text: str) -> bool:
    """Whether a token is letters of both cases and digits in no order that a person would choose.

    Names, digests, hexadecimal ids and UUIDs are not: they are of one case, of words, or cut by many
    separators.
    """
    text = text.rstrip("=")
    letters = [char for char in text if char.isalnum()]
    if len(letters) < RANDOM_LENGTH or len(text) - len(letters) > len(text) / 10:
        return False
    if set(letters) <= HEX:
        return False
    digits = sum(char.isdigit() for char in letters)
    upper = sum(char.isupper() for char in letters)
    if digits < 2 or upper < 2 or len(letters) - digits - upper < 2:
        return False
    longest = max(re.split(r"[+/_-]", text), key=len)
    words = sum(len(word) for word in _WORDLIKE.findall(longest))
    return words < len(longest) * 0.42 and entropy(text) >= ENTROPY_BITS


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def drawn(value: str) -> bool:
    """Whether a text, as a whole, was drawn by chance in one case of letters: 64 hexadecimal digits, or so
    many letters and digits that no identifier has them; a vendor's sign may stand in front of it."""
    match = _DRAWN_LONG.fullmatch(value.strip())
    if match is None or not _mixed(match["body"]):
        return False
    return len(match["body"]) >= 64 or not set(match["body"]) <= HEX


def decoded(token: str) -> Iterator[str]:
    """What a token is in base64 or in hexadecimal, where that is a text that people could have written."""
    text = token.rstrip("=").replace("-", "+").replace("_", "/")
    raws: list[bytes] = []
    with contextlib.suppress(binascii.Error, ValueError):
        if len(text) % 4 != 1:
            raws.append(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    if set(token) <= HEX and len(token) % 2 == 0:
        raws.append(bytes.fromhex(token))
    for raw in raws:
        wide = len(raw) > 2 and not any(raw[1::2])  # as PowerShell's -EncodedCommand wants it
        with contextlib.suppress(ValueError):
            plain = raw.decode("utf-16-le" if wide else "utf-8")
            if all(char.isprintable() or char in "\r\n\t" for char in plain):
                yield plain
