"""What a run knows to be secret, and one search for all of it in whatever leaves the run."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import orjson
from ahocorasick_rs import AhoCorasick

from drift.redaction import variables

#: Shorter ones are words too often; they are hidden at their own place alone.
LEAST = 8
#: How much of each is searched for, before the rest is looked at; so the search stays small.
_HEAD = 12
#: From so many on only the texts themselves are searched for, not what they are in other encodings.
_MANY = 50_000
#: Forms of what names a thing and is public: accounts, types, ids. The last are those that IAM gives out
#: (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html), a key's own among them.
_PUBLIC = re.compile(
    r"\d{12}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|arn:.*|(?:AWS|Alexa)::.*|Microsoft\.[\w.]+/[\w/]+|"
    r"[a-z0-9.-]+/v\d\w*/[A-Z]\w+|[\w-]+\.googleapis\.com/\w+|\W*|"
    r"A(?:KIA|SIA|BIA|CCA|IDA|ROA|GPA|IPA|NPA|NVA|PKA|SCA)[A-Z2-7]{12,}"
)
#: What names of secrets are made of: such a name, said as a value, is none.
_WORDS = frozenset(
    "password passwd secret secrets token credential credentials key access api auth private client admin "
    "user db database master root default my the app".split()
)
_LETTERS = re.compile(r"[^\W\d_]+")
#: What a URL writes for a byte, for which both cases of the letters are the same.
_LOWER = re.compile(r"%[0-9A-F]{2}")


#: Names of members of a secret that are none themselves.
_BESIDE = re.compile(
    r"(?i)(?:user(?:_?name)?|login|host(?:name)?|port|db(?:_?name)?|database|schema|namespace|name|region|bucket|endpoint|"
    r"server|engine|email|type|url|[\w.-]*\.crt|ca(?:\.pem)?)$"
)


def leaves(name: str, value: Any) -> Iterator[str]:
    """What of a secret value is secret wherever it stands: a text, or the members of a document."""
    if not isinstance(value, str) or _BESIDE.fullmatch(name):
        return
    if value[:1] in ("{", "[") and not isinstance(document := _parsed(value), str):
        todo: list[tuple[str, Any]] = [(name, document)]
        while todo:
            above, one = todo.pop()
            if isinstance(one, dict):
                todo += one.items()
            elif isinstance(one, list):
                todo += [(above, item) for item in one]
            elif isinstance(one, str) and not _BESIDE.fullmatch(above):
                yield one
    else:
        yield value


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


class Known:
    """Texts that are secret, wherever in a run they were found to be. ``mark`` says what stands in place of
    one."""

    def __init__(self, mark: Callable[[str], str]) -> None:
        self._mark = mark
        self._texts: set[str] = set()
        self._kept: set[str] = set()
        self._public: frozenset[str] = frozenset()
        self._built: tuple[int, AhoCorasick | None, list[tuple[str, str]]] = (0, None, [])

    def add(self, text: str, *, sure: bool = False) -> None:
        """Adds a secret; those that are short, or words that anybody may say, are passed over. Of what is
        ``sure`` to be one, as it is kept elsewhere, only those that name a place or a thing of the run
        are."""
        text = text.strip()
        if len(text) >= LEAST and not (_public(text) if sure else _common(text)):
            self._texts.add(text)
            if sure:
                self._kept.add(text)

    def update(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.add(text)

    def beside(self, one: Any, other: Any) -> None:
        """Adds what a secret was changed to, or from: a text that stands where the other one is a secret as a
        whole."""
        for secret, text in ((one, other), (other, one)):
            if isinstance(secret, str) and isinstance(text, str) and self._is(secret.strip()):
                self.add(text)

    def _is(self, text: str) -> bool:
        return text in self._texts and text not in self._public

    def taken(self) -> set[str]:
        """All that is known, which is then forgotten: for who hands it on."""
        taken, self._texts = self._texts, set()
        return taken

    def of_files(self) -> frozenset[str]:
        """All that is known and not kept elsewhere: what other processes of the run may be told."""
        return frozenset(list(self._texts)) - self._kept

    def excuse(self, words: Collection[str]) -> None:
        """What is public in this run whoever calls it a secret: accounts, regions, types."""
        self._public = frozenset(words)

    def covered(self, text: str) -> str:
        """A text with a mark in place of each secret in it."""
        finder, patterns = self._finder()
        if finder is None:
            return text
        found: dict[int, tuple[int, str]] = {}
        for number, start, _ in finder.find_matches_as_indexes(text, overlapping=True):
            whole, secret = patterns[number]
            end = start + len(whole)
            if (
                text.startswith(whole, start)
                and (whole != secret or _apart(text, start, end, whole))
                and end > found.get(start, (0,))[0]
            ):
                found[start] = (end, secret)
        if not found:
            return text
        parts, at = [], 0
        for start, (end, secret) in sorted(found.items()):
            if start >= at:
                parts += [text[at:start], self._mark(secret)]
                at = end
        return "".join((*parts, text[at:]))

    def document(self, value: Any) -> Any:
        """A JSON document without a secret in any text or name of it; the same object where there is none."""
        finder, _ = self._finder()
        if finder is None or not finder.find_matches_as_indexes(orjson.dumps(value, default=str).decode()):
            return value
        return self._below(value)

    def _below(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.covered(value)
        if isinstance(value, dict):
            return {
                self.covered(key) if isinstance(key, str) else key: self._below(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._below(item) for item in value]
        return value

    def _finder(self) -> tuple[AhoCorasick | None, list[tuple[str, str]]]:
        """The search for the heads of all, and (whole text, secret) of each head's number."""
        if self._built[0] != len(self._texts):
            texts = [text for text in list(self._texts) if text not in self._public]  # others add meanwhile
            forms = [(form, text) for text in texts for form in _forms(text, len(texts) < _MANY)]
            heads = [form[:_HEAD] for form, _ in forms]
            self._built = (len(self._texts), AhoCorasick(heads) if heads else None, forms)
        return self._built[1], self._built[2]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_built": (0, None, [])}


