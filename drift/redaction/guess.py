"""Guesses whether a text is a secret, by the name of its member and by its look; asked only where no type
fact speaks."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from drift.redaction.shapes import (
    CRYPTS,
    HARMLESS,
    KEYS,
    NAME,
    NO_SECRET,
    RANDOM,
    SAID,
    SHAPE,
    TOKENS,
    TRACES,
)

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_CASES = re.compile(r"(?=[^a-z]*[a-z])[^A-Z]*[A-Z]")
_WORDLIKE = re.compile(r"[a-z]{3,}|[A-Z]{6,}")
_PUBLIC = re.compile(
    r"(?i)^\s*(ssh-|ecdsa-|sk-ssh|sk-ecdsa|age1)|-----BEGIN (CERTIFICATE|[A-Z ]*PUBLIC KEY|PGP PUBLIC)"
)
_DIGEST = re.compile(r"(?i)sha(1|256|384|512)[:-][^:-]*$")
_AUTH = re.compile(r"(?i)_?auth$")
#: How the entries of a list name what they hold: tags, environment variables, parameters.
PAIRS = (
    ("Key", "Value"),
    ("Name", "Value"),
    ("name", "value"),
    ("key", "value"),
    ("ParameterKey", "ParameterValue"),
    ("ParameterName", "ParameterValue"),
    ("OptionName", "Value"),
)
#: Members that hold what the member above them is called after.
HOLDERS = frozenset({"value", "Value", "stringValue", "default", "Default", "plaintext"})
#: Bits per character from which a text of letters in both cases and digits counts as random.
ENTROPY_BITS = 3.9
_RANDOM_LENGTH = 20
_HEX = frozenset("0123456789abcdefABCDEF")
_DEEPEST = 3

#: Each byte that a token may be made of as ``x``, and a run of them so long that it may be random or base64.
_RUNS = bytes(ord("x") if chr(one).isalnum() or chr(one) in "+/_-" else 32 for one in range(128)) + b" " * 128
_RUN = b"x" * _RANDOM_LENGTH


def looks_secret(name: str, value: str) -> bool:
    """Whether a text is probably a secret, by the name of its member or by its look."""
    if len(value) < 4 or (value.startswith("arn:") and " " not in value):
        return False
    if telling(name) and not NO_SECRET.fullmatch(value):
        return True
    return _look(value, bool(RANDOM.search(name)), bool(_AUTH.fullmatch(name)))


@lru_cache(maxsize=16384)
def telling(name: str) -> bool:
    """Whether a name says that what it holds is a secret."""
    return bool(NAME.search(name)) and not HARMLESS.search(name)


def says_secret(text: str) -> bool:
    """Whether a secret stands in a text by its shape, or because the text says that it is one; not by its
    randomness."""
    return _may_say(text) and (
        bool(SHAPE.search(text)) or any(not NO_SECRET.fullmatch(one["value"]) for one in SAID.finditer(text))
    )


def _may_say(text: str) -> bool:
    """Whether :func:`says_secret` could find anything; many times quicker, and never wrongly no."""
    try:
        raw = orjson.dumps(text)
    except TypeError:  # half of a surrogate pair is in it
        return True
    return may_hold_secret(raw.lower()) or any(_shaped(raw, *run) for run in _long_runs(raw))


@lru_cache(maxsize=16384)
def secret_name(name: str) -> bool:
    """Whether a name is itself a secret, by its shape alone: names are random often enough."""
    return len(name) >= 12 and bool(SHAPE.search(name))


def follows_option(before: Any, value: Any) -> bool:
    """Whether a member of a list of arguments is the secret that the option in front of it asks for."""
    return (
        isinstance(before, str)
        and isinstance(value, str)
        and before.startswith("-")
        and not value.startswith("-")
        and looks_secret(before.lstrip("-"), value)
    )


def telling_number(name: str, value: Any) -> bool:
    """Whether a number is probably a secret: six digits or more under a telling name."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 100_000 and telling(name)


@lru_cache(maxsize=16384)
def _look(value: str, random_by_nature: bool, auth: bool, depth: int = 0) -> bool:
    if len(value) < 8:
        return False
    if says_secret(value):
        return True
    if depth < _DEEPEST and value.lstrip()[:1] in ("{", "[") and _document(value, depth):
        return True
    if _PUBLIC.search(value):
        return False
    for token in _TOKEN.finditer(value) if _CASES.match(value) else ():
        text = token[0]
        if depth < _DEEPEST and any(_look(plain, False, False, depth + 1) for plain in _decoded(text)):
            return True
        digest = _DIGEST.search(value[max(0, token.start() - 80) : token.start() + 7])
        if not random_by_nature and not digest and _whole(value, token) and looks_random(text):
            return True
    return auth and any(":" in plain for plain in _decoded(value))


def _document(text: str, depth: int) -> bool:
    try:
        return depth < _DEEPEST and _holds(orjson.loads(text), "", depth)
    except orjson.JSONDecodeError:
        return False


