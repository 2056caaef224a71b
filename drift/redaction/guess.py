"""Guesses whether a text is a secret, by the name of its member and by its look; asked only where no type
fact speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from drift.redaction import shapes, vendors
from drift.redaction.chance import decoded, drawn, looks_random, seedlike
from drift.redaction.placeholders import placeholder
from drift.redaction.quick import in_one_case, long_runs, may_hold_secret, shaped
from drift.redaction.shapes import RANDOM, SHAPE
from drift.redaction.variables import NAMED_VALUES
from drift.redaction.words import KEY, NOTHING, PASSWORD, SECRET, promised, said_of, weight

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_CASES = re.compile(r"(?=[^a-z]*[a-z])[^A-Z]*[A-Z]")
_PUBLIC = re.compile(
    r"(?i)^\s*(ssh-|ecdsa-|sk-ssh|sk-ecdsa|age1)|-----BEGIN (CERTIFICATE|[A-Z ]*PUBLIC KEY|PGP PUBLIC)"
)
_DIGEST = re.compile(r"(?i)sha(1|256|384|512)[:-][^:-]*$")
_AUTH = re.compile(r"(?i)_?auth$")
_JSON_AUTH = frozenset(("auth", "_auth"))
_WEB = re.compile(r"(?i)https?://")
_WEB_SECRET = re.compile(
    r"(?i)https?://[^/?#\s]+(?:/[^/?#\s]*)*/[\w.~%-]{8,}(?:[?#]|$)|[?&][\w-]+=[^&\s]{8,}"
)
_PLAIN_KEY = re.compile(
    r"(?s).*\s.*|\d{1,9}|\d[\d.]*[a-z]{0,2}|(?:[\w.-]*/)+[\w.*-]*|[\w-]+(?:\.[\w-]+)+|\w+:[\w:/.-]*|"
    r"alias/.*|[A-Z][A-Z_]{2,30}|"
    r"(?:ssh-|ecdsa-|age1|-----BEGIN (?:CERT|[A-Z ]*PUBLIC)).*|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-.*|"
    r"[a-z]+(?:-[a-z]+)*-key(?:-[a-z0-9]+)*"
)
_PASSWORD_LAST = re.compile(
    r"(?i)(?:pin|pw|pwd|pass|pass[ _-]?word|pass[ _-]?code|code|otp|puk|wort|word)[_-]?\d*$|^[^\x00-\x7f]+$"
)
_IN_PROSE = re.compile(
    r"(?i)[a-z]+[.,;:!?)]*|to|in|for|and|or|the|of|a|an|from|with|by|on|at|as|is|be|must|can|was|has"
)
#: In a text: a call, a member of something, an expression.
_CODE = re.compile(
    r"\w+\(.*|(?:[a-z_]\w*\.)+[a-z_]\w*(?:[\[(].*)?|[\[({].*|(?:self|this|var|local|data|module|each|"
    r"input)\..*"
)
#: Such a text in a text, and what of it shows that somebody wrote it.
_HEX_WORD = re.compile(r"(?<![A-Za-z0-9])(?:[2-7][0-9a-fA-F]){12,}(?![A-Za-z0-9])")
_HEX_PROSE = re.compile(r"[^\W\d_]{4}")
#: Members that hold what the member above them is called after.
HOLDERS = frozenset({"value", "Value", "stringValue", "default", "Default", "plaintext"})
_DEEPEST = 3
#: Letters of a text of which it is remembered whether it looks like a secret: such texts repeat.
_SHORT = 200


def looks_secret(name: str, value: str) -> bool:
    """Whether a text is probably a secret, by the name of its member or by its look."""
    return _looks_secret(name, value) if len(value) <= _SHORT else _looks_secret.__wrapped__(name, value)


@lru_cache(maxsize=32768)
def _looks_secret(name: str, value: str) -> bool:
    if not value or (value.startswith("arn:") and " " not in value):
        return False
    if _told(name, value) or (len(value) >= 16 and vendors.named(name) and _of_vendor(name, value)):
        return True
    return _look(value, *_nature(name))


@lru_cache(maxsize=16384)
def _nature(name: str) -> tuple[bool, bool]:
    """Whether a name is that of a value that is random by nature, and of one that logs in."""
    return bool(RANDOM.search(name)), bool(_AUTH.fullmatch(name))


def secrets_in(name: str, value: str) -> Iterator[str]:
    """What in a text that :func:`looks_secret` takes for a secret's is the secret itself."""
    if _told(name, value):
        yield value
        return
    for part in said(value):
        yield part.strip("\"'`,;")
    for token in _TOKEN.finditer(value):
        if looks_random(token[0]) or drawn(token[0]):
            yield token[0]


def _of_vendor(name: str, value: str) -> bool:
    """Whether a value is what a vendor's rule finds behind a name, or was drawn by chance there."""
    if RANDOM.search(name):
        return False
    return seedlike(value) or any(True for _ in vendors.found(f'{name}="{value}"'))


def _told(name: str, value: str) -> bool:
    """Whether the name says that the value is a secret, and nothing in the value speaks against it."""
    heavy = weight(name)
    if heavy == NOTHING:
        return False
    if heavy >= SECRET:
        if len(value) < 4 and (heavy < PASSWORD or not value.strip()):
            return False
        return not placeholder(value, password=heavy == PASSWORD) and not promised(name, value)
    if heavy == KEY:
        return _keylike(value) and not placeholder(value)
    if _WEB.match(value):
        return "hook" in name.lower() and bool(_WEB_SECRET.search(value))
    return seedlike(value) and not RANDOM.search(name)