def _forms(text: str, encoded: bool) -> set[str]:
    """A text as it may stand in another: as it is, escaped for JSON (once and twice, and as Go does it), for
    a URL or for HTML, in base64, also as a part of what is, and in hexadecimal."""
    if text.isprintable():
        escaped = orjson.dumps(text).decode()[1:-1]
    else:
        escaped = repr(text)[1:-1].replace("\\'", "'")
    if not encoded:
        return {text, escaped}
    raw = text.encode("utf-8", "replace")
    once = json.dumps(text)[1:-1]
    go = once.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")
    found = {text, escaped, once, go, *(json.dumps(one)[1:-1] for one in (once, go))}
    found |= {quote(text, safe=""), quote(text), quote_plus(text), html.escape(text), raw.hex()}
    found |= {_LOWER.sub(lambda one: one[0].lower(), one) for one in found}
    for plain in _base64(raw):
        found |= {plain, plain.replace("+", "-").replace("/", "_")}
    return found


def _base64(raw: bytes) -> Iterator[str]:
    """Bytes in base64: as a whole, and at each of the three places that they may have within a longer text,
    there without the letters that what stands beside them has a part in."""
    yield base64.b64encode(raw).decode().rstrip("=")
    for before in range(3):
        letters = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        inner = letters[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        if len(inner) >= LEAST:
            yield inner


def _common(text: str) -> bool:
    """Whether a text is a word, a sentence, a place or a name of a secret, which others may say as well."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", text)
    named = bool(words) and all(word.lower() in _WORDS for word in words)
    return named or _public(text)


def _public(text: str) -> bool:
    return bool(_PUBLIC.fullmatch(text)) or variables.no_secret(text)


def _apart(text: str, start: int, end: int, whole: str) -> bool:
    """Whether a match is no part of a longer word, where it is a word itself."""
    if not _LETTERS.fullmatch(whole):
        return True
    return not (text[start - 1 : start].isalpha() or text[end : end + 1].isalpha())