def _holds(value: Any, name: str, depth: int) -> bool:
    """Whether a document holds a secret somewhere."""
    if isinstance(value, str):
        if len(value) < 4:
            return False
        told = telling(name) and not NO_SECRET.fullmatch(value)
        return told or _look(value, bool(RANDOM.search(name)), bool(_AUTH.fullmatch(name)), depth + 1)
    if isinstance(value, list):
        return any(_holds(item, name, depth) for item in value) or any(map(follows_option, value, value[1:]))
    if isinstance(value, dict):
        pairs = (
            (value[one], value[other])
            for one, other in PAIRS
            if isinstance(value.get(one), str) and other in value
        )
        return any(
            secret_name(key) or _holds(item, name if key in HOLDERS else key, depth)
            for key, item in value.items()
        ) or any(_holds(item, named, depth) for named, item in pairs)
    return telling_number(name, value)


def _whole(value: str, token: re.Match[str]) -> bool:
    """Whether a token stands by itself, and is no part of a name, path, address or host."""
    before, after = value[max(0, token.start() - 1) : token.start()], value[token.end() : token.end() + 1]
    return before in ("", " ", "\n", "\t", '"', "'", "=", ":", ",", "(", ">") and after in (
        *("", " ", "\n", "\t", "\r", '"', "'", ",", ";", ")", "<"),
    )


def looks_random(text: str) -> bool:
    """Whether a token is letters of both cases and digits in no order that a person would choose.

    Names, digests, hexadecimal ids and UUIDs are not: they are of one case, of words, or cut by many
    separators.
    """
    text = text.rstrip("=")
    letters = [char for char in text if char.isalnum()]
    if len(letters) < _RANDOM_LENGTH or len(text) - len(letters) > len(text) / 10:
        return False
    if set(letters) <= _HEX:
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


def _decoded(token: str) -> Iterator[str]:
    """What a token is in base64, where that is a text that people could have written."""
    text = token.rstrip("=").replace("-", "+").replace("_", "/")
    if len(text) % 4 == 1:
        return
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        wide = len(raw) > 2 and not any(raw[1::2])  # as PowerShell's -EncodedCommand wants it
        plain = raw.decode("utf-16-le" if wide else "utf-8")
    except (binascii.Error, ValueError):
        return
    if all(char.isprintable() or char in "\r\n\t" for char in plain):
        yield plain


def may_hold_secret(text: bytes) -> bool:
    """Whether a guess by name or look could find a secret in a JSON text in lower case; quick, and never
    wrongly no.

    For what only letters in both cases tell, ask :func:`may_hold_random` of the text as it is.
    """
    for part, traces in TRACES:
        if part in text and any(trace in text for trace in traces):
            return True
    if text.count(b"key") > text.count(b'"key') and _names_key(text):
        return True
    if b"$" in text and not CRYPTS.isdisjoint(text.split(b"$")):
        return True
    return b"://" in text and b"@" in text


def _names_key(text: bytes) -> bool:
    """Whether a name such as "api key" stands somewhere in a text in lower case."""
    at = text.find(b"key")
    while at >= 0:
        before = text[max(0, at - 13) : at]
        if (before[:-1] if before[-1:] in (b"_", b"-", b" ") else before).endswith(KEYS):
            return True
        at = text.find(b"key", at + 3)
    return False


def may_hold_random(text: bytes) -> bool:
    """Whether a JSON text, as it is, holds a token that may be random or base64; quick, and never wrongly
    no."""
    escaped = b"\\" in text  # its letter may stand in front of a token as if it were a part of it
    for start, token in _long_runs(text):
        if _shaped(text, start, token):
            return True
        named = text[start + len(token) : start + len(token) + 2] == b'":'
        if not named and token.lower() != token != token.upper() and (escaped or _suspicious(token.decode())):
            return True
    return False


def _long_runs(text: bytes) -> Iterator[tuple[int, bytes]]:
    """(place, token) of each long run of bytes that a token may be made of."""
    runs = text.translate(_RUNS)
    start = runs.find(_RUN)
    while start >= 0:
        end = runs.find(b" ", start)
        token = text[start:] if end < 0 else text[start:end]
        yield start, token
        start = runs.find(_RUN, start + len(token))


def _shaped(text: bytes, start: int, token: bytes) -> bool:
    """Whether a long run of letters may be, or be the end of, a token that its first letters tell."""
    one_case = not token[-_RANDOM_LENGTH:].translate(None, b"0123456789abcdef-")
    if one_case or (b"hf_" in token and token != token.lower()):
        return bool(TOKENS.search(token))
    return text[start - 1 : start] == b"." and token.lower() != token != token.upper()


@lru_cache(maxsize=16384)
def _suspicious(token: str) -> bool:
    """Whether a token by itself, wherever it stands, could be taken for a secret (a path or a name can't)."""
    return looks_random(token) or any(_look(plain, False, False, 1) for plain in _decoded(token))