def _keylike(value: str) -> bool:
    """Whether a text under the name of some key may be that key: one word, and no place, name of a
    file, number
    or address."""
    return len(value) >= 6 and not _PLAIN_KEY.fullmatch(value)


@lru_cache(maxsize=16384)
def telling(name: str) -> bool:
    """Whether a name says that what it holds is a secret."""
    return weight(name) >= SECRET and not said_of(name)


def says_secret(text: str) -> bool:
    """Whether a secret stands in a text by its shape, or because the text says that it is one; not by its
    randomness."""
    return _may_say(text) and any(True for _ in said(text))


def said(text: str) -> Iterator[str]:
    """What in a text is secret by its shape, or because the text says that it is."""
    for match in SHAPE.finditer(text):
        yield match[0]
    yield from vendors.found(text)
    if "%25" in text:  # escaped twice
        yield from said(text.replace("%25", "%"))
    for match in (*_assigned(text), *shapes.BESIDE.finditer(text)):
        groups = match.groupdict()
        value = groups.pop("value")
        name = next((one for one in groups.values() if one and one != groups.get("how")), "")
        spaced = " " in name
        if name in _JSON_AUTH or (
            weight(name) >= (SECRET if spaced else KEY)
            and len(value) >= (3 if weight(name) == PASSWORD else 4)
            and not (groups.get("how") == ":" and text.startswith("//", match.start("value")))
            and _told(name, value)
            and not _member(value)
        ):
            yield value
    for match in shapes.WORDED.finditer(text):
        value = next(one for one in match.groups() if one)
        if not placeholder(value) and not (match["prose"] and _IN_PROSE.fullmatch(value)):
            yield value


def _assigned(text: str) -> Iterator[re.Match[str]]:
    """Each assignment in a text, those in another's value, too."""
    match = shapes.ASSIGNED.search(text)
    while match is not None:
        yield match
        match = shapes.ASSIGNED.search(text, match.start("value"))


def _member(value: str) -> bool:
    """Whether a value in a text is code: what takes it from elsewhere, or makes it."""
    return bool(_CODE.fullmatch(value))


def _may_say(text: str) -> bool:
    """Whether :func:`says_secret` could find anything; many times quicker, and never wrongly no."""
    try:
        raw = orjson.dumps(text)
    except TypeError:  # half of a surrogate pair is in it
        return True
    return may_hold_secret(raw.lower()) or any(shaped(raw, *run) for run in long_runs(raw))


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
    """Whether a number is probably a secret: six digits or more under a telling name, any of two under
    that of
    a PIN or password."""
    if not isinstance(value, int) or isinstance(value, bool) or not telling(name):
        return False
    return value >= (10 if weight(name) == PASSWORD and _PASSWORD_LAST.search(name) else 100_000)


@lru_cache(maxsize=16384)
def _look(value: str, random_by_nature: bool, auth: bool, depth: int = 0) -> bool:
    if len(value) < 6:
        return False
    if says_secret(value):
        return True
    if depth < _DEEPEST and value.lstrip()[:1] in ("{", "[") and _document(value, depth):
        return True
    if _PUBLIC.search(value):
        return False
    if not random_by_nature and drawn(value):
        return True
    for match in _HEX_WORD.finditer(value) if depth < _DEEPEST else ():
        if any(_HEX_PROSE.search(plain) for plain in decoded(match[0])):
            return True
    for token in _TOKEN.finditer(value) if _CASES.match(value) else ():
        text = token[0]
        if depth < _DEEPEST and any(_look(plain, False, False, depth + 1) for plain in decoded(text)):
            return True
        digest = _DIGEST.search(value[max(0, token.start() - 80) : token.start() + 7])
        if not random_by_nature and not digest and _whole(value, token) and looks_random(text):
            return True
    return auth and any(":" in plain for plain in decoded(value))


def _document(text: str, depth: int) -> bool:
    try:
        return depth < _DEEPEST and _holds(orjson.loads(text), "", depth)
    except orjson.JSONDecodeError:
        return False


def _holds(value: Any, name: str, depth: int) -> bool:
    """Whether a document holds a secret somewhere."""
    if isinstance(value, str):
        return _told(name, value) or _look(value, *_nature(name), depth + 1)
    if isinstance(value, list):
        return any(_holds(item, name, depth) for item in value) or any(map(follows_option, value, value[1:]))
    if isinstance(value, dict):
        pairs = (
            (value[one], value[other])
            for one, other in NAMED_VALUES
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


def may_hold_random(text: bytes) -> bool:
    """Whether a JSON text, as it is, holds a token that may be random or base64; quick, and never wrongly
    no."""
    escaped = b"\\" in text  # its letter may stand in front of a token as if it were a part of it
    for start, token in long_runs(text):
        if shaped(text, start, token):
            return True
        named = text[start + len(token) : start + len(token) + 2] == b'":'
        if not named and in_one_case(text, start, token):
            return True
        if not named and token.lower() != token != token.upper() and (escaped or _suspicious(token.decode())):
            return True
    return False


@lru_cache(maxsize=16384)
def _suspicious(token: str) -> bool:
    """Whether a token by itself, wherever it stands, could be taken for a secret (a path or a name can't)."""
    return looks_random(token) or any(_look(plain, False, False, 1) for plain in decoded(token))
