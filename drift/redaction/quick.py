"""Quick looks at a JSON text as bytes, which tell most texts that hold no secret; never wrongly no."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ahocorasick_rs import BytesAhoCorasick

from drift.redaction import shapes, vendors, words
from drift.redaction.chance import RANDOM_LENGTH
from drift.redaction.shapes import CRYPTS, TOKENS
from drift.redaction.words import PUBLIC_KEYS

_PUBLIC_KEYS = tuple(word.encode() for word in PUBLIC_KEYS)
_SECRET_KEYS = tuple(
    f"{word}".encode()
    for word in (
        *("api", "private", "access", "account", "auth", "signing", "encryption", "client", "shared", "hmac"),
        *("license", "app", "application", "master"),
    )
)
_KEY_ENDS = re.compile(rb"[^a-z]|s[^a-z]|s?_?(?:value|data|base|b64|hex)|$")
_ONE_CASE = re.compile(rb"(?<![A-Za-z0-9])(?:[a-z0-9]{16,}|[A-Z0-9]{16,}|[0-9A-Fa-f]{20,})(?![A-Za-z0-9])")
_HEXES = re.compile(rb"[0-9a-f]+|[0-9A-F]+")
#: Printable letters, each as two hexadecimal digits.
_HEX_TEXT = re.compile(rb"(?:[2-7][0-9a-fA-F]){12,}")
#: What stands in front of a token that begins after a dot.
_DOTTED = tuple(
    f"{one}.".encode()
    for one in ("s", "hvb", "hvr", ".pt", ".st", ".sa", ".ct", ".scim", ".audit", ".atlasv1")
)
_DIGITS = re.compile(rb"\d\D*\d")
#: Each byte that a token may be made of as ``x``, and a run of them so long that it may be random or base64.
_RUNS = bytes(ord("x") if chr(one).isalnum() or chr(one) in "+/_-" else 32 for one in range(128)) + b" " * 128
_RUN = b"x" * RANDOM_LENGTH


@cache
def _finder() -> BytesAhoCorasick:
    traces = (*shapes.TRACES, *words.TRACES, *vendors.keywords())
    return BytesAhoCorasick([one.encode() for one in dict.fromkeys(traces)])


@cache
def _seed_finder() -> BytesAhoCorasick:
    return BytesAhoCorasick([one.encode() for one in words.SEED_TRACES])


def may_hold_secret(text: bytes) -> bool:
    """Whether a guess by name or look could find a secret in a JSON text in lower case; quick, and never
    wrongly no.

    For what only letters in both cases tell, ask :func:`may_hold_random` of the text as it is.
    """
    if not text.isascii():
        plain = text.decode("utf-8", "replace")
        text = f"{words.folded(plain)} {words.bare(plain)}".lower().encode()
    if _finder().find_matches_as_indexes(text):
        return True
    if text.count(b"key") > text.count(b'"key') and _names_key(text):
        return True
    if b"$" in text and not CRYPTS.isdisjoint(text.split(b"$")):
        return True
    return b"://" in text and b"@" in text


def _names_key(text: bytes) -> bool:
    """Whether a name such as "jwt key" stands somewhere in a text in lower case."""
    at = text.find(b"key")
    while at >= 0:
        before = text[max(0, at - 16) : at]
        plain = before.rstrip(b"_- ./:@%+")
        if plain.endswith(_SECRET_KEYS):
            return True
        if plain[-1:].isalnum() and not plain.endswith(_PUBLIC_KEYS) and _KEY_ENDS.match(text, at + 3):
            return True
        at = text.find(b"key", at + 3)
    return False


def in_one_case(text: bytes, start: int, token: bytes) -> bool:
    """Whether a run may be random in one case of letters, or a text in hexadecimal."""
    for part in _ONE_CASE.finditer(token):
        size = len(part[0])
        if size >= 27 and (size >= 64 or not _HEXES.fullmatch(part[0])):
            return True
        if size % 2 == 0 and _HEX_TEXT.fullmatch(part[0]):
            return True
        if _DIGITS.search(part[0]) and _seed_finder().find_matches_as_indexes(text.lower()):
            return True
    return False


def long_runs(text: bytes) -> Iterator[tuple[int, bytes]]:
    """(place, token) of each long run of bytes that a token may be made of."""
    runs = text.translate(_RUNS)
    start = runs.find(_RUN)
    while start >= 0:
        end = runs.find(b" ", start)
        token = text[start:] if end < 0 else text[start:end]
        yield start, token
        start = runs.find(_RUN, start + len(token))


def shaped(text: bytes, start: int, token: bytes) -> bool:
    """Whether a long run of letters may be, or be the end of, a token that its first letters tell."""
    one_case = not token[-RANDOM_LENGTH:].translate(None, b"0123456789abcdef-")
    if one_case or b"-us" in token or (b"hf_" in token and token != token.lower()):
        return bool(TOKENS.search(token))
    return text.endswith(_DOTTED, 0, start) and token.lower() != token != token.upper()
